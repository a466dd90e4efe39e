"""The celery task under the platform's instructor-task machinery, run in this process."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.conf import settings

from proctored_results import api
from proctored_results.edx_platform import instructor_tasks
from proctored_results.runs import records
from proctored_results.runs.errors import STOPPED, STORE_REFUSED, UNEXPECTED
from proctored_results.tasks import generate_report
from tests import factories
from tests.conftest import Queue
from tests.factories import COURSE_KEY

pytestmark = pytest.mark.django_db(transaction=True)

#: What Pending Tasks reads in `task_output`.
PLATFORM_KEYS = {"action_name", "attempted", "succeeded", "skipped", "failed", "total", "preassigned", "duration_ms"}


@pytest.fixture(autouse=True)
def course() -> Any:
    return factories.course()


@pytest.fixture
def instructor() -> Any:
    return factories.team_member("staff", "data_researcher", username="instructor")


def start(user: Any) -> api.ReportRun:
    return api.start_report(factories.request_of(user), COURSE_KEY, api.choose())


def instructor_task() -> Any:
    from lms.djangoapps.instructor_task.models import InstructorTask

    return InstructorTask.objects.get()


def test_the_task_is_registered_in_the_queue_of_reports_with_the_platforms_base_class() -> None:
    task = current_app.tasks["proctored_results.tasks.generate_report"]
    assert task.name == generate_report.name
    assert isinstance(task, instructor_tasks.instructor_task_class())
    assert task.queue == settings.GRADES_DOWNLOAD_ROUTING_KEY


def test_the_instructor_task_says_what_it_is_and_nothing_personal(queue: Queue, instructor: Any) -> None:
    run = start(instructor)
    task = instructor_task()
    assert task.task_type == "proctored_results_report"
    assert task.course_id == COURSE_KEY
    assert task.requester == instructor
    assert json.loads(task.task_input) == {"run": run.pk}
    assert (run.instructor_task_id, run.task_id) == (task.pk, task.task_id)


def test_a_task_ends_with_its_counts_where_the_platform_looks_for_them(queue: Queue, instructor: Any) -> None:
    exam = factories.exam()
    for _ in range(3):
        factories.attempt(exam)
    run = start(instructor)
    (result,) = queue.work()
    task = instructor_task()
    run.refresh_from_db()
    assert (task.task_state, run.state, run.rows) == ("SUCCESS", "succeeded", 3)
    output = json.loads(task.task_output)
    assert output == result.result
    assert output.keys() == PLATFORM_KEYS
    assert (output["action_name"], output["attempted"], output["succeeded"], output["total"]) == ("generated", 3, 3, 3)


def test_progress_is_where_pending_tasks_reads_it_at_the_first_row_and_then_once_a_second(
    queue: Queue, instructor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lms.djangoapps.instructor_task.views import get_task_completion_info

    exam = factories.exam()
    for _ in range(10):
        factories.attempt(exam)
    clock = iter(range(100))
    monkeypatch.setattr("time.monotonic", lambda: next(clock) / 4)
    seen: list[Any] = []
    update = instructor_tasks.TaskProgress.update

    def look(progress: instructor_tasks.TaskProgress, rows: int) -> None:
        update(progress, rows)
        seen.append(instructor_task())

    monkeypatch.setattr(instructor_tasks.TaskProgress, "update", look)
    start(instructor)
    queue.work()
    outputs = [json.loads(task.task_output) for task in seen]
    assert outputs[0].keys() == PLATFORM_KEYS
    assert max(len(task.task_output) for task in seen) <= 1023
    assert {output["total"] for output in outputs} == {10}
    written = sorted({output["attempted"] for output in outputs})
    assert written[0] == 1
    assert 1 < len(written) < 10
    assert get_task_completion_info(seen[0]) == (False, "Progress: generated 1 of 1 so far (out of 10)")


def test_a_task_that_is_delivered_twice_does_not_make_a_second_file(
    queue: Queue, instructor: Any, stored_files: Callable[[], dict[str, bytes]]
) -> None:
    factories.attempt(factories.exam())
    start(instructor)
    queue.messages *= 2
    first, second = queue.work()
    assert len(stored_files()) == 1
    assert api.ReportRun.objects.get().file_name in stored_files()
    for result in (first, second):
        assert (result.state, result.result["attempted"]) == ("SUCCESS", 1)


def test_a_task_that_comes_after_its_run_was_given_up_still_makes_the_file(
    queue: Queue, instructor: Any, stored_files: Callable[[], dict[str, bytes]]
) -> None:
    run = start(instructor)
    records.fail(run, STOPPED)
    queue.work()
    run.refresh_from_db()
    assert (run.state, run.lease_key) == ("succeeded", None)
    assert list(stored_files()) == [run.file_name]


# Errors reveal nothing about learners

SECRETS = ("Ada Testlearner", "ada@example.com", "was seen with a phone")


def _break_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def stream(*_args: Any, **_kwargs: Any) -> Any:
        try:
            raise KeyError(SECRETS[1])
        except KeyError as error:
            raise ValueError(" ".join(SECRETS)) from error
        yield

    monkeypatch.setattr("proctored_results.attempts.stream", stream)


def _break_while_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    def cell(value: Any, **_kwargs: Any) -> str:
        raise UnicodeEncodeError("utf-8", " ".join(SECRETS), 0, 1, "not like this")

    monkeypatch.setattr("proctored_results.reports.cells.text_cell", cell)


def _break_while_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(*_args: Any) -> int:
        raise RuntimeError(" ".join(SECRETS))

    monkeypatch.setattr("proctored_results.attempts.count", count)


def _break_while_storing(monkeypatch: pytest.MonkeyPatch) -> None:
    def save(*_args: Any, **_kwargs: Any) -> str:
        raise OSError(" ".join(SECRETS))

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", save)


@pytest.mark.parametrize(
    "break_it", [_break_while_reading, _break_while_writing, _break_while_counting, _break_while_storing]
)
def test_an_error_tells_nothing_about_a_learner(
    break_it: Callable[[pytest.MonkeyPatch], None],
    queue: Queue,
    instructor: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    learner = factories.user("ada", email=SECRETS[1], first_name="Ada", last_name="Testlearner")
    attempt = factories.attempt(factories.exam(), user=learner)
    factories.comment(factories.review(attempt.attempt_code, "Suspicious"), SECRETS[2])
    break_it(monkeypatch)
    run = start(instructor)
    with caplog.at_level(logging.DEBUG):
        (result,) = queue.work()
    run.refresh_from_db()
    task = instructor_task()

    assert (task.task_state, run.state) == ("FAILURE", "failed")
    assert run.sentence in json.loads(task.task_output)["message"]
    assert run.sentence in (STORE_REFUSED, UNEXPECTED)
    assert result.result.__cause__ is result.result.__context__ is None
    told = [task.task_output, task.task_input, run.sentence, repr(result.result), result.traceback, caplog.text]
    for secret in SECRETS:
        assert not [text for text in told if secret in text]
    assert f"Report run {run.pk} failed" in caplog.text, "operators get to know where it failed"


def test_an_ordinary_run_logs_nothing_about_a_learner(
    queue: Queue, instructor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    learner = factories.user("ada", email=SECRETS[1])
    attempt = factories.attempt(factories.exam(), user=learner, status="an unknown status")
    factories.comment(factories.review(attempt.attempt_code, "an unknown word"), SECRETS[2], status="unknown")
    start(instructor)
    with caplog.at_level(logging.DEBUG):
        queue.work()
    assert not [secret for secret in SECRETS if secret in caplog.text]
