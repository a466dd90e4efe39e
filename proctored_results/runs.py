"""
The account of report runs: who gets to start one, what becomes of it, and which files there are.

A run is *open* from the moment somebody asks for a report until the file is stored or the run has failed. While it is
open it holds the claim on its course and kind of report, so that two requests at the same moment start one task:
`ReportRun.open_key` is unique, and the platform's own check, which looks first and inserts afterwards, is not relied
on. The claim is released at every end. A run whose instructor task has ended without the run's knowing does not count
as open any more: `open_run` closes it, and whoever asks next gets the claim. Where a worker is killed, the platform
goes on holding its instructor task for unfinished, and so does this account, until an operator ends that task.

A run of a batch (`proctored_results.batches`) has no instructor task. It waits without a claim, holds it while a worker
makes it, and goes back to waiting where the worker has given no sign of life for `DEAD_AFTER`, until `MOST_TRIES`
workers have died so.

Runs that a person starts at a command line hold no claim and can be as many as they like.
"""

import functools
import hashlib
import itertools
import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts, edx_platform
from proctored_results.models import ReportRun
from proctored_results.reports import formats
from proctored_results.reports.building import Choice, build
from proctored_results.reports.columns import EXTRA_COLUMN_NAMES

log = logging.getLogger(__name__)

OPEN = (ReportRun.State.QUEUED, ReportRun.State.RUNNING)

#: The kind of report, which is also the part of the file name that tells it.
PROCTORED_EXAM_RESULTS = "proctored_exam_results_report"

#: How the platform's table of instructor tasks names ours.
TASK_TYPE = "proctored_results_report"

#: How long a run may be without an instructor task before it counts as given up between the claim and the submission.
SUBMISSION_TIME = timedelta(minutes=1)

#: How often a run gives a sign of life while it reads and writes, and after how long without one a run of a batch
#: counts as dead. No sign comes while the report store takes the file.
SIGN_OF_LIFE_EVERY = timedelta(seconds=10)
DEAD_AFTER = timedelta(minutes=5)

#: So many workers may die making a run of a batch before it has failed, and so often is a claim tried for.
MOST_TRIES, CLAIM_ATTEMPTS = 3, 3

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
    """There is an open run of this kind for the course: `run`."""

    def __init__(self, run: ReportRun) -> None:
        super().__init__()
        self.run = run


class ReportFailed(Exception):
    """A report came to nothing. Its text is a sentence for the person who wanted it, without anybody's data."""


def choose(
    *, report_format: str = formats.CSV.key, extra_columns: Sequence[str] = (), byte_order_mark: bool | None = None
) -> Choice:
    """
    Return the choice of a report: what the site's settings say, and what is asked for on top of it.

    Arguments:
        report_format: a key of `proctored_results.reports.formats.FORMATS`.
        extra_columns: names of columns after those that the settings add to every report.
        byte_order_mark: whether the file begins with one; None leaves it to the settings.

    Raises ImproperlyConfigured for a setting that names a column which does not exist.

    """
    unknown = [name for name in settings.PROCTORED_RESULTS_EXTRA_COLUMNS if name not in EXTRA_COLUMN_NAMES]
    if unknown:
        raise ImproperlyConfigured(f"PROCTORED_RESULTS_EXTRA_COLUMNS names columns that do not exist: {unknown}")
    if byte_order_mark is None:
        byte_order_mark = settings.PROCTORED_RESULTS_BYTE_ORDER_MARK
    return Choice(
        format=report_format,
        extra_columns=tuple(dict.fromkeys([*settings.PROCTORED_RESULTS_EXTRA_COLUMNS, *extra_columns])),
        byte_order_mark=byte_order_mark,
        escape_formulas=settings.PROCTORED_RESULTS_ESCAPE_FORMULAS,
    )


