"""Starting a run in the background: an instructor task of the platform makes its report."""

from typing import Any

from django.http import HttpRequest
from opaque_keys.edx.keys import CourseKey

from proctored_results.edx_platform import instructor_tasks
from proctored_results.models import ReportRun
from proctored_results.reports.choice import Choice
from proctored_results.runs import leases, making
from proctored_results.runs.errors import QUEUE_UNAVAILABLE, UNEXPECTED, ReportFailed
from proctored_results.runs.records import fail, update

#: The type of the plugin's tasks in the platform's table of instructor tasks.
TASK_TYPE = "proctored_results_report"


def submit(request: HttpRequest, course_key: CourseKey, choice: Choice, *, task: Any) -> ReportRun:
    """
    Start a run on behalf of the request's user, and return it.

    Arguments:
        request: its user becomes the requester.
        course_key: the course.
        choice: the format, extra columns and options of the report.
        task: the celery task that makes the report.

    Must not be called inside a database transaction. Raises AlreadyRunning, and ReportFailed if the task queue does not
    answer.

    """
    run = leases.acquire(course_key, choice, requester=request.user)
    try:
        instructor_task = instructor_tasks.submit_task(
            request,
            course_key,
            task_type=TASK_TYPE,
            task=task,
            task_input={"run": run.pk},
            task_key=str(run.pk),
        )
    except instructor_tasks.QueueUnavailable:
        fail(run, QUEUE_UNAVAILABLE)
        raise ReportFailed(QUEUE_UNAVAILABLE) from None
    except Exception:
        fail(run, UNEXPECTED)
        raise
    update(run, instructor_task_id=instructor_task.pk, task_id=instructor_task.task_id)
    run.refresh_from_db()
    return run


def perform_task(entry_id: int, course_key: CourseKey, task_input: dict[str, Any], action_name: str) -> dict[str, Any]:
    """
    Make the report of the run that an instructor task names in its input, and return the task's final progress.

    Idempotent: a run that has succeeded is not made again. Raises ReportFailed.
    """
    run = ReportRun.objects.get(pk=task_input["run"])
    progress = instructor_tasks.TaskProgress(entry_id, action_name, count=lambda: making.count(course_key))
    if run.state != ReportRun.State.SUCCEEDED:
        update(run, instructor_task_id=entry_id)
        making.perform(run, on_row=progress.update)
    return progress.finish(run.rows or 0)
