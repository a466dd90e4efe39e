"""Starting a report through the API: the base of views that do so, and their errors."""

from datetime import UTC
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.throttling import UserRateThrottle

from proctored_results import api
from proctored_results.rest import CourseView, Unavailable


class Conflict(APIException):
    """The report is already being made."""

    status_code = status.HTTP_409_CONFLICT


class ReportRequestThrottle(UserRateThrottle):
    """Limits how many reports one user can request."""

    scope = "proctored_results_report"

    def get_rate(self) -> str:
        """Return the rate that the settings give."""
        return settings.PROCTORED_RESULTS_REQUEST_RATE


class StartView(CourseView):
    """The base of views that start reports. It limits how many reports one user can request."""

    def get_throttles(self) -> list[Any]:
        """Add the limit on reports to the site's own limits, for POST."""
        return [*super().get_throttles(), *([ReportRequestThrottle()] if self.request.method == "POST" else [])]


def start_report(view: CourseView, choice: api.Choice) -> api.ReportRun:
    """Start the report of the view's course and return its run. Raises Conflict and Unavailable."""
    try:
        return api.start_report(view.request._request, view.course_key, choice)
    except api.AlreadyRunning as refusal:
        raise Conflict(already_running_sentence(refusal.run)) from None
    except api.ReportFailed as failure:
        raise Unavailable(_(str(failure))) from None


def already_running_sentence(run: api.ReportRun) -> str:
    """Return a sentence that says who started the open run, and when."""
    return _(
        "{username} started this report on {time} UTC, and it is not finished yet. It will appear under Reports "
        "Available for Download."
    ).format(
        username=run.requester.username if run.requester else _("Somebody"),
        time=f"{run.requested_at.astimezone(UTC):%Y-%m-%d %H:%M}",
    )


def started_sentence() -> str:
    """Return a sentence that says that the report has started, and where to look."""
    return _(
        "The proctored exam results report is being generated. Pending Tasks shows its progress; when it is complete, "
        "it appears under Reports Available for Download."
    )
