"""The management command, called in this process and run in one of its own."""

import errno
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from edx_proctoring.models import ProctoredExamStudentAttempt

from proctored_results import api, tasks
from proctored_results.edx_platform.report_store import ReportFile
from proctored_results.runs import batches
from proctored_results.runs.errors import STORE_REFUSED
from tests import factories, seeded
from tests.factories import COURSE_KEY

COMMAND = "proctored_results_report"
REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def course(transactional_db: None) -> None:
    factories.course()
    exam = factories.exam()
    for _ in range(3):
        factories.attempt(exam)


def expected(**choice: Any) -> bytes:
    output = BytesIO()
    api.write_report(COURSE_KEY, api.choose(**choice), output)
    return output.getvalue()


def printed(*arguments: str) -> bytes:
    """Call the command and return what it writes to standard output."""
    output = TextIOWrapper(BytesIO(), encoding="ascii")
    call_command(COMMAND, *arguments, stdout=output, stderr=StringIO())
    output.flush()
    return output.buffer.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        printed(*arguments)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


# To a file


def test_the_report_is_written_to_a_file_for_its_owner_alone(course: None, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    assert printed(str(COURSE_KEY), "--output", str(path)) == b""
    assert path.read_bytes() == expected()
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["report.csv"]


def test_an_older_file_is_replaced_also_behind_a_link(course: None, tmp_path: Path) -> None:
    path, link = tmp_path / "report.csv", tmp_path / "latest.csv"
    path.write_text("older")
    link.symlink_to(path)
    printed(str(COURSE_KEY), "--output", str(link))
    assert link.is_symlink()
    assert path.read_bytes() == expected()


def test_a_failure_leaves_the_older_file_and_nothing_else(
    course: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.csv"
    path.write_text("older")

    def no_room(*_args: Any, **_kwargs: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(api, "write_report", no_room)
    assert refusal(str(COURSE_KEY), "--output", str(path)) == f"{path} cannot be written: No space left on device."
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == ["report.csv"]


def test_a_device_is_written_to_and_not_replaced(course: None, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        printed(str(COURSE_KEY), "--output", str(pipe))
        assert os.read(reader, 65536) == expected()
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/report.csv", "No such file or directory"),
        ("", "Is a directory"),
        ("file/report.csv", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_path_that_cannot_be_written(path: str, reason: str, course: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / path
    assert refusal(str(COURSE_KEY), "--output", str(target)) == f"{target} cannot be written: {reason}."
    assert os.listdir(tmp_path) == ["file"]


# To standard output and into the store


def test_standard_output_gets_the_bytes_that_the_store_gets(course: None, stored_files: Any) -> None:
    factories.attempt(factories.exam("Examen «final», Übung 試験"))
    on_screen = printed(str(COURSE_KEY), "--output", "-")
    name = printed(str(COURSE_KEY)).decode().removesuffix("\n")
    assert on_screen == stored_files()[name]
    assert on_screen.count(b"\r\n") == 5


def test_without_output_the_report_goes_into_the_store_and_its_name_is_printed(course: None, stored_files: Any) -> None:
    name = printed(str(COURSE_KEY)).decode()
    assert name.endswith(".csv\n")
    assert stored_files() == {name.strip(): expected()}
    run = api.ReportRun.objects.get()
    assert (run.requester, run.task_id, run.state) == (None, None, "succeeded")


def test_a_store_that_refuses(course: None, report_store: Path) -> None:
    report_store.write_text("a file where the folder should be")
    assert refusal(str(COURSE_KEY)) == STORE_REFUSED


def test_options(course: None) -> None:
    arguments = ["--output", "-", "--format", "csv", "--extra-column", "track", "--extra-column", "provider"]
    content = printed(str(COURSE_KEY), *arguments, "--byte-order-mark")
    assert content == expected(extra_columns=["track", "provider"], byte_order_mark=True)
    assert content.startswith(b"\xef\xbb\xbf")


def test_the_sites_settings_hold_where_there_are_no_options(course: None, settings: Any) -> None:
    settings.PROCTORED_RESULTS_BYTE_ORDER_MARK = True
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = ["provider"]
    content = printed(str(COURSE_KEY), "--output", "-")
    assert content == expected()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b",provider\r\n" in content


@pytest.mark.parametrize(
    "arguments", [["--format", "xlsx"], ["--extra-column", "score"], ["--output"], ["--unknown"], ["another"]]
)
def test_unknown_options_are_refused(arguments: list[str], course: None) -> None:
    with pytest.raises(CommandError):
        printed(str(COURSE_KEY), *arguments)


def test_a_course_without_exams_gives_the_header_alone(db: None) -> None:
    factories.course()
    assert printed(str(COURSE_KEY), "--output", "-").count(b"\r\n") == 1


@pytest.mark.parametrize(
    ("course_id", "sentence"),
    [
        ("course-v1:TestX+PR1+1999", "There is no course course-v1:TestX+PR1+1999."),
        ("TestX/PR1/1999", "There is no course TestX/PR1/1999."),
        ("not a course", "not a course is not the ID of a course."),
        ("", " is not the ID of a course."),
    ],
)
def test_a_course_that_is_not_there(course_id: str, sentence: str, course: None, tmp_path: Path) -> None:
    assert refusal(course_id, "--output", str(tmp_path / "report.csv")) == sentence
    assert os.listdir(tmp_path) == []


# Of all courses


class Workers:
    """Workers that take a message from the queue whenever the command waits."""

    def __init__(self) -> None:
        self.messages: list[list[int]] = []

    def accept(self, args: list[int], _kwargs: Any = None) -> None:
        self.messages.append(list(args))

    def work(self, _seconds: float = 0) -> None:
        if self.messages:
            message = self.messages.pop(0)
            if batches.make_next(*message) is batches.Next.AT_ONCE:
                self.messages.append(message)


@pytest.fixture
def workers(course: None, monkeypatch: pytest.MonkeyPatch) -> Workers:
    """Three courses with attempts, and workers."""
    for number in range(2):
        key = COURSE_KEY.replace(run=f"more{number}")
        factories.course(key)
        factories.attempt(factories.exam(course_key=key))
    workers = Workers()
    monkeypatch.setattr(tasks.generate_next_report, "apply_async", workers.accept)
    monkeypatch.setattr("time.sleep", workers.work)
    return workers


def test_all_courses_are_made_by_the_workers_and_counted(workers: Workers, stored_files: Any) -> None:
    assert printed("--all-courses") == b"3 courses: 3 reports made, 0 skipped, 0 failed.\n"
    assert len(stored_files()) == 3
    assert expected() in stored_files().values()


def test_all_courses_take_the_options_of_a_report(workers: Workers, stored_files: Any) -> None:
    printed("--all-courses", "--extra-column", "track", "--byte-order-mark")
    assert expected(extra_columns=["track"], byte_order_mark=True) in stored_files().values()


def test_since_leaves_unchanged_courses_out(workers: Workers) -> None:
    unchanged = ProctoredExamStudentAttempt.objects.filter(proctored_exam__course_id=str(COURSE_KEY))
    unchanged.update(modified=datetime(2026, 1, 1, tzinfo=timezone.utc))
    assert printed("--all-courses", "--since", "2026-01-02") == b"2 courses: 2 reports made, 0 skipped, 0 failed.\n"


def test_a_failure_is_told_with_its_course_and_makes_the_command_fail(workers: Workers, report_store: Path) -> None:
    place = ReportFile.of(COURSE_KEY, "name")
    report_store.mkdir()
    Path(place.storage.path(place.path)).parent.write_text("a file where the folder should be")
    errors = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(COMMAND, "--all-courses", stdout=StringIO(), stderr=errors)
    assert str(failure.value) == "3 courses: 2 reports made, 0 skipped, 1 failed."
    assert errors.getvalue() == f"{COURSE_KEY}: {STORE_REFUSED}\n"


def test_the_command_can_be_interrupted_and_run_again(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, stored_files: Any
) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("time.sleep", interrupt)
        sentence = refusal("--all-courses", "--concurrency", "1")
    assert sentence == "The workers continue without this command. Run it again to wait for the rest."
    workers.work()
    assert len(stored_files()) == 1

    resuming, summary = printed("--all-courses").decode().splitlines()
    assert resuming.startswith("Resuming the reports of all courses that were started on 20")
    assert summary == "3 courses: 3 reports made, 0 skipped, 0 failed."
    assert len(stored_files()) == 3


def test_a_database_that_does_not_answer_is_told_and_the_command_can_be_run_again(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, stored_files: Any
) -> None:
    def refuse(_batch: Any, **_options: Any) -> None:
        raise OperationalError("gone away")

    with monkeypatch.context() as patch:
        patch.setattr("proctored_results.runs.batches.supervise", refuse)
        sentence = refusal("--all-courses")
    assert sentence == "The database does not answer. Run the same command again to resume the reports."
    assert printed("--all-courses").decode().splitlines()[-1] == "3 courses: 3 reports made, 0 skipped, 0 failed."
    assert len(stored_files()) == 3


def test_without_a_worker_the_command_gives_up_waiting(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda _seconds: now.append(now.pop() + 60))
    assert refusal("--all-courses") == (
        "No worker has begun any of the 3 queued reports in 30 minutes. Start a worker for the queue of reports, "
        "then run the same command again."
    )
    assert now[0] == 31 * 60


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name a course, or say --all-courses."),
        ([str(COURSE_KEY), "--all-courses"], "Name a course or say --all-courses, not both."),
        (
            ["--all-courses", "--output", "-"],
            "--all-courses puts the reports into the report store: it takes no --output.",
        ),
        (["--all-courses", "--concurrency", "0"], "--concurrency takes a number from 1."),
        ([str(COURSE_KEY), "--since", "7d"], "--since and --concurrency belong to --all-courses."),
        ([str(COURSE_KEY), "--concurrency", "2"], "--since and --concurrency belong to --all-courses."),
    ],
)
def test_arguments_that_do_not_go_together(arguments: list[str], sentence: str, db: None) -> None:
    assert refusal(*arguments) == sentence


def test_a_since_that_is_no_time(db: None) -> None:
    assert refusal("--all-courses", "--since", "soon").startswith("soon is not a time. Take a date like 2026-11-25,")


# In a process of its own


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a sandbox with one course, whose report is larger than a pipe's buffer."""
    folder = tmp_path_factory.mktemp("sandbox")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{seeded.copy_of('migrated', folder)}",
        "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings",
        "LMS_SANDBOX_VAR": str(folder),
        "PYTHONPATH": str(REPOSITORY),
    }
    prepare = """
import django; django.setup()
from tests import factories
factories.course()
exam, learner = factories.exam(), factories.user()
for number in range(1000): factories.attempt(exam, user=learner)
"""
    subprocess.run([sys.executable, "-c", prepare], env=environment, cwd=REPOSITORY, timeout=120, check=True)
    return environment


def run(sandbox: dict[str, str], command: str) -> subprocess.CompletedProcess:
    """Run a shell command with `$REPORT` for the command and its course."""
    environment = {**sandbox, "REPORT": f"{sys.executable} -m lms_sandbox {COMMAND} {COURSE_KEY}"}
    shell = ["bash", "-o", "pipefail", "-c", command]
    return subprocess.run(shell, env=environment, cwd=REPOSITORY, capture_output=True, timeout=120, check=False)


@pytest.mark.processes(only="python")
def test_a_reader_that_goes_away_is_told_in_one_line(sandbox: dict[str, str]) -> None:
    result = run(sandbox, "$REPORT --output - | head -1")
    assert result.stdout.startswith(b"course_id,exam_name,")
    assert result.returncode not in (0, 141)
    assert result.stderr.decode() == (
        "CommandError: The reader of standard output went away before the report was complete.\n"
    )


@pytest.mark.processes(only="python")
def test_a_full_disk_behind_standard_output_is_told_in_one_line(sandbox: dict[str, str]) -> None:
    result = run(sandbox, "$REPORT --output - > /dev/full")
    assert result.returncode == 1
    assert result.stderr.decode() == ("CommandError: Standard output cannot be written: No space left on device.\n")


@pytest.mark.processes(only="python")
def test_nothing_but_the_report_is_printed_where_nobody_looks(sandbox: dict[str, str]) -> None:
    result = run(sandbox, "$REPORT --output -")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"\r\n") == 1001


@pytest.mark.processes(only="python")
def test_progress_is_shown_on_a_terminal(sandbox: dict[str, str], tmp_path: Path) -> None:
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "lms_sandbox", COMMAND, str(COURSE_KEY), "--output", str(tmp_path / "report.csv")]
    try:
        subprocess.run(command, env=sandbox, cwd=REPOSITORY, stderr=end, timeout=120, check=True)
    finally:
        os.close(end)
    shown = os.read(terminal, 65536)
    os.close(terminal)
    assert shown == b"\r1,000 / 1,000\r\n"


@pytest.mark.processes(only="python")
def test_a_wrong_course_ends_with_one_line_and_a_status(sandbox: dict[str, str]) -> None:
    result = run(sandbox, "$REPORT-other")
    assert (result.returncode, result.stdout) == (1, b"")
    lines = result.stderr.decode().splitlines()
    assert lines[-1] == f"CommandError: There is no course {COURSE_KEY}-other."
