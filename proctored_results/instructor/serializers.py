"""What the API takes and gives."""

from collections.abc import Iterable
from typing import Any

from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from proctored_results import edx_platform
from proctored_results.instructor import links
from proctored_results.models import ReportRun
from proctored_results.reports import columns, formats


def _one_of(names: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """Return a field for one of the names. A refusal does not repeat what was sent: not every text can be sent back."""
    message = format_lazy("{} {}.", gettext_lazy("This has to be one of:"), ", ".join(names))
    return serializers.ChoiceField(choices=list(names), error_messages={"invalid_choice": message}, **options)


class ReportRequestSerializer(serializers.Serializer):
    """What can be asked for of a new report. Everything has a default."""

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
        help_text="Whether the file begins with a UTF-8 byte-order mark; null leaves it to the site's settings.",
    )


class NothingSerializer(serializers.Serializer):
    """A body that nothing is taken from."""


class ReportSerializer(serializers.ModelSerializer):
    """A finished report whose file is in the report store. Times are UTC, the size is in bytes."""

    name = serializers.CharField(source="file_name", read_only=True)
    rows = serializers.IntegerField(read_only=True, help_text="Without the header.")
    size = serializers.IntegerField(read_only=True, help_text="Bytes.")
    message = serializers.SerializerMethodField(help_text="What there is to say about the report; often nothing.")
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
        return links.download_url(self.context["request"].user, run.course_key, run.file_name)


class ProgressSerializer(serializers.Serializer):
    """How many rows a report has written, and how many it will have."""

    attempted = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    total = serializers.IntegerField()


class TaskSerializer(serializers.ModelSerializer):
    """A task that makes a report: waiting, running or ended. Times are UTC."""

    message = serializers.SerializerMethodField(help_text="A sentence that says how the task stands.")
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
        """Return how far a running task has come."""
        return self._progress(run)

    def get_report(self, run: ReportRun) -> str | None:
        """Return the name of the stored file."""
        return run.file_name if run.state == ReportRun.State.SUCCEEDED else None

    def _progress(self, run: ReportRun) -> dict[str, int] | None:
        progress: dict[int, dict[str, int]] = self.context["progress"]
        return progress.get(run.instructor_task_id) if run.instructor_task_id is not None else None


class StartedSerializer(serializers.Serializer):
    """The answer to a request for a report."""

    task_id = serializers.CharField(help_text="Celery's id of the task.")
    status_url = serializers.CharField(help_text="Where the task's state can be asked for.")
    message = serializers.CharField()


class RefusalSerializer(serializers.Serializer):
    """Why a request was refused, in a sentence."""

    detail = serializers.CharField()


class DownloadRefusalSerializer(RefusalSerializer):
    """Why a link does not work, and a fresh one where there is one to be had."""

    download_url = serializers.CharField(allow_null=True)


def running_progress(runs: list[ReportRun]) -> dict[str, Any]:
    """Return the serializer context that `TaskSerializer` needs for these runs."""
    unfinished = [run.instructor_task_id for run in runs if run.open_key and run.instructor_task_id is not None]
    return {"progress": edx_platform.task_progress(unfinished) if unfinished else {}}
