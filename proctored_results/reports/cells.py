"""How a value becomes the text of a cell."""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

# Spreadsheets treat these as the beginning of a formula: an operator in any width, a tab or a line break, also after
# spaces that they strip (ordinary, no-break, ideographic and zero-width ones).
_BLANKS = r"\s\u200b-\u200f\u2060\ufeff"
_FORMULA = re.compile(rf"[{_BLANKS}]*[\t\r\n=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]")


def text_cell(value: str | None, *, escape_formulas: bool) -> str:
    """
    Return the text without characters that a file cannot contain, and harmless to spreadsheets.

    Control characters other than tab and newlines, and lone surrogates, become U+FFFD. With `escape_formulas`, a text
    that a spreadsheet would treat as a formula gets a leading apostrophe. None becomes the empty text.
    """
    if not value:
        return ""
    # Two cheap tests come first: a printable text has no control characters, and a letter or digit begins no formula.
    text = value if value.isprintable() else _CONTROLS.sub(REPLACEMENT, value)
    if escape_formulas and not text[0].isalnum() and _FORMULA.match(text):
        return "'" + text
    return text


def number_cell(value: int | None) -> str:
    """Return the number in digits, or the empty text for None."""
    return "" if value is None else str(value)


def boolean_cell(value: bool) -> str:
    """Return True or False as a word."""
    return "True" if value else "False"


def time_cell(value: str | None) -> str:
    """Return a time in ISO 8601 as ``YYYY-MM-DD HH:MM:SS``, or the empty text for None."""
    return "" if value is None else value[:19]
