"""
Batches: the reports of all courses, made by any number of workers.

A batch is planned at once: it has one queued run for each course that has something to report. Each task makes the
report of one run and then sends the task that makes the next one. So at most `concurrency` tasks of a batch exist at
any time, and a report that a person requests waits behind these few, not behind a thousand.

A task finds its run when it begins, not when it is sent. So a lost message loses no report, and a message that arrives
twice makes no report twice. A task that finds no queued run is repeated after `RETRY_DELAY` until all runs have ended,
and requeues runs whose lease has expired. Sending new tasks raises the batch's fencing token, and the tasks with an
older token end as soon as they begin.

The request identifies a batch. The same request made again resumes the batch while it is not finished: the runs that
are queued, failed or have an expired lease are made, and finished reports are not made again. If no task of a batch has
begun for `STALE_AFTER`, the batch is closed and a new one begins. A new batch also contains the courses whose reports
failed in the batch before, even if nothing has changed in these courses since.

Functions that send tasks take `send`, a function that is called with the batch's primary key and fencing token.
"""

import contextlib
import enum
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import OperationalError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts
from proctored_results.edx_platform import courses
from proctored_results.models import ReportBatch, ReportRun
from proctored_results.reports.choice import Choice
from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS
from proctored_results.runs import leases, making
from proctored_results.runs.errors import QUEUE_UNAVAILABLE, ReportFailed
from proctored_results.runs.records import OPEN, stored
from proctored_results.runs.since import parse_since

#: How many tasks of a batch may exist at a time by default.
CONCURRENCY = 8

#: A batch is closed instead of resumed if none of its tasks has begun for this time.
STALE_AFTER = timedelta(hours=12)

#: How long a task that found no queued run waits before it is repeated, while other tasks are at work.
RETRY_DELAY = timedelta(seconds=60)

Send = Callable[[int, int], Any]


class Next(enum.Enum):
    """When a task is repeated, after it has made a report or has found no run to make."""

    AT_ONCE = enum.auto()
    LATER = enum.auto()
    NEVER = enum.auto()


@dataclass(frozen=True)
class Progress:
    """
    The progress of a batch, as numbers of courses.

    A course is skipped if something else made its report after the batch began.
    """

    courses: int
    queued: int
    running: int
    succeeded: int
    failed: int

    @property
    def is_open(self) -> bool:
        """Whether there are runs that have not ended."""
        return bool(self.queued or self.running)

    @property
    def skipped(self) -> int:
        """The number of courses that needed no report."""
        return self.courses - self.queued - self.running - self.succeeded - self.failed


def start(choice: Choice, *, send: Send, since: str = "", concurrency: int = CONCURRENCY) -> tuple[ReportBatch, bool]:
    """
    Make the reports of all courses in the background; return the batch, and whether it is new.

    Arguments:
        choice: the format, extra columns and options of the reports.
        send: sends a task of the batch.
        since: if given, only courses in which something has changed since then; a text for `parse_since`.
        concurrency: how many tasks may exist at a time.

    Raises InvalidSince, ValueError for a `concurrency` below 1, and ReportFailed if the task queue does not answer. In
    the last case the batch stays, and the same request resumes it.

    """
    if concurrency < 1:
        raise ValueError(f"concurrency is {concurrency}. Take a number from 1.")
    changed_since = parse_since(since)
    request_key = _request_key(choice, since)
    while (batch := _unfinished(request_key)) is None:
        keys = _courses(changed_since, _failed_before(choice, since))
        try:
            batch = _plan(keys, choice, since, concurrency, request_key)
        except IntegrityError:
            continue
        _close_if_done(batch.pk)
        _send_tasks(batch, send)
        return batch, True
    _resume(batch, concurrency, send)
    return batch, False


def make_next(batch_id: int, fencing_token: int) -> Next:
    """
    Make the next report of a batch for a task with this fencing token; return when the task is to be repeated.

    The task makes no report if no run is queued, or if as many runs as allowed are running. It is never repeated if all
    runs have ended, or if tasks with a newer token were sent. A report that fails raises nothing.
    """
    run = _take_next(batch_id, fencing_token)
    if run is not None:
        with contextlib.suppress(ReportFailed):
            making.perform(run)
    is_done = _close_if_done(batch_id)
    if is_done or not ReportBatch.objects.filter(pk=batch_id, fencing_token=fencing_token).exists():
        return Next.NEVER
    return Next.LATER if run is None else Next.AT_ONCE


def supervise(batch: ReportBatch, *, send: Send) -> Progress:
    """
    Resume a batch that has stalled, and return its progress. Raises ReportFailed if the task queue does not answer.

    Runs with an expired lease are requeued. If no task has begun for `leases.LEASE_DURATION`, the messages may be lost,
    and new tasks are sent.
    """
    if _requeue_expired(batch) or _has_stalled(batch):
        _send_tasks(batch, send)
    _close_if_done(batch.pk)
    return _progress(batch)


def failures(batch: ReportBatch) -> "models.QuerySet[ReportRun]":
    """Return the failed runs of a batch, in the order of the batch."""
    return batch.runs.filter(state=ReportRun.State.FAILED).order_by("pk")


