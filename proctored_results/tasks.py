"""Celery's face of the plugin. Imported by celery's discovery, and where a task is submitted: after app loading."""

from typing import Any

from celery import shared_task
from django.utils.translation import gettext_noop
from edx_django_utils.monitoring import set_code_owner_attribute

from proctored_results import edx_platform, runs


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
