"""The tables of the plugin."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from opaque_keys.edx.django.models import CourseKeyField


class ReportRun(models.Model):
    """
    One run of one report: who wanted what, how it went, and which file came of it.

    While a run is open, `open_key` holds the claim on its course and kind of report: the column is unique, so that
    two requests at the same moment cannot both get it. `file_name` is unique within the course, and so reserved.

    .. pii: The user who requested the report.
    .. pii_types: username
    .. pii_retirement: retained
    """

    class State(models.TextChoices):
        """Where a run stands."""

        QUEUED = "queued", _("Waiting to start")
        RUNNING = "running", _("In progress")
        SUCCEEDED = "succeeded", _("Finished")
        FAILED = "failed", _("Failed")

    course_key = CourseKeyField(max_length=255)
    kind = models.CharField(max_length=50, help_text=_("The kind of report."))
    choice = models.JSONField(default=dict, help_text=_("What was asked for: format, columns and other options."))
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    instructor_task_id = models.PositiveBigIntegerField(
        null=True, db_index=True, help_text=_("Primary key of the platform's InstructorTask, if there is one.")
    )
    task_id = models.CharField(max_length=255, null=True, db_index=True, help_text=_("Celery's id of the task."))
    open_key = models.CharField(max_length=64, null=True, unique=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    sentence = models.CharField(
        max_length=255, blank=True, help_text=_("What there is to say about the end of the run, untranslated.")
    )
    file_name = models.CharField(max_length=255, null=True)
    rows = models.PositiveIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True, help_text=_("Bytes."))
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course_key", "file_name"], name="proctored_results_file_name")]
        indexes = [models.Index(fields=["course_key", "kind", "-id"], name="proctored_results_newest")]

    def __str__(self) -> str:
        """Say which run this is."""
        return f"{self.kind} of {self.course_key} ({self.state})"
