"""App `student`."""

from django.apps import AppConfig


class StudentConfig(AppConfig):
    """Enrolments, course roles and profiles."""

    name = "common.djangoapps.student"
