"""
Leases: the exclusive right of a run on its course and kind of report.

`ReportRun.lease_key` is unique, so only one open run can hold the lease. The platform's own check reads first and
inserts afterwards, so this module does not rely on it. The lease is released when the run ends, in whatever way.

A run of a batch waits without a lease. A worker that begins the run takes the lease, and sends heartbeats while it
reads and writes. A lease without a heartbeat for `LEASE_DURATION` has expired, and the run is requeued. After
`MAX_ATTEMPTS` workers have begun the run, it is abandoned instead.

A run that a person requested has an instructor task, and holds the lease while that task is unfinished. If the task has
ended but the run is still open, `open_run` ends the run, and the next request gets the lease. If a worker is killed,
the platform's task stays unfinished, so the lease is held until an operator ends that task.

The fencing token of a run is its `started_at`. A worker changes the run only if the token is still the worker's own:
if the lease has expired, another worker may have begun the run.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from proctored_results.edx_platform import instructor_tasks
from proctored_results.models import ReportRun
from proctored_results.reports.choice import Choice
from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS
from proctored_results.runs.errors import STOPPED, AlreadyRunning
from proctored_results.runs.records import fail, update

#: How long a run holds its lease without an instructor task, between the request and the submission of the task.
SUBMISSION_TIMEOUT = timedelta(minutes=1)

#: How often a worker sends a heartbeat while it reads and writes, and how long a lease lasts without a heartbeat. While
#: the report store takes the file, there is none.
HEARTBEAT_INTERVAL = timedelta(seconds=10)
LEASE_DURATION = timedelta(minutes=5)

#: How many workers may begin a run of a batch before it is abandoned.
MAX_ATTEMPTS = 3

#: How often a worker tries to take a lease that others take and release at the same moment.
ACQUIRE_ATTEMPTS = 3


def acquire(course_key: CourseKey, choice: Choice, *, requester: Any) -> ReportRun:
    """Return a new run that holds the lease on the course. Raises AlreadyRunning."""
    while (running := open_run(course_key)) is None:
        try:
            with transaction.atomic():
                return ReportRun.objects.create(
                    course_key=course_key,
                    kind=PROCTORED_EXAM_RESULTS,
                    choice=choice.as_json(),
                    requester=requester,
                    lease_key=_lease_key(course_key),
                )
        except IntegrityError:
            continue
    raise AlreadyRunning(running)


def acquire_for(run: ReportRun) -> bool:
    """
    Begin a queued run of a batch; return whether it has begun.

    It does not begin if it is no longer queued. If another run holds the lease on the course, this run begins without a
    lease: the other run may have other columns, and it may fail. Raises IntegrityError if another run holds a lease
    that this transaction does not see.
    """
    for attempt in range(ACQUIRE_ATTEMPTS):
        lease_key = _lease_key(run.course_key) if open_run(run.course_key) is None else None
        try:
            with transaction.atomic():
                return update(
                    run,
                    {"state": ReportRun.State.QUEUED},
                    state=ReportRun.State.RUNNING,
                    lease_key=lease_key,
                    heartbeat_at=timezone.now(),
                    attempt_count=run.attempt_count + 1,
                )
        except IntegrityError:
            if attempt + 1 == ACQUIRE_ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def open_run(course_key: CourseKey) -> ReportRun | None:
    """Return the run that holds the lease on the course, or None. A run with an expired lease is ended or requeued."""
    run = ReportRun.objects.filter(lease_key=_lease_key(course_key)).first()
    if run is None or _is_held(run):
        return run
    # The run may have ended in the meantime, so it is changed only if it still holds its lease.
    if run.batch_id is not None:
        requeue(run)
    else:
        fail(run, STOPPED, lease_key=run.lease_key)
    return None


def with_heartbeat(run: ReportRun, on_row: Callable[[int], None] | None) -> Callable[[int], None]:
    """Return a function that calls `on_row` for each row and sends a heartbeat every `HEARTBEAT_INTERVAL`."""
    next_heartbeat = time.monotonic() + HEARTBEAT_INTERVAL.total_seconds()

    def on_row_with_heartbeat(rows: int) -> None:
        nonlocal next_heartbeat
        if on_row is not None:
            on_row(rows)
        if (now := time.monotonic()) >= next_heartbeat:
            next_heartbeat = now + HEARTBEAT_INTERVAL.total_seconds()
            update(run, heartbeat_at=timezone.now())

    return on_row_with_heartbeat


def fencing_token(run: ReportRun) -> dict[str, Any]:
    """Return the fields that must be unchanged: if they are, no other worker has begun the run since this one."""
    return {"started_at": run.started_at}


def expired(batch_id: int) -> "models.QuerySet[ReportRun]":
    """Return the running runs of a batch whose lease has expired."""
    return ReportRun.objects.filter(batch_id=batch_id, state=ReportRun.State.RUNNING, heartbeat_at__lte=_expiry())


def requeue(run: ReportRun) -> bool:
    """
    Give a run of a batch, which has failed or whose lease has expired, back to the queue; return whether it is queued.

    The run is not requeued if it has changed meanwhile (a heartbeat came, or the run ended). After `MAX_ATTEMPTS`
    attempts, it is abandoned instead; a failed run gets all its attempts again. The file name stays, so the next worker
    can delete a file that may be stored under it.
    """
    conditions = {"state": run.state, "heartbeat_at": run.heartbeat_at}
    has_failed = run.state == ReportRun.State.FAILED
    if not has_failed and run.attempt_count >= MAX_ATTEMPTS:
        fail(run, STOPPED, **conditions)
        return False
    return update(
        run,
        conditions,
        attempt_count=0 if has_failed else run.attempt_count,
        state=ReportRun.State.QUEUED,
        sentence="",
        started_at=None,
        heartbeat_at=None,
        finished_at=None,
        lease_key=None,
    )


def abandon(run: ReportRun) -> None:
    """End a run of a batch that no worker is going to make, as failed."""
    fail(run, STOPPED, state=run.state)


def _lease_key(course_key: CourseKey) -> str:
    """Return the key of the lease: a digest, because collations can ignore letter case in course ids."""
    return hashlib.sha256(f"{PROCTORED_EXAM_RESULTS} {course_key}".encode()).hexdigest()


def _expiry() -> datetime:
    """Return the time of the last heartbeat of a lease that expires now."""
    return timezone.now() - LEASE_DURATION


def _is_held(run: ReportRun) -> bool:
    if run.batch_id is not None:
        return run.heartbeat_at is not None and run.heartbeat_at > _expiry()
    if run.instructor_task_id is None:
        return timezone.now() - run.requested_at < SUBMISSION_TIMEOUT
    return instructor_tasks.unfinished_task(run.instructor_task_id)
