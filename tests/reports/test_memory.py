"""How much memory a report takes, measured in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reports import seed_and_measure

SMALL, LARGE = 1_000, 100_000
ALLOWED_GROWTH_KIB = 15 * 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not seed_and_measure.STATUS.exists(), reason="The peak of a process's memory is read in /proc."),
]


@pytest.fixture
def run(tmp_path):
    """A function that runs `seed_and_measure` on a database of this test's own and returns what it printed."""
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'memory.sqlite3'}",
        "LMS_SANDBOX_VAR": str(tmp_path / "var"),
        "PYTHONPATH": str(root),
    }

    def run_it(*arguments):
        result = subprocess.run(
            [sys.executable, "-m", "tests.reports.seed_and_measure", *map(str, arguments)],
            check=True,
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=300,
        )
        return [int(word) for word in result.stdout.split()]

    return run_it


def test_a_report_of_100_000_attempts_peaks_within_15_mib_of_one_of_1_000(run):
    run("seed", SMALL, LARGE)

    small_rows, _, small_peak = run("measure", SMALL)
    large_rows, large_bytes, large_peak = run("measure", LARGE)

    assert (small_rows, large_rows) == (SMALL, LARGE)
    # A report that held its file would not pass.
    assert large_bytes > ALLOWED_GROWTH_KIB * 1024
    assert large_peak - small_peak < ALLOWED_GROWTH_KIB
