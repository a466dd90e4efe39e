"""Celery's face of the plugin. Imported by celery's discovery, and where a task is submitted: after app loading."""

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

#: A broker that does not answer is asked again for a quarter of an hour, and so is a database. A batch without any task
#: stands still until somebody resumes it.
BROKER_RETRIES = {"interval_start": 1, "interval_step": 1, "interval_max": 10, "timeout": 15 * 60}


@shared_task(base=instructor_tasks.instructor_task_class(), queue=instructor_tasks.report_queue())
@set_code_owner_attribute
def generate_report(entry_id: int, _xblock_instance_args: dict[str, Any]) -> dict[str, Any]:
    """
    Make the report that an instructor task asks for.

    Arguments:
        entry_id: primary key of the platform's ``InstructorTask``, whose input names the run.
        _xblock_instance_args: what the platform passes to every instructor task; not needed.

    """
    # Translators: a past participle that the platform puts into "Progress: {action} 20 of 20 so far".
    return instructor_tasks.run_main_task(entry_id, submission.perform_task, gettext_noop("generated"))


@shared_task(queue=instructor_tasks.report_queue(), ignore_result=True)
@set_code_owner_attribute
def generate_all_reports(since: str = "", concurrency: int = batches.CONCURRENCY) -> None:
    """
    Have the reports of all courses made, as the site's settings say; for celery's beat.

    Arguments:
        since: if given, only of courses that have changed since then, as a text for `parse_since`.
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

    Celery tries it again a little later if the database does not answer, ends the transaction to resolve a deadlock, or
    hides from it who holds a lease.
    """
    again = batches.make_next(batch_id, fencing_token)
    if self.request.is_eager:  # sending would nest one level deeper for every course, and nobody waits
        while again is batches.Next.AT_ONCE:
            again = batches.make_next(batch_id, fencing_token)
    elif again is not batches.Next.NEVER:
        countdown = batches.RETRY_DELAY.total_seconds() if again is batches.Next.LATER else None
        # Celery's own retries of sending end if the connection has to be made anew.
        retry_over_time(
            self.apply_async,
            BrokerRefuses,
            args=[[batch_id, fencing_token]],
            kwargs={"countdown": countdown},
            **BROKER_RETRIES,
        )
