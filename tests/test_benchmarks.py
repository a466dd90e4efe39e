"""The benchmarks run with a small course on SQLite."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

REPOSITORY = Path(__file__).resolve().parents[1]
SIZE = "60"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """A function that runs Python in a folder of this module's own and returns what it printed."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")},
        "LMS_SANDBOX_VAR": str(tmp_path_factory.mktemp("benchmarks")),
    }

    def run_it(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True, timeout=300, check=True
        )
        return done.stdout

    return run_it


@pytest.fixture(scope="module")
def compared(run: Callable[..., str]) -> list[str]:
    """The lines that the comparison of reports prints; its figures are kept."""
    return run("-m", "benchmarks.reports", SIZE, "--rounds", "1").splitlines()


def contestants(printed: list[str]) -> list[str]:
    rows = (re.match(r" *(built-in|ours|all columns|floor)  ", line) for line in printed)
    return [row[1] for row in rows if row]


def test_reports_are_compared_and_the_last_line_says_how(compared: list[str]) -> None:
    assert sorted(contestants(compared)) == ["built-in", "floor", "ours"]
    assert re.fullmatch(
        rf"{SIZE} attempts on SQLite: ours is [\d,]+ times as fast as the built-in report and takes [\d.]+ times what "
        r"the floor takes\.",
        compared[-1],
    )


def test_the_page_has_the_figures_that_were_kept(compared: list[str], run: Callable[..., str]) -> None:
    arguments = ["--contestants", "built-in", "ours", "all columns", "floor", "--built-in-up-to", str(int(SIZE) - 1)]
    others = run("-m", "benchmarks.reports", SIZE, "--rounds", "1", *arguments).splitlines()
    assert sorted(contestants(others)) == ["all columns", "floor", "ours"]
    printed = run("-c", "from benchmarks import page; print('\\n'.join(page.sections()))")
    assert f"make bench SIZE={SIZE} ARGS='--contestants ours \"all columns\" floor'" in printed
    assert printed.count(f"{SIZE} attempts on SQLite\n---") == 2


def test_a_report_is_checked_against_the_database_and_a_wrong_row_is_found(run: Callable[..., str]) -> None:
    assert f"{SIZE} rows on SQLite" in run("-m", "benchmarks.checking", SIZE)
    script = f"""if True:
        import os
        from benchmarks import checking, databases
        os.environ.update(databases.environment({SIZE}))
        from proctored_results.reports import cells
        right = cells.text_cell
        cells.text_cell = lambda value, **options: right(value, **options).replace("@", "at")
        checking.check()
    """
    found = json.loads(run("-c", script))
    assert found["rows"] == int(SIZE)
    assert found["wrong"] == list(range(1, 11))
