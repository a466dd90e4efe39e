"""Celery's face of the plugin. Imported by celery's discovery, and where a task is submitted: after app loading."""

from typing import Any

from celery import Task, shared_task
from celery.exceptions import OperationalError as BrokerRefuses
from django.db import IntegrityError, InterfaceError, OperationalError
from django.utils.translation import gettext_noop
from edx_django_utils.monitoring import set_code_owner_attribute
from kombu.utils.functional import retry_over_time

from proctored_results import batches, edx_platform, runs


@shared_task(base=edx_platform.instructor_task_class(), queue=edx_platform.report_queue())
@set_code_owner_attribute
def generate_report(entry_id: int, _xblock_instance_args: dict[str, Any]) -> dict[str, Any]:
    """
    Make the report that an instructor task asks for.

    Arguments:
        entry_id: primary key of the platform's ``InstructorTask``, whose input names the run.
        _xblock_instance_args: what the platform passes to every instructor task; not needed.

    """
    # Translators: a past participle that the platform puts into "Progress: {action} 20 of 20 so far".
    return edx_platform.run_main_task(entry_id, runs.perform_task, gettext_noop("generated"))


@shared_task(queue=edx_platform.report_queue(), ignore_result=True)
@set_code_owner_attribute
def generate_all_reports(since: str = "", in_flight: int = batches.IN_FLIGHT) -> None:
    """
    Have the reports of all courses made, as the site's settings have them; for celery's beat.

    Arguments:
        since: if given, only of courses that changed since then, in the words of `batches.since_when`.
        in_flight: how many reports may be on their way at a time.

    """
    batches.start(runs.choose(), since=since or "", in_flight=in_flight)


#: A broker that does not answer is asked again for a quarter of an hour, as a database is: with no task on its way a
#: batch stands still until somebody asks for it again.
BROKER_PATIENCE = {"interval_start": 1, "interval_step": 1, "interval_max": 10, "timeout": 15 * 60}


@shared_task(
    bind=True,
    queue=edx_platform.report_queue(),
    ignore_result=True,
    autoretry_for=(OperationalError, InterfaceError, IntegrityError),
    max_retries=20,
    retry_backoff=True,
    retry_backoff_max=60,
)
@set_code_owner_attribute
def generate_next_report(self: Task, batch_id: int, generation: int) -> None:
    """
    Make the next report of a batch, and send the task that makes the one after it.

    Where the database does not answer, chooses the task to end a deadlock, or hides from it who holds a claim, it is
    tried again a little later.
    """
    again = batches.make_next(batch_id, generation)
    if self.request.is_eager:  # where to send it would go one level deeper for every course, and nobody waits
        while again is batches.Next.AT_ONCE:
            again = batches.make_next(batch_id, generation)
    elif again is not batches.Next.NEVER:
        countdown = batches.COMES_AGAIN_AFTER.total_seconds() if again is batches.Next.LATER else None
        # Celery's own retries when it sends end where the connection has to be made anew.
        retry_over_time(
            self.apply_async,
            BrokerRefuses,
            args=[[batch_id, generation]],
            kwargs={"countdown": countdown},
            **BROKER_PATIENCE,
        )
