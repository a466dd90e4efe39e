"""
The columns of the proctored exam results report: fifteen fixed ones, and extra ones on request.

A column is a name, the kind of its cells and a function from an attempt and its comments to the value.
"""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from proctored_results import outcomes
from proctored_results.attempts import Attempt, Review

log = logging.getLogger(__name__)

COMMENT_SEPARATOR = "; "

#: Review status -> the comments with this status, in order.
Comments = Mapping[str, Sequence[str]]


class CellKind(Enum):
    """
    How the values of a column are written; see `proctored_results.reports.cells`.

    `WORD` is for texts of which a report has few different ones, so their cells are cached.
    """

    TEXT = auto()
    WORD = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    TIME = auto()


@dataclass(frozen=True)
class Column:
    """A column of a report: its name in the header, the kind of its cells, and the function for its values."""

    name: str
    kind: CellKind
    value: Callable[[Attempt, Comments], Any]


_NO_COMMENTS: Comments = MappingProxyType({outcomes.SUSPICIOUS: (), outcomes.RULES_VIOLATION: ()})


def comments(review: Review | None) -> Comments:
    """Return the comments of a review by status: Suspicious and Rules Violation."""
    if review is None or not review.incidents:
        return _NO_COMMENTS
    found: dict[str, list[str]] = {status: [] for status in _NO_COMMENTS}
    for status, comment in review.incidents:
        if (comments_of_status := found.get(_report_status(status))) is not None:
            comments_of_status.append(comment)
    return found


def _review_status(attempt: Attempt, _comments: Comments) -> str:
    return outcomes.NOT_REVIEWED if attempt.review is None else _report_status(attempt.review.status)


@functools.lru_cache(maxsize=256)
def _report_status(word: str) -> str:
    """Return the report's status for a provider's word. An unknown word is returned unchanged, and logged once."""
    known = outcomes.review_status(word)
    if known is None:
        log.warning(
            "Unknown proctoring status %r: the report shows it unchanged for a review, and counts no comments with it.",
            word[:50],
        )
        return word
    return known


def _count(status: str) -> Callable[[Attempt, Comments], int]:
    return lambda _, comments: len(comments[status])


def _joined(status: str) -> Callable[[Attempt, Comments], str]:
    return lambda _, comments: COMMENT_SEPARATOR.join(comments[status])


COLUMNS: Sequence[Column] = (
    Column("course_id", CellKind.WORD, lambda attempt, _: attempt.exam.course_id),
    Column("exam_name", CellKind.WORD, lambda attempt, _: attempt.exam.name),
    Column("username", CellKind.TEXT, lambda attempt, _: attempt.username),
    Column("email", CellKind.TEXT, lambda attempt, _: attempt.email),
    Column("attempt_code", CellKind.TEXT, lambda attempt, _: attempt.code),
    Column("allowed_time_limit_mins", CellKind.NUMBER, lambda attempt, _: attempt.allowed_time_limit_mins),
    Column("is_sample_attempt", CellKind.BOOLEAN, lambda attempt, _: attempt.is_sample),
    Column("started_at", CellKind.TIME, lambda attempt, _: attempt.started_at),
    Column("completed_at", CellKind.TIME, lambda attempt, _: attempt.completed_at),
    Column("status", CellKind.WORD, lambda attempt, _: attempt.status),
    Column("review_status", CellKind.WORD, _review_status),
    Column("Suspicious Count", CellKind.NUMBER, _count(outcomes.SUSPICIOUS)),
    Column("Suspicious Comments", CellKind.TEXT, _joined(outcomes.SUSPICIOUS)),
    Column("Rules Violation Count", CellKind.NUMBER, _count(outcomes.RULES_VIOLATION)),
    Column("Rules Violation Comments", CellKind.TEXT, _joined(outcomes.RULES_VIOLATION)),
)

TRACK = "track"
RESULT = "result"

EXTRA_COLUMNS: Sequence[Column] = (
    Column("provider", CellKind.WORD, lambda attempt, _: attempt.exam.provider),
    Column(TRACK, CellKind.WORD, lambda attempt, _: attempt.track),
    Column(RESULT, CellKind.WORD, lambda attempt, _: attempt.result and outcomes.LABELS[attempt.result]),
    Column("reviewed_at", CellKind.TIME, lambda attempt, _: attempt.review and attempt.review.modified),
    Column("reviewed_by", CellKind.WORD, lambda attempt, _: attempt.review and attempt.review.reviewer),
)

EXTRA_COLUMN_NAMES = tuple(column.name for column in EXTRA_COLUMNS)


def with_extra(names: Sequence[str]) -> list[Column]:
    """
    Return the fixed columns, then the extra columns with these names in this order, each once.

    Raises KeyError for a name that is not in `EXTRA_COLUMN_NAMES`.
    """
    by_name = {column.name: column for column in EXTRA_COLUMNS}
    return [*COLUMNS, *(by_name[name] for name in dict.fromkeys(names))]
