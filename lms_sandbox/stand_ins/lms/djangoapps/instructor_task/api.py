"""Lists of instructor tasks."""

from celery.states import READY_STATES

from lms.djangoapps.instructor_task.models import InstructorTask


def get_running_instructor_tasks(course_id):
    """Return a query of the course's unfinished tasks, the newest first."""
    tasks = InstructorTask.objects.filter(course_id=course_id)
    for state in READY_STATES:
        tasks = tasks.exclude(task_state=state)
    return tasks.order_by("-id")


def get_instructor_task_history(course_id, usage_key=None, student=None, task_type=None):
    """
    Return a query of all the course's tasks, of one type if asked for, the newest first.

    Tasks about one problem or one learner are not supported: NotImplementedError.
    """
    if usage_key is not None or student is not None:
        raise NotImplementedError("The sandbox has no tasks about a problem or a learner")
    tasks = InstructorTask.objects.filter(course_id=course_id)
    if task_type is not None:
        tasks = tasks.filter(task_type=task_type)
    return tasks.order_by("-id")
