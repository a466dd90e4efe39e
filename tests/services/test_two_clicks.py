"""Clicks at the same moment, from processes of their own."""

import json
from pathlib import Path

import pytest

from tests.services.conftest import Sandbox

PROCESSES, ROUNDS = 8, 3


@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_clicks_at_the_same_moment_start_one_task(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sqlite = f"sqlite:///{tmp_path / 'lms.sqlite3'}"
    sandbox = Sandbox(tmp_path, sqlite if database == "sqlite" else request.getfixturevalue("mariadb"))
    outcomes = json.loads(sandbox.run("tests.services.race", str(PROCESSES), str(ROUNDS)).stdout)
    assert outcomes == [{"statuses": [202] + [409] * (PROCESSES - 1), "tasks": 1, "runs": 1}] * ROUNDS
