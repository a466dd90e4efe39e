"""The REST API: starting a report, and the lists of reports and tasks."""

import struct
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from proctored_results import api
from proctored_results.reports import columns
from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS
from proctored_results.runs import making
from proctored_results.runs.errors import NOTHING_TO_REPORT, QUEUE_UNAVAILABLE, STOPPED, STORE_REFUSED
from tests import factories
from tests.conftest import Queue
from tests.factories import COURSE_KEY
from tests.instructor.conftest import PAGE, REPORTS, TASKS, logged_in

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json"


def finished(number: int = 1, **fields: Any) -> api.ReportRun:
    """A run that says that its file is stored. There is no file."""
    values = {
        "course_key": COURSE_KEY,
        "kind": PROCTORED_EXAM_RESULTS,
        "choice": api.choose().as_json(),
        "state": "succeeded",
        "file_name": f"report-{number}.csv",
        "rows": number,
        "size": 1000 * number,
        "finished_at": timezone.now(),
        "task_id": f"task-{number}",
        "requester": factories.user(),
        **fields,
    }
    return api.ReportRun.objects.create(**values)


# Starting


def test_a_post_starts_a_report_and_says_where_to_follow_it(client: Client, queue: Queue) -> None:
    response = client.post(REPORTS)
    assert response.status_code == 202
    answer = response.json()
    run = api.ReportRun.objects.get()
    assert answer == {
        "task_id": run.task_id,
        "status_url": f"{TASKS}{run.task_id}/",
        "message": "The proctored exam results report is being generated. Pending Tasks shows its progress; when it is "
        "complete, it appears under Reports Available for Download.",
    }
    assert client.get(answer["status_url"]).json()["state"] == "queued"
    queue.work()
    assert client.get(answer["status_url"]).json()["state"] == "succeeded"


def test_what_is_asked_for_is_in_the_file(client: Client, queue: Queue, stored_files: Any) -> None:
    factories.attempt(factories.exam())
    asked = {"format": "csv", "extra_columns": ["reviewed_by", "provider"], "byte_order_mark": True}
    assert client.post(REPORTS, asked, content_type=JSON).status_code == 202
    queue.work()
    (content,) = stored_files().values()
    header = content.splitlines()[0]
    assert header.startswith(b"\xef\xbb\xbfcourse_id,")
    assert header.endswith(b",Rules Violation Comments,reviewed_by,provider")


@pytest.mark.parametrize("asked", [{}, {"byte_order_mark": None}, {"extra_columns": []}])
def test_what_is_not_asked_for_is_as_the_settings_say(
    asked: dict[str, Any], client: Client, queue: Queue, settings: Any
) -> None:
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = ["track"]
    settings.PROCTORED_RESULTS_BYTE_ORDER_MARK = True
    assert client.post(REPORTS, asked, content_type=JSON).status_code == 202
    choice = api.ReportRun.objects.get().choice
    assert (choice["extra_columns"], choice["byte_order_mark"]) == (["track"], True)


def test_a_form_can_ask_too(client: Client, queue: Queue, settings: Any) -> None:
    settings.PROCTORED_RESULTS_BYTE_ORDER_MARK = True
    assert client.post(REPORTS, {"extra_columns": ["track", "provider"]}).status_code == 202
    choice = api.ReportRun.objects.get().choice
    assert (choice["extra_columns"], choice["byte_order_mark"]) == (["track", "provider"], True)


