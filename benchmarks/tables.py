"""Tables (rows of texts, the header first) and paragraphs, for a terminal and for the documentation."""

import textwrap
from collections.abc import Sequence

Row = Sequence[str]


def aligned(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table for a terminal, between empty lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
    return ["", *lines, ""]


def as_rst(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table for the documentation, between empty lines."""
    lines = (f"   {'  ' if index else '* '}- {cell}".rstrip() for row in rows for index, cell in enumerate(row))
    return ["", ".. list-table::", "   :header-rows: 1", "", *lines, ""]


def paragraph(text: str) -> list[str]:
    """Return the lines of a paragraph for the documentation, and an empty line."""
    return [*textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False), ""]
