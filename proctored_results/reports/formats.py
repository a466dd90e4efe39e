"""
The file formats of reports. Any iterator of rows of texts streams through any of them.

Another format is another entry of `FORMATS`.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

Row = Sequence[str]

_NEEDS_QUOTES = re.compile('[",;\t\r\n]')


@dataclass(frozen=True)
class Format:
    """A file format: its key in requests, file name extension, content type, and the function that writes it."""

    key: str
    extension: str
    content_type: str
    write: Callable[[Iterable[Row], IO[bytes], bool], None]


def write_csv(rows: Iterable[Row], output: IO[bytes], byte_order_mark: bool) -> None:
    """
    Write the rows as RFC 4180 says, in UTF-8, and leave the output open.

    A cell with a semicolon or a tab is quoted as well, although the RFC does not ask for it: spreadsheets that take
    these for separators beside the comma would else move the columns, or run what follows as a formula. Nothing in the
    file helps where a spreadsheet takes the semicolon *instead of* the comma; the documentation says how to open it.

    Arguments:
        rows: the header, then the rows; each a sequence of texts.
        output: a writable binary file; raises whatever its ``write`` raises.
        byte_order_mark: whether the file begins with one.

    """
    if byte_order_mark:
        output.write(codecs.BOM_UTF8)
    for row in rows:
        output.write((",".join(map(_csv_cell, row)) + "\r\n").encode())


def _csv_cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


CSV = Format("csv", "csv", "text/csv; charset=utf-8", write_csv)

FORMATS = {report_format.key: report_format for report_format in (CSV,)}
