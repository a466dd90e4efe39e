"""Permissions: who may use which method of which URL; and how a request says who it comes from."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from edx_rest_framework_extensions.auth.jwt.tests.utils import (
    generate_jwt,
    generate_jwt_token,
    generate_latest_version_payload,
)
from opaque_keys.edx.keys import CourseKey

from proctored_results import api, permissions, urls
from proctored_results.edx_platform import report_links
from tests import factories
from tests.conftest import Queue
from tests.factories import COURSE_KEY
from tests.instructor.conftest import BUTTON, PAGE, REPORTS, TASKS, logged_in

pytestmark = pytest.mark.django_db(transaction=True)

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
PEOPLE = ("admin", "instructor", "staff", "researcher", "learner", "anonymous")

RESEARCHERS = {"admin", "instructor", "researcher"}
GENERATORS = {"admin", "instructor"}
TEAM = {"admin", "instructor", "staff", "researcher"}

#: URL -> method -> (who may, status for them). HEAD and OPTIONS are like GET; there are no other methods.
TABLE: dict[str, dict[str, tuple[set[str], int]]] = {
    "reports": {"get": (RESEARCHERS, 200), "post": (GENERATORS, 202)},
    "report-download": {"get": (RESEARCHERS, 200)},
    "tasks": {"get": (TEAM, 200)},
    "task": {"get": (TEAM, 200)},
    "dashboard-button": {"post": (GENERATORS, 200)},
}


#: Who -> status of the page. It is for people, so it redirects to the login; those outside the team get a 404.
PAGE_TABLE = {"admin": 200, "instructor": 200, "researcher": 200, "staff": 403, "learner": 404, "anonymous": 302}


def test_the_tables_name_every_url_of_the_course_team() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} - {"exam-result"} == {*TABLE, "panel"}


@pytest.mark.parametrize("who", PEOPLE)
def test_permissions_of_the_page(who: str, person: Callable[[str], Any]) -> None:
    client = logged_in(person(who))
    for method in METHODS:
        expected = PAGE_TABLE[who] if method in ("get", "head") else 405
        assert getattr(client, method)(PAGE).status_code == expected, method
    if who == "anonymous":
        assert client.get(PAGE).url == f"/login?next={quote(PAGE)}"


@pytest.mark.parametrize("url_name", TABLE)
@pytest.mark.parametrize("who", PEOPLE)
def test_permissions(
    url_name: str, who: str, person: Callable[[str], Any], report: api.ReportRun, queue: Queue
) -> None:
    task = api.ReportRun.objects.create(course_key=COURSE_KEY, kind=report.kind, task_id="a-task", state="failed")
    user = person(who)
    url = {
        "reports": REPORTS,
        "report-download": report_links.download_url(user or factories.user(), COURSE_KEY, report.file_name),
        "tasks": TASKS,
        "task": f"{TASKS}{task.task_id}/",
        "dashboard-button": BUTTON,
    }[url_name]
    client = logged_in(user)
    for method in METHODS:
        response = getattr(client, method)(url)
        _, expected = _expected(url_name, method, who)
        assert response.status_code == expected, method
        if expected == 403 and method != "head":
            detail = response.json() if url_name == "dashboard-button" else response.json()["detail"]
            assert detail in map(str, permissions.WHAT_IS_MISSING.values())
            assert detail.endswith(".")
    assert len(queue.messages) == (TABLE[url_name].get("post", (set(), 0))[0] >= {who})


def _expected(url_name: str, method: str, who: str) -> tuple[str, int]:
    row = TABLE[url_name]
    if who == "anonymous":
        return who, 401
    same_as = "get" if method in ("head", "options") else method
    if same_as in row:
        allowed, status = row[same_as]
        return who, (200 if method == "options" else status) if who in allowed else 403
    # The URL does not have this method. Only those who may use all of its methods get a 405.
    allowed = set.intersection(*(allowed for allowed, _ in row.values()))
    if who not in allowed:
        return who, 403
    return who, 200 if method == "options" else 405


NO_COURSES = [
    "course-v1:TestX+PR1+1999",
    "TestX/PR1/1999",
    "ccx-v1:TestX+PR1+2026+ccx@7",
    "library-v1:TestX+PR1",
    "block-v1:TestX+PR1+2026+type@sequential+block@x",
    "not-a-course",
    "course-v1:TestX+PR1",
    "course-v1:TestX+PR1+%00",
    "course-v1:TestX+PR1+2026/..",
    "%F0%9F%98%80",
    "course-v1:" + "x" * 5000,
]


@pytest.mark.parametrize("path", ["reports/", "reports/x.csv/download/", "tasks/", "tasks/x/", "dashboard-button/"])
@pytest.mark.parametrize("course_id", NO_COURSES)
def test_unknown_courses_and_malformed_ids_are_not_found(course_id: str, path: str, client: Client) -> None:
    method = client.post if path.startswith("dashboard") else client.get
    response = method(f"/api/proctored_results/v1/courses/{course_id}/{path}")
    assert response.status_code == 404
    body = response.json()
    assert (body if path.startswith("dashboard") else body["detail"]).endswith(".")


@pytest.mark.parametrize("course_id", NO_COURSES)
def test_unknown_courses_and_malformed_ids_have_no_page(course_id: str, client: Client) -> None:
    assert client.get(f"/proctored_results/courses/{course_id}/").status_code == 404


@pytest.mark.parametrize("course_id", ["OldX/PR1/2013", "ccx-v1:TestX+PR1+2026+ccx@7", "course-v1:ÜbungX+Prüfung+2026"])
def test_other_kinds_of_course_keys_work_in_every_url(course_id: str, queue: Queue) -> None:
    course_key = CourseKey.from_string(course_id)
    factories.course(course_key)
    user = factories.team_member("staff", "data_researcher", course_key=course_key)
    client = logged_in(user)
    base = f"/api/proctored_results/v1/courses/{course_id}"
    answer = client.post(f"{base}/reports/")
    assert answer.status_code == 202
    queue.work()
    task = client.get(answer.json()["status_url"]).json()
    assert task["state"] == "succeeded"
    (report,) = client.get(f"{base}/reports/").json()["results"]
    assert report["name"] == task["report"]
    assert client.get(report["download_url"]).status_code == 200
    assert client.get(f"{base}/tasks/").json()["count"] == 1
    assert client.post(f"{base}/dashboard-button/").status_code == 200


def test_roles_in_another_course_give_nothing_here(course: Any, queue: Queue) -> None:
    other = factories.course(COURSE_KEY.replace(run="2027")).id
    client = logged_in(factories.team_member("staff", "data_researcher", course_key=other))
    for method, url in ((client.get, REPORTS), (client.post, REPORTS), (client.get, TASKS), (client.post, BUTTON)):
        assert method(url).status_code == 403
    assert client.get(PAGE).status_code == 404


def test_a_jwt_serves_as_well_as_a_session(instructor: Any, queue: Queue) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"JWT {generate_jwt(instructor)}"})
    assert client.get(REPORTS).status_code == 200
    assert client.post(REPORTS).status_code == 202
    (run,) = api.ReportRun.objects.all()
    assert run.requester == instructor


@pytest.mark.parametrize("fields", [{"exp": 1}, {"iss": "https://elsewhere.example.com"}, {"aud": "others"}])
def test_a_jwt_that_is_old_or_meant_for_others_is_refused(fields: dict[str, Any], instructor: Any) -> None:
    token = generate_jwt_token({**generate_latest_version_payload(instructor), **fields})
    assert Client(headers={"Authorization": f"JWT {token}"}).get(REPORTS).status_code == 401


@pytest.mark.parametrize("url", [REPORTS, BUTTON])
def test_a_post_with_a_session_needs_the_csrf_token(url: str, instructor: Any, queue: Queue) -> None:
    client = logged_in(instructor, enforce_csrf_checks=True)
    refused = client.post(url)
    assert refused.status_code == 403
    assert "CSRF" in refused.content.decode()
    assert queue.messages == []
    client.cookies["csrftoken"] = "x" * 32
    assert client.post(url, headers={"X-CSRFToken": "x" * 32}).status_code in (200, 202)


def test_an_inactive_account_is_let_in_as_on_the_platforms_own_pages(instructor: Any) -> None:
    token = generate_jwt(instructor)
    instructor.is_active = False
    instructor.save()
    client = Client(headers={"Authorization": f"JWT {token}"})
    assert client.get(REPORTS).status_code == 200
