"""
The file formats of reports. Any iterator of rows of cells streams through any of them.

Another format is another entry of `FORMATS`.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

#: Cells as the format's `text` makes them. What is no text of anybody's (numbers, booleans, times) is a cell as it is.
Row = Sequence[str]

_NEEDS_QUOTES = re.compile('[",;\t\r\n]')


@dataclass(frozen=True)
class Format:
    """
    A file format: its key in requests, file name extension and content type.

    `text` makes a cell of any text, `write` a file of rows of cells.
    """

    key: str
    extension: str
    content_type: str
    text: Callable[[str], str]
    write: Callable[[Iterable[Row], IO[bytes], bool], None]


def csv_text(text: str) -> str:
    """
    Return the text as a cell of a CSV file, in quotes where it needs them.

    A text with a semicolon or a tab is quoted as well, although RFC 4180 does not ask for it: spreadsheets that take
    these for separators beside the comma would else move the columns, or run what follows as a formula. Nothing in the
    file helps where a spreadsheet takes the semicolon *instead of* the comma; the documentation says how to open it.
    """
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def write_csv(rows: Iterable[Row], output: IO[bytes], byte_order_mark: bool) -> None:
    """
    Write the rows as RFC 4180 says, in UTF-8, and leave the output open.

    Arguments:
        rows: the header, then the rows; each a sequence of cells.
        output: a writable binary file; raises whatever its ``write`` raises.
        byte_order_mark: whether the file begins with one.

    """
    write = output.write
    if byte_order_mark:
        write(codecs.BOM_UTF8)
    for row in rows:
        write((",".join(row) + "\r\n").encode())


CSV = Format("csv", "csv", "text/csv; charset=utf-8", csv_text, write_csv)

FORMATS = {report_format.key: report_format for report_format in (CSV,)}
