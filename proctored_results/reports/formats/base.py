"""What every file format of a report has."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

#: Cells as the format's `text` makes them. A number, a boolean or a time is a cell as it is.
Row = Sequence[str]


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
