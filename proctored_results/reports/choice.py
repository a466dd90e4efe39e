"""The options of a report: the site's settings, and what a person asks for in addition."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from proctored_results.reports import columns, formats


@dataclass(frozen=True)
class Choice:
    """
    The options of a report: its format, its extra columns, and how it is written.

    It can be stored as JSON: `from_json` is the inverse of `as_json`.
    """

    format: str = formats.CSV.key
    extra_columns: tuple[str, ...] = ()
    byte_order_mark: bool = False
    escape_formulas: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the choice as a dict that can be stored as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Choice":
        """Return the choice from a dict that `as_json` returned."""
        return cls(**{**value, "extra_columns": tuple(value.get("extra_columns", ()))})

    @property
    def needs_tracks(self) -> bool:
        """Whether the report needs the learners' enrolment modes."""
        return columns.TRACK in self.extra_columns

    @property
    def needs_results(self) -> bool:
        """Whether the report needs the results that the learners see."""
        return columns.RESULT in self.extra_columns


def choose(
    *, report_format: str = formats.CSV.key, extra_columns: Sequence[str] = (), byte_order_mark: bool | None = None
) -> Choice:
    """
    Return the options of a report: the site's settings, and what is asked for in addition.

    Arguments:
        report_format: a key of `proctored_results.reports.formats.FORMATS`.
        extra_columns: names of columns after those that the settings add to every report.
        byte_order_mark: whether the file begins with one; None uses the setting.

    Raises ImproperlyConfigured if the settings name a column that does not exist.

    """
    unknown = [name for name in settings.PROCTORED_RESULTS_EXTRA_COLUMNS if name not in columns.EXTRA_COLUMN_NAMES]
    if unknown:
        raise ImproperlyConfigured(f"PROCTORED_RESULTS_EXTRA_COLUMNS names columns that do not exist: {unknown}")
    if byte_order_mark is None:
        byte_order_mark = settings.PROCTORED_RESULTS_BYTE_ORDER_MARK
    return Choice(
        format=report_format,
        extra_columns=tuple(dict.fromkeys([*settings.PROCTORED_RESULTS_EXTRA_COLUMNS, *extra_columns])),
        byte_order_mark=byte_order_mark,
        escape_formulas=settings.PROCTORED_RESULTS_ESCAPE_FORMULAS,
    )
