"""The task in a separate worker process, from the click to the file, on the brokers and databases of this machine."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
import requests

from tests.factories import COURSE_KEY
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

API = f"/api/proctored_results/v1/courses/{COURSE_KEY}"
PLATFORM_API = f"/courses/{COURSE_KEY}/instructor/api"
BROKERS = {"files": lambda: nullcontext(""), "redis": redis_broker, "rabbitmq": rabbitmq_broker}


SMALLEST = pytest.mark.parametrize("sandbox", ["sqlite, files"], indirect=True)
EVERY = pytest.mark.parametrize("sandbox", ["sqlite, files", "mariadb, redis", "mariadb, rabbitmq"], indirect=True)


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with a running web server, without a worker."""
    kind, broker = request.param.split(", ")
    folder = tmp_path_factory.mktemp("sandbox")
    with database(kind, folder) as database_url, BROKERS[broker]() as broker_url:
        sandbox = Sandbox(folder, database_url, broker_url)
        try:
            sandbox.serve()
            yield sandbox
        finally:
            sandbox.close()
            if broker == "rabbitmq":
                delete_queues(sandbox)


class Instructor:
    """What the instructor does in the browser."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.browser = sandbox.browser("instructor")

    def get(self, path: str) -> requests.Response:
        return self.browser.get(self.sandbox.address + path, timeout=SECONDS)

    def post(self, path: str) -> requests.Response:
        return self.browser.post(self.sandbox.address + path, timeout=SECONDS)

    def pending_tasks(self) -> list[dict[str, Any]]:
        """The table of Pending Tasks on the platform's own page."""
        return self.post(f"{PLATFORM_API}/list_instructor_tasks").json()["tasks"]

    def latest_task(self) -> dict[str, Any]:
        return self.get(f"{API}/tasks/").json()["results"][0]


def complaints(sandbox: Sandbox) -> list[str]:
    """Return the warnings of the checks about the queue of reports."""
    said = sandbox.run("lms_sandbox", "check", "--deploy", stderr=subprocess.STDOUT).stdout
    return re.findall(r"\(proctored_results\.(W008|W009)\)", said)


@EVERY
def test_a_click_becomes_a_file_once_there_is_a_worker_and_until_then_a_check_complains(sandbox: Sandbox) -> None:
    instructor = Instructor(sandbox)
    sandbox.hold.touch()
    started = instructor.post(f"{API}/reports/")
    assert started.status_code == 202

    # Before there is a worker
    waiting = instructor.latest_task()
    assert (waiting["state"], waiting["message"]) == ("queued", "The report waits for a worker to begin with it.")
    assert complaints(sandbox) == ["W009"]

    # While it runs
    sandbox.work()
    eventually(lambda: instructor.get(started.json()["status_url"]).json()["progress"])
    ((task_state, task_output, task_type),) = sandbox.rows(
        "SELECT task_state, task_output, task_type FROM instructor_task_instructortask ORDER BY id DESC LIMIT 1"
    )
    assert (task_state, task_type) == ("PROGRESS", "proctored_results_report")
    assert len(task_output) <= 1023
    output = json.loads(task_output)
    assert (output["action_name"], output["attempted"], output["succeeded"], output["total"]) == ("generated", 1, 1, 3)
    (pending,) = instructor.pending_tasks()
    assert pending["task_type"] == "proctored_results_report"
    assert pending["status"] == "Incomplete" or pending["task_state"] == "PROGRESS"
    assert pending["task_message"] == "Progress: generated 1 of 1 so far (out of 3)"
    running = instructor.latest_task()
    assert (running["state"], running["message"]) == ("running", "1 of 3 rows are written.")
    assert instructor.post(f"{API}/reports/").status_code == 409
    assert instructor.get(f"{API}/reports/").json()["count"] == 0
    # On a busy machine a worker may answer too late the first time.
    eventually(lambda: complaints(sandbox) == [])

    # When it has ended
    sandbox.hold.unlink()
    eventually(lambda: instructor.latest_task()["state"] == "succeeded")
    eventually(lambda: instructor.pending_tasks() == [])
    (report,) = instructor.get(f"{API}/reports/").json()["results"]
    (stored,) = (sandbox.folder / "grades").rglob("*.csv")
    assert stored.name == report["name"] == instructor.latest_task()["report"]
    file = instructor.get(report["download_url"])
    assert file.headers["Content-Disposition"] == f'attachment; filename="{stored.name}"'
    assert file.content == stored.read_bytes()
    assert len(file.text.splitlines()) == 4
    downloads = instructor.post(f"{PLATFORM_API}/list_report_downloads").json()["downloads"]
    assert [download["name"] for download in downloads] == [stored.name]
    ((task_state,),) = sandbox.rows("SELECT task_state FROM instructor_task_instructortask")
    assert task_state == "SUCCESS"


@SMALLEST
def test_a_store_that_refuses_fails_the_task_and_the_worker_says_nothing_about_learners(sandbox: Sandbox) -> None:
    sandbox.work()
    instructor = Instructor(sandbox)
    grades = sandbox.folder / "grades"
    grades.mkdir(exist_ok=True)
    aside = grades.rename(sandbox.folder / "aside")
    grades.write_text("a file where the folder should be")
    try:
        instructor.post(f"{API}/dashboard-button/").raise_for_status()
        eventually(lambda: instructor.latest_task()["state"] == "failed")
    finally:
        grades.unlink()
        aside.rename(grades)
    assert instructor.latest_task()["message"].startswith("The report store did not take the file")
    eventually(lambda: instructor.pending_tasks() == [])
    ((task_state, task_output),) = sandbox.rows(
        "SELECT task_state, task_output FROM instructor_task_instructortask ORDER BY id DESC LIMIT 1"
    )
    assert task_state == "FAILURE"
    assert "confidential" not in task_output
    assert "confidential" not in sandbox.worker_log.read_text()
    instructor.post(f"{API}/dashboard-button/").raise_for_status()
    eventually(lambda: instructor.latest_task()["state"] == "succeeded")


@SMALLEST
def test_after_a_killed_worker_the_report_is_refused_until_its_instructor_task_is_ended(sandbox: Sandbox) -> None:
    """
    The platform leaves the task of a killed worker in PROGRESS for ever, where it looks like a running task.

    The lease follows the platform: it lasts until an operator ends the task. Then the next request gets it.
    """
    worker = sandbox.work()
    instructor = Instructor(sandbox)
    files = set(sandbox.folder.rglob("grades/*/*.csv"))
    sandbox.hold.touch()
    started = instructor.post(f"{API}/reports/")
    eventually(lambda: instructor.get(started.json()["status_url"]).json()["progress"])
    kill(worker)
    sandbox.hold.unlink()
    sandbox.work()

    assert instructor.post(f"{API}/reports/").status_code == 409
    assert instructor.latest_task()["state"] == "running"
    assert [task["task_state"] for task in instructor.pending_tasks()] == ["PROGRESS"]
    assert set(sandbox.folder.rglob("grades/*/*.csv")) == files, "nothing partial is listed"

    sandbox.rows("UPDATE instructor_task_instructortask SET task_state = 'FAILURE' WHERE task_state = 'PROGRESS'")
    assert instructor.get(started.json()["status_url"]).json()["message"].startswith("The report stopped before")
    assert instructor.post(f"{API}/reports/").status_code == 202
    eventually(lambda: instructor.latest_task()["state"] == "succeeded")
