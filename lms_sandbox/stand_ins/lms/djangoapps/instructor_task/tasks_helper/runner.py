"""Running an instructor task and telling celery how far it is."""

import json
import logging
from time import time

from celery import current_task
from common.djangoapps.util.db import outer_atomic
from django.db import reset_queries

from lms.djangoapps.instructor_task.models import PROGRESS, InstructorTask

log = logging.getLogger("edx.celery.task")


class TaskProgress:
    """Counts of what a task has done; `start_time` is in seconds since the epoch."""

    def __init__(self, action_name, total, start_time):
        self.action_name = action_name
        self.total = total
        self.start_time = start_time
        self.attempted = 0
        self.succeeded = 0
        self.skipped = 0
        self.failed = 0
        self.preassigned = 0

    @property
    def state(self):
        """The counts as a dict."""
        return {
            "action_name": self.action_name,
            "attempted": self.attempted,
            "succeeded": self.succeeded,
            "skipped": self.skipped,
            "failed": self.failed,
            "total": self.total,
            "preassigned": self.preassigned,
            "duration_ms": int((time() - self.start_time) * 1000),
        }

    def update_task_state(self, extra_meta=None):
        """Send the counts (and more, if given) to celery's result backend only, and return them."""
        progress = {**self.state, **(extra_meta or {})}
        _get_current_task().update_state(state=PROGRESS, meta=progress)
        return progress


def run_main_task(entry_id, task_fcn, action_name):
    """
    Mark the InstructorTask as being in progress and return `task_fcn(entry_id, course_id, task_input, action_name)`.

    Raises ValueError if celery runs another task than the one that was stored.
    """
    with outer_atomic():
        entry = InstructorTask.objects.get(pk=entry_id)
        entry.task_state = PROGRESS
        entry.save_now()
    running_id = _get_current_task().request.id
    if entry.task_id != running_id:
        raise ValueError(
            f"InstructorTask {entry_id} ({entry.task_id}): requested task did not match actual task {running_id}"
        )
    log.info("Task %s: InstructorTask %s starts", entry.task_id, entry_id)
    progress = task_fcn(entry_id, entry.course_id, json.loads(entry.task_input), action_name)
    reset_queries()
    log.info("Task %s: InstructorTask %s is done: %s", entry.task_id, entry_id, progress)
    return progress


def _get_current_task():
    """Return the celery task that runs here."""
    return current_task
