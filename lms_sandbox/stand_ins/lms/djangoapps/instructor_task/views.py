"""What to say about a task."""

import json
import logging

from celery.states import FAILURE, READY_STATES, REVOKED
from django.utils.translation import gettext as _

from lms.djangoapps.instructor_task.models import PROGRESS

log = logging.getLogger(__name__)

STATES_WITH_STATUS = [*READY_STATES, PROGRESS]


def get_task_completion_info(instructor_task):
    """
    Return (whether the task succeeded, a sentence about it).

    Like the platform, return False for every report: only tasks about one learner's problem are reported as successful.
    """
    if instructor_task.task_state not in STATES_WITH_STATUS or instructor_task.task_output is None:
        return False, _("No status information available")
    try:
        output = json.loads(instructor_task.task_output)
    except ValueError:
        log.warning("The output of instructor task %s is not JSON", instructor_task.task_id)
        return False, _("No parsable status information available")
    if instructor_task.task_state in (FAILURE, REVOKED):
        return False, output.get("message", _("No message provided"))
    if not {"action_name", "attempted", "total"} <= output.keys():
        log.warning("The output of instructor task %s lacks its counts", instructor_task.task_id)
        return False, _("No progress status information available")
    return False, _progress_sentence(output, in_progress=instructor_task.task_state == PROGRESS)


def _progress_sentence(output, in_progress):
    """Return a sentence about the progress of a task."""
    sentence = (
        _("Progress: {action} {succeeded} of {attempted} so far")
        if in_progress
        else _("Status: {action} {succeeded} of {attempted}")
    )
    if output.get("skipped", 0) > 0:
        sentence += _(" (skipping {skipped})")
    if output["attempted"] != output["total"]:
        sentence += _(" (out of {total})")
    return sentence.format(
        action=_(output["action_name"]),
        succeeded=output.get("updated", 0) + output.get("succeeded", 0),
        attempted=output["attempted"],
        skipped=output.get("skipped", 0),
        total=output["total"],
    )
