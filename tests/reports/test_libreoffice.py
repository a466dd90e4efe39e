"""A report in a real spreadsheet program: LibreOffice converts the file, and the cells are looked at."""

import shutil
import subprocess
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from proctored_results.reports import columns
from tests.factories import record, review_record
from tests.reports.helpers import HEADER, report_of

SOFFICE = shutil.which("soffice")

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed: apt-get install libreoffice-calc-nogui"),
]

# Separators, text delimiter, UTF-8, first line, column formats, language, quoted fields as text, special numbers.
COMMA = "CSV:44,34,76,1,,1033,false,true"
COMMA_SEMICOLON_OR_TAB = "CSV:44/59/9,34,76,1,,1033,false,true"
ALL_COLUMNS = [*HEADER, *columns.EXTRA_COLUMN_NAMES]
AWKWARD = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    " =1+1",
    "\t=1+1",
    "\n=1+1",
    "＝1+1",  # noqa: RUF001
    "x;=1+1",
    "x\t=1+1",
    'x,"=1+1"',
    '"=1+1"',
    "two\nlines",
    "two\r\nlines; =1+1",
    "試験 “Ω” 😀",
    "<b>bold</b>",
    "",
]
STARTED = "2026-02-03 14:15:16"


@dataclass
class Cell:
    """What the spreadsheet made of a cell: its type, its value or text, and whether it runs a formula."""

    type: str | None
    value: str
    formula: str | None


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A function that has LibreOffice open a CSV file and returns its rows of cells."""
    profile = tmp_path_factory.mktemp("profile")

    def rows_of(file, import_options):
        folder = tmp_path_factory.mktemp("converted")
        (folder / "report.csv").write_bytes(file)
        subprocess.run(
            [
                SOFFICE,
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                "--norestore",
                f"--infilter={import_options}",
                "--convert-to",
                "fods",
                "--outdir",
                folder,
                folder / "report.csv",
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
        return _rows(ElementTree.parse(folder / "report.fods"))

    return rows_of


def _rows(document):
    office, table = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table"))
    rows = []
    for row in document.iter(f"{table}table-row"):
        cells = []
        for cell in row.iter(f"{table}table-cell"):
            text = "\n".join("".join(paragraph.itertext()) for paragraph in cell)
            of_type = cell.get(f"{office}value-type")
            value = cell.get(f"{office}date-value") or cell.get(f"{office}boolean-value") or cell.get(f"{office}value")
            repeated = int(cell.get(f"{table}number-columns-repeated", "1"))
            cells += [Cell(of_type, value or text, cell.get(f"{table}formula"))] * repeated
        rows += [cells] * int(row.get(f"{table}number-rows-repeated", "1"))
    return rows


def _attempts():
    for text in AWKWARD:
        review = review_record(
            text, ("Suspicious", text), ("Suspicious", text), ("Rules Violation", text), reviewer=text, modified=STARTED
        )
        yield record(
            exam_name=text,
            exam_provider=text,
            username=text,
            email=text,
            code=text,
            status=text,
            started_at=STARTED,
            completed_at=None,
            review=review,
            track=text,
        )


@pytest.mark.parametrize("byte_order_mark", [False, True])
@pytest.mark.parametrize("import_options", [COMMA, COMMA_SEMICOLON_OR_TAB])
def test_libreoffice_keeps_every_column_in_place_reads_dates_and_runs_nothing(opened, import_options, byte_order_mark):
    file = report_of(*_attempts(), extra_columns=columns.EXTRA_COLUMN_NAMES, byte_order_mark=byte_order_mark)

    header, *found = opened(file, import_options)

    assert [cell.value for cell in header] == ALL_COLUMNS
    assert len(found) == len(AWKWARD)
    for text, cells in zip(AWKWARD, found, strict=True):
        assert len(cells) == len(ALL_COLUMNS)
        row = dict(zip(ALL_COLUMNS, cells, strict=True))
        assert [name for name, cell in row.items() if cell.formula] == []
        for name in ("started_at", "reviewed_at"):
            assert (row[name].type, row[name].value) == ("date", "2026-02-03T14:15:16")
        assert row["completed_at"].type is None
        assert (row["is_sample_attempt"].type, row["is_sample_attempt"].value) == ("boolean", "false")
        for name, number in (
            ("allowed_time_limit_mins", "90"),
            ("Suspicious Count", "2"),
            ("Rules Violation Count", "1"),
        ):
            assert (row[name].type, row[name].value) == ("float", number)
        for name in ("exam_name", "username", "email", "attempt_code", "status", "review_status", "reviewed_by"):
            assert row[name].type == ("string" if text else None)
            assert _shown(row[name].value) in (_shown(text), _shown(f"'{text}"))
        assert _shown(row["Suspicious Comments"].value).removeprefix("'") == _shown(f"{text}; {text}")


def test_libreoffice_would_run_a_formula_that_is_not_neutralised(opened):
    file = report_of(record(exam_name="=1+1"), escape_formulas=False)

    _, (_, name, *_) = opened(file, COMMA)

    assert (name.formula, name.value) == ("of:=1+1", "2")


def _shown(text):
    """The text without whitespace: XML documents write newlines, tabs and runs of blanks in their own way."""
    return "".join(text.split())
