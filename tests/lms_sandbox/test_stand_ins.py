"""The stand-ins for edx-platform behave like the platform, as far as plugins can see."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import shared_task
from django.db import transaction

from tests.lms_sandbox.conftest import COURSE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def submit(transactional_db, make_user, rf):
    """A function that submits a task the way a view does; returns the InstructorTask."""
    from lms.djangoapps.instructor_task.api_helper import submit_task

    request = rf.post("/", HTTP_USER_AGENT="a browser")
    request.user = make_user("staff")
    return lambda task, key="key": submit_task(request, "a_report", task, COURSE, {"choice": 1}, key)


@pytest.fixture
def eager():
    """Celery runs tasks at once, in this process."""
    from lms_sandbox.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def make_task(work):
    """Return an instructor task of celery that does this work."""
    from lms.djangoapps.instructor_task.tasks_base import BaseInstructorTask
    from lms.djangoapps.instructor_task.tasks_helper.runner import run_main_task

    @shared_task(base=BaseInstructorTask, name=f"tests.{work.__name__}")
    def task(entry_id, _xblock_instance_args):
        return run_main_task(entry_id, work, "made")

    return task


class Queue:
    """Takes tasks and does not run them."""

    def __init__(self, error=None):
        self.error = error
        self.taken = []

    def apply_async(self, args, task_id):
        if self.error:
            raise self.error
        self.taken.append((args, task_id))


def test_the_stand_ins_are_what_is_imported():
    import lms

    assert Path(lms.__file__).is_relative_to(ROOT / "lms_sandbox" / "stand_ins")


@pytest.mark.processes(only="python")
def test_the_sandbox_refuses_to_start_where_a_real_platform_can_be_imported(tmp_path):
    (tmp_path / "lms").mkdir()
    (tmp_path / "lms" / "__init__.py").touch()
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "LMS_SANDBOX_VAR": str(tmp_path / "var")}
    run = subprocess.run(
        [sys.executable, "-m", "lms_sandbox", "check"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        check=False,
        text=True,
    )
    assert run.returncode != 0
    assert "A real LMS can be imported here" in run.stderr


def test_outer_atomic_refuses_to_be_nested(transactional_db):
    from common.djangoapps.util.db import outer_atomic

    with outer_atomic():
        pass
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError), outer_atomic():
        pass


def test_a_submitted_task_is_stored_and_handed_to_celery_under_its_id(submit):
    from lms.djangoapps.instructor_task.models import QUEUING

    queue = Queue()
    stored = submit(queue)
    [((entry_id, args), task_id)] = queue.taken
    assert (stored.task_state, json.loads(stored.task_input)) == (QUEUING, {"choice": 1})
    assert (entry_id, task_id, args["task_id"]) == (stored.id, stored.task_id, stored.task_id)
    assert args["request_info"]["agent"] == "a browser"


def test_a_second_task_of_the_same_kind_and_key_is_refused_until_the_first_has_ended(submit):
    from lms.djangoapps.instructor_task.api_helper import AlreadyRunningError

    first = submit(Queue())
    with pytest.raises(AlreadyRunningError):
        submit(Queue())
    submit(Queue(), key="another")
    first.task_state = "FAILURE"
    first.save()
    submit(Queue())


def test_a_task_that_celery_does_not_take_is_marked_as_failed(submit):
    from lms.djangoapps.instructor_task.api_helper import QueueConnectionError
    from lms.djangoapps.instructor_task.models import InstructorTask

    with pytest.raises(QueueConnectionError):
        submit(Queue(error=OSError("no broker")))
    stored = InstructorTask.objects.get()
    assert (stored.task_state, stored.task_output) == ("FAILURE", "no broker")


def test_submitting_inside_a_transaction_is_refused(submit):
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        submit(Queue())


def test_what_a_task_returns_is_stored_with_its_success(submit, eager):
    from lms.djangoapps.instructor_task.tasks_helper.runner import TaskProgress

    def report(_entry_id, course_id, task_input, action_name):
        assert (course_id, task_input) == (COURSE, {"choice": 1})
        progress = TaskProgress(action_name, 3, 0)
        progress.attempted = progress.succeeded = 3
        return progress.update_task_state()

    stored = submit(make_task(report))
    stored.refresh_from_db()
    assert stored.task_state == "SUCCESS"
    assert json.loads(stored.task_output)["total"] == 3


def test_a_failed_task_keeps_the_text_of_its_exception_and_the_end_of_a_traceback(submit, eager):
    def failing(*_arguments):
        raise ValueError("the disk is full")

    stored = submit(make_task(failing))
    stored.refresh_from_db()
    output = json.loads(stored.task_output)
    assert stored.task_state == "FAILURE"
    assert "the disk is full" in output["message"]
    assert len(stored.task_output) <= 1023


@pytest.mark.parametrize(("message", "traceback"), [(10, 5000), (3000, 5000), (3000, None)])
def test_the_output_of_a_failure_always_fits_its_column(message, traceback):
    from lms.djangoapps.instructor_task.models import InstructorTask

    output = InstructorTask.create_output_for_failure(ValueError("m" * message), traceback and "t" * traceback)
    assert len(output) <= 1023
    assert "m" in json.loads(output)["message"]


def test_an_output_of_a_success_that_does_not_fit_its_column_is_refused():
    from lms.djangoapps.instructor_task.models import InstructorTask

    assert InstructorTask.create_output_for_success("x" * 1021)
    with pytest.raises(ValueError):
        InstructorTask.create_output_for_success("x" * 1022)


def test_lists_of_tasks_show_the_newest_first_and_the_running_ones_without_those_that_ended(submit):
    from lms.djangoapps.instructor_task.api import get_instructor_task_history, get_running_instructor_tasks

    ended, running = submit(Queue(), key="1"), submit(Queue(), key="2")
    ended.task_state = "SUCCESS"
    ended.save()
    assert list(get_running_instructor_tasks(COURSE)) == [running]
    assert list(get_instructor_task_history(COURSE, task_type="a_report")) == [running, ended]
    assert not get_instructor_task_history(COURSE, task_type="another_report")


@pytest.mark.parametrize(
    ("state", "output", "sentence"),
    [
        ("QUEUING", None, "No status information available"),
        ("PROGRESS", None, "No status information available"),
        ("PROGRESS", "{", "No parsable status information available"),
        ("PROGRESS", "{}", "No progress status information available"),
        (
            "PROGRESS",
            '{"action_name": "made", "attempted": 5, "succeeded": 4, "total": 9}',
            "Progress: made 4 of 5 so far (out of 9)",
        ),
        ("SUCCESS", '{"action_name": "made", "attempted": 9, "succeeded": 9, "total": 9}', "Status: made 9 of 9"),
        ("FAILURE", '{"message": "the disk is full"}', "the disk is full"),
    ],
)
def test_pending_tasks_say_how_far_a_task_is(state, output, sentence):
    from lms.djangoapps.instructor_task.models import InstructorTask
    from lms.djangoapps.instructor_task.views import get_task_completion_info

    assert get_task_completion_info(InstructorTask(task_state=state, task_output=output)) == (False, sentence)


def test_files_of_reports_are_listed_newest_first_under_the_hash_of_their_course(public_report_store):
    from lms.djangoapps.instructor_task.models import ReportStore

    store = ReportStore.from_config("GRADES_DOWNLOAD")
    assert store.links_for(COURSE) == []
    store.store_rows(COURSE, "older.csv", [["name", "é"], [1, None]])
    store.store(COURSE, "newer.csv", io.StringIO("text"))
    folder = store.path_to(COURSE)
    os.utime(public_report_store / folder / "older.csv", (0, 0))
    assert store.links_for(COURSE) == [
        ("newer.csv", f"/media/grades/{folder}newer.csv"),
        ("older.csv", f"/media/grades/{folder}older.csv"),
    ]
    assert (public_report_store / folder / "older.csv").read_bytes() == "name,é\r\n1,None\r\n".encode()


def test_names_of_reports_start_with_the_parts_of_the_course_key():
    from common.djangoapps.util.file import course_filename_prefix_generator

    assert course_filename_prefix_generator(COURSE) == "TestX_SB1_2026"
