"""Clicks at the same moment, from separate processes."""

import json
from pathlib import Path

import pytest

from tests.services.conftest import Sandbox, database

PROCESSES, ROUNDS = 8, 3


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_clicks_at_the_same_moment_start_one_task(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url:
        outcomes = json.loads(Sandbox(tmp_path, url).run("tests.services.race", str(PROCESSES), str(ROUNDS)).stdout)
    assert outcomes == [{"statuses": [202] + [409] * (PROCESSES - 1), "tasks": 1, "runs": 1}] * ROUNDS
