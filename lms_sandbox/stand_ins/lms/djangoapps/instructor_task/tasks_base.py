"""What every instructor task of celery inherits."""

import logging

from celery import Task
from celery.states import FAILURE, SUCCESS

from lms.djangoapps.instructor_task.models import InstructorTask

log = logging.getLogger("edx.celery.task")


class BaseInstructorTask(Task):
    """A celery task whose first argument is the id of its InstructorTask, which it marks at its end."""

    abstract = True

    def on_success(self, task_progress, task_id, args, kwargs):
        """Store what the task returned; ValueError if that is too long for the column."""
        entry = InstructorTask.objects.get(pk=args[0])
        if not entry.subtasks:
            entry.task_output = InstructorTask.create_output_for_success(task_progress)
            entry.task_state = SUCCESS
            entry.save_now()

    def on_failure(self, exc, task_id, args, kwargs, einfo):
        """Store the exception's text and the end of its traceback."""
        entry = InstructorTask.objects.filter(pk=args[0]).first()
        if entry is None:
            log.error("Task (%s) has no InstructorTask object for id %s", task_id, args[0])
            return
        log.warning("Task (%s) failed", task_id, exc_info=True)
        entry.task_output = InstructorTask.create_output_for_failure(einfo.exception, einfo.traceback)
        entry.task_state = FAILURE
        entry.save_now()
