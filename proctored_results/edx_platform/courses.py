"""Courses: whether one exists, where its pages are, and who is enrolled."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from crum import get_current_request
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField
from django.db.models.functions import Cast
from django.urls import reverse
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey


def course_overview(course_key: CourseKey) -> Any | None:
    """Return the course's ``CourseOverview``, or None for a course that does not exist."""
    from openedx.core.djangoapps.content.course_overviews.api import get_course_overview_or_none

    return get_course_overview_or_none(course_key)


def course_keys() -> Iterator[CourseKey]:
    """Return an iterator over the keys of all courses of the site. One query."""
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    return CourseOverview.objects.values_list("id", flat=True).iterator()


def course_keys_of_request() -> Iterator[CourseKey]:
    """Yield the keys of the courses in the URL of the current request, under any argument name."""
    match = getattr(get_current_request(), "resolver_match", None)
    for value in match.kwargs.values() if match else ():
        with suppress(InvalidKeyError):
            yield CourseKey.from_string(str(value))


def instructor_dashboard_url(course_key: CourseKey) -> str | None:
    """
    Return the path of a course's instructor dashboard, which leads to the new dashboard if the site has it.

    None for a course with an id of the old form: it has no dashboard.
    """
    return None if course_key.deprecated else reverse("instructor_dashboard", kwargs={"course_id": str(course_key)})


def lms_url(path: str) -> str:
    """Return the absolute URL of a path of the LMS, on the site of the current request."""
    from openedx.core.djangoapps.site_configuration import helpers

    return f"{helpers.get_value('LMS_ROOT_URL', settings.LMS_ROOT_URL)}{path}"


def enrollment_modes(
    course_key: CourseKey, user_ids: Collection[int], *, using: str = DEFAULT_DB_ALIAS
) -> dict[int, str]:
    """Return user id -> enrolment mode ("track") for the users who have or had an enrolment. One query."""
    from common.djangoapps.student.models import CourseEnrollment

    enrollments = CourseEnrollment.objects.using(using).filter(course_id=course_key, user_id__in=user_ids)
    # Compared as texts: parsing the course key of each row would take longer than everything else.
    rows = enrollments.values_list("user_id", "mode", Cast("course_id", CharField()))
    expected = str(course_key)
    return {user_id: mode for user_id, mode, course_id in rows if course_id == expected}
