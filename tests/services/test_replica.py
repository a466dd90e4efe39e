"""Where a report reads and where it writes, on a site with a read replica."""

import json
from pathlib import Path

import pytest

from tests.services.conftest import Sandbox, database

SIZE = 1000
READS = ("SELECT ", "BEGIN DEFERRED", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH")
OF_REPORTS = ("proctoring_", "auth_user", "student_courseenrollment")


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What `tests.services.replica` prints if only the replica has attempts, on databases of each kind."""
    folder: Path = tmp_path_factory.mktemp("replica")
    with database(request.param, folder) as default, database(request.param, folder / "replica") as replica:
        Sandbox(folder, replica).run("tests.services.replica", "seed", str(SIZE))
        return json.loads(Sandbox(folder, default, replica_url=replica).run("tests.services.replica", "report").stdout)


@pytest.mark.parametrize("snapshot", ["with", "without"])
def test_a_report_reads_the_replica_and_writes_nothing_there(found: dict, snapshot: str) -> None:
    report = found[snapshot]
    assert (report["rows"], report["counted"]) == (SIZE, SIZE)
    on_replica = report["statements"]["read_replica"]
    assert [sql for sql in on_replica if not sql.startswith(READS)] == []
    assert all(any(table in sql for sql in on_replica) for table in OF_REPORTS)


@pytest.mark.parametrize("snapshot", ["with", "without"])
def test_the_account_of_the_run_is_written_to_the_default_database_which_reads_nothing_else(
    found: dict, snapshot: str
) -> None:
    on_default = found[snapshot]["statements"]["default"]
    assert any(sql.startswith("INSERT INTO") for sql in on_default)
    assert [sql for sql in on_default if any(table in sql for table in OF_REPORTS)] == []
