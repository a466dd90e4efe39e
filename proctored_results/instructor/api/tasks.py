"""The tasks that make reports of a course: their state and their progress."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from proctored_results.edx_platform import instructor_tasks
from proctored_results.instructor.api.pagination import Pages
from proctored_results.models import ReportRun
from proctored_results.permissions import TO_SEE_TASKS
from proctored_results.rest import CourseView
from proctored_results.runs import leases, records

#: How long an ended task stays in the list of tasks.
RECENT = timedelta(days=1)


class ProgressSerializer(serializers.Serializer):
    """How many rows a report has written, and how many it will have."""

    attempted = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    total = serializers.IntegerField()


class TaskSerializer(serializers.ModelSerializer):
    """A task that makes a report: waiting, running or ended. Times are UTC."""

    message = serializers.SerializerMethodField(help_text="A sentence about the state of the task.")
    progress = serializers.SerializerMethodField(help_text="Null before the task has begun and after it has ended.")
    requested_by = serializers.CharField(source="requester.username", read_only=True, allow_null=True)
    report = serializers.SerializerMethodField(help_text="The name of the report file once it is stored.")

    class Meta:
        model = ReportRun
        fields = [
            "task_id",
            "state",
            "message",
            "progress",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
            "report",
        ]
        read_only_fields = fields

    def get_message(self, run: ReportRun) -> str:
        """Return a sentence in the reader's language."""
        if run.sentence:
            return _(run.sentence)
        if run.state == ReportRun.State.SUCCEEDED:
            return _("The report is ready.")
        progress = self._progress(run)
        if progress is None:
            return _("The report waits for a worker to begin with it.")
        rows, total = (number_format(progress[key], force_grouping=True) for key in ("succeeded", "total"))
        return _("{rows} of {total} rows are written.").format(rows=rows, total=total)

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, run: ReportRun) -> dict[str, int] | None:
        """Return the progress of a running task, or None."""
        return self._progress(run)

    def get_report(self, run: ReportRun) -> str | None:
        """Return the name of the stored file, or None."""
        return run.file_name if run.state == ReportRun.State.SUCCEEDED else None

    def _progress(self, run: ReportRun) -> dict[str, int] | None:
        progress: dict[int, dict[str, int]] = self.context["progress"]
        return progress.get(run.instructor_task_id) if run.instructor_task_id is not None else None


class TaskListView(CourseView):
    """The tasks that make reports of a course: the running one, and those that ended in the last day."""

    course_permissions = {"GET": TO_SEE_TASKS}
    serializer_class = TaskSerializer
    pagination_class = Pages

    def get_queryset(self) -> "models.QuerySet[ReportRun]":
        """Return the runs that are open or ended within `RECENT`."""
        recent = models.Q(finished_at__isnull=True) | models.Q(finished_at__gte=timezone.now() - RECENT)
        return records.requested(self.course_key).filter(recent)

    @extend_schema(responses=TaskSerializer(many=True), operation_id="tasks_list")
    def get(self, request: Request, course_id: str) -> Response:
        """List the running task and those that ended in the last day, newest first."""
        leases.open_run(self.course_key)
        # An index that ends with the time finds the runs, and Python sorts them. For the order of the primary key, the
        # database would scan the runs of all courses.
        keys = self.paginate_queryset(sorted(self.get_queryset().values_list("pk", flat=True), reverse=True)) or []
        found = self.get_queryset().in_bulk(keys)
        page = [found[key] for key in keys if key in found]
        context = {**self.get_serializer_context(), **_running_progress(page)}
        return self.get_paginated_response(self.serializer_class(page, many=True, context=context).data)


class TaskView(CourseView):
    """One task that makes or made a report of a course."""

    course_permissions = {"GET": TO_SEE_TASKS}
    serializer_class = TaskSerializer

    @extend_schema(responses=TaskSerializer, operation_id="tasks_retrieve")
    def get(self, request: Request, course_id: str, task_id: str) -> Response:
        """Return the state of a task."""
        leases.open_run(self.course_key)
        run = records.requested(self.course_key).filter(task_id=task_id).first()
        if run is None:
            raise NotFound(_("There is no such task in this course."))
        context = {**self.get_serializer_context(), **_running_progress([run])}
        return Response(self.serializer_class(run, context=context).data)


def _running_progress(runs: list[ReportRun]) -> dict[str, Any]:
    """Return the serializer context that `TaskSerializer` needs for these runs."""
    unfinished = [run.instructor_task_id for run in runs if run.lease_key and run.instructor_task_id is not None]
    return {"progress": instructor_tasks.task_progress(unfinished) if unfinished else {}}
