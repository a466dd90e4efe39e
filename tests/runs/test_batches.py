"""The reports of all courses: which courses, how a batch comes to its end, and what a second call does."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import OperationalError
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, connection
from django.db import OperationalError as DatabaseRefuses
from django.test.utils import CaptureQueriesContext
from django.utils import timezone as django_timezone
from edx_proctoring.models import ProctoredExam, ProctoredExamSoftwareSecureReview, ProctoredExamStudentAttempt
from opaque_keys.edx.keys import CourseKey

from proctored_results import api, tasks
from proctored_results.edx_platform.courses import course_overview
from proctored_results.edx_platform.report_store import ReportFile
from proctored_results.models import ReportBatch, ReportRun
from proctored_results.reports.choice import choose
from proctored_results.runs import batches, leases, making, records
from proctored_results.runs.errors import STOPPED, STORE_REFUSED, UNEXPECTED, ReportFailed
from proctored_results.runs.since import InvalidSince, parse_since
from tests import factories
from tests.conftest import Queue

pytestmark = pytest.mark.django_db(transaction=True)

Files = Callable[[], dict[str, bytes]]
BEFORE = datetime(2026, 1, 1, tzinfo=timezone.utc)


def key_of(number: int) -> CourseKey:
    return CourseKey.from_string(f"course-v1:TestX+PR{number}+2026")


def course(number: int, attempts: int = 1, **exam: Any) -> CourseKey:
    """A course with an exam and attempts at it."""
    key = key_of(number)
    factories.course(key)
    of = factories.exam(course_key=key, **exam)
    for _ in range(attempts):
        factories.attempt(of)
    return key


@pytest.fixture
def courses() -> list[CourseKey]:
    return [course(number, attempts=number + 1) for number in range(3)]


class Messages(list[list[int]]):
    """The queue in memory: the batch and the fencing token of each task that was sent. `work` runs the tasks."""

    def __init__(self, messages: Iterable[list[int]] = ()) -> None:
        super().__init__(messages)
        self.later: list[list[int]] = []

    def accept(self, args: Iterable[int], _kwargs: Any = None, countdown: float | None = None) -> None:
        (self.later if countdown else self).append(list(args))

    def a_minute_passes(self) -> None:
        self.extend(self.later)
        self.later.clear()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    sent = Messages()
    monkeypatch.setattr(tasks.generate_next_report, "apply_async", sent.accept)
    return sent


def work(messages: list[list[int]], number: int = 1000) -> None:
    """Run the tasks of this number of messages; by default of all, and of those that they send without a delay."""
    while messages and number:
        number -= 1
        tasks.generate_next_report(*messages.pop(0))


def start(**options: Any) -> ReportBatch:
    return api.start_all_reports(choose(), **options)[0]


def die(run: ReportRun) -> None:
    """Leave the run as if its worker had died a while ago."""
    silent = django_timezone.now() - 2 * leases.LEASE_DURATION
    ReportRun.objects.filter(pk=run.pk).update(heartbeat_at=silent)


def made(batch: ReportBatch) -> list[CourseKey]:
    return list(batch.runs.filter(state="succeeded").order_by("pk").values_list("course_key", flat=True))


# Which courses


def planned(**options: Any) -> set[CourseKey]:
    return set(start(**options).runs.values_list("course_key", flat=True))


def test_every_course_with_attempts_about_proctoring_is_in_the_batch(messages: Messages) -> None:
    proctored = course(1)
    practice = course(2, is_proctored=False, is_practice_exam=True)
    inactive = course(3, is_active=False)
    once_proctored = course(4, is_proctored=False)
    declined = course(5, attempts=0, is_proctored=False)
    timed = course(6, attempts=0, is_proctored=False)
    course(7, attempts=0)
    for key, status in ((declined, "declined"), (timed, "submitted")):
        factories.attempt(factories.exam(course_key=key, is_proctored=False), status=status, taking_as_proctored=False)

    assert planned() == {proctored, practice, inactive, once_proctored, declined}


def test_what_is_no_course_of_the_platform_any_more_is_left_out(messages: Messages) -> None:
    kept = course(1)
    deleted = course(2)
    course_overview(deleted).delete()
    # The second differs only in letter case, which a collation may ignore.
    for course_id in ("no course id", str(kept).replace("TestX", "TESTX")):
        exam = factories.exam()
        factories.attempt(exam)
        ProctoredExam.objects.filter(pk=exam.pk).update(course_id=course_id)

    assert planned() == {kept}


def test_since_takes_only_courses_in_which_an_attempt_or_a_review_was_changed(messages: Messages) -> None:
    course(1)
    attempt_changed, review_changed, of_no_exam, changed_timed = course(2), course(3), course(4), course(5)
    factories.attempt(
        factories.exam(course_key=course(6, attempts=0), is_proctored=False),
        taking_as_proctored=False,
        status="started",
    )
    reviewed = ProctoredExamStudentAttempt.objects.filter(
        proctored_exam__course_id__in=[str(key_of(n)) for n in (3, 4)]
    )
    for attempt in reviewed:
        factories.review(attempt.attempt_code)
    ProctoredExamSoftwareSecureReview.objects.filter(attempt_code=reviewed[0].attempt_code).update(
        exam=reviewed[0].proctored_exam
    )
    last_year = datetime(2025, 6, 1, tzinfo=timezone.utc)
    unchanged = ProctoredExamStudentAttempt.objects.exclude(
        proctored_exam__course_id__in=[str(attempt_changed), str(changed_timed), str(key_of(6))]
    )
    unchanged.update(modified=last_year)

    assert planned(since="2026-01-01") == {attempt_changed, review_changed, of_no_exam, changed_timed}
    ProctoredExamSoftwareSecureReview.objects.update(modified=last_year)
    assert planned(since="2026-01-02") == {attempt_changed, changed_timed}
    assert planned(since="2099-01-01T00:00") == set()


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("", None),
        ("2026-11-25", datetime(2026, 11, 25, tzinfo=timezone.utc)),
        ("2026-11-25T14:30", datetime(2026, 11, 25, 14, 30, tzinfo=timezone.utc)),
        ("2026-11-25T14:30+02:00", datetime(2026, 11, 25, 12, 30, tzinfo=timezone.utc)),
        ("24h", datetime(2026, 11, 24, 15, tzinfo=timezone.utc)),
        ("7d", datetime(2026, 11, 18, 15, tzinfo=timezone.utc)),
    ],
)
def test_since_is_a_date_a_time_in_utc_or_a_number_of_days_or_hours_back(
    words: str, time: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 25, 15, tzinfo=timezone.utc))
    assert parse_since(words) == time


@pytest.mark.parametrize(
    "words", ["yesterday", "2026-13-01", "2026-11-25T25:00", "7", "-7d", "7 d", "d", "0001-01-01T00:00+14:00"]
)
def test_other_texts_are_no_time(words: str) -> None:
    with pytest.raises(InvalidSince, match=r"is not a time\. Take a date like 2026-11-25"):
        parse_since(words)


def test_a_concurrency_of_0_is_refused(courses: list[CourseKey], messages: Messages) -> None:
    with pytest.raises(ValueError, match=r"concurrency is 0\. Take a number from 1\."):
        start(concurrency=0)
    assert not ReportBatch.objects.exists()


# From beginning to end


def test_each_course_gets_one_file_whose_run_nobody_requested(
    courses: list[CourseKey], messages: Messages, stored_files: Files
) -> None:
    batch = start()
    assert messages == [[batch.pk, batch.fencing_token]] * 3
    work(messages)

    assert made(batch) == courses
    for run in batch.runs.all():
        assert stored_files()[run.file_name].count(b"\r\n") == run.rows + 1
        assert (run.requester, run.instructor_task_id, run.task_id, run.lease_key) == (None, None, None, None)
        assert list(records.stored(run.course_key)) == [run]
    assert len(stored_files()) == 3
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert api.supervise_all_reports(batch) == batches.Progress(courses=3, queued=0, running=0, succeeded=3, failed=0)


@pytest.fixture
def eager() -> Iterator[None]:
    """Celery runs a task where it is sent."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


