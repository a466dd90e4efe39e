"""The reports of all courses in worker processes, one of which is killed."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.services.conftest import (
    SECONDS,
    Sandbox,
    database,
    delete_queues,
    eventually,
    kill,
    rabbitmq_broker,
    redis_broker,
)

BROKERS = {"files": lambda: nullcontext(""), "redis": redis_broker, "rabbitmq": rabbitmq_broker}
COMMAND = ("lms_sandbox", "proctored_results_report", "--all-courses")
COURSES = 12


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with its own database and COURSES courses, without a web server."""
    kind, broker = request.param.split(", ")
    folder = tmp_path_factory.mktemp("sandbox")
    with database(kind, folder) as database_url, BROKERS[broker]() as broker_url:
        sandbox = Sandbox(folder, database_url, broker_url)
        try:
            sandbox.run("tests.services.prepare", str(COURSES))
            yield sandbox
        finally:
            sandbox.close()
            if broker == "rabbitmq":
                delete_queues(sandbox)


def states(sandbox: Sandbox) -> Counter[str]:
    rows = sandbox.rows("SELECT state, COUNT(*) FROM proctored_results_reportrun GROUP BY state")
    return Counter(dict(rows))


@pytest.mark.parametrize("sandbox", ["sqlite, files", "mariadb, redis", "mariadb, rabbitmq"], indirect=True)
def test_after_a_killed_worker_the_same_command_makes_what_is_missing_and_nothing_twice(sandbox: Sandbox) -> None:
    first, second = sandbox.work(), sandbox.work_too()
    sandbox.hold.touch()
    # Two workers have two processes each, and one more task may wait for each process.
    command = sandbox.start(*COMMAND, "--concurrency", "8")
    eventually(lambda: states(sandbox) == {"running": 4, "queued": COURSES - 4})
    kill(first)
    sandbox.hold.unlink()
    eventually(lambda: states(sandbox) == {"running": 2, "succeeded": COURSES - 2})
    assert second.poll() is None
    assert command.poll() is None, "the command waits for the reports that the killed worker was making"
    command.send_signal(signal.SIGINT)
    assert command.wait(SECONDS) == 130

    # Five minutes later. A worker might be faster than the command, so none listens until the runs are requeued.
    sandbox.stop(second)
    sandbox.rows("UPDATE proctored_results_reportrun SET heartbeat_at = '2026-01-01 00:00:00' WHERE state = 'running'")
    command = sandbox.start(*COMMAND, stdout=subprocess.PIPE, text=True)
    eventually(lambda: states(sandbox) == {"queued": 2, "succeeded": COURSES - 2})
    sandbox.work_too()
    resuming, summary = command.communicate(timeout=SECONDS)[0].splitlines()
    assert command.returncode == 0
    assert resuming.startswith("Resuming the reports of all courses that were started on")
    assert summary == f"{COURSES} courses: {COURSES} reports made, 0 skipped, 0 failed."

    files = [path.relative_to(sandbox.folder / "grades") for path in sandbox.folder.rglob("grades/*/*.csv")]
    assert len(files) == COURSES
    assert len({path.parent for path in files}) == COURSES
    names = sandbox.rows("SELECT file_name FROM proctored_results_reportrun")
    assert sorted(path.name for path in files) == sorted(name for (name,) in names)
