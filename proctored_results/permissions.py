"""The platform's permissions on a course, and the sentences for people who lack one."""

from itertools import chain
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from opaque_keys.edx.keys import CourseKey
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

DASHBOARD = "instructor.dashboard"
RESEARCH = "instructor.research"
VIEW_EXAM_RESULTS = "instructor.view_exam_results"
SHOW_TASKS = "instructor.show_tasks"

TO_SEE_REPORTS = (RESEARCH,)
TO_GENERATE = (RESEARCH, VIEW_EXAM_RESULTS)
TO_SEE_TASKS = (SHOW_TASKS,)

WHO_GIVES_ROLES = _(
    "An Admin of the course gives it in Membership > Course Team Management, or on the new instructor dashboard in "
    "Course Team."
)

WHAT_IS_MISSING = {
    RESEARCH: format_lazy(
        "{} {}",
        _("You need the Data Researcher role in this course to see its reports and proctored exam results."),
        WHO_GIVES_ROLES,
    ),
    VIEW_EXAM_RESULTS: format_lazy(
        "{} {}",
        _("You can see and download the reports of this course. To generate one, you also need the Staff role."),
        WHO_GIVES_ROLES,
    ),
    SHOW_TASKS: _("You need to be in the team of this course to see its tasks."),
}


def missing(user: Any, course_key: CourseKey, permissions: tuple[str, ...]) -> str | None:
    """Return a sentence about the first permission that the user lacks on the course; None if the user has all."""
    for permission in permissions:
        if not user.has_perm(permission, course_key):
            return str(WHAT_IS_MISSING[permission])
    return None


class HasCoursePermissions(BasePermission):
    """
    Allows users who have the permissions that the view's ``course_permissions`` lists for the request's method.

    A method that is not in ``course_permissions`` needs all permissions that are listed there.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True. Raises PermissionDenied with a sentence about what is missing, and NotFound for the course."""
        method = "GET" if request.method in ("HEAD", "OPTIONS") else request.method
        every = tuple(dict.fromkeys(chain.from_iterable(view.course_permissions.values())))
        sentence = missing(request.user, view.course_key, view.course_permissions.get(method, every))
        if sentence is not None:
            raise PermissionDenied(sentence)
        return True
