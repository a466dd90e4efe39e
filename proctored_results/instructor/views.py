"""The REST API of the course team: reports, tasks, and the endpoint of the dashboard's own button."""

import logging
from datetime import UTC, timedelta
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from proctored_results import runs
from proctored_results.instructor import serializers
from proctored_results.instructor.pagination import Pages
from proctored_results.models import ReportRun
from proctored_results.permissions import TO_GENERATE, TO_SEE_REPORTS, TO_SEE_TASKS
from proctored_results.rest import CourseView

log = logging.getLogger(__name__)

#: How long an ended task stays in the list of tasks.
RECENT = timedelta(days=1)


class Conflict(APIException):
    """The report is being made already."""

    status_code = status.HTTP_409_CONFLICT


class Unavailable(APIException):
    """The task queue or the report store does not answer."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE


class ReportRequestThrottle(UserRateThrottle):
    """Limits how many reports one user asks for."""

    scope = "proctored_results_report"

    def get_rate(self) -> str:
        """Return the rate that the settings give."""
        return settings.PROCTORED_RESULTS_REQUEST_RATE


class StartView(CourseView):
    """A view that starts reports: how many one user can ask for is limited."""

    def get_throttles(self) -> list[Any]:
        """Limit the writing beyond what the site limits."""
        return [*super().get_throttles(), *([ReportRequestThrottle()] if self.request.method == "POST" else [])]


def start_report(view: CourseView, choice: runs.Choice) -> ReportRun:
    """Start the report of the view's course. Raises Conflict and Unavailable with a sentence."""
    try:
        return runs.start(view.request._request, view.course_key, choice)
    except runs.AlreadyRunning as refusal:
        raise Conflict(already_running_sentence(refusal.run)) from None
    except runs.ReportFailed as failure:
        raise Unavailable(_(str(failure))) from None


def already_running_sentence(run: ReportRun) -> str:
    """Say who started the run that is in the way, and when."""
    return _(
        "{username} started this report on {time} UTC, and it is not finished yet. It will appear under Reports "
        "Available for Download."
    ).format(
        username=run.requester.username if run.requester else _("Somebody"),
        time=f"{run.requested_at.astimezone(UTC):%Y-%m-%d %H:%M}",
    )


def started_sentence() -> str:
    """Say that the report is on its way, and where to look."""
    return _(
        "The proctored exam results report is being generated. Pending Tasks shows its progress; when it is complete, "
        "it appears under Reports Available for Download."
    )


class ReportListView(StartView):
    """The finished reports of a course, newest first; and starting a new one."""

    course_permissions = {"GET": TO_SEE_REPORTS, "POST": TO_GENERATE}
    pagination_class = Pages

    def get_queryset(self) -> "models.QuerySet[ReportRun]":
        """Return the reports whose file is in the report store."""
        return runs.stored(self.course_key)

    def get_serializer_class(self) -> type:
        """Return what the method takes, or gives."""
        return serializers.ReportRequestSerializer if self.request.method == "POST" else serializers.ReportSerializer

    @extend_schema(responses=serializers.ReportSerializer(many=True), operation_id="reports_list")
    def get(self, request: Request, course_id: str) -> Response:
        """List the finished reports, newest first, each with a link that works for 5 minutes."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=serializers.ReportRequestSerializer,
        responses={
            202: serializers.StartedSerializer,
            400: OpenApiResponse(OpenApiTypes.OBJECT, "What is wrong, by the name of the field."),
            409: serializers.RefusalSerializer,
            429: serializers.RefusalSerializer,
            503: serializers.RefusalSerializer,
        },
        operation_id="reports_start",
    )
    def post(self, request: Request, course_id: str) -> Response:
        """Start a report in the background."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        options = dict(asked.validated_data)
        run = start_report(self, runs.choose(report_format=options.pop("format"), **options))
        body = serializers.StartedSerializer(
            {
                "task_id": run.task_id,
                "status_url": reverse("proctored_results:task", args=[course_id, run.task_id]),
                "message": started_sentence(),
            }
        ).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class TaskListView(CourseView):
    """The tasks that make reports of a course: the running one, and those that ended in the last day."""

    course_permissions = {"GET": TO_SEE_TASKS}
    serializer_class = serializers.TaskSerializer
    pagination_class = Pages

    def get_queryset(self) -> "models.QuerySet[ReportRun]":
        """Return the runs that are open or ended lately."""
        recent = models.Q(finished_at__isnull=True) | models.Q(finished_at__gte=timezone.now() - RECENT)
        return runs.requested(self.course_key).filter(recent)

    @extend_schema(responses=serializers.TaskSerializer(many=True), operation_id="tasks_list")
    def get(self, request: Request, course_id: str) -> Response:
        """List the running task and those that ended in the last day, newest first."""
        runs.open_run(self.course_key)
        # Found by an index that ends with the time, and put in order here: in the order of the primary key the database
        # would look for them among the runs of all courses.
        keys = self.paginate_queryset(sorted(self.get_queryset().values_list("pk", flat=True), reverse=True)) or []
        found = self.get_queryset().in_bulk(keys)
        page = [found[key] for key in keys if key in found]
        context = {**self.get_serializer_context(), **serializers.running_progress(page)}
        return self.get_paginated_response(self.serializer_class(page, many=True, context=context).data)


class TaskView(CourseView):
    """One task that makes or made a report of a course."""

    course_permissions = {"GET": TO_SEE_TASKS}
    serializer_class = serializers.TaskSerializer

    @extend_schema(responses=serializers.TaskSerializer, operation_id="tasks_retrieve")
    def get(self, request: Request, course_id: str, task_id: str) -> Response:
        """Tell how the task stands."""
        runs.open_run(self.course_key)
        run = runs.requested(self.course_key).filter(task_id=task_id).first()
        if run is None:
            raise NotFound(_("There is no such task in this course."))
        context = {**self.get_serializer_context(), **serializers.running_progress([run])}
        return Response(self.serializer_class(run, context=context).data)


class DashboardButtonView(StartView):
    """
    The endpoint of the button that the platform's own Data Download page has for this report.

    The page's script sends a POST without a body. It prints ``status`` of the answer where it went well; where it did
    not, it prints what the body is as JSON, and only a JSON string reads well there.
    """

    course_permissions = {"POST": TO_GENERATE}
    serializer_class = serializers.NothingSerializer

    @extend_schema(exclude=True)
    def post(self, request: Request, course_id: str) -> Response:
        """Start a report as the site's settings have it."""
        start_report(self, runs.choose())
        return Response({"status": started_sentence()})

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with the sentence alone, also where Django would answer with a page."""
        try:
            response = super().handle_exception(exc)
        except Exception as error:
            got_request_exception.send(sender=type(self), request=self.request)
            log.error("The dashboard's button could not start a report: %s", type(error).__name__)
            return Response(_(runs.UNEXPECTED), status=status.HTTP_500_INTERNAL_SERVER_ERROR)
        if isinstance(response.data, dict) and "detail" in response.data:
            response.data = str(response.data["detail"])
        return response