def start(request: HttpRequest, course_key: CourseKey, choice: Choice) -> ReportRun:
    """
    Start a report in the background, in the name of the request's user, and return its run.

    Must not be called inside a database transaction. Raises AlreadyRunning, and ReportFailed where the task queue does
    not answer.
    """
    from proctored_results import tasks

    run = _claim(course_key, choice, requester=request.user)
    try:
        task = edx_platform.submit_task(
            request,
            course_key,
            task_type=TASK_TYPE,
            task=tasks.generate_report,
            task_input={"run": run.pk},
            task_key=str(run.pk),
        )
    except edx_platform.QueueUnavailable:
        _fail(run, QUEUE_UNAVAILABLE)
        raise ReportFailed(QUEUE_UNAVAILABLE) from None
    except Exception:
        _fail(run, UNEXPECTED)
        raise
    _update(run, instructor_task_id=task.pk, task_id=task.task_id)
    run.refresh_from_db()
    return run


def perform_task(entry_id: int, course_key: CourseKey, task_input: dict[str, Any], action_name: str) -> dict[str, Any]:
    """
    Carry out the run that an instructor task names in its input, and return the task's final progress.

    Safe to be called twice for one run: a run that has succeeded stays as it is. Raises ReportFailed.
    """
    run = ReportRun.objects.get(pk=task_input["run"])
    progress = edx_platform.TaskProgress(entry_id, action_name, count=lambda: count(course_key))
    if run.state != ReportRun.State.SUCCEEDED:
        _update(run, instructor_task_id=entry_id)
        perform(run, on_row=progress.update)
    return progress.finish(run.rows or 0)


def store(course_key: CourseKey, choice: Choice, *, on_row: Callable[[int], None] | None = None) -> ReportRun:
    """Make a report at once, put it into the report store and return its finished run. Raises ReportFailed."""
    run = ReportRun.objects.create(course_key=course_key, kind=PROCTORED_EXAM_RESULTS, choice=choice.as_json())
    perform(run, on_row=on_row)
    return run


def write(course_key: CourseKey, choice: Choice, output: Any, *, on_row: Callable[[int], None] | None = None) -> int:
    """
    Write the report of a course into a binary file and return the number of rows, the header not counted.

    `on_row` is called after each row with the number of rows so far.
    """
    with _reading() as using:
        tracks = functools.partial(edx_platform.enrollment_modes, using=using) if choice.needs_tracks else None
        rows = attempts.stream(course_key, using=using, tracks=tracks, results=choice.needs_results)
        return build(rows, choice, output, on_row=on_row)


def count(course_key: CourseKey) -> int:
    """Return how many rows a report of the course has, the header not counted."""
    return attempts.count(course_key, using=edx_platform.report_database())


def perform(run: ReportRun, *, on_row: Callable[[int], None] | None = None) -> None:
    """
    Make the file of a run and bring the run to its end, good or bad.

    Raises ReportFailed, with no cause and no context: celery and the platform keep what an exception carries, and that
    could be a learner's data.
    """
    try:
        _make_file(run, _with_signs_of_life(run, on_row))
        return
    except edx_platform.ReportStoreRefused as error:
        sentence = STORE_REFUSED
        _log_failure(run, error.__cause__ or error)
    except Exception as error:  # every end has to release the claim
        sentence = UNEXPECTED
        _log_failure(run, error)
    _fail(run, sentence, **_ours(run))
    raise ReportFailed(sentence)


def open_run(course_key: CourseKey) -> ReportRun | None:
    """Return the course's open run, if there is one. A run that is dead without having said so is closed here."""
    run = ReportRun.objects.filter(open_key=_open_key(course_key)).first()
    if run is None or _is_alive(run):
        return run
    # It may have come to its end in the meantime: only a run that still holds its claim is closed.
    if run.batch_id is not None:
        wait_again(run)
    else:
        _fail(run, STOPPED, open_key=run.open_key)
    return None


