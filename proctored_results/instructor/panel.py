"""The panel of the course team, and the filter that puts it into Data Download on the old instructor dashboard."""

import posixpath
from typing import Any

from crum import get_current_user
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from openedx_filters import PipelineStep
from web_fragments.fragment import Fragment

from proctored_results import attempts, outcomes, permissions
from proctored_results.edx_platform import proctoring

SECTION_KEYS = ("data_download", "data_download_2")

#: Where the platform looks for the template of a section, and the folder of our templates that wrap it.
PLATFORM_TEMPLATES = "/instructor/instructor_dashboard_2/"
WRAPPER_PREFIX = "/proctored_results/"


class AddPanel(PipelineStep):
    """
    Puts the panel at the top of the Data Download section, and lets the platform's own button start our report.

    Purpose and trigger: a step of ``org.openedx.learning.instructor.dashboard.render.started.v1``, which runs before
    the old (Mako) instructor dashboard is rendered. It changes the section's data only after the whole panel is
    rendered, so a failure leaves the section as it was.
    """

    def run_filter(self, context: dict[str, Any], template_name: str) -> dict[str, Any]:
        """Return the context, with the panel if the user has the section and the course has proctoring."""
        section = next((section for section in context["sections"] if section["section_key"] in SECTION_KEYS), None)
        if settings.PROCTORED_RESULTS_PANEL and section is not None and has_proctoring(context["course"]):
            section.update(_with_panel(section, context["course"]))
        return {"context": context, "template_name": template_name}


def has_proctoring(course: Any) -> bool:
    """
    Return whether a course has proctored exams, or had some.

    It does if proctored exams are enabled on the site and in the course, or if edx-proctoring has a proctored or
    practice exam of the course.
    """
    if proctoring.special_exams_enabled() and course.enable_proctored_exams:
        return True
    return any(exam.is_proctored or exam.is_practice for exam in attempts.exams(course.id))


def offers_reports(course: Any) -> bool:
    """Return whether a report of the course can have rows. It cannot if the exams service holds all attempts."""
    return not proctoring.exams_service_holds_attempts(course) or attempts.count(course.id) > 0


def panel_html(course: Any, user: Any, *, on_page: bool = False) -> str:
    """
    Return the HTML of the panel of a course for the user.

    Arguments:
        course: the course, as a block or as an overview.
        user: a user who may see the reports.
        on_page: whether the panel is on its own page, below a heading of the first level, with headings of its own.

    """
    context = {
        "on_page": on_page,
        "exams_service_holds_attempts": proctoring.exams_service_holds_attempts(course),
        "exam_dashboard_url": proctoring.exam_dashboard_url(course.id),
        "offers_reports": offers_reports(course),
        "reports_url": reverse("proctored_results:reports", args=[str(course.id)]),
        "tasks_url": reverse("proctored_results:tasks", args=[str(course.id)]),
        "why_not_generate": permissions.missing(user, course.id, permissions.TO_GENERATE),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "formulas_are_escaped": settings.PROCTORED_RESULTS_ESCAPE_FORMULAS,
        "attempt_statuses": outcomes.ATTEMPT_STATUSES,
        "review_statuses": outcomes.REVIEW_STATUSES,
    }
    return render_to_string("proctored_results/panel.html", context)


def _with_panel(section: dict[str, Any], course: Any) -> dict[str, Any]:
    user = get_current_user()
    fragment = Fragment()
    if "fragment" in section:
        fragment.add_fragment_resources(section["fragment"])
    fragment.add_css_url(static("proctored_results/panel.css"))
    fragment.add_javascript_url(static("proctored_results/panel.js"))
    stock_template = f"{section.get('template_path_prefix', '')}{section['section_key']}.html"
    return {
        "proctored_results_panel": panel_html(course, user),
        "proctored_results_wrapped_template": posixpath.join(PLATFORM_TEMPLATES, stock_template),
        "template_path_prefix": WRAPPER_PREFIX,
        "fragment": fragment,
        "list_proctored_results_url": reverse("proctored_results:dashboard-button", args=[str(course.id)]),
        "show_generate_proctored_exam_report_button": (
            offers_reports(course) and permissions.missing(user, course.id, permissions.TO_GENERATE) is None
        ),
    }
