"""Instructor tasks: the platform's celery tasks for course teams, with their table, progress and queue."""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from opaque_keys.edx.keys import CourseKey


class QueueUnavailable(Exception):
    """The platform could not hand the task to its queue."""


def instructor_task_class() -> type:
    """Return the base class of the platform's instructor tasks."""
    from lms.djangoapps.instructor_task.tasks_base import BaseInstructorTask

    return BaseInstructorTask


def submit_task(
    request: HttpRequest, course_key: CourseKey, *, task_type: str, task: Any, task_input: dict, task_key: str
) -> Any:
    """
    Submit a celery task as an instructor task of the platform and return its ``InstructorTask``.

    Must not be called inside a database transaction. Raises QueueUnavailable.
    """
    from lms.djangoapps.instructor_task import api_helper

    try:
        return api_helper.submit_task(request, task_type, task, course_key, task_input, task_key)
    except api_helper.QueueConnectionError as error:
        raise QueueUnavailable from error


def run_main_task(entry_id: int, task_function: Any, action_name: str) -> dict:
    """Run the function with the platform's ``run_main_task``, which describes the arguments; return the result."""
    from lms.djangoapps.instructor_task.tasks_helper.runner import run_main_task as run

    return run(entry_id, task_function, action_name)


class TaskProgress:
    """
    The progress of an instructor task, in rows: attempted, succeeded, total.

    The platform's own progress object writes only to celery's result backend, but its Pending Tasks table reads
    ``InstructorTask.task_output``. This class writes to both, about once a second. `count` is called once, after the
    first row, and returns the total.
    """

    INTERVAL = 1.0

    def __init__(self, entry_id: int, action_name: str, count: Callable[[], int]) -> None:
        from lms.djangoapps.instructor_task.tasks_helper.runner import TaskProgress as PlatformProgress

        self._entry_id = entry_id
        self._progress = PlatformProgress(action_name, None, time.time())
        self._count = count
        self._next_write = time.monotonic()

    def update(self, rows: int) -> None:
        """Write the number of finished rows, at most once in `INTERVAL` seconds."""
        if time.monotonic() >= self._next_write:
            self._progress.attempted = self._progress.succeeded = rows
            if self._progress.total is None:
                self._progress.total = self._count()
            self._write()
            self._next_write = time.monotonic() + self.INTERVAL

    def finish(self, rows: int) -> dict:
        """Set the final number of rows and return the dict that an instructor task returns."""
        self._progress.attempted = self._progress.succeeded = self._progress.total = rows
        return self._progress.state

    def _write(self) -> None:
        from lms.djangoapps.instructor_task.models import InstructorTask

        state = self._progress.update_task_state()
        InstructorTask.objects.filter(pk=self._entry_id).update(
            task_output=InstructorTask.create_output_for_success(state)
        )


def unfinished_task(instructor_task_id: int) -> bool:
    """Return whether the instructor task exists and has not ended."""
    from celery.states import READY_STATES
    from lms.djangoapps.instructor_task.models import InstructorTask

    return InstructorTask.objects.filter(pk=instructor_task_id).exclude(task_state__in=READY_STATES).exists()


def task_progress(instructor_task_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return instructor task id -> ``{"attempted", "succeeded", "total"}``; tasks that have not begun are left out."""
    from lms.djangoapps.instructor_task.models import InstructorTask

    outputs = InstructorTask.objects.filter(pk__in=list(instructor_task_ids)).values_list("pk", "task_output")
    progress = {}
    for pk, output in outputs:
        counts = json.loads(output) if output else {}
        if "total" in counts:
            progress[pk] = {name: counts.get(name, 0) for name in ("attempted", "succeeded", "total")}
    return progress


def report_queue() -> str | None:
    """Return the name of the queue for the platform's reports, or None for celery's default queue."""
    return getattr(settings, "GRADES_DOWNLOAD_ROUTING_KEY", None)


def queue_of_reports_is_consumed(*, seconds: float) -> bool | None:
    """
    Return whether a running worker says that it consumes the queue of reports.

    None if that cannot be known: remote control of workers is off, or tasks run without a queue. The call takes the
    given number of seconds, in which workers can answer. Raises QueueUnavailable if the broker does not answer.
    """
    from celery import current_app

    if current_app.conf.task_always_eager or not current_app.conf.worker_enable_remote_control:
        return None
    try:
        with current_app.connection_for_write() as connection:
            # Without a limit, celery would retry for ever.
            connection.ensure_connection(max_retries=1, interval_start=0)
            answers = current_app.control.inspect(timeout=seconds, connection=connection).active_queues() or {}
    except Exception as error:  # each transport raises its own errors
        raise QueueUnavailable from error
    queue = report_queue() or current_app.conf.task_default_queue
    return any(consumed["name"] == queue for queues in answers.values() for consumed in queues)


def emit_report_requested(report_type: str) -> None:
    """Emit the platform's tracking event for a new report."""
    from lms.djangoapps.instructor_task.tasks_helper.utils import tracker_emit

    tracker_emit(report_type)
