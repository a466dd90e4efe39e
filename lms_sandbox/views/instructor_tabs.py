"""
The new instructor dashboard: the LMS's API for the micro-frontend, and a page in place of the micro-frontend.

The micro-frontend requests the metadata of a course, and shows the tabs in their order. A tab whose URL begins with a
slash is a page of the micro-frontend; every other tab is an ordinary link.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from openedx_filters.learning import filters
from rest_framework.response import Response

from lms_sandbox.edxmako import render_to_response
from lms_sandbox.permissions import COURSE_STAFF, has_course_role
from lms_sandbox.views import get_course_or_404
from lms_sandbox.views.instructor_api import InstructorView

#: None in releases whose dashboard has no filter for its tabs.
TABS_FILTER = getattr(filters, "InstructorDashboardTabsRequested", None)


class CourseMetadata(InstructorView):
    """What the dashboard needs to know about a course and the user."""

    permission_name = "instructor.dashboard"

    def get(self, request, course_id):
        """Return the metadata."""
        course = get_course_or_404(course_id)
        return Response(
            {
                "course_id": str(course.id),
                "display_name": course.display_name,
                "org": course.id.org,
                "course_number": course.id.course,
                "course_run": course.id.run,
                "username": request.user.username,
                "permissions": _access(request.user, course),
                "tabs": _filtered(_tabs(request.user, course), request.user, course.id),
            }
        )


def _access(user, course):
    return {
        "admin": user.is_staff,
        "instructor": user.is_staff or has_course_role(user, course.id, {"instructor"}),
        "staff": user.is_staff or has_course_role(user, course.id, COURSE_STAFF),
        "data_researcher": user.has_perm("instructor.research", course.id),
    }


def _tabs(user, course):
    """Return the platform's own tabs for the user."""
    access = _access(user, course)
    special_exams = settings.FEATURES.get("ENABLE_SPECIAL_EXAMS", False) and (
        course.enable_proctored_exams or course.enable_timed_exams
    )
    tabs = [
        ("course_info", _("Course Info"), 10, access["staff"]),
        ("enrollments", _("Enrollments"), 20, access["staff"]),
        ("course_team", _("Course Team"), 30, access["staff"]),
        ("grading", _("Grading"), 40, access["staff"]),
        ("date_extensions", _("Date Extensions"), 50, access["instructor"]),
        ("data_downloads", _("Data Downloads"), 60, access["data_researcher"]),
        ("certificates", _("Certificates"), 80, access["admin"] and not hasattr(course.id, "ccx")),
        ("cohorts", _("Cohorts"), 90, access["staff"]),
        ("special_exams", _("Special Exams"), 110, access["staff"] and special_exams),
    ]
    path = urlsplit(settings.INSTRUCTOR_MICROFRONTEND_URL).path
    return [
        {"tab_id": tab_id, "title": title, "url": f"{path}/{course.id}/{tab_id}", "sort_order": order}
        for tab_id, title, order, shown in tabs
        if shown
    ]


def _filtered(tabs, user, course_key):
    """Return the tabs after the filters of plugins."""
    if TABS_FILTER is None:
        return tabs
    try:
        tabs, _user, _course_key = TABS_FILTER.run_filter(tabs=tabs, user=user, course_key=course_key)
    except TABS_FILTER.PreventTabsGeneration as instead:
        tabs = instead.tabs or []
    return tabs


@ensure_csrf_cookie
def new_dashboard(request, course_id, tab_id="course_info"):
    """Show the page of the dashboard: its script does the rest."""
    course = get_course_or_404(course_id)
    return render_to_response("new_instructor_dashboard.html", {"course": course, "tab_id": tab_id}, request)