def test_in_eager_mode_all_is_made_at_once_however_many_courses_there_are(eager: None, stored_files: Files) -> None:
    for number in range(150):
        course(number)

    tasks.generate_all_reports.delay()

    assert len(stored_files()) == 150
    assert ReportBatch.objects.get().finished_at is not None


def test_the_tasks_run_in_the_queue_of_reports(settings: Any) -> None:
    for task in (tasks.generate_all_reports, tasks.generate_next_report):
        assert current_app.tasks[task.name].queue == settings.GRADES_DOWNLOAD_ROUTING_KEY


def test_a_site_without_attempts_is_done_at_once(messages: Messages) -> None:
    batch = start()
    assert (batch.courses, messages) == (0, [])
    batch.refresh_from_db()
    assert batch.finished_at is not None


def test_no_more_runs_are_in_progress_than_allowed_even_if_messages_come_twice(
    courses: list[CourseKey], messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(concurrency=2)
    assert len(messages) == 2
    at_work: list[int] = []
    perform = making.perform

    def look(run: ReportRun, **options: Any) -> None:
        at_work.append(ReportRun.objects.filter(state="running").count())
        if len(at_work) < 3:
            batches.make_next(batch.pk, batch.fencing_token)  # another worker, at the same time
        perform(run, **options)

    monkeypatch.setattr(making, "perform", look)
    work(messages * 4)

    assert at_work == [1, 2, 1]
    assert made(batch) == courses


def test_a_course_that_fails_does_not_stop_the_others(
    courses: list[CourseKey], messages: Messages, report_store: Path
) -> None:
    (folder := report_store / ReportFile.of(courses[1], "x").path).parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file where the folder should be")
    batch = start()
    work(messages)

    assert made(batch) == [courses[0], courses[2]]
    (failed,) = batches.failures(batch)
    assert (failed.course_key, failed.sentence) == (courses[1], STORE_REFUSED)
    batch.refresh_from_db()
    assert batch.finished_at is not None


def test_a_queue_that_does_not_answer_is_told_and_the_plan_stays(
    courses: list[CourseKey], monkeypatch: pytest.MonkeyPatch, messages: Messages
) -> None:
    def refuse(*_args: Any) -> None:
        raise OperationalError("confidential")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.generate_next_report, "apply_async", refuse)
        with pytest.raises(ReportFailed, match="the task queue did not answer"):
            start()
    assert ReportBatch.objects.count() == 1

    start()
    work(messages)
    assert made(ReportBatch.objects.get()) == courses


