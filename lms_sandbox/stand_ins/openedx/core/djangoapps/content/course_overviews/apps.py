"""App `course_overviews`."""

from django.apps import AppConfig


class CourseOverviewsConfig(AppConfig):
    """What is known of each course."""

    name = "openedx.core.djangoapps.content.course_overviews"
