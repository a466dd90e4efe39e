"""The tables of the plugin."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from opaque_keys.edx.django.models import CourseKeyField


class ReportBatch(models.Model):
    """
    One request for the reports of all courses. Its runs say how each course went.

    While a batch is not finished, `request_key` identifies its request. The column is unique, so two identical requests
    at the same moment cannot begin two batches. `heartbeat_at` is when a task last asked for a run to make. A task
    whose fencing token differs from the batch's `fencing_token` makes no report.

    .. no_pii:
    """

    choice = models.JSONField(default=dict, help_text=_("What was asked for: format, columns and other options."))
    since = models.CharField(
        max_length=50,
        blank=True,
        help_text=_("Only courses that have changed since then, in the request's words."),
    )
    concurrency = models.PositiveIntegerField(help_text=_("How many tasks of the batch may exist at a time."))
    fencing_token = models.PositiveIntegerField(
        default=0, help_text=_("How many times tasks were sent. Tasks that were sent earlier make nothing.")
    )
    courses = models.PositiveIntegerField(help_text=_("How many courses the batch began with."))
    request_key = models.CharField(max_length=64, null=True, unique=True)
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True, help_text=_("When a task last asked for a run to make."))
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Say which batch this is."""
        return f"{self.courses} courses of {self.started_at:%Y-%m-%d %H:%M}"


class ReportRun(models.Model):
    """
    One run of one report: who requested what, how it went, and which file was made.

    While a run is open, `lease_key` holds the lease on its course and kind of report. The column is unique, so two
    requests at the same moment cannot both get the lease. `file_name` is unique within the course, which reserves it.

    The first index covers all columns that the lists of a course need to count and sort.

    .. pii: The user who requested the report.
    .. pii_types: username
    .. pii_retirement: retained
    """

    class State(models.TextChoices):
        """The state of a run."""

        QUEUED = "queued", _("Waiting to start")
        RUNNING = "running", _("In progress")
        SUCCEEDED = "succeeded", _("Finished")
        FAILED = "failed", _("Failed")

    course_key = CourseKeyField(max_length=255)
    kind = models.CharField(max_length=50, help_text=_("The kind of report."))
    choice = models.JSONField(default=dict, help_text=_("What was asked for: format, columns and other options."))
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    batch = models.ForeignKey(ReportBatch, null=True, on_delete=models.SET_NULL, db_index=False, related_name="runs")
    instructor_task_id = models.PositiveBigIntegerField(
        null=True, db_index=True, help_text=_("Primary key of the platform's InstructorTask, if there is one.")
    )
    task_id = models.CharField(max_length=255, null=True, db_index=True, help_text=_("Celery's id of the task."))
    lease_key = models.CharField(max_length=64, null=True, unique=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    sentence = models.CharField(
        max_length=255, blank=True, help_text=_("What there is to say about the end of the run, untranslated.")
    )
    file_name = models.CharField(max_length=255, null=True)
    rows = models.PositiveIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True, help_text=_("Bytes."))
    requested_at = models.DateTimeField(auto_now_add=True)
    attempt_count = models.PositiveSmallIntegerField(default=0, help_text=_("How many workers have begun with it."))
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True, help_text=_("When a worker last sent a heartbeat."))
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course_key", "file_name"], name="proctored_results_file_name")]
        indexes = [
            models.Index(
                fields=["course_key", "kind", "finished_at", "state", "file_name"], name="proctored_results_finished"
            ),
            models.Index(fields=["batch", "state"], name="proctored_results_batch"),
        ]

    def __str__(self) -> str:
        """Say which run this is."""
        return f"{self.kind} of {self.course_key} ({self.state})"
