"""The tables of an older release: their rows survive an upgrade, and the way back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from opaque_keys.edx.keys import CourseKey

pytestmark = pytest.mark.django_db(transaction=True)

COURSE = CourseKey.from_string("course-v1:TestX+PR101+2026")

#: Names of 0002 -> names of today, of a batch and of a run.
BATCH = {
    "in_flight": "concurrency",
    "generation": "fencing_token",
    "open_key": "request_key",
    "began_at": "started_at",
    "moved_at": "heartbeat_at",
}
RUN = {"open_key": "lease_key", "tries": "attempt_count", "alive_at": "heartbeat_at"}


@pytest.fixture
def migrate() -> Iterator[Callable[[str | None], Apps]]:
    """A function that migrates the plugin's tables to this number, and returns the models of that migration."""

    def migrate(number: str | None = None) -> Apps:
        executor = MigrationExecutor(connection)
        targets = [
            node
            for node in executor.loader.graph.nodes
            if node[0] == "proctored_results" and (number is None or node[1].startswith(number))
        ]
        executor.migrate(targets if number else executor.loader.graph.leaf_nodes("proctored_results"))
        return MigrationExecutor(connection).loader.project_state(targets).apps

    yield migrate
    migrate()


def model(apps: Apps, name: str) -> Any:
    return apps.get_model("proctored_results", name)


def row_of(record: Any) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


def renamed(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in row.items()}


def test_rows_survive_the_upgrade_from_0002_and_the_way_back(migrate: Callable[..., Apps]) -> None:
    old = migrate("0002")
    batch = model(old, "ReportBatch").objects.create(
        choice={"format": "csv"}, since="7d", in_flight=3, generation=5, courses=2, open_key="batch"
    )
    run = model(old, "ReportRun").objects.create(
        batch=batch,
        course_key=COURSE,
        kind="proctored_exam_results_report",
        choice={"format": "csv"},
        open_key="run",
        state="running",
        file_name="report.csv",
        tries=2,
        alive_at=batch.began_at,
    )
    before = [row_of(record) for record in (batch, run)]

    new = migrate()
    batch_now, run_now = (model(new, name).objects.get() for name in ("ReportBatch", "ReportRun"))
    assert row_of(batch_now) == renamed(before[0], BATCH)
    assert row_of(run_now) == renamed(before[1], RUN)
    with pytest.raises(IntegrityError), transaction.atomic():
        model(new, "ReportRun").objects.create(course_key=COURSE, kind="other", lease_key="run")

    back = migrate("0002")
    assert [row_of(model(back, name).objects.get()) for name in ("ReportBatch", "ReportRun")] == before
