"""Runs: the lease, the file names, and what is left after each end."""

import errno
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest
from celery.states import FAILURE, PENDING, REVOKED, SUCCESS
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from kombu.exceptions import OperationalError

from proctored_results import api, attempts
from proctored_results.edx_platform.report_store import ReportFile
from proctored_results.runs import leases, records
from proctored_results.runs.errors import NOTHING_TO_REPORT, QUEUE_UNAVAILABLE, STOPPED, STORE_REFUSED, UNEXPECTED
from tests import factories
from tests.conftest import Queue
from tests.factories import COURSE_KEY

pytestmark = pytest.mark.django_db(transaction=True)

PREFIX = "TestX_PR1_2026_proctored_exam_results_report_2026-11-22-2229"
Files = Callable[[], dict[str, bytes]]


@pytest.fixture(autouse=True)
def course() -> Any:
    return factories.course()


@pytest.fixture
def minute(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, and give the site a time zone other than that of the file names."""
    settings.TIME_ZONE = "Asia/Tokyo"
    now = datetime(2026, 11, 22, 22, 29, 58, tzinfo=timezone.utc)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def instructor() -> Any:
    return factories.team_member("staff", "data_researcher", username="instructor")


def start(user: Any) -> api.ReportRun:
    return api.start_report(factories.request_of(user), COURSE_KEY, api.choose())


def instructor_tasks() -> Any:
    from lms.djangoapps.instructor_task.models import InstructorTask

    return InstructorTask.objects.all()


def built_in_report(name: str) -> None:
    """Store a file of this name as the platform's own report does."""
    from lms.djangoapps.instructor_task.models import ReportStore

    ReportStore.from_config("GRADES_DOWNLOAD").store(COURSE_KEY, name, BytesIO(b"the built-in report"))


def use_storage(settings: Any, storage: type, **kwargs: Any) -> None:
    settings.GRADES_DOWNLOAD = {
        "STORAGE_CLASS": f"{storage.__module__}.{storage.__qualname__}",
        "STORAGE_KWARGS": kwargs,
    }


# The lease


def test_a_started_run_holds_the_lease_and_a_second_request_is_told_who_started_it_and_when(
    queue: Queue, instructor: Any
) -> None:
    run = start(instructor)
    with pytest.raises(api.AlreadyRunning) as refusal:
        start(factories.team_member("staff", "data_researcher"))
    assert refusal.value.run == run
    assert refusal.value.run.requester == instructor
    assert refusal.value.run.requested_at == run.requested_at
    assert instructor_tasks().count() == 1


def test_another_course_is_not_held_up(queue: Queue, instructor: Any) -> None:
    other = factories.course(COURSE_KEY.replace(run="2027")).id
    start(instructor)
    api.start_report(factories.request_of(instructor), other, api.choose())
    assert len(queue.messages) == 2


def test_courses_that_differ_in_letter_case_alone_do_not_share_a_lease() -> None:
    assert (
        leases._lease_key(COURSE_KEY)
        != leases._lease_key(COURSE_KEY.replace(run="2026A"))
        != leases._lease_key(COURSE_KEY.replace(run="2026a"))
    )


def test_success_releases_the_lease(queue: Queue, instructor: Any) -> None:
    run = start(instructor)
    queue.work()
    run.refresh_from_db()
    assert (run.state, run.lease_key) == ("succeeded", None)
    assert run.finished_at >= run.started_at >= run.requested_at
    start(instructor)


def test_a_refusing_store_releases_the_lease(queue: Queue, instructor: Any, report_store: Path) -> None:
    report_store.write_text("a file where the folder should be")
    run = start(instructor)
    queue.work()
    run.refresh_from_db()
    assert (run.state, run.sentence, run.lease_key, run.file_name) == ("failed", STORE_REFUSED, None, None)
    start(instructor)


def test_an_unexpected_error_releases_the_lease(queue: Queue, instructor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proctored_results.attempts.stream", _raise(RuntimeError("boom")))
    run = start(instructor)
    queue.work()
    run.refresh_from_db()
    assert (run.state, run.sentence, run.lease_key, run.file_name) == ("failed", UNEXPECTED, None, None)


def test_an_error_in_telling_the_progress_releases_the_lease_too(
    queue: Queue, instructor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.attempt(factories.exam())
    monkeypatch.setattr("proctored_results.attempts.count", _raise(RuntimeError("boom")))
    run = start(instructor)
    queue.work()
    run.refresh_from_db()
    assert (run.state, run.sentence, run.lease_key) == ("failed", UNEXPECTED, None)


def test_a_queue_that_does_not_answer_releases_the_lease(queue: Queue, instructor: Any) -> None:
    queue.error = OperationalError("amqp://user:password@broker refused")
    with pytest.raises(api.ReportFailed) as failure:
        start(instructor)
    assert str(failure.value) == QUEUE_UNAVAILABLE
    run = api.ReportRun.objects.get()
    assert (run.state, run.sentence, run.lease_key) == ("failed", QUEUE_UNAVAILABLE, None)
    queue.error = None
    start(instructor)


def test_an_error_of_the_platform_at_submission_releases_the_lease(
    queue: Queue, instructor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctored_results.edx_platform.instructor_tasks.submit_task", _raise(ValueError("unexpected")))
    with pytest.raises(ValueError, match="unexpected"):
        start(instructor)
    assert api.ReportRun.objects.get().lease_key is None


@pytest.mark.parametrize("state", [SUCCESS, FAILURE, REVOKED, "gone"])
def test_the_lease_of_a_run_whose_task_has_ended_is_taken_over(queue: Queue, instructor: Any, state: str) -> None:
    ended = start(instructor)
    if state == "gone":
        instructor_tasks().delete()
    else:
        instructor_tasks().update(task_state=state)
    second = start(instructor)
    ended.refresh_from_db()
    assert (ended.state, ended.sentence, ended.lease_key) == ("failed", STOPPED, None)
    assert second.lease_key is not None


@pytest.mark.parametrize("state", ["QUEUING", PENDING, "PROGRESS", "RETRY"])
def test_the_lease_of_a_run_whose_task_is_unfinished_is_not_taken_over(
    queue: Queue, instructor: Any, state: str
) -> None:
    start(instructor)
    instructor_tasks().update(task_state=state)
    with pytest.raises(api.AlreadyRunning):
        start(instructor)


@pytest.mark.parametrize(("age", "taken_over"), [(timedelta(seconds=59), False), (timedelta(seconds=60), True)])
def test_a_lease_without_a_submitted_task_is_taken_over_after_a_minute(
    queue: Queue, instructor: Any, age: timedelta, taken_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = leases.acquire(COURSE_KEY, api.choose(), requester=instructor)
    now = run.requested_at + age
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    if taken_over:
        start(instructor)
        run.refresh_from_db()
        assert run.sentence == STOPPED
    else:
        with pytest.raises(api.AlreadyRunning):
            start(instructor)


def test_a_run_that_succeeds_while_somebody_looks_is_not_failed(
    queue: Queue, instructor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(instructor)

    def end_in_between(instructor_task_id: int) -> bool:
        """Between reading the run and asking for its task, the task ends."""
        queue.work()
        return False

    monkeypatch.setattr("proctored_results.edx_platform.instructor_tasks.unfinished_task", end_in_between)
    assert leases.open_run(COURSE_KEY) is None
    run.refresh_from_db()
    assert (run.state, run.sentence) == ("succeeded", NOTHING_TO_REPORT)
    assert run.file_name


def test_runs_of_the_command_line_hold_no_lease(queue: Queue, instructor: Any, stored_files: Files) -> None:
    start(instructor)
    api.store_report(COURSE_KEY, api.choose())
    api.store_report(COURSE_KEY, api.choose())
    assert len(stored_files()) == 2


# The file


def test_the_file_is_named_after_course_kind_and_utc_minute(minute: None, stored_files: Files) -> None:
    run = api.store_report(COURSE_KEY, api.choose())
    assert run.file_name == f"{PREFIX}.csv"
    assert list(stored_files()) == [f"{PREFIX}.csv"]
    assert run.size == len(stored_files()[run.file_name])


@pytest.mark.parametrize("store", ["report_store", "public_report_store", "s3_bucket"])
def test_further_files_of_a_minute_get_numbers_and_nothing_is_overwritten(
    store: str, minute: None, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(store)
    built_in_report(f"{PREFIX}-2.csv")
    exam = factories.exam()
    names = []
    for _ in range(3):
        factories.attempt(exam)
        names.append(api.store_report(COURSE_KEY, api.choose()).file_name)
    assert names == [f"{PREFIX}.csv", f"{PREFIX}-3.csv", f"{PREFIX}-4.csv"]
    assert [_lines(name) for name in names] == [2, 3, 4]
    assert _lines(f"{PREFIX}-2.csv") == 1


@pytest.mark.parametrize("store", ["report_store", "public_report_store", "s3_bucket"])
def test_two_runs_at_the_same_time_do_not_get_the_same_name(
    store: str, minute: None, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(store)
    factories.attempt(factories.exam())
    inner = []

    def run_another(rows: int) -> None:
        """Begin and end a second run while the first one writes."""
        inner.append(api.store_report(COURSE_KEY, api.choose(extra_columns=["provider"])))

    outer = api.store_report(COURSE_KEY, api.choose(), on_row=run_another)
    assert (outer.file_name, inner[0].file_name) == (f"{PREFIX}.csv", f"{PREFIX}-2.csv")
    assert _header(outer.file_name).count(b",") == 14
    assert _header(inner[0].file_name).count(b",") == 15


def test_the_name_of_a_failed_run_is_free_again(
    minute: None, monkeypatch: pytest.MonkeyPatch, stored_files: Files
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("proctored_results.attempts.stream", _raise(RuntimeError("boom")))
        with pytest.raises(api.ReportFailed):
            api.store_report(COURSE_KEY, api.choose())
    assert stored_files() == {}
    assert api.store_report(COURSE_KEY, api.choose()).file_name == f"{PREFIX}.csv"


def test_a_course_without_attempts_gets_a_file_with_the_header_and_a_sentence(stored_files: Files) -> None:
    run = api.store_report(COURSE_KEY, api.choose())
    assert (run.rows, run.sentence) == (0, NOTHING_TO_REPORT)
    assert stored_files()[run.file_name].count(b"\r\n") == 1


def test_the_file_has_the_permissions_that_the_storage_gives(settings: Any, report_store: Path) -> None:
    settings.GRADES_DOWNLOAD["STORAGE_KWARGS"]["file_permissions_mode"] = 0o640
    api.store_report(COURSE_KEY, api.choose())
    (file,) = (path for path in report_store.rglob("*") if path.is_file())
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_platform_lists_the_file_as_one_of_its_reports() -> None:
    from lms.djangoapps.instructor_task.models import ReportStore

    run = api.store_report(COURSE_KEY, api.choose())
    links = ReportStore.from_config("GRADES_DOWNLOAD").links_for(COURSE_KEY)
    assert [name for name, _ in links] == [run.file_name]


class StreamedStorage(InMemoryStorage):
    """Takes files chunk by chunk, as storages over a network do, and notes the chunks."""

    chunk_sizes: list[int] = []
    on_disk: list[bool] = []

    def _save(self, name: str, content: Any) -> str:
        self.on_disk.append(os.path.exists(content.file.name))
        self.chunk_sizes.extend(len(chunk) for chunk in content.chunks())
        return super()._save(name, content)


def test_the_file_is_handed_over_as_a_file_on_disk_that_is_read_in_chunks(settings: Any) -> None:
    use_storage(settings, StreamedStorage)
    exam = factories.exam()
    learner = factories.user()
    for _ in range(10):
        attempt = factories.attempt(exam, user=learner)
        factories.comment(factories.review(attempt.attempt_code), "long " * 4000)
    run = api.store_report(COURSE_KEY, api.choose())
    assert StreamedStorage.on_disk == [True]
    assert len(StreamedStorage.chunk_sizes) > 3
    assert max(StreamedStorage.chunk_sizes) <= 64 * 1024
    assert sum(StreamedStorage.chunk_sizes) == run.size


# The database that is read


def test_reports_read_what_the_site_names_else_the_platforms_replica_else_the_default_database(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attempts.report_database() == "default"
    monkeypatch.setitem(settings.DATABASES, "read_replica", {})
    assert attempts.report_database() == "read_replica"
    settings.PROCTORED_RESULTS_DATABASE = "default"
    assert attempts.report_database() == "default"


# Stores that refuse


class Failing:
    """A storage that takes half of the file and then has no room for the rest."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


class FullDisk(Failing, FileSystemStorage):
    """On a local disk."""


class FullRemoteStorage(Failing, InMemoryStorage):
    """Anywhere else."""


@pytest.mark.parametrize("storage", [FullDisk, FullRemoteStorage])
def test_after_a_full_disk_nothing_is_listed_and_the_next_try_works(
    settings: Any, report_store: Path, storage: type, stored_files: Files
) -> None:
    working = settings.GRADES_DOWNLOAD
    use_storage(settings, storage, location=str(report_store))
    with pytest.raises(api.ReportFailed) as failure:
        api.store_report(COURSE_KEY, api.choose())
    assert str(failure.value) == STORE_REFUSED
    settings.GRADES_DOWNLOAD = working
    assert stored_files() == {}
    assert not records.stored(COURSE_KEY)
    assert api.store_report(COURSE_KEY, api.choose()).file_name in stored_files()


def test_a_disk_that_fills_up_while_rows_are_written_leaves_nothing(stored_files: Files) -> None:
    exam = factories.exam()
    learner = factories.user()
    for _ in range(100):
        factories.attempt(exam, user=learner)
    with _largest_file(4096), pytest.raises(api.ReportFailed) as failure:
        api.store_report(COURSE_KEY, api.choose())
    assert str(failure.value) == STORE_REFUSED
    assert stored_files() == {}
    assert api.store_report(COURSE_KEY, api.choose()).rows == 100


def test_an_error_of_s3_leaves_nothing_and_the_next_try_works(s3_bucket: Any) -> None:
    s3_bucket.delete()
    with pytest.raises(api.ReportFailed) as failure:
        api.store_report(COURSE_KEY, api.choose())
    assert str(failure.value) == STORE_REFUSED
    s3_bucket.create()
    run = api.store_report(COURSE_KEY, api.choose())
    assert [os.path.basename(entry.key) for entry in s3_bucket.objects.all()] == [run.file_name]


def test_no_temporary_file_stays_behind(s3_bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    api.store_report(COURSE_KEY, api.choose())
    assert list(folder.iterdir()) == []


def test_unfinished_files_of_killed_runs_are_swept_after_a_day(report_store: Path) -> None:
    report_store.mkdir()
    young, old, foreign = (report_store / name for name in (".proctored-results-a", ".proctored-results-b", ".other"))
    for path in (young, old, foreign):
        path.write_bytes(b"learners")
    yesterday = time.time() - 25 * 60 * 60
    for path in (old, foreign):
        os.utime(path, (yesterday, yesterday))
    api.store_report(COURSE_KEY, api.choose())
    assert young.exists()
    assert foreign.exists()
    assert not old.exists()


# Helpers


def _raise(error: Exception) -> Callable[..., Any]:
    def raising(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    return raising


def _open(name: str) -> IO[bytes]:
    return ReportFile.of(COURSE_KEY, name).open()


def _lines(name: str) -> int:
    with _open(name) as file:
        return len(file.read().splitlines())


def _header(name: str) -> bytes:
    with _open(name) as file:
        return file.readline()


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """Limit the files of this process to `size` bytes: writing more fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
