"""App `course_overviews`."""

from django.apps import AppConfig


class CourseOverviewsConfig(AppConfig):
    """What the platform knows about each course."""

    name = "openedx.core.djangoapps.content.course_overviews"
