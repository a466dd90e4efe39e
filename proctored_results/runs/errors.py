"""Why a report was not made: the exceptions, and the sentences for the person who requested the report."""

from django.utils.translation import gettext_noop

from proctored_results.models import ReportRun

NOTHING_TO_REPORT = gettext_noop(
    "The course has no attempts at proctored exams, so the file holds only the names of the columns."
)
STORE_REFUSED = gettext_noop(
    "The report store did not take the file, so nothing was saved. Ask the site operators to check the store's free "
    "space and settings, then generate the report again."
)
QUEUE_UNAVAILABLE = gettext_noop(
    "The report could not be started because the task queue did not answer. Try again in a few minutes."
)
STOPPED = gettext_noop("The report stopped before it was finished, and no file was made. Generate it again.")
UNEXPECTED = gettext_noop(
    "An unexpected error ended the report, and no file was made. Generate it again; if that fails too, tell the site "
    "operators when it happened."
)


class AlreadyRunning(Exception):
    """The course already has an open run of this kind, `run`."""

    def __init__(self, run: ReportRun) -> None:
        super().__init__()
        self.run = run


class ReportFailed(Exception):
    """A report was not made. The text is a sentence for the person who requested it, without personal data."""
