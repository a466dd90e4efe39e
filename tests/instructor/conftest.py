"""People, clients and reports for the tests of the course team's side."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from proctored_results import api
from proctored_results.edx_platform.report_store import ReportFile
from tests import factories
from tests.factories import COURSE_KEY

COURSE_URL = f"/api/proctored_results/v1/courses/{COURSE_KEY}"
REPORTS = f"{COURSE_URL}/reports/"
TASKS = f"{COURSE_URL}/tasks/"
BUTTON = f"{COURSE_URL}/dashboard-button/"
PAGE = f"/proctored_results/courses/{COURSE_KEY}/"


@pytest.fixture
def course() -> Any:
    return factories.course()


@pytest.fixture
def person(course: Any) -> Callable[[str], Any]:
    """A function that makes the user of a role; None for "anonymous"."""
    parts: dict[str, Callable[[], Any]] = {
        "admin": lambda: factories.user("admin", is_staff=True),
        "instructor": lambda: factories.team_member("staff", "data_researcher", username="instructor"),
        "staff": lambda: factories.team_member("staff", username="staff"),
        "researcher": lambda: factories.team_member("data_researcher", username="researcher"),
        "learner": lambda: factories.user("learner"),
        "anonymous": lambda: None,
    }
    return lambda part: parts[part]()


def logged_in(user: Any | None, **kwargs: Any) -> Client:
    client = Client(**kwargs)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def instructor(person: Callable[[str], Any]) -> Any:
    return person("instructor")


@pytest.fixture
def client(instructor: Any) -> Client:
    """A browser in which the instructor is logged in."""
    return logged_in(instructor)


@pytest.fixture
def report(course: Any) -> api.ReportRun:
    """A report with one row, in the report store."""
    factories.attempt(factories.exam())
    return api.store_report(COURSE_KEY, api.choose())


class Clock:
    """The clock by which links are signed and expire."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_800_000_000.0
        monkeypatch.setattr("django.core.signing.time", SimpleNamespace(time=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def delete_from_store(run: api.ReportRun) -> None:
    place = ReportFile.of(run.course_key, run.file_name)
    place.storage.delete(place.path)


def link_to(run: api.ReportRun, user: Any) -> str:
    """The link that the list of reports gives this user."""
    (entry,) = (entry for entry in logged_in(user).get(REPORTS).json()["results"] if entry["name"] == run.file_name)
    return entry["download_url"]