def take(run: ReportRun) -> bool:
    """
    Let a waiting run of a batch begin; tell whether it has.

    It does not where the run waits no more. Where another run holds the claim on the course, this one begins without:
    that one may have been asked for with other columns, and it may come to nothing. Raises IntegrityError where others
    hold the claim that this transaction does not see.
    """
    for attempt in range(CLAIM_ATTEMPTS):
        open_key = _open_key(run.course_key) if open_run(run.course_key) is None else None
        try:
            with transaction.atomic():
                return _update(
                    run,
                    {"state": ReportRun.State.QUEUED},
                    state=ReportRun.State.RUNNING,
                    open_key=open_key,
                    alive_at=timezone.now(),
                    tries=run.tries + 1,
                )
        except IntegrityError:
            if attempt + 1 == CLAIM_ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def dead(batch_id: int) -> "models.QuerySet[ReportRun]":
    """Return the runs of a batch whose workers have died."""
    return ReportRun.objects.filter(batch_id=batch_id, state=ReportRun.State.RUNNING, alive_at__lte=_dead_since())


def wait_again(run: ReportRun) -> bool:
    """
    Let a failed run of a batch, or one whose worker has died, wait to be made once more; tell whether it does.

    It does not if it has come to life or to its end meanwhile, nor if it was the death of `MOST_TRIES` workers: then it
    fails. One that failed has all its tries again. The name of the file stays, so that who makes the run can remove
    what may lie there.
    """
    conditions = {"state": run.state, "alive_at": run.alive_at}
    has_failed = run.state == ReportRun.State.FAILED
    if not has_failed and run.tries >= MOST_TRIES:
        _fail(run, STOPPED, **conditions)
        return False
    return _update(
        run,
        conditions,
        tries=0 if has_failed else run.tries,
        state=ReportRun.State.QUEUED,
        sentence="",
        started_at=None,
        alive_at=None,
        finished_at=None,
        open_key=None,
    )


def give_up(run: ReportRun) -> None:
    """Bring a run of a batch to an end that nobody will make any more."""
    _fail(run, STOPPED, state=run.state)


def requested(course_key: CourseKey) -> "models.QuerySet[ReportRun]":
    """Return the course's runs that somebody requested on a page or through the API, in no order."""
    return _runs(course_key).filter(models.Q(requester__isnull=False) | models.Q(task_id__isnull=False))


def stored(course_key: CourseKey) -> "models.QuerySet[ReportRun]":
    """Return the course's runs whose file is in the report store, newest first."""
    # In the order of the index: by the primary key, MySQL would walk through the runs of all courses for a page.
    runs = _runs(course_key).filter(state=ReportRun.State.SUCCEEDED, file_name__isnull=False)
    return runs.order_by("-finished_at", "-file_name")


def file_is_gone(course_key: CourseKey, file_name: str) -> bool:
    """Note that there is no such file in the report store; tell whether there should be, as a run says."""
    run = stored(course_key).filter(file_name=file_name).first()
    if run is None or (run.course_key, run.file_name) != (course_key, file_name):
        return False
    _update(run, file_name=None)
    return True


def _runs(course_key: CourseKey) -> "models.QuerySet[ReportRun]":
    return ReportRun.objects.filter(course_key=course_key, kind=PROCTORED_EXAM_RESULTS).select_related("requester")


def _claim(course_key: CourseKey, choice: Choice, *, requester: Any) -> ReportRun:
    while (running := open_run(course_key)) is None:
        try:
            with transaction.atomic():
                return ReportRun.objects.create(
                    course_key=course_key,
                    kind=PROCTORED_EXAM_RESULTS,
                    choice=choice.as_json(),
                    requester=requester,
                    open_key=_open_key(course_key),
                )
        except IntegrityError:
            continue
    raise AlreadyRunning(running)


def _open_key(course_key: CourseKey) -> str:
    """Return the claim on a course: a digest, since courses may differ in letter case alone and collations do not."""
    return hashlib.sha256(f"{PROCTORED_EXAM_RESULTS} {course_key}".encode()).hexdigest()


def _dead_since() -> datetime:
    return timezone.now() - DEAD_AFTER


