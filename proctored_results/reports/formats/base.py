"""The description of a file format."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

#: Cells: texts that the format's `text` returned, and numbers, booleans and times, which need no `text`.
Row = Sequence[str]


@dataclass(frozen=True)
class Format:
    """
    A file format: its key in requests, file name extension and content type.

    `text` turns a text into a cell. `write` takes rows, a binary file, and whether to begin with a byte-order mark.
    """

    key: str
    extension: str
    content_type: str
    text: Callable[[str], str]
    write: Callable[[Iterable[Row], IO[bytes], bool], None]