def test_a_second_report_is_refused_while_the_first_one_runs(client: Client, queue: Queue) -> None:
    client.post(REPORTS)
    run = api.ReportRun.objects.get()
    other = logged_in(factories.team_member("staff", "data_researcher"))
    response = other.post(REPORTS)
    assert response.status_code == 409
    assert response.json()["detail"] == (
        f"instructor started this report on {run.requested_at:%Y-%m-%d %H:%M} UTC, and it is not finished yet. It will "
        "appear under Reports Available for Download."
    )
    queue.work()
    assert other.post(REPORTS).status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"format": "xlsx"}', "format"),
        ('{"format": null}', "format"),
        ('{"format": ["csv"]}', "format"),
        ('{"extra_columns": ["score"]}', "extra_columns"),
        ('{"extra_columns": "provider"}', "extra_columns"),
        ('{"extra_columns": null}', "extra_columns"),
        ('{"extra_columns": [["provider"]]}', "extra_columns"),
        ('{"extra_columns": {"provider": 1}}', "extra_columns"),
        ('{"extra_columns": ["track", "track", "track", "track", "track", "track"]}', "extra_columns"),
        ('{"byte_order_mark": "maybe"}', "byte_order_mark"),
        ('{"byte_order_mark": {}}', "byte_order_mark"),
        ("[]", "non_field_errors"),
        ('"csv"', "non_field_errors"),
        ("7", "non_field_errors"),
        ("{", "detail"),
        ("\x00", "detail"),
        ('{"format": "\\ud800"}', "format"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(body: str, field: str, client: Client, queue: Queue) -> None:
    response = client.post(REPORTS, body, content_type=JSON)
    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert queue.messages == []
    assert not api.ReportRun.objects.exists()


def test_a_refused_column_comes_with_the_ones_there_are(client: Client) -> None:
    response = client.post(REPORTS, {"extra_columns": ["provider", "score"]}, content_type=JSON)
    (sentence,) = response.json()["extra_columns"]["1"]
    assert sentence == f"This has to be one of: {', '.join(columns.EXTRA_COLUMN_NAMES)}."


def test_a_body_of_another_type_is_refused(client: Client, queue: Queue) -> None:
    assert client.post(REPORTS, "format=csv", content_type="text/plain").status_code == 415


def test_a_queue_that_does_not_answer_is_said_to_be_so(client: Client, queue: Queue) -> None:
    queue.error = OperationalError("amqp://user:password@broker")
    response = client.post(REPORTS)
    assert (response.status_code, response.json()) == (503, {"detail": QUEUE_UNAVAILABLE})
    queue.error = None
    assert client.post(REPORTS).status_code == 202


def test_only_so_many_reports_can_be_asked_for_and_reading_is_not_limited(
    client: Client, queue: Queue, settings: Any
) -> None:
    settings.PROCTORED_RESULTS_REQUEST_RATE = "2/hour"
    statuses = []
    for _ in range(3):
        statuses.append(client.post(REPORTS).status_code)
        queue.work()
        assert client.get(REPORTS).status_code == client.get(TASKS).status_code == 200
        assert client.options(REPORTS).status_code == 200
    assert statuses == [202, 202, 429]
    refusal = client.post(REPORTS)
    assert refusal.json()["detail"].startswith("Request was throttled.")
    assert int(refusal["Retry-After"]) > 3000
    other = logged_in(factories.team_member("staff", "data_researcher"))
    assert other.post(REPORTS).status_code == 202


# Reports


def test_a_finished_report_is_listed_with_what_there_is_to_know(
    client: Client, instructor: Any, report: api.ReportRun
) -> None:
    report.requester = instructor
    report.save()
    listing = client.get(REPORTS).json()
    assert listing["count"] == 1
    (entry,) = listing["results"]
    assert entry.pop("download_url").startswith(f"{REPORTS}{report.file_name}/download/?token=")
    assert entry.pop("finished_at").endswith("Z")
    assert entry == {
        "name": report.file_name,
        "rows": 1,
        "size": report.size,
        "message": "",
        "requested_by": "instructor",
    }


def test_a_report_of_a_course_without_exams_says_why_it_is_empty(client: Client, queue: Queue) -> None:
    client.post(REPORTS)
    queue.work()
    (entry,) = client.get(REPORTS).json()["results"]
    assert (entry["rows"], entry["message"]) == (0, NOTHING_TO_REPORT)


def test_a_report_of_the_command_line_names_nobody(client: Client, report: api.ReportRun) -> None:
    (entry,) = client.get(REPORTS).json()["results"]
    assert entry["requested_by"] is None


def test_reports_are_listed_newest_first_in_pages(client: Client) -> None:
    for number in range(1, 26):
        finished(number)
    first = client.get(REPORTS).json()
    assert (first["count"], first["previous"]) == (25, None)
    second = client.get(first["next"]).json()
    assert second["next"] is None
    names = [entry["name"] for entry in first["results"] + second["results"]]
    assert names == [f"report-{number}.csv" for number in range(25, 0, -1)]
    assert len(client.get(REPORTS, {"page_size": 3}).json()["results"]) == 3
    assert len(client.get(REPORTS, {"page_size": 1000}).json()["results"]) == 25
    for page in ("99", "x", "-1", "9" * 30):
        assert client.get(REPORTS, {"page": page}).status_code == 404


def test_reports_of_other_courses_and_unfinished_or_failed_ones_are_not_listed(client: Client) -> None:
    finished(1, course_key=COURSE_KEY.replace(run="2027"))
    finished(2, state="running")
    finished(3, state="failed", file_name=None)
    finished(4, kind="another_report")
    assert client.get(REPORTS).json()["results"] == []


@pytest.mark.parametrize("url", [REPORTS, TASKS])
def test_a_longer_list_costs_no_more_queries(url: str, client: Client) -> None:
    finished(1)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url)
    for number in range(2, 15):
        finished(number)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(url).json()["results"]) == 14
    assert len(many) == len(few)


# Tasks


