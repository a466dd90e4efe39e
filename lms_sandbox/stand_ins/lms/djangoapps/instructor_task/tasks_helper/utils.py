"""What the tasks of reports have in common."""

from eventtracking import tracker

REPORT_REQUESTED_EVENT_NAME = "edx.instructor.report.requested"


def tracker_emit(report_name):
    """Emit the event that says that a report was made."""
    tracker.emit(REPORT_REQUESTED_EVENT_NAME, {"report_type": report_name})
