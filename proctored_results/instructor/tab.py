"""The tab in the new instructor dashboard. This micro-frontend asks the LMS which tabs a course team member has."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from opaque_keys.edx.keys import CourseKey
from openedx_filters import PipelineStep

from proctored_results import permissions
from proctored_results.edx_platform import courses
from proctored_results.instructor.panel import has_proctoring

TAB_ID = "proctored_results"

#: Between Data Downloads, which has 60, and Open Responses, which has 70.
SORT_ORDER = 65


class AddTab(PipelineStep):
    """
    Adds a tab that leads to the panel's own page.

    Purpose and trigger: a step of ``org.openedx.learning.instructor.dashboard.tabs.requested.v1``, which runs when the
    new instructor dashboard asks for its tabs. The link is an absolute URL, because the dashboard treats a path as a
    page of its own. If a platform runs the filter with other arguments, they are returned unchanged.
    """

    def run_filter(self, **arguments: Any) -> dict[str, Any]:
        """Return the arguments, with our tab at the end of ``tabs`` if the user and the course have it."""
        if settings.PROCTORED_RESULTS_TAB and {"tabs", "user", "course_key"} <= arguments.keys():
            arguments["tabs"] = _with_tab(**arguments)
        return arguments


def _with_tab(tabs: list[dict[str, Any]], user: Any, course_key: CourseKey, **_others: Any) -> list[dict[str, Any]]:
    if any(tab["tab_id"] == TAB_ID for tab in tabs) or not _has_tab(user, course_key):
        return tabs
    url = courses.lms_url(reverse("proctored_results:panel", args=[str(course_key)]))
    tab = {"tab_id": TAB_ID, "title": _("Proctored Exam Results"), "url": url, "sort_order": SORT_ORDER}
    return [*tabs, tab]


def _has_tab(user: Any, course_key: CourseKey) -> bool:
    if user is None or permissions.missing(user, course_key, permissions.TO_SEE_REPORTS) is not None:
        return False
    course = courses.course_overview(course_key)
    return course is not None and has_proctoring(course)
