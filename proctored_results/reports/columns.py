"""
The columns of the proctored exam results report: fifteen fixed ones, and extra ones that can be asked for.

A column is a name, the kind of its cells and a function from an attempt to the value.
"""

import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from proctored_results import outcomes
from proctored_results.attempts import Attempt

log = logging.getLogger(__name__)

COMMENT_SEPARATOR = "; "


class CellKind(Enum):
    """How the values of a column are written; see `proctored_results.reports.cells`."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    TIME = auto()


@dataclass(frozen=True)
class Column:
    """A column of a report: its name in the header, the kind of its cells, and where a value comes from."""

    name: str
    kind: CellKind
    value: Callable[[Attempt], Any]


def _review_status(attempt: Attempt) -> str:
    return outcomes.NOT_REVIEWED if attempt.review is None else _known_word(attempt.review.status)


def _comments(attempt: Attempt, status: str) -> list[str]:
    if attempt.review is None:
        return []
    return [incident.comment for incident in attempt.review.incidents if _known_word(incident.status) == status]


@functools.lru_cache(maxsize=256)
def _known_word(word: str) -> str:
    """Return the report's own word for a provider's one; an unknown word is passed through, and logged once."""
    known = outcomes.review_status(word)
    if known is None:
        log.warning(
            "Unknown proctoring status %r: the report shows a review's as it is, and counts no comments under it.",
            word[:50],
        )
        return word
    return known


def _count(status: str) -> Callable[[Attempt], int]:
    return lambda attempt: len(_comments(attempt, status))


def _joined(status: str) -> Callable[[Attempt], str]:
    return lambda attempt: COMMENT_SEPARATOR.join(_comments(attempt, status))


COLUMNS: Sequence[Column] = (
    Column("course_id", CellKind.TEXT, lambda attempt: attempt.exam.course_id),
    Column("exam_name", CellKind.TEXT, lambda attempt: attempt.exam.name),
    Column("username", CellKind.TEXT, lambda attempt: attempt.username),
    Column("email", CellKind.TEXT, lambda attempt: attempt.email),
    Column("attempt_code", CellKind.TEXT, lambda attempt: attempt.code),
    Column("allowed_time_limit_mins", CellKind.NUMBER, lambda attempt: attempt.allowed_time_limit_mins),
    Column("is_sample_attempt", CellKind.BOOLEAN, lambda attempt: attempt.is_sample),
    Column("started_at", CellKind.TIME, lambda attempt: attempt.started_at),
    Column("completed_at", CellKind.TIME, lambda attempt: attempt.completed_at),
    Column("status", CellKind.TEXT, lambda attempt: attempt.status),
    Column("review_status", CellKind.TEXT, _review_status),
    Column("Suspicious Count", CellKind.NUMBER, _count(outcomes.SUSPICIOUS)),
    Column("Suspicious Comments", CellKind.TEXT, _joined(outcomes.SUSPICIOUS)),
    Column("Rules Violation Count", CellKind.NUMBER, _count(outcomes.RULES_VIOLATION)),
    Column("Rules Violation Comments", CellKind.TEXT, _joined(outcomes.RULES_VIOLATION)),
)

TRACK = "track"
RESULT = "result"

EXTRA_COLUMNS: Sequence[Column] = (
    Column("provider", CellKind.TEXT, lambda attempt: attempt.exam.provider),
    Column(TRACK, CellKind.TEXT, lambda attempt: attempt.track),
    Column(RESULT, CellKind.TEXT, lambda attempt: attempt.result and outcomes.LABELS[attempt.result]),
    Column("reviewed_at", CellKind.TIME, lambda attempt: attempt.review and attempt.review.modified),
    Column("reviewed_by", CellKind.TEXT, lambda attempt: attempt.review and attempt.review.reviewer),
)

EXTRA_COLUMN_NAMES = tuple(column.name for column in EXTRA_COLUMNS)


def with_extra(names: Sequence[str]) -> list[Column]:
    """
    Return the fixed columns, then the extra ones of these names in this order, each once.

    Raises KeyError for a name that is none of `EXTRA_COLUMN_NAMES`.
    """
    by_name = {column.name: column for column in EXTRA_COLUMNS}
    return [*COLUMNS, *(by_name[name] for name in dict.fromkeys(names))]
