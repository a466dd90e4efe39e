"""
The reports of all courses, made by any number of workers.

A batch is planned at once: one waiting run for each course that has something to report of. Each task makes one of them
and, once that is done, sends the task that makes the next, so that no more than `in_flight` tasks of a batch are on
their way at any time: a report that somebody asks for waits behind these alone, and not behind a thousand. Which run is
next is found out when a task begins, not when it is sent: a lost message loses no report, and one that comes twice
makes none twice. A task that finds nothing to make comes again a little later, until all is made: it gives to others
what a worker was making that has died. Whoever sends tasks anew raises the batch's generation, and those of an older
one end when they come.

A batch goes by what was asked for. The same request made again goes on with the batch while that is not finished: what
is waiting, failed, or was being made by a worker that died is made, and what is made already is not. A batch that has
not moved for `GIVEN_UP_AFTER` is closed instead, and another one begins. A new batch takes up what failed in the one
before, also where nothing has changed in these courses since.
"""

import contextlib
import enum
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from celery.exceptions import OperationalError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts, edx_platform, runs
from proctored_results.models import ReportBatch, ReportRun
from proctored_results.reports.building import Choice

#: How many reports are on their way at a time, unless the request says.
IN_FLIGHT = 8

#: A batch that has stood still for so long is not gone on with.
GIVEN_UP_AFTER = timedelta(hours=12)

#: When a task comes again that found nothing to make, while others are still at work.
COMES_AGAIN_AFTER = timedelta(seconds=60)