def _is_alive(run: ReportRun) -> bool:
    if run.batch_id is not None:
        return run.alive_at is not None and run.alive_at > _dead_since()
    if run.instructor_task_id is None:
        return timezone.now() - run.requested_at < SUBMISSION_TIME
    return edx_platform.unfinished_task(run.instructor_task_id)


def _make_file(run: ReportRun, on_row: Callable[[int], None] | None) -> None:
    edx_platform.emit_report_requested(run.kind)
    choice = Choice.from_json(run.choice)
    now = timezone.now()
    _update(run, state=ReportRun.State.RUNNING, started_at=now, alive_at=now)
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
        "open_key": None,
    }
    # Where this worker was taken for dead, another one may have begun with the run since: who ends first has made it.
    # With its time of start the run is no longer the other's, whatever comes of that.
    if not _update(run, _ours(run), **end) and not _update(run, {"state__in": OPEN}, **end):
        edx_platform.ReportFile.of(run.course_key, name).delete()


def _ours(run: ReportRun) -> dict[str, Any]:
    """Return the condition that no other worker has begun with the run since this one did."""
    return {"started_at": run.started_at}


def _with_signs_of_life(run: ReportRun, on_row: Callable[[int], None] | None) -> Callable[[int], None]:
    """Return what does `on_row` for each row and notes now and then that the run is alive."""
    next_sign = time.monotonic() + SIGN_OF_LIFE_EVERY.total_seconds()

    def note(rows: int) -> None:
        nonlocal next_sign
        if on_row is not None:
            on_row(rows)
        if (now := time.monotonic()) >= next_sign:
            next_sign = now + SIGN_OF_LIFE_EVERY.total_seconds()
            _update(run, alive_at=timezone.now())

    return note


def _reading() -> AbstractContextManager[str]:
    """Return what gives the alias of the database to read, for the time that a report is read."""
    using = edx_platform.report_database()
    return attempts.snapshot(using) if settings.PROCTORED_RESULTS_SNAPSHOT else nullcontext(using)


def _reserve(run: ReportRun, extension: str) -> edx_platform.ReportFile | None:
    """
    Reserve a file name for the run that no other run and no file in the report store has.

    Where the run was begun before and died, it gets another name than then, and the file that may lie there goes. None
    where the run has come to its end since, or another worker has begun with it.
    """
    former = run.file_name
    stem = f"{edx_platform.course_file_prefix(run.course_key)}_{run.kind}_{run.started_at:%Y-%m-%d-%H%M}"
    for number in itertools.count(1):
        name = f"{stem}.{extension}" if number == 1 else f"{stem}-{number}.{extension}"
        place = edx_platform.ReportFile.of(run.course_key, name)
        if name == former or place.exists():
            continue
        try:
            with transaction.atomic():
                ours = _update(run, _ours(run), file_name=name)
        except IntegrityError:
            continue
        if ours and former is not None:
            edx_platform.ReportFile.of(run.course_key, former).delete()
        return place if ours else None
    raise AssertionError("unreachable")


def _fail(run: ReportRun, sentence: str, **conditions: Any) -> None:
    _update(
        run,
        conditions,
        state=ReportRun.State.FAILED,
        sentence=sentence,
        file_name=None,
        finished_at=timezone.now(),
        open_key=None,
    )


def _update(run: ReportRun, conditions: Mapping[str, Any] = MappingProxyType({}), /, **fields: Any) -> bool:
    """
    Set the fields in the database, where the run meets the conditions, and then in the object; tell whether.

    By primary key, as everything that changes runs has to: found by different indexes, two changes at the same moment
    end in a deadlock.
    """
    updated = bool(ReportRun.objects.filter(pk=run.pk, **conditions).update(**fields))
    if updated:
        for name, value in fields.items():
            setattr(run, name, value)
    return updated


def _log_failure(run: ReportRun, error: BaseException) -> None:
    """Log where and as what a run failed, without the error's text, which may hold a learner's data."""
    reason = error.strerror if isinstance(error, OSError) else None
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    log.error("Report run %s failed: %s%s\n%s", run.pk, type(error).__name__, f" ({reason})" if reason else "", frames)
