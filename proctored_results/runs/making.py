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
    Write the report of a course into a binary file and return the number of rows without the header.

    `on_row` is called after each row with the number of rows so far.
    """
    with _database_to_read() as using:
        tracks = functools.partial(courses.enrollment_modes, using=using) if choice.needs_tracks else None
        rows = attempts.stream(course_key, using=using, tracks=tracks, results=choice.needs_results)
        return build(rows, choice, output, on_row=on_row)


def count(course_key: CourseKey) -> int:
    """Return how many rows a report of the course has without the header."""
    return attempts.count(course_key, using=attempts.report_database())


def store(course_key: CourseKey, choice: Choice, *, on_row: Callable[[int], None] | None = None) -> ReportRun:
    """
    Make a report at once, put it into the report store and return its finished run. Raises ReportFailed.

    `on_row` is called after each row with the number of rows so far.
    """
    run = ReportRun.objects.create(course_key=course_key, kind=PROCTORED_EXAM_RESULTS, choice=choice.as_json())
    perform(run, on_row=on_row)
    return run


def perform(run: ReportRun, *, on_row: Callable[[int], None] | None = None) -> None:
    """
    Make the file of a run, and end the run as succeeded or failed.

    Raises ReportFailed without a cause or context, because celery and the platform store what an exception carries, and
    that could be a learner's data.
    """
    try:
        _make_file(run, with_heartbeat(run, on_row))
        return
    except report_store.ReportStoreRefused as error:
        sentence = STORE_REFUSED
        _log_failure(run, error.__cause__ or error)
    except Exception as error:  # the lease must be released in every case
        sentence = UNEXPECTED
        _log_failure(run, error)
    fail(run, sentence, **fencing_token(run))
    raise ReportFailed(sentence)


def _make_file(run: ReportRun, on_row: Callable[[int], None] | None) -> None:
    instructor_tasks.emit_report_requested(run.kind)
    choice = Choice.from_json(run.choice)
    now = timezone.now()
    update(run, state=ReportRun.State.RUNNING, started_at=now, heartbeat_at=now)
    report_file = _reserve(run, formats.FORMATS[choice.format].extension)
    if report_file is None:
        return
    with report_file.writing() as report:
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
    # If this worker's lease has expired, another worker may have begun the run. The worker that ends first has made the
    # report. It sets its own fencing token, so the other worker can no longer change the run.
    if not update(run, fencing_token(run), **end) and not update(run, {"state__in": OPEN}, **end):
        report_store.ReportFile.of(run.course_key, name).delete()


def _database_to_read() -> AbstractContextManager[str]:
    """Return a context manager that yields the alias of the database to read one report from."""
    using = attempts.report_database()
    return attempts.snapshot(using) if settings.PROCTORED_RESULTS_SNAPSHOT else nullcontext(using)


def _reserve(run: ReportRun, extension: str) -> report_store.ReportFile | None:
    """
    Reserve a file name for the run that no other run and no file in the report store has.

    If an earlier worker began the run, the run gets another name, and the file of the earlier worker is deleted. The
    result is None if the run has ended meanwhile, or if another worker has begun it.
    """
    earlier_name = run.file_name
    stem = f"{report_store.course_file_prefix(run.course_key)}_{run.kind}_{run.started_at:%Y-%m-%d-%H%M}"
    for number in itertools.count(1):
        name = f"{stem}.{extension}" if number == 1 else f"{stem}-{number}.{extension}"
        report_file = report_store.ReportFile.of(run.course_key, name)
        if name == earlier_name or report_file.exists():
            continue
        try:
            with transaction.atomic():
                is_reserved = update(run, fencing_token(run), file_name=name)
        except IntegrityError:
            continue
        if is_reserved and earlier_name is not None:
            report_store.ReportFile.of(run.course_key, earlier_name).delete()
        return report_file if is_reserved else None
    raise AssertionError("unreachable")


def _log_failure(run: ReportRun, error: BaseException) -> None:
    """Log the type and traceback of an error, without its text, which may contain a learner's data."""
    reason = error.strerror if isinstance(error, OSError) else None
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    log.error("Report run %s failed: %s%s\n%s", run.pk, type(error).__name__, f" ({reason})" if reason else "", frames)