_BACK = re.compile(r"(\d{1,5})([dh])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


class NotATime(ValueError):
    """A text does not say since when. The exception's text is a sentence in the language in use."""

    def __init__(self, text: str) -> None:
        super().__init__(
            _(
                "{text} is not a time. Take a date like 2026-11-25, a time in UTC like 2026-11-25T14:30, or so many "
                "days or hours back, like 7d or 24h."
            ).format(text=text)
        )


class Next(enum.Enum):
    """When the task that has made a report, or has found none to make, is to come again."""

    AT_ONCE = enum.auto()
    LATER = enum.auto()
    NEVER = enum.auto()


@dataclass(frozen=True)
class Standing:
    """
    How a batch stands: numbers of courses.

    Skipped are those whose report turned out to be made without the batch since that began.
    """

    courses: int
    waiting: int
    running: int
    made: int
    failed: int

    @property
    def is_open(self) -> bool:
        """Whether there is something left to make."""
        return bool(self.waiting or self.running)

    @property
    def skipped(self) -> int:
        """Courses that needed no report."""
        return self.courses - self.waiting - self.running - self.made - self.failed


def since_when(text: str) -> datetime | None:
    """
    Return the time that a request's words mean; None for no words.

    These are a date, a time, which is in UTC unless it says otherwise, or so many days or hours back: ``2026-11-25``,
    ``2026-11-25T14:30``, ``7d``, ``24h``. Raises NotATime.
    """
    if not text:
        return None
    if back := _BACK.fullmatch(text):
        return timezone.now() - int(back[1]) * _UNITS[back[2]]
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise NotATime(text) from None


def start(choice: Choice, *, since: str = "", in_flight: int = IN_FLIGHT) -> tuple[ReportBatch, bool]:
    """
    Have the reports of all courses made in the background; return the batch, and whether it is a new one.

    Arguments:
        choice: what the reports are to be like.
        since: if given, only courses in which something was changed since then, in words that `since_when` takes.
        in_flight: how many reports may be on their way at a time.

    Raises NotATime, ValueError for an `in_flight` below 1, and ReportFailed where the task queue does not answer; what
    is planned stays then, for the same request to go on with.
    """
    if in_flight < 1:
        raise ValueError(f"in_flight is {in_flight}. Take a number from 1.")
    changed_since = since_when(since)
    open_key = _open_key(choice, since)
    while (batch := _unfinished(open_key)) is None:
        courses = _courses(changed_since, _left_over(choice, since))
        try:
            batch = _plan(courses, choice, since, in_flight, open_key)
        except IntegrityError:
            continue
        _close_if_done(batch.pk)
        _send(batch)
        return batch, True
    batch.in_flight = in_flight
    batch.save(update_fields=["in_flight"])
    for run in failures(batch):
        runs.wait_again(run)
    _revive(batch)
    _send(batch)
    return batch, False


def make_next(batch_id: int, generation: int) -> Next:
    """
    Make the next report of a batch for a task of this generation; return when the task is to come again.

    It found none to make where none is waiting, or as many as may be are on their way. It is not to come again once all
    is made, nor where tasks of a newer generation were sent. A report that fails is in the account, and raises nothing.
    """
    run = _take_next(batch_id, generation)
    if run is not None:
        with contextlib.suppress(runs.ReportFailed):
            runs.perform(run)
    is_done = _close_if_done(batch_id)
    if is_done or not ReportBatch.objects.filter(pk=batch_id, generation=generation).exists():
        return Next.NEVER
    return Next.LATER if run is None else Next.AT_ONCE


def look_after(batch: ReportBatch) -> Standing:
    """
    Return how a batch stands. What a worker was making that has died since is given to others.

    Where no task has come for as long as a worker may be silent, their messages may be lost, and others are sent.
    """
    if _revive(batch) or _stands_still(batch):
        _send(batch)
    _close_if_done(batch.pk)
    return _standing(batch)


def failures(batch: ReportBatch) -> "models.QuerySet[ReportRun]":
    """Return the runs of a batch that failed, in its order."""
    return batch.runs.filter(state=ReportRun.State.FAILED).order_by("pk")


def _open_key(choice: Choice, since: str) -> str:
    request = {"kind": runs.PROCTORED_EXAM_RESULTS, "choice": choice.as_json(), "since": since}
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _unfinished(open_key: str) -> ReportBatch | None:
    """
    Return the batch of a request that has something left to make.

    One that stands still for too long is closed, and one that is all made but whose last worker died before it said so.
    """
    batch = ReportBatch.objects.filter(open_key=open_key).first()
    if batch is None:
        return None
    if batch.moved_at <= timezone.now() - GIVEN_UP_AFTER:
        for run in batch.runs.filter(state__in=runs.OPEN):
            runs.give_up(run)
    elif batch.runs.filter(state__in=[*runs.OPEN, ReportRun.State.FAILED]).exists():
        return batch
    _close_if_done(batch.pk)
    return None


def _plan(courses: list[CourseKey], choice: Choice, since: str, in_flight: int, open_key: str) -> ReportBatch:
    with transaction.atomic():
        batch = ReportBatch.objects.create(
            choice=choice.as_json(), since=since, in_flight=in_flight, courses=len(courses), open_key=open_key
        )
        ReportRun.objects.bulk_create(
            (
                ReportRun(batch=batch, course_key=key, kind=runs.PROCTORED_EXAM_RESULTS, choice=batch.choice)
                for key in courses
            ),
            batch_size=500,
        )
    return batch


def _left_over(choice: Choice, since: str) -> set[CourseKey]:
    """Return the courses whose reports failed in the last batch of the same request, or were given up in it."""
    for batch in ReportBatch.objects.filter(since=since).order_by("-pk"):
        if Choice.from_json(batch.choice) == choice:
            return set(failures(batch).values_list("course_key", flat=True))
    return set()


def _courses(changed_since: datetime | None, left_over: set[CourseKey]) -> list[CourseKey]:
    """Return the courses that have something to report of, in order; without those that the platform has no more."""
    keys = [*left_over]
    for course_id in attempts.course_ids(using=edx_platform.report_database(), changed_since=changed_since):
        with contextlib.suppress(InvalidKeyError):
            keys.append(CourseKey.from_string(course_id))
    return sorted(set(edx_platform.course_keys()).intersection(keys), key=str)


def _send(batch: ReportBatch) -> None:
    """Send as many tasks as can be on their way, in the place of all that were sent before. Raises ReportFailed."""
    from proctored_results import tasks

    with transaction.atomic():
        # The write comes first: it makes those that send at the same moment wait, and read a generation each.
        ReportBatch.objects.filter(pk=batch.pk).update(generation=models.F("generation") + 1)
        batch.refresh_from_db(fields=["generation"])
    standing = _standing(batch)
    if not standing.is_open:
        return
    try:
        for _number in range(max(1, min(standing.waiting, batch.in_flight))):
            tasks.generate_next_report.delay(batch.pk, batch.generation)
    except OperationalError:
        raise runs.ReportFailed(runs.QUEUE_UNAVAILABLE) from None


def _take_next(batch_id: int, generation: int) -> ReportRun | None:
    """Return a run of the batch that has begun for this task, if there is one for a task of this generation."""
    with transaction.atomic():
        # To begin with a write makes tasks that come at the same moment wait for each other, on every database.
        if not ReportBatch.objects.filter(pk=batch_id, generation=generation).update(moved_at=timezone.now()):
            return None
        batch = ReportBatch.objects.get(pk=batch_id)
        _revive(batch)
        if _standing(batch).running >= batch.in_flight:
            return None
        while (run := batch.runs.filter(state=ReportRun.State.QUEUED).order_by("pk").first()) is not None:
            if not _is_made(run, batch):
                return run if runs.take(run) else None
            if not ReportRun.objects.filter(pk=run.pk, state=ReportRun.State.QUEUED).delete()[0]:
                return None  # A worker that was taken for dead has come to its end with it.
        return None


def _is_made(run: ReportRun, batch: ReportBatch) -> bool:
    """Tell whether the same report of the course was made without the batch since that began."""
    made = runs.stored(run.course_key).filter(finished_at__gte=batch.began_at, started_at__gte=batch.began_at)
    return any((other.course_key, other.choice) == (run.course_key, run.choice) for other in made)


def _revive(batch: ReportBatch) -> bool:
    """Let the runs wait again whose workers have died; tell whether there were any."""
    revived = [runs.wait_again(run) for run in runs.dead(batch.pk)]
    return any(revived)


def _stands_still(batch: ReportBatch) -> bool:
    """Tell whether no task has come for long; it is not said again before as long a time has passed."""
    now = timezone.now()
    still = ReportBatch.objects.filter(pk=batch.pk, finished_at=None, moved_at__lte=now - runs.DEAD_AFTER)
    return still.exists() and bool(still.update(moved_at=now))


def _standing(batch: ReportBatch) -> Standing:
    found = dict(batch.runs.order_by("state").values_list("state").annotate(models.Count("pk")))
    waiting, running, made, failed = (found.get(state, 0) for state in ReportRun.State.values)
    return Standing(batch.courses, waiting, running, made, failed)


def _close_if_done(batch_id: int) -> bool:
    """Close a batch of which nothing is left to make; tell whether that is so."""
    if ReportRun.objects.filter(batch_id=batch_id, state__in=runs.OPEN).exists():
        return False
    ReportBatch.objects.filter(pk=batch_id, finished_at=None).update(finished_at=timezone.now(), open_key=None)
    return True
