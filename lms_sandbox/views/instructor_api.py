"""The endpoints that the Data Download section calls."""

import json

from django.http import JsonResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from lms.djangoapps.instructor_task.api import get_running_instructor_tasks
from lms.djangoapps.instructor_task.models import ReportStore
from lms.djangoapps.instructor_task.views import get_task_completion_info
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.views import APIView

from lms_sandbox.views import get_course_or_404


class InstructorPermission(BasePermission):
    """Requires the view's `permission_name` in the course."""

    def has_permission(self, request, view):
        """Return whether the user has the permission."""
        return request.user.has_perm(view.permission_name, get_course_or_404(view.kwargs["course_id"]).id)


@method_decorator(cache_control(no_cache=True, no_store=True, must_revalidate=True), name="dispatch")
class InstructorView(APIView):
    """The base of the endpoints. The API schema leaves them out: it describes plugins only."""

    permission_classes = (IsAuthenticated, InstructorPermission)
    permission_name = "instructor.research"
    schema = None


class ListInstructorTasks(InstructorView):
    """Pending Tasks."""

    permission_name = "instructor.show_tasks"

    def post(self, request, course_id):
        """List the tasks that are not finished."""
        tasks = get_running_instructor_tasks(get_course_or_404(course_id).id).select_related("requester")
        return JsonResponse({"tasks": [_task_features(task) for task in tasks]})


class ListReportDownloads(InstructorView):
    """Reports Available for Download."""

    def post(self, request, course_id):
        """List the files of the course, the newest first."""
        links = ReportStore.from_config("GRADES_DOWNLOAD").links_for(get_course_or_404(course_id).id)
        return JsonResponse(
            {
                "downloads": [
                    {"name": name, "url": url, "link": format_html('<a href="{}">{}</a>', url, name)}
                    for name, url in links
                ]
            }
        )


class BuiltInReport(InstructorView):
    """A report of the platform that the sandbox does not have."""

    def post(self, request, course_id):
        """Refuse, in the form that the page's script can show: a JSON text."""
        return JsonResponse("This built-in report is not available in the sandbox.", status=400, safe=False)


class BuiltInProctoredExamResults(BuiltInReport):
    """The platform's own report of proctored exam results."""

    permission_name = "instructor.view_exam_results"


def _task_features(task):
    """Return what the list of tasks shows about a task."""
    features = {
        name: str(getattr(task, name)) for name in ("task_type", "task_input", "task_id", "requester", "task_state")
    }
    succeeded, message = get_task_completion_info(task)
    return features | {
        "created": task.created.isoformat(),
        "duration_sec": _duration(task.task_output),
        "status": _("Complete") if succeeded else _("Incomplete"),
        "task_message": message,
    }


def _duration(task_output):
    """Return how many seconds a task has run, or `unknown`."""
    try:
        return int(json.loads(task_output or "{}")["duration_ms"] / 1000)
    except (KeyError, TypeError, ValueError):
        return "unknown"
