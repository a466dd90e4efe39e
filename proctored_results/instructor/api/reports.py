"""The finished reports of a course, and the request for a new one."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from proctored_results import api
from proctored_results.edx_platform import report_links
from proctored_results.instructor.api.pagination import Pages
from proctored_results.instructor.api.starting import StartView, start_report, started_sentence
from proctored_results.models import ReportRun
from proctored_results.permissions import TO_GENERATE, TO_SEE_REPORTS
from proctored_results.reports import columns, formats
from proctored_results.rest import RefusalSerializer
from proctored_results.runs import records


def _one_of(names: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """Return a field for one of the names. Its error does not repeat the input: not every text can be sent back."""
    message = format_lazy("{} {}.", gettext_lazy("This has to be one of:"), ", ".join(names))
    return serializers.ChoiceField(choices=list(names), error_messages={"invalid_choice": message}, **options)


class ReportRequestSerializer(serializers.Serializer):
    """The options of a new report. Each has a default."""

    format = _one_of(formats.FORMATS, default=formats.CSV.key, help_text="The file format.")
    extra_columns = serializers.ListField(
        child=_one_of(columns.EXTRA_COLUMN_NAMES),
        default=list,
        max_length=len(columns.EXTRA_COLUMN_NAMES),
        help_text="Columns after the fixed ones, in this order.",
    )
    byte_order_mark = serializers.BooleanField(
        allow_null=True,
        default=None,
        help_text="Whether the file begins with a UTF-8 byte-order mark; null uses the site's setting.",
    )


class ReportSerializer(serializers.ModelSerializer):
    """A finished report whose file is in the report store. Times are UTC, the size is in bytes."""

    name = serializers.CharField(source="file_name", read_only=True)
    rows = serializers.IntegerField(read_only=True, help_text="Without the header.")
    size = serializers.IntegerField(read_only=True, help_text="Bytes.")
    message = serializers.SerializerMethodField(help_text="A sentence about the report; often empty.")
    requested_by = serializers.CharField(
        source="requester.username",
        read_only=True,
        allow_null=True,
        help_text="A username; null for a report made at a command line.",
    )
    download_url = serializers.SerializerMethodField(
        help_text="A path that downloads the file for 5 minutes, for the user who asked for this list."
    )

    class Meta:
        model = ReportRun
        fields = ["name", "finished_at", "rows", "size", "message", "requested_by", "download_url"]
        read_only_fields = fields

    def get_message(self, run: ReportRun) -> str:
        """Return the run's sentence in the reader's language."""
        return _(run.sentence) if run.sentence else ""

    def get_download_url(self, run: ReportRun) -> str:
        """Return a fresh link for the user of the request."""
        return report_links.download_url(self.context["request"].user, run.course_key, run.file_name)


class StartedSerializer(serializers.Serializer):
    """The answer to a request for a report."""

    task_id = serializers.CharField(help_text="Celery's id of the task.")
    status_url = serializers.CharField(help_text="The path that returns the task's state.")
    message = serializers.CharField()


class ReportListView(StartView):
    """Lists the finished reports of a course, newest first, and starts new ones."""

    course_permissions = {"GET": TO_SEE_REPORTS, "POST": TO_GENERATE}
    pagination_class = Pages

    def get_queryset(self) -> "models.QuerySet[ReportRun]":
        """Return the reports whose file is in the report store."""
        return records.stored(self.course_key)

    def get_serializer_class(self) -> type:
        """Return the serializer of the request for POST, of the response for GET."""
        return ReportRequestSerializer if self.request.method == "POST" else ReportSerializer

    @extend_schema(responses=ReportSerializer(many=True), operation_id="reports_list")
    def get(self, request: Request, course_id: str) -> Response:
        """List the finished reports, newest first, each with a link that works for 5 minutes."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=ReportRequestSerializer,
        responses={
            202: StartedSerializer,
            400: OpenApiResponse(OpenApiTypes.OBJECT, "What is wrong, by the name of the field."),
            409: RefusalSerializer,
            429: RefusalSerializer,
            503: RefusalSerializer,
        },
        operation_id="reports_start",
    )
    def post(self, request: Request, course_id: str) -> Response:
        """Start a report in the background."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        options = dict(serializer.validated_data)
        run = start_report(self, api.choose(report_format=options.pop("format"), **options))
        body = StartedSerializer(
            {
                "task_id": run.task_id,
                "status_url": reverse("proctored_results:task", args=[course_id, run.task_id]),
                "message": started_sentence(),
            }
        ).data
        return Response(body, status=status.HTTP_202_ACCEPTED)
