"""The plugin's celery tasks. Celery's discovery and the code that submits tasks import it once the apps are loaded."""

from typing import Any

from celery import Task, shared_task
from celery.exceptions import OperationalError as BrokerRefuses
from django.db import IntegrityError, InterfaceError, OperationalError
from django.utils.translation import gettext_noop
from edx_django_utils.monitoring import set_code_owner_attribute
from kombu.utils.functional import retry_over_time

from proctored_results.edx_platform import instructor_tasks
from proctored_results.reports.choice import choose
from proctored_results.runs import batches, submission

#: A task that the broker does not take is sent again for 15 minutes. The retries after an error of the database take at
#: most as long. A batch without any task stalls until somebody resumes it.
BROKER_RETRIES = {"interval_start": 1, "interval_step": 1, "interval_max": 10, "timeout": 15 * 60}


@shared_task(base=instructor_tasks.instructor_task_class(), queue=instructor_tasks.report_queue())
@set_code_owner_attribute
def generate_report(entry_id: int, _xblock_instance_args: dict[str, Any]) -> dict[str, Any]:
    """
    Make the report that an instructor task asks for.

    Arguments:
        entry_id: primary key of the platform's ``InstructorTask``, whose input names the run.
        _xblock_instance_args: passed by the platform to every instructor task; not used.

    """
    # Translators: a past participle that the platform puts into "Progress: {action} 20 of 20 so far".
    return instructor_tasks.run_main_task(entry_id, submission.perform_task, gettext_noop("generated"))


@shared_task(queue=instructor_tasks.report_queue(), ignore_result=True)
@set_code_owner_attribute
def generate_all_reports(since: str = "", concurrency: int = batches.CONCURRENCY) -> None:
    """
    Start the reports of all courses with the site's settings; for the schedule of celery's beat.

    Arguments:
        since: if given, only courses that have changed since then; a text for `parse_since`.
        concurrency: how many tasks of the batch may exist at a time.

    """
    batches.start(choose(), send=generate_next_report.delay, since=since or "", concurrency=concurrency)


@shared_task(
    bind=True,
    queue=instructor_tasks.report_queue(),
    ignore_result=True,
    autoretry_for=(OperationalError, InterfaceError, IntegrityError),
    max_retries=20,
    retry_backoff=True,
    retry_backoff_max=60,
)
@set_code_owner_attribute
def generate_next_report(self: Task, batch_id: int, fencing_token: int) -> None:
    """
    Make the next report of a batch, and send the task that makes the one after it.

    Celery retries the task a little later if the database does not answer, rolls the transaction back because of a
    deadlock, or does not show the transaction who holds a lease.
    """
    repeat = batches.make_next(batch_id, fencing_token)
    if self.request.is_eager:  # a sent task would run inside this one, one level deeper for each course
        while repeat is batches.Next.AT_ONCE:
            repeat = batches.make_next(batch_id, fencing_token)
    elif repeat is not batches.Next.NEVER:
        countdown = batches.RETRY_DELAY.total_seconds() if repeat is batches.Next.LATER else None
        # Celery's own retries of sending stop if the connection has to be opened again.
        retry_over_time(
            self.apply_async,
            BrokerRefuses,
            args=[[batch_id, fencing_token]],
            kwargs={"countdown": countdown},
            **BROKER_RETRIES,
        )
