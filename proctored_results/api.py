"""
The Python API for other code on the platform, and for the plugin's own pages, REST API and commands.

No other name of the plugin is public.

    from proctored_results import api

    choice = api.choose(extra_columns=["track"])
    run = api.start_report(request, course_key, choice)

Code that sends celery tasks is here, above the tasks. Code that a task runs is below them, in `proctored_results.runs`.
"""

from django.http import HttpRequest
from opaque_keys.edx.keys import CourseKey

from proctored_results.models import ReportBatch, ReportRun
from proctored_results.reports.choice import Choice, choose
from proctored_results.runs import batches, submission
from proctored_results.runs.errors import AlreadyRunning, ReportFailed
from proctored_results.runs.making import store as store_report
from proctored_results.runs.making import write as write_report

__all__ = [
    "AlreadyRunning",
    "Choice",
    "ReportFailed",
    "ReportRun",
    "choose",
    "start_all_reports",
    "start_report",
    "store_report",
    "supervise_all_reports",
    "write_report",
]


def start_report(request: HttpRequest, course_key: CourseKey, choice: Choice) -> ReportRun:
    """
    Start a report in the background on behalf of the request's user, and return its run.

    Must not be called inside a database transaction. Raises AlreadyRunning, and ReportFailed if the task queue does not
    answer.
    """
    from proctored_results import tasks

    return submission.submit(request, course_key, choice, task=tasks.generate_report)


def start_all_reports(
    choice: Choice, *, since: str = "", concurrency: int = batches.CONCURRENCY
) -> tuple[ReportBatch, bool]:
    """
    Let the workers make the reports of all courses; return the batch, and whether it is new.

    The same request resumes a batch that is not finished. `proctored_results.runs.batches.start` describes the
    arguments and the errors.
    """
    from proctored_results import tasks

    return batches.start(choice, send=tasks.generate_next_report.delay, since=since, concurrency=concurrency)


def supervise_all_reports(batch: ReportBatch) -> batches.Progress:
    """Resume a batch that has stalled, and return its progress. Raises ReportFailed if the queue does not answer."""
    from proctored_results import tasks

    return batches.supervise(batch, send=tasks.generate_next_report.delay)