def test_a_task_is_told_from_beginning_to_end(client: Client, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    exam = factories.exam()
    for _ in range(3):
        factories.attempt(exam)
    url = client.post(REPORTS).json()["status_url"]
    waiting = client.get(url).json()
    assert waiting["message"] == "The report waits for a worker to begin with it."
    assert (waiting["state"], waiting["progress"], waiting["report"]) == ("queued", None, None)
    assert waiting["requested_by"] == "instructor"

    running = []
    write = making.write

    def look_then_end(*args: Any, on_row: Any, **kwargs: Any) -> int:
        """Look at the task from outside after its first row."""

        def after(rows: int) -> None:
            on_row(rows)
            if rows == 1:
                running.append(client.get(url).json())

        return write(*args, on_row=after, **kwargs)

    monkeypatch.setattr(making, "write", look_then_end)
    queue.work()
    (seen,) = running
    assert seen["state"] == "running"
    assert seen["progress"] == {"attempted": 1, "succeeded": 1, "total": 3}
    assert seen["message"] == "1 of 3 rows are written."
    assert seen["report"] is None

    ended = client.get(url).json()
    assert (ended["state"], ended["message"], ended["progress"]) == ("succeeded", "The report is ready.", None)
    assert ended["report"] == client.get(REPORTS).json()["results"][0]["name"]
    assert ended["requested_at"] <= ended["started_at"] <= ended["finished_at"]
    assert client.get(TASKS).json()["results"] == [ended]


def test_a_failed_task_says_why(client: Client, queue: Queue, report_store: Path) -> None:
    report_store.write_text("a file where the folder should be")
    url = client.post(REPORTS).json()["status_url"]
    queue.work()
    task = client.get(url).json()
    assert (task["state"], task["message"], task["report"]) == ("failed", STORE_REFUSED, None)


@pytest.mark.parametrize("config", ["absent", None, "no.such.Storage"])
def test_on_a_site_without_a_usable_report_store_a_task_fails_with_a_sentence(
    config: str | None, client: Client, queue: Queue, settings: Any
) -> None:
    if config == "absent":
        del settings.GRADES_DOWNLOAD
    else:
        settings.GRADES_DOWNLOAD = config and {"STORAGE_CLASS": config}
    url = client.post(REPORTS).json()["status_url"]
    queue.work()
    task = client.get(url).json()
    assert (task["state"], task["message"]) == ("failed", STORE_REFUSED)
    assert client.get(REPORTS).json()["count"] == 0
    assert client.get(PAGE).status_code == 200


def test_a_task_whose_worker_said_nothing_at_its_end_is_told_as_failed(client: Client, queue: Queue) -> None:
    from lms.djangoapps.instructor_task.models import InstructorTask

    url = client.post(REPORTS).json()["status_url"]
    InstructorTask.objects.update(task_state="REVOKED")
    for seen in (client.get(TASKS).json()["results"][0], client.get(url).json()):
        assert (seen["state"], seen["message"]) == ("failed", STOPPED)


def test_tasks_that_ended_more_than_a_day_ago_and_command_line_runs_are_not_listed(client: Client) -> None:
    finished(1, finished_at=timezone.now() - timedelta(hours=25))
    finished(2, finished_at=timezone.now() - timedelta(hours=23))
    finished(3, requester=None, task_id=None)
    finished(4, course_key=COURSE_KEY.replace(run="2027"))
    assert [task["task_id"] for task in client.get(TASKS).json()["results"]] == ["task-2"]
    assert client.get(f"{TASKS}task-1/").json()["state"] == "succeeded"


@pytest.mark.parametrize("task_id", ["unknown", "task-9", "%00", "x" * 2000, "é"])
def test_an_unknown_task_is_not_found(task_id: str, client: Client) -> None:
    finished(9, course_key=COURSE_KEY.replace(run="2027"))
    response = client.get(f"{TASKS}{task_id}/")
    assert response.status_code == 404
    assert response.json()["detail"] == "There is no such task in this course."


# Languages

GERMAN = {
    NOTHING_TO_REPORT: "Der Kurs hat keine beaufsichtigten Versuche.",
    "There is no such course.": "Diesen Kurs gibt es nicht.",
}


@pytest.fixture
def german(settings: Any, tmp_path: Path) -> Iterator[None]:
    """A catalogue with the sentences above, which takes precedence over all others."""
    folder = tmp_path / "locale" / "de_DE" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(_compiled({"": "Content-Type: text/plain; charset=UTF-8\n", **GERMAN}))
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    with translation.override("de-de"):
        yield


def test_sentences_are_in_the_language_of_the_reader(client: Client, queue: Queue, german: None) -> None:
    headers = {"Accept-Language": "de-de"}
    client.post(REPORTS)
    queue.work()
    (entry,) = client.get(REPORTS, headers=headers).json()["results"]
    assert entry["message"] == GERMAN[NOTHING_TO_REPORT]
    (task,) = client.get(TASKS, headers=headers).json()["results"]
    assert task["message"] == GERMAN[NOTHING_TO_REPORT]
    unknown = client.get(REPORTS.replace("2026", "1999"), headers=headers)
    assert unknown.json()["detail"] == GERMAN["There is no such course."]
    assert api.ReportRun.objects.get().sentence == NOTHING_TO_REPORT, "stored untranslated"


def _compiled(messages: dict[str, str]) -> bytes:
    """Return a catalogue in gettext's binary format."""
    pairs = [(key.encode(), text.encode()) for key, text in sorted(messages.items())]
    start = 28 + 16 * len(pairs)
    keys, texts, blob = [], [], b""
    for column, index in ((keys, 0), (texts, 1)):
        for pair in pairs:
            column.append((len(pair[index]), start + len(blob)))
            blob += pair[index] + b"\0"
    table = b"".join(struct.pack("<II", *entry) for entry in keys + texts)
    return struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0) + table + blob
