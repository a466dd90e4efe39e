"""Parsing of ``since``, the time in a request for the reports of all courses."""

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

_AGO = re.compile(r"(\d{1,5})([dh])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


class InvalidSince(ValueError):
    """The text is not a valid time. The exception's text is a sentence in the active language."""

    def __init__(self, text: str) -> None:
        super().__init__(
            _(
                "{text} is not a time. Take a date like 2026-11-25, a time in UTC like 2026-11-25T14:30, or so many "
                "days or hours back, like 7d or 24h."
            ).format(text=text)
        )


def parse_since(text: str) -> datetime | None:
    """
    Return the UTC time that a text means; None for an empty text.

    A text is a date, a time (in UTC unless it names a zone), or a number of days or hours back: ``2026-11-25``,
    ``2026-11-25T14:30``, ``7d``, ``24h``. Raises InvalidSince.
    """
    if not text:
        return None
    if ago := _AGO.fullmatch(text):
        return timezone.now() - int(ago[1]) * _UNITS[ago[2]]
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidSince(text) from None