def _request_key(choice: Choice, since: str) -> str:
    request = {"kind": PROCTORED_EXAM_RESULTS, "choice": choice.as_json(), "since": since}
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _unfinished(request_key: str) -> ReportBatch | None:
    """
    Return the batch of a request, if it has runs left to make.

    A stale batch is closed, and so is a batch whose last worker died between the last report and the end of the batch.
    """
    batch = ReportBatch.objects.filter(request_key=request_key).first()
    if batch is None:
        return None
    if batch.heartbeat_at <= timezone.now() - STALE_AFTER:
        for run in batch.runs.filter(state__in=OPEN):
            leases.abandon(run)
    elif batch.runs.filter(state__in=[*OPEN, ReportRun.State.FAILED]).exists():
        return batch
    _close_if_done(batch.pk)
    return None


def _plan(keys: list[CourseKey], choice: Choice, since: str, concurrency: int, request_key: str) -> ReportBatch:
    with transaction.atomic():
        batch = ReportBatch.objects.create(
            choice=choice.as_json(), since=since, concurrency=concurrency, courses=len(keys), request_key=request_key
        )
        ReportRun.objects.bulk_create(
            (ReportRun(batch=batch, course_key=key, kind=PROCTORED_EXAM_RESULTS, choice=batch.choice) for key in keys),
            batch_size=500,
        )
    return batch


def _resume(batch: ReportBatch, concurrency: int, send: Send) -> None:
    """Requeue the runs that failed or whose lease has expired, and send tasks."""
    batch.concurrency = concurrency
    batch.save(update_fields=["concurrency"])
    for run in failures(batch):
        leases.requeue(run)
    _requeue_expired(batch)
    _send_tasks(batch, send)


def _failed_before(choice: Choice, since: str) -> set[CourseKey]:
    """Return the courses whose reports failed in the last batch of the same request."""
    for batch in ReportBatch.objects.filter(since=since).order_by("-pk"):
        if Choice.from_json(batch.choice) == choice:
            return set(failures(batch).values_list("course_key", flat=True))
    return set()


def _courses(changed_since: datetime | None, failed_before: set[CourseKey]) -> list[CourseKey]:
    """Return the courses that still exist and have something to report or failed before, in order."""
    keys = [*failed_before]
    for course_id in attempts.course_ids(using=attempts.report_database(), changed_since=changed_since):
        with contextlib.suppress(InvalidKeyError):
            keys.append(CourseKey.from_string(course_id))
    return sorted(set(courses.course_keys()).intersection(keys), key=str)


def _send_tasks(batch: ReportBatch, send: Send) -> None:
    """Send as many tasks as may exist. They replace all tasks that were sent before. Raises ReportFailed."""
    with transaction.atomic():
        # The write comes first: processes that send at the same moment wait here, and each reads its own token.
        ReportBatch.objects.filter(pk=batch.pk).update(fencing_token=models.F("fencing_token") + 1)
        batch.refresh_from_db(fields=["fencing_token"])
    progress = _progress(batch)
    if not progress.is_open:
        return
    try:
        for _number in range(max(1, min(progress.queued, batch.concurrency))):
            send(batch.pk, batch.fencing_token)
    except OperationalError:
        raise ReportFailed(QUEUE_UNAVAILABLE) from None


def _take_next(batch_id: int, fencing_token: int) -> ReportRun | None:
    """Begin a queued run of the batch for the task with this fencing token, and return it; None if there is none."""
    with transaction.atomic():
        # The write comes first: on every database, tasks that begin at the same moment wait for each other here.
        found = ReportBatch.objects.filter(pk=batch_id, fencing_token=fencing_token)
        if not found.update(heartbeat_at=timezone.now()):
            return None
        batch = ReportBatch.objects.get(pk=batch_id)
        _requeue_expired(batch)
        if _progress(batch).running >= batch.concurrency:
            return None
        while (run := batch.runs.filter(state=ReportRun.State.QUEUED).order_by("pk").first()) is not None:
            if not _is_made(run, batch):
                return run if leases.acquire_for(run) else None
            if not ReportRun.objects.filter(pk=run.pk, state=ReportRun.State.QUEUED).delete()[0]:
                return None  # a worker whose lease had expired has ended the run
        return None


def _is_made(run: ReportRun, batch: ReportBatch) -> bool:
    """Return whether something else has made the same report of the course since the batch began."""
    made = stored(run.course_key).filter(finished_at__gte=batch.started_at, started_at__gte=batch.started_at)
    return any((other.course_key, other.choice) == (run.course_key, run.choice) for other in made)


def _requeue_expired(batch: ReportBatch) -> bool:
    """Requeue the runs whose lease has expired; return whether any is queued again."""
    requeued = [leases.requeue(run) for run in leases.expired(batch.pk)]
    return any(requeued)


def _has_stalled(batch: ReportBatch) -> bool:
    """Return whether no task has begun for `LEASE_DURATION`. After True, it returns False for as long again."""
    now = timezone.now()
    stalled = ReportBatch.objects.filter(pk=batch.pk, finished_at=None, heartbeat_at__lte=now - leases.LEASE_DURATION)
    return stalled.exists() and bool(stalled.update(heartbeat_at=now))


def _progress(batch: ReportBatch) -> Progress:
    found = dict(batch.runs.order_by("state").values_list("state").annotate(models.Count("pk")))
    return Progress(batch.courses, *(found.get(state, 0) for state in ReportRun.State.values))


def _close_if_done(batch_id: int) -> bool:
    """Close a batch whose runs have all ended; return whether all have ended."""
    if ReportRun.objects.filter(batch_id=batch_id, state__in=OPEN).exists():
        return False
    ReportBatch.objects.filter(pk=batch_id, finished_at=None).update(finished_at=timezone.now(), request_key=None)
    return True
