"""Comma-separated values, as RFC 4180 defines them."""

import codecs
import re
from collections.abc import Iterable
from typing import IO

from proctored_results.reports.formats.base import Format, Row

_NEEDS_QUOTES = re.compile('[",;\t\r\n]')


def csv_text(text: str) -> str:
    """
    Return the text as a cell of a CSV file, in quotes if it needs them.

    A text with a semicolon or a tab is quoted too, although RFC 4180 does not require it. Some spreadsheets treat these
    as separators in addition to the comma. Without the quotes, they would shift the columns, or run the rest of the
    text as a formula. If a spreadsheet uses the semicolon *instead of* the comma, nothing in the file helps; the
    documentation says how to open it.
    """
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def write_csv(rows: Iterable[Row], output: IO[bytes], byte_order_mark: bool) -> None:
    """
    Write the rows as RFC 4180 defines, in UTF-8, and leave the output open.

    Arguments:
        rows: the header, then the rows; each a sequence of cells.
        output: a writable binary file; errors of its ``write`` are raised.
        byte_order_mark: whether the file begins with one.

    """
    write = output.write
    if byte_order_mark:
        write(codecs.BOM_UTF8)
    for row in rows:
        write((",".join(row) + "\r\n").encode())


CSV = Format("csv", "csv", "text/csv; charset=utf-8", csv_text, write_csv)
