"""App `instructor_task`."""

from django.apps import AppConfig


class InstructorTaskConfig(AppConfig):
    """Background tasks of course teams."""

    name = "lms.djangoapps.instructor_task"
