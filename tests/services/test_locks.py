"""A report in progress does not block others."""

import json
from pathlib import Path

import pytest

from tests.services.conftest import Sandbox, database


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What `tests.services.locks` prints on a database of its own."""
    folder: Path = tmp_path_factory.mktemp("locks")
    with database("mariadb", folder) as url:
        return json.loads(Sandbox(folder, url).run("tests.services.locks").stdout)


@pytest.mark.parametrize(("snapshot", "transactions"), [("with", 1), ("without", 0)])
def test_between_two_pages_a_report_has_locked_nothing(found: dict, snapshot: str, transactions: int) -> None:
    assert (found[snapshot]["open"], found[snapshot]["locked"]) == (transactions, 0)


@pytest.mark.parametrize("snapshot", ["with", "without"])
def test_between_two_pages_of_a_report_every_row_that_it_reads_can_be_changed(found: dict, snapshot: str) -> None:
    exams, attempts, reviews, comments = 1, 1800, 1080, 2160
    assert found[snapshot]["changed"] == exams + attempts + reviews + comments
