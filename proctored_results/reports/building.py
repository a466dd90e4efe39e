"""Building one report: attempts in, a file out, one row at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from proctored_results.attempts import Attempt
from proctored_results.reports import cells, columns, formats


@dataclass(frozen=True)
class Choice:
    """
    What was asked for of a report: a format, extra columns, and the options of writing.

    It can be kept as JSON: `as_json` and `from_json` are each other's inverse.
    """

    format: str = formats.CSV.key
    extra_columns: tuple[str, ...] = ()
    byte_order_mark: bool = False
    escape_formulas: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the choice as a dict that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Choice":
        """Return the choice that `as_json` wrote down."""
        return cls(**{**value, "extra_columns": tuple(value.get("extra_columns", ()))})

    @property
    def needs_tracks(self) -> bool:
        """Whether the learners' enrolment modes are needed."""
        return columns.TRACK in self.extra_columns

    @property
    def needs_results(self) -> bool:
        """Whether it is needed what the learners see."""
        return columns.RESULT in self.extra_columns


def build(
    attempts: Iterable[Attempt],
    choice: Choice,
    output: IO[bytes],
    *,
    on_row: Callable[[int], None] | None = None,
) -> int:
    """
    Write a report of the attempts into the binary file and return the number of its rows, the header not counted.

    Arguments:
        attempts: any iterable of attempts; it is read once, in order, and never held as a whole.
        choice: the format, the extra columns and the options.
        output: a writable binary file, left open.
        on_row: called after each row with the number of rows so far.

    """
    rows = 0
    chosen = columns.with_extra(choice.extra_columns)
    writers = _writers(chosen, choice)

    def counted() -> Iterator[formats.Row]:
        nonlocal rows
        yield [column.name for column in chosen]
        for attempt in attempts:
            yield [write(attempt) for write in writers]
            rows += 1
            if on_row is not None:
                on_row(rows)

    formats.FORMATS[choice.format].write(counted(), output, choice.byte_order_mark)
    return rows


def _writers(chosen: Sequence[columns.Column], choice: Choice) -> list[Callable[[Attempt], str]]:
    """Return for each column the function from an attempt to the text of its cell."""
    write_of_kind: dict[columns.CellKind, Callable[[Any], str]] = {
        columns.CellKind.TEXT: lambda value: cells.text_cell(value, escape_formulas=choice.escape_formulas),
        columns.CellKind.NUMBER: cells.number_cell,
        columns.CellKind.BOOLEAN: cells.boolean_cell,
        columns.CellKind.TIME: cells.time_cell,
    }
    return [_writer(column.value, write_of_kind[column.kind]) for column in chosen]


def _writer(value: Callable[[Attempt], Any], write: Callable[[Any], str]) -> Callable[[Attempt], str]:
    return lambda attempt: write(value(attempt))
