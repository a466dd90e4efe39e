"""Looking courses up."""

import logging

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

log = logging.getLogger(__name__)


def get_course_overview_or_none(course_id):
    """Return the course with this key, or None."""
    try:
        return CourseOverview.objects.get(id=course_id)
    except CourseOverview.DoesNotExist:
        log.warning("There is no course overview for %s", course_id)
        return None
