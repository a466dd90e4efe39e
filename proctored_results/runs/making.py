"""Making the file of a run: read, write, store, and end the run."""

import functools
import itertools
import logging
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import IO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts
from proctored_results.edx_platform import courses, instructor_tasks, report_store
from proctored_results.models import ReportRun
from proctored_results.reports import formats
from proctored_results.reports.building import build
from proctored_results.reports.choice import Choice
from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS
from proctored_results.runs.errors import NOTHING_TO_REPORT, STORE_REFUSED, UNEXPECTED, ReportFailed
from proctored_results.runs.leases import fencing_token, with_heartbeat
from proctored_results.runs.records import OPEN, fail, update

log = logging.getLogger(__name__)


def write(
    course_key: CourseKey, choice: Choice, output: IO[bytes], *, on_row: Callable[[int], None] | None = None
) -> int:
    """
    Write the report of a course into a binary file and return the number of rows, the header not counted.

    `on_row` is called after each row with the number of rows so far.
    """
    with _reading() as using:
        tracks = functools.partial(courses.enrollment_modes, using=using) if choice.needs_tracks else None
        rows = attempts.stream(course_key, using=using, tracks=tracks, results=choice.needs_results)
        return build(rows, choice, output, on_row=on_row)


def count(course_key: CourseKey) -> int:
    """Return how many rows a report of the course has, the header not counted."""
    return attempts.count(course_key, using=attempts.report_database())


def store(course_key: CourseKey, choice: Choice, *, on_row: Callable[[int], None] | None = None) -> ReportRun:
    """Make a report at once, put it into the report store and return its finished run. Raises ReportFailed."""
    run = ReportRun.objects.create(course_key=course_key, kind=PROCTORED_EXAM_RESULTS, choice=choice.as_json())
    perform(run, on_row=on_row)
    return run


def perform(run: ReportRun, *, on_row: Callable[[int], None] | None = None) -> None:
    """
    Make the file of a run, and end the run as succeeded or failed.

    Raises ReportFailed, with no cause and no context: celery and the platform keep what an exception carries, and that
    could be a learner's data.
    """
    try:
        _make_file(run, with_heartbeat(run, on_row))
        return
    except report_store.ReportStoreRefused as error:
        sentence = STORE_REFUSED
        _log_failure(run, error.__cause__ or error)
    except Exception as error:  # every end has to release the lease
        sentence = UNEXPECTED
        _log_failure(run, error)
    fail(run, sentence, **fencing_token(run))
    raise ReportFailed(sentence)


def _make_file(run: ReportRun, on_row: Callable[[int], None] | None) -> None:
    instructor_tasks.emit_report_requested(run.kind)
    choice = Choice.from_json(run.choice)
    now = timezone.now()
    update(run, state=ReportRun.State.RUNNING, started_at=now, heartbeat_at=now)
    place = _reserve(run, formats.FORMATS[choice.format].extension)
    if place is None:
        return
    with place.writing() as report:
        rows = write(run.course_key, choice, report.file, on_row=on_row)
        name, size = report.save()
    end = {
        "state": ReportRun.State.SUCCEEDED,
        "sentence": "" if rows else NOTHING_TO_REPORT,
        "started_at": run.started_at,
        "file_name": name,
        "rows": rows,
        "size": size,
        "finished_at": timezone.now(),
        "lease_key": None,
    }
    # If this worker's lease expired, another worker may have begun with the run since. The worker that ends first has
    # made the report. It sets its own fencing token, so that the other one can no longer change the run.
    if not update(run, fencing_token(run), **end) and not update(run, {"state__in": OPEN}, **end):
        report_store.ReportFile.of(run.course_key, name).delete()


def _reading() -> AbstractContextManager[str]:
    """Return a context manager that gives the alias of the database to read, for the time that a report is read."""
    using = attempts.report_database()
    return attempts.snapshot(using) if settings.PROCTORED_RESULTS_SNAPSHOT else nullcontext(using)


def _reserve(run: ReportRun, extension: str) -> report_store.ReportFile | None:
    """
    Reserve a file name for the run that no other run and no file in the report store has.

    If an earlier worker began with the run, the run gets another name, and the file of the earlier worker is deleted.
    None if the run has ended since, or another worker has begun with it.
    """
    former = run.file_name
    stem = f"{report_store.course_file_prefix(run.course_key)}_{run.kind}_{run.started_at:%Y-%m-%d-%H%M}"
    for number in itertools.count(1):
        name = f"{stem}.{extension}" if number == 1 else f"{stem}-{number}.{extension}"
        place = report_store.ReportFile.of(run.course_key, name)
        if name == former or place.exists():
            continue
        try:
            with transaction.atomic():
                ours = update(run, fencing_token(run), file_name=name)
        except IntegrityError:
            continue
        if ours and former is not None:
            report_store.ReportFile.of(run.course_key, former).delete()
        return place if ours else None
    raise AssertionError("unreachable")


def _log_failure(run: ReportRun, error: BaseException) -> None:
    """Log where and as what a run failed, without the error's text, which may hold a learner's data."""
    reason = error.strerror if isinstance(error, OSError) else None
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    log.error("Report run %s failed: %s%s\n%s", run.pk, type(error).__name__, f" ({reason})" if reason else "", frames)
