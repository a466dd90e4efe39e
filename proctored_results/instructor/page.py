"""The panel's own page, to which every front end can link."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import select_template
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from proctored_results import permissions
from proctored_results.edx_platform import courses
from proctored_results.instructor.panel import has_proctoring, panel_html

#: The page extends the first of these that exists. The first is the platform's base of Django templates.
BASES = ("main_django.html", "proctored_results/base.html")


@require_safe
@login_required
@ensure_csrf_cookie
@never_cache
def panel_page(request: HttpRequest, course_id: str) -> HttpResponse:
    """
    Show the panel of a course, or a sentence that says why there is none.

    People outside the course team get 404, as they do from the platform's dashboard.
    """
    course = _course(course_id)
    if not request.user.has_perm(permissions.DASHBOARD, course.id):
        raise Http404
    refusal = permissions.missing(request.user, course.id, permissions.TO_SEE_REPORTS)
    if refusal is not None:
        return _page(request, course, sentence=refusal, status=403)
    if not has_proctoring(course):
        sentence = _(
            "This course has no proctored exams, so there is nothing to report. Once proctored exams are enabled on "
            "this site and in the course, the reports are here."
        )
        return _page(request, course, sentence=sentence, status=404)
    return _page(request, course, panel=panel_html(course, request.user, on_page=True))


def _course(course_id: str) -> Any:
    """Return the course's overview. Raises Http404."""
    try:
        course = courses.course_overview(CourseKey.from_string(course_id))
    except InvalidKeyError:
        course = None
    if course is None:
        raise Http404
    return course


def _page(request: HttpRequest, course: Any, *, status: int = 200, **content: str) -> HttpResponse:
    context = {
        "base": select_template(BASES),
        "course_name": course.display_name_with_default,
        "course_id": str(course.id),
        "dashboard_url": courses.instructor_dashboard_url(course.id),
        **content,
    }
    return render(request, "proctored_results/page.html", context, status=status)