# Called again


def test_a_second_call_makes_only_what_is_missing(
    courses: list[CourseKey], messages: Messages, stored_files: Files
) -> None:
    first = start(concurrency=1)
    work(messages, number=1)
    messages.clear()
    files = stored_files()
    assert len(files) == 1

    again, is_new = api.start_all_reports(choose(), concurrency=5)
    assert (again, is_new) == (first, False)
    assert len(messages) == 2
    work(messages)

    assert made(first) == courses
    assert len(stored_files()) == 3
    assert stored_files().items() >= files.items()


def test_a_second_call_makes_what_failed(courses: list[CourseKey], messages: Messages, report_store: Path) -> None:
    batch = start(concurrency=1)
    report_store.write_text("a file where the folder should be")
    work(messages, number=2)
    report_store.unlink()
    assert batches.failures(batch).count() == 2

    start()
    work(messages)

    assert made(batch) == courses
    assert not batches.failures(batch).exists()


def test_once_all_is_made_a_call_makes_all_again(
    courses: list[CourseKey], messages: Messages, stored_files: Files
) -> None:
    start()
    work(messages)
    again, is_new = api.start_all_reports(choose())
    assert is_new
    work(messages)
    assert made(again) == courses
    assert len(stored_files()) == 6


def make_all_and_die(messages: Messages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the batch as a worker does that is killed after the last report and before it closes the batch."""
    with monkeypatch.context() as patch:
        patch.setattr(batches, "_close_if_done", lambda _batch_id: False)
        work(messages)
    messages.clear()
    assert ReportBatch.objects.get().finished_at is None


def test_a_batch_that_is_all_made_is_closed_by_whoever_asks_again(
    courses: list[CourseKey], messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start()
    make_all_and_die(messages, monkeypatch)

    again, is_new = api.start_all_reports(choose())
    assert is_new
    work(messages)
    assert made(again) == courses
    first.refresh_from_db()
    assert first.finished_at is not None


def test_a_batch_that_is_all_made_is_closed_by_whoever_supervises_it(
    courses: list[CourseKey], messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start()
    make_all_and_die(messages, monkeypatch)
    api.supervise_all_reports(batch)
    batch.refresh_from_db()
    assert batch.finished_at is not None


def test_a_batch_that_nobody_closed_is_resumed_for_what_failed(
    courses: list[CourseKey], messages: Messages, monkeypatch: pytest.MonkeyPatch, report_store: Path
) -> None:
    batch = start()
    report_store.write_text("a file where the folder should be")
    make_all_and_die(messages, monkeypatch)
    report_store.unlink()

    assert start() == batch
    work(messages)
    assert made(batch) == courses


@pytest.mark.parametrize("options", [{"since": "2026-01-01"}, {"choice": {"byte_order_mark": True}}])
def test_a_call_that_asks_for_something_else_is_a_batch_of_its_own(
    options: dict[str, Any], courses: list[CourseKey], messages: Messages
) -> None:
    start()
    messages.clear()
    choice = choose(**options.pop("choice", {}))
    other, is_new = api.start_all_reports(choice, **options)
    assert is_new
    work(messages)
    assert made(other) == courses


def test_a_stale_batch_is_not_resumed(courses: list[CourseKey], messages: Messages) -> None:
    old = start(concurrency=1)
    work(messages, number=1)
    messages.clear()
    ReportBatch.objects.update(heartbeat_at=django_timezone.now() - timedelta(hours=13))

    new, is_new = api.start_all_reports(choose())
    assert is_new
    work(messages)

    assert made(new) == courses
    assert made(old) == courses[:1]
    assert {run.sentence for run in batches.failures(old)} == {STOPPED}
    old.refresh_from_db()
    assert old.finished_at is not None


@pytest.mark.parametrize("given_up", [False, True])
def test_a_call_for_what_has_changed_contains_what_failed_in_the_last_one(
    given_up: bool, courses: list[CourseKey], messages: Messages, report_store: Path
) -> None:
    batch = start(since="26h", concurrency=1)
    if given_up:
        work(messages, number=2)
        messages.clear()
    else:
        report_store.write_text("a file where the folder should be")
        work(messages, number=1)
        report_store.unlink()
        work(messages)
    left_over = set(courses) - set(made(batch))
    assert len(left_over) == 1
    ReportBatch.objects.update(heartbeat_at=django_timezone.now() - timedelta(hours=13))
    ProctoredExamStudentAttempt.objects.update(modified=BEFORE)

    assert planned(since="24h") == set()
    assert set(api.start_all_reports(choose(byte_order_mark=True), since="26h")[0].runs.all()) == set()
    assert planned(since="26h") == left_over
    work(messages)
    assert planned(since="26h") == set()


# Expired leases


def begun(batch: ReportBatch) -> ReportRun:
    """Return the next run of the batch, which a worker has now begun."""
    run = batches._take_next(batch.pk, ReportBatch.objects.get(pk=batch.pk).fencing_token)
    assert run is not None
    return run


def test_a_run_with_an_expired_lease_is_made_by_another_worker(
    courses: list[CourseKey], messages: Messages, stored_files: Files
) -> None:
    batch = start()
    die(begun(batch))
    work(messages)
    assert sorted(made(batch), key=str) == courses
    assert len(stored_files()) == 3


def test_a_run_with_heartbeats_is_left_to_its_worker(courses: list[CourseKey], messages: Messages) -> None:
    batch = start()
    run = begun(batch)
    start()
    work(messages)
    run.refresh_from_db()
    assert (run.state, len(made(batch))) == ("running", 2)
    assert api.supervise_all_reports(batch).is_open


def test_supervising_a_batch_requeues_runs_with_an_expired_lease(courses: list[CourseKey], messages: Messages) -> None:
    batch = start()
    run = begun(batch)
    work(messages)
    assert api.supervise_all_reports(batch).running == 1
    assert messages == []

    die(run)
    assert api.supervise_all_reports(batch).queued == 1
    work(messages)
    assert not api.supervise_all_reports(batch).is_open


def test_a_task_that_finds_nothing_comes_again_until_it_has_made_the_runs_with_an_expired_lease(
    courses: list[CourseKey], messages: Messages
) -> None:
    batch = start()
    run = begun(batch)
    work(messages)
    messages.a_minute_passes()
    work(messages)
    assert (len(made(batch)), messages, len(messages.later)) == (2, [], 3)

    die(run)
    messages.a_minute_passes()
    work(messages)
    messages.a_minute_passes()
    work(messages)
    assert sorted(made(batch), key=str) == courses
    assert (messages, messages.later) == ([], [])


def test_messages_that_were_lost_are_sent_again_by_whoever_supervises_the_batch(
    courses: list[CourseKey], messages: Messages
) -> None:
    batch = start()
    messages.clear()
    api.supervise_all_reports(batch)
    assert messages == []

    ReportBatch.objects.update(heartbeat_at=django_timezone.now() - leases.LEASE_DURATION)
    api.supervise_all_reports(batch)
    api.supervise_all_reports(batch)
    assert len(messages) == len(courses)
    work(messages)
    assert made(batch) == courses


def test_the_same_request_sends_a_task_even_if_nothing_is_queued(courses: list[CourseKey], messages: Messages) -> None:
    batch = start()
    for _ in courses:
        begun(batch)
    messages.clear()
    start()
    assert len(messages) == 1


def test_however_often_it_is_asked_for_a_batch_has_no_more_tasks_than_allowed(messages: Messages) -> None:
    for number in range(6):
        course(number)
    for _ in range(5):
        batch = start(concurrency=2)
    begun(batch)
    work(messages, number=len(messages))
    assert len(messages) + len(messages.later) <= 2
    assert api.supervise_all_reports(batch).succeeded == 2


def test_in_eager_mode_a_task_that_finds_nothing_ends(
    courses: list[CourseKey], eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tasks.generate_next_report, "apply_async", lambda *_args: None)
        batch = start()
    begun(batch)
    start()
    assert len(made(batch)) == 2


def test_supervising_takes_no_lock_and_changes_runs_with_an_expired_lease_one_by_one(
    courses: list[CourseKey], messages: Messages
) -> None:
    """Workers change their runs by primary key. A change of the same runs by another index would end in a deadlock."""
    batch = start()
    runs_begun = [begun(batch), begun(batch)]
    with CaptureQueriesContext(connection) as captured:
        api.supervise_all_reports(batch)
    assert all(query["sql"].startswith("SELECT") for query in captured)

    for run in runs_begun:
        die(run)
    with CaptureQueriesContext(connection) as captured:
        api.supervise_all_reports(batch)
    updates = [query["sql"] for query in captured if query["sql"].startswith("UPDATE") and "reportrun" in query["sql"]]
    for run, update in zip(runs_begun, updates, strict=True):
        condition = update.partition(" WHERE ")[2]
        assert re.search(rf"id[`\"] = {run.pk}\b", condition)
        assert "batch_id" not in condition


def test_a_task_that_the_database_refuses_is_tried_again(
    courses: list[CourseKey], eager: None, monkeypatch: pytest.MonkeyPatch, stored_files: Files
) -> None:
    refusals = [DatabaseRefuses("deadlock"), DatabaseRefuses("deadlock")]
    take_next = batches._take_next

    def refuse_twice(*args: int) -> Any:
        if refusals:
            raise refusals.pop()
        return take_next(*args)

    monkeypatch.setattr(batches, "_take_next", refuse_twice)
    start(concurrency=1)
    assert len(stored_files()) == 3


def test_a_task_that_the_broker_refuses_is_sent_again(
    courses: list[CourseKey], messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(concurrency=1)
    refusals = [OperationalError("gone"), OperationalError("gone")]

    def refuse_twice(*args: Any, **options: Any) -> None:
        if refusals:
            raise refusals.pop()
        messages.accept(*args, **options)

    monkeypatch.setattr(tasks.generate_next_report, "apply_async", refuse_twice)
    monkeypatch.setattr(tasks, "BROKER_RETRIES", {"interval_start": 0, "interval_max": 0, "timeout": 10})
    work(messages)
    assert made(batch) == courses


def test_while_it_reads_a_run_sends_heartbeats(
    courses: list[CourseKey], messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 10_000, 7))
    monkeypatch.setattr(leases, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    long_ago = django_timezone.now() - timedelta(days=1)
    batch = start()
    run = begun(batch)
    seen: list[bool] = []

    def look(_rows: int) -> None:
        seen.append(ReportRun.objects.get(pk=run.pk).heartbeat_at > long_ago)
        ReportRun.objects.filter(pk=run.pk).update(heartbeat_at=long_ago)

    run.course_key = courses[2]
    making.perform(run, on_row=look)
    # Heartbeats are at least ten seconds apart, and each row takes seven.
    assert seen == [True, False, True]


def test_a_file_that_a_killed_worker_had_stored_is_replaced(
    courses: list[CourseKey], messages: Messages, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(concurrency=1)

    class Killed(BaseException):
        pass

    def die_there(_self: Any, *_args: Any) -> str:
        name = save(_self, *_args)
        raise Killed(name)

    save = FileSystemStorage._save
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(FileSystemStorage, "_save", die_there)
        work(messages)
    assert len(stored_files()) == 1

    die(batch.runs.get(state="running"))
    start()
    work(messages)

    assert made(batch) == courses
    assert sorted(stored_files()) == sorted(batch.runs.values_list("file_name", flat=True))


def test_a_worker_whose_lease_expired_leaves_no_second_file(
    courses: list[CourseKey], messages: Messages, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(concurrency=1)
    save = FileSystemStorage._save

    def be_slow(storage: Any, *args: Any) -> str:
        monkeypatch.setattr(FileSystemStorage, "_save", save)
        die(batch.runs.get(state="running"))
        start()
        work(messages)
        return save(storage, *args)

    monkeypatch.setattr(FileSystemStorage, "_save", be_slow)
    work([messages.pop()])

    assert made(batch) == courses
    assert sorted(stored_files()) == sorted(batch.runs.values_list("file_name", flat=True))


def test_a_course_whose_worker_dies_each_time_is_abandoned(courses: list[CourseKey], messages: Messages) -> None:
    batch = start()
    for _ in range(leases.MAX_ATTEMPTS):
        run = begun(batch)
        assert run.course_key == courses[0]
        die(run)
    work(messages)

    (failed,) = batches.failures(batch)
    assert (failed.pk, failed.sentence, failed.lease_key) == (run.pk, STOPPED, None)
    assert made(batch) == courses[1:]
    assert not api.supervise_all_reports(batch).is_open
    assert leases.requeue(failed)
    assert failed.attempt_count == 0


def test_a_lease_that_a_task_cannot_see_is_not_waited_for_without_end(
    courses: list[CourseKey], messages: Messages, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    click(factories.user("admin", is_staff=True), courses[0])
    looks = iter(range(100))  # more of them end the test

    def see_nobody(_course_key: CourseKey) -> None:
        next(looks)

    monkeypatch.setattr(leases, "open_run", see_nobody)
    with pytest.raises(IntegrityError):
        batches._take_next(*messages[0])


@pytest.mark.parametrize("has_begun_again", [False, True])
def test_a_file_that_takes_longer_to_store_than_a_lease_lasts_is_kept(
    has_begun_again: bool,
    courses: list[CourseKey],
    messages: Messages,
    stored_files: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = start(concurrency=1)
    save = FileSystemStorage._save
    others: list[ReportRun] = []

    def be_slow(storage: Any, *args: Any) -> str:
        monkeypatch.setattr(FileSystemStorage, "_save", save)
        die(batch.runs.get(state="running"))
        api.supervise_all_reports(batch)
        if has_begun_again:
            other = begun(batch)
            others.append(other)
            monkeypatch.setattr(making, "write", be_overtaken)
            with pytest.raises(Overtaken):
                making.perform(other)
            monkeypatch.setattr(making, "write", write)
        return save(storage, *args)

    class Overtaken(BaseException):
        """Interrupts the other worker after it has begun. It goes on below."""

    def be_overtaken(*_args: Any, **_options: Any) -> int:
        raise Overtaken

    write = making.write
    monkeypatch.setattr(FileSystemStorage, "_save", be_slow)
    first = begun(batch)
    making.perform(first)

    (run,) = batch.runs.filter(state="succeeded")
    assert (run.pk, run.lease_key, list(stored_files())) == (first.pk, None, [run.file_name])
    for other in others:
        records.fail(other, UNEXPECTED, **leases.fencing_token(other))
        run.refresh_from_db()
        assert run.state == "succeeded"
    work(messages)
    assert made(batch) == courses
    assert sorted(stored_files()) == sorted(batch.runs.values_list("file_name", flat=True))


def test_the_worker_that_ends_second_with_a_run_leaves_the_file_of_the_first(
    courses: list[CourseKey], messages: Messages, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here, the worker that began first stores its file while the second one reads."""
    batch = start()
    first = begun(batch)
    die(first)
    api.supervise_all_reports(batch)
    second = begun(batch)
    assert second == first
    write = making.write

    def let_the_first_end(*args: Any, **options: Any) -> int:
        monkeypatch.setattr(making, "write", write)
        ReportRun.objects.filter(pk=first.pk).update(
            state="succeeded", started_at=BEFORE, file_name="first.csv", lease_key=None
        )
        return write(*args, **options)

    monkeypatch.setattr(making, "write", let_the_first_end)
    making.perform(second)
    first.refresh_from_db()
    assert (first.state, first.file_name) == ("succeeded", "first.csv")
    assert stored_files() == {}


# Along with reports that people ask for


@pytest.fixture
def instructor() -> Any:
    return factories.user("admin", is_staff=True)


def click(user: Any, key: CourseKey, **choice: Any) -> ReportRun:
    return api.start_report(factories.request_of(user), key, api.choose(**choice))


def test_a_course_whose_report_somebody_waits_for_is_made_beside_it(
    courses: list[CourseKey], messages: Messages, queue: Queue, instructor: Any
) -> None:
    # Their run may stay queued for ever, for example if its worker has died.
    theirs = click(instructor, courses[1])
    batch = start()
    work(messages)
    assert made(batch) == courses
    assert api.supervise_all_reports(batch).skipped == 0
    theirs.refresh_from_db()
    assert theirs.lease_key is not None


def test_a_course_whose_report_has_been_made_since_the_batch_began_is_skipped(
    courses: list[CourseKey], messages: Messages, queue: Queue, instructor: Any
) -> None:
    click(instructor, courses[0])
    queue.work()
    batch = start()
    click(instructor, courses[1])
    queue.work()
    work(messages)
    assert made(batch) == [courses[0], courses[2]]
    assert api.supervise_all_reports(batch).skipped == 1


def test_a_report_of_other_columns_stands_for_itself(
    courses: list[CourseKey], messages: Messages, queue: Queue, instructor: Any
) -> None:
    click(instructor, courses[0], extra_columns=["track"])
    batch = start()
    click(instructor, courses[1], extra_columns=["track"])
    queue.work()
    work(messages)
    assert made(batch) == courses


def test_while_a_worker_makes_a_course_of_the_batch_nobody_starts_it_twice(
    courses: list[CourseKey], messages: Messages, queue: Queue, instructor: Any
) -> None:
    batch = start()
    run = begun(batch)
    with pytest.raises(api.AlreadyRunning) as refusal:
        click(instructor, run.course_key)
    assert refusal.value.run == run

    die(run)
    click(instructor, run.course_key)
    run.refresh_from_db()
    assert (run.state, run.lease_key) == ("queued", None)


def test_a_course_that_is_queued_in_a_batch_can_be_asked_for(
    courses: list[CourseKey], messages: Messages, queue: Queue, instructor: Any
) -> None:
    start()
    click(instructor, courses[2])
