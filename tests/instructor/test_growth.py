"""The panel's lists take the same queries as a course and the report store grow, and never look into the store."""

import hashlib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from proctored_results import api
from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS
from tests import factories
from tests.factories import COURSE_KEY
from tests.instructor.conftest import REPORTS, TASKS

pytestmark = pytest.mark.django_db(transaction=True)

FEW, MANY = 30, 10_000
OTHERS = 2_000


class CountingStorage(FileSystemStorage):
    """A storage on the local disk that counts the calls of its methods."""

    calls: Counter[str] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if name in {"delete", "exists", "get_modified_time", "listdir", "open", "path", "save", "size", "url"}:
            CountingStorage.calls[name] += 1
        return super().__getattribute__(name)


@pytest.fixture
def calls(settings: Any, report_store: Path) -> Counter[str]:
    """How often each method of the report store was called."""
    settings.GRADES_DOWNLOAD = {
        "STORAGE_CLASS": f"{__name__}.CountingStorage",
        "STORAGE_KWARGS": {"location": str(report_store)},
    }
    CountingStorage.calls.clear()
    return CountingStorage.calls


def grow(store: Path, old: int, course_key: Any = COURSE_KEY) -> None:
    """Give a course this number of old reports with their files, and three from the last hour."""
    folder = store / hashlib.sha1(str(course_key).encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    requester, now = factories.user(), timezone.now()
    made = []
    for number in range(old + 3):
        name = f"report-{number}.csv"
        (folder / name).touch()
        age = timedelta(minutes=old + 3 - number)
        ended = now - age - timedelta(days=2 if number < old else 0)
        made.append(
            api.ReportRun(
                course_key=course_key,
                kind=PROCTORED_EXAM_RESULTS,
                choice=api.choose().as_json(),
                state="succeeded",
                file_name=name,
                rows=1,
                size=1,
                finished_at=ended,
                task_id=f"{course_key} {number}",
                requester=requester,
            )
        )
    api.ReportRun.objects.bulk_create(made, batch_size=500)


def asked(client: Client, path: str) -> tuple[Any, list[str]]:
    """Return the answer, and the queries."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path).json()
    return answer, [query["sql"] for query in captured]


@pytest.mark.parametrize(("path", "shown"), [(REPORTS, 20), (TASKS, 3)])
def test_old_reports_cost_no_query_and_no_look_into_the_store(
    path: str, shown: int, client: Client, report_store: Path, calls: Counter[str]
) -> None:
    grow(report_store, FEW)
    answer, few = asked(client, path)
    assert len(answer["results"]) == shown
    api.ReportRun.objects.all().delete()

    grow(report_store, MANY)
    answer, many = asked(client, path)
    assert len(answer["results"]) == shown
    assert len(many) == len(few)
    assert calls == {}


def test_the_last_page_is_there_with_the_oldest_report(client: Client, report_store: Path, calls: Counter[str]) -> None:
    grow(report_store, MANY)
    answer, queries = asked(client, f"{REPORTS}?page_size=100&page=101")
    assert (answer["count"], answer["next"]) == (1000, None), "counting stops at a thousand"
    assert [entry["name"] for entry in answer["results"]] == ["report-2.csv", "report-1.csv", "report-0.csv"]
    assert len(queries) == len(asked(client, REPORTS)[1])
    assert calls == {}


def test_whoever_follows_the_pages_sees_each_report_once(
    client: Client, report_store: Path, calls: Counter[str]
) -> None:
    grow(report_store, 1500)
    names, following = [], f"{REPORTS}?page_size=100"
    while following:
        answer = client.get(following).json()
        names += [entry["name"] for entry in answer["results"]]
        following = answer["next"]
    assert names == [f"report-{number}.csv" for number in range(1502, -1, -1)]


@pytest.mark.parametrize("page", ["0", "-1", "3", "x", "1.5", "9" * 30])
def test_a_page_that_is_not_there(page: str, client: Client, report_store: Path, calls: Counter[str]) -> None:
    grow(report_store, FEW)
    answer = client.get(REPORTS, {"page": page})
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("Invalid page")


@pytest.mark.parametrize("path", [REPORTS, f"{REPORTS}?page=3", TASKS, f"{TASKS}of-nobody/"])
def test_no_list_walks_through_the_runs_of_other_courses(path: str, client: Client, report_store: Path) -> None:
    """Ordered by primary key, a page of one course would make MySQL scan the runs of all courses."""
    grow(report_store, FEW)
    for number in range(4):
        grow(report_store, OTHERS, COURSE_KEY.replace(run=f"other{number}"))
    with connection.cursor() as cursor:
        cursor.execute({"sqlite": "ANALYZE", "mysql": "ANALYZE TABLE proctored_results_reportrun"}[connection.vendor])
        cursor.fetchall()
    _answer, queries = asked(client, path)
    of_runs = [sql for sql in queries if "FROM" in sql and "proctored_results_reportrun" in sql]
    assert of_runs
    for sql in of_runs:
        plan = explained(sql)
        assert not [
            word
            for word in ("SCAN proctored", "TEMP B-TREE FOR ORDER BY", "|ALL|", "|index|", "filesort")
            if word in plan
        ], plan


def explained(sql: str) -> str:
    """Return the database's plan of the query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}")
        return "\n".join("|".join(map(str, row)) for row in cursor.fetchall())
