"""Starting instructor tasks."""

import logging

from celery.states import FAILURE, READY_STATES
from common.djangoapps.util.db import outer_atomic

from lms.djangoapps.instructor_task.models import InstructorTask

log = logging.getLogger(__name__)


class AlreadyRunningError(Exception):
    """There is an unfinished task of the same course, type and key."""

    message = "This task is already running."

    def __init__(self, message=None):
        super().__init__(message or self.message)


class QueueConnectionError(Exception):
    """Celery did not take the task."""

    message = "The task could not be queued. Please try again later."

    def __init__(self, message=None):
        super().__init__(message or self.message)


def _task_is_running(course_id, task_type, task_key):
    """Return whether there is an unfinished task of this course, type and key."""
    tasks = InstructorTask.objects.filter(course_id=course_id, task_type=task_type, task_key=task_key)
    return any(task.task_state not in READY_STATES for task in tasks)


def _reserve_task(course_id, task_type, task_key, task_input, requester):
    """Return a new stored task, or raise AlreadyRunningError. Two calls at the same moment can both succeed."""
    if _task_is_running(course_id, task_type, task_key):
        raise AlreadyRunningError()
    return InstructorTask.create(course_id, task_type, task_key, task_input, requester)


def _get_xblock_instance_args(request, task_id):
    """Return where a request came from, in the shape that tasks get as their second argument."""
    return {
        "request_info": {
            "username": request.user.username,
            "user_id": request.user.id,
            "ip": request.META["REMOTE_ADDR"],
            "agent": request.META.get("HTTP_USER_AGENT", "").encode().decode("latin1"),
            "host": request.META["SERVER_NAME"],
        },
        "task_id": task_id,
    }


def submit_task(request, task_type, task_class, course_key, task_input, task_key):  # noqa: PLR0917
    """
    Store a new task and hand it to celery; return the InstructorTask.

    Raises AlreadyRunningError, QueueConnectionError (after marking the stored task as failed), and
    TransactionManagementError inside an atomic block.
    """
    with outer_atomic():
        instructor_task = _reserve_task(course_key, task_type, task_key, task_input, request.user)
    task_id = instructor_task.task_id
    task_args = [instructor_task.id, _get_xblock_instance_args(request, task_id)]
    try:
        task_class.apply_async(task_args, task_id=task_id)
    except Exception as error:
        log.info("instructor task (%s) could not be handed to celery: %s", task_id, error)
        instructor_task.task_state = FAILURE
        instructor_task.task_output = str(error)
        instructor_task.save()
        raise QueueConnectionError() from error
    return instructor_task
