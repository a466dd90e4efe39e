"""Building one report: attempts in, a file out, one row at a time."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from proctored_results.attempts import Attempt
from proctored_results.reports import cells, columns, formats
from proctored_results.reports.choice import Choice

#: How many cells of the kind `WORD` a report caches.
WORD_CACHE_SIZE = 256


def build(
    attempts: Iterable[Attempt],
    choice: Choice,
    output: IO[bytes],
    *,
    on_row: Callable[[int], None] | None = None,
) -> int:
    """
    Write a report of the attempts into the binary file and return the number of its rows without the header.

    Arguments:
        attempts: any iterable of attempts; it is read once, in order, and never loaded as a whole.
        choice: the format, the extra columns and the options.
        output: a writable binary file, left open.
        on_row: called after each row with the number of rows so far.

    """
    rows = 0
    report_format = formats.FORMATS[choice.format]
    chosen = columns.with_extra(choice.extra_columns)
    write_of_kind = _writers(choice, report_format)
    writers = [(column.value, write_of_kind[column.kind]) for column in chosen]

    def counted() -> Iterator[formats.Row]:
        nonlocal rows
        yield [report_format.text(column.name) for column in chosen]
        for attempt in attempts:
            comments = columns.comments(attempt.review)
            yield [write(value(attempt, comments)) for value, write in writers]
            rows += 1
            if on_row is not None:
                on_row(rows)

    report_format.write(counted(), output, choice.byte_order_mark)
    return rows


def _writers(choice: Choice, report_format: formats.Format) -> dict[columns.CellKind, Callable[[Any], str]]:
    """Return kind of cell -> the function that turns a value into a cell."""

    def text(value: str | None) -> str:
        return report_format.text(cells.text_cell(value, escape_formulas=choice.escape_formulas))

    return {
        columns.CellKind.TEXT: text,
        columns.CellKind.WORD: functools.lru_cache(maxsize=WORD_CACHE_SIZE)(text),
        columns.CellKind.NUMBER: cells.number_cell,
        columns.CellKind.BOOLEAN: cells.boolean_cell,
        columns.CellKind.TIME: cells.time_cell,
    }
