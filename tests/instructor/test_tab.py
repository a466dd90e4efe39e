"""The tab in the new instructor dashboard: through the real filter, and in the sandbox's answer to the dashboard."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from opaque_keys.edx.keys import CourseKey
from openedx_filters import PipelineStep
from openedx_filters.learning import filters

from proctored_results.instructor.tab import AddTab
from tests import factories
from tests.factories import COURSE_KEY
from tests.instructor.conftest import logged_in

pytestmark = pytest.mark.django_db

FILTER_TYPE = "org.openedx.learning.instructor.dashboard.tabs.requested.v1"
STEP = "proctored_results.instructor.tab.AddTab"
METADATA = f"/api/instructor/v2/courses/{COURSE_KEY}"

#: None in releases of openedx-filters that lack this filter. Their platforms have no tabs to filter.
FILTER = getattr(filters, "InstructorDashboardTabsRequested", None)

DATA_DOWNLOADS = {"tab_id": "data_downloads", "title": "Data Downloads", "url": "/x/data_downloads", "sort_order": 60}
OPEN_RESPONSES = {"tab_id": "open_responses", "title": "Open Responses", "url": "/x/open_responses", "sort_order": 70}


def tab(course_key: CourseKey = COURSE_KEY) -> dict[str, Any]:
    """Our tab of a course."""
    return {
        "tab_id": "proctored_results",
        "title": "Proctored Exam Results",
        "url": f"http://127.0.0.1:8000/proctored_results/courses/{course_key}/",
        "sort_order": 65,
    }


def filtered(tabs: list[dict[str, Any]], user: Any, course_key: CourseKey = COURSE_KEY) -> list[dict[str, Any]]:
    """Run the filter, as the settings configure it, over these tabs; without such a filter, only our step."""
    if FILTER is None:
        step = AddTab(filter_type=FILTER_TYPE, running_pipeline=[STEP])
        return step.run_filter(tabs=tabs, user=user, course_key=course_key)["tabs"]
    found, _user, _course_key = FILTER.run_filter(tabs=tabs, user=user, course_key=course_key)
    return found


def test_the_tab_comes_after_data_downloads_and_before_open_responses(course: Any, instructor: Any) -> None:
    tabs = filtered([DATA_DOWNLOADS, OPEN_RESPONSES], instructor)
    assert sorted(tabs, key=lambda each: each["sort_order"]) == [DATA_DOWNLOADS, tab(), OPEN_RESPONSES]


def test_the_link_is_a_whole_url_of_a_page_that_is_there(course: Any, instructor: Any) -> None:
    (ours,) = filtered([], instructor)
    assert not ours["url"].startswith("/"), "a path would be a page of the dashboard's own"
    path = ours["url"].removeprefix("http://127.0.0.1:8000")
    assert path == reverse("proctored_results:panel", args=[str(COURSE_KEY)])
    assert logged_in(instructor).get(path).status_code == 200


def test_a_second_run_adds_no_second_tab(course: Any, instructor: Any) -> None:
    once = filtered([DATA_DOWNLOADS], instructor)
    assert filtered(once, instructor) == once == [DATA_DOWNLOADS, tab()]


def test_the_tabs_that_were_given_are_not_changed(course: Any, instructor: Any) -> None:
    given = [dict(DATA_DOWNLOADS)]
    filtered(given, instructor)
    assert given == [DATA_DOWNLOADS]


@pytest.mark.parametrize(
    ("who", "shown"),
    [("admin", True), ("instructor", True), ("researcher", True), ("staff", False), ("learner", False)],
)
def test_those_who_may_see_the_reports_have_the_tab(who: str, shown: bool, person: Callable[[str], Any]) -> None:
    assert (tab() in filtered([], person(who))) == shown


@pytest.mark.parametrize("user", [AnonymousUser(), None])
def test_without_a_user_there_is_no_tab(user: Any, course: Any) -> None:
    step = AddTab(filter_type=FILTER_TYPE, running_pipeline=[STEP])
    assert step.run_filter(tabs=[], user=user, course_key=COURSE_KEY)["tabs"] == []


@pytest.mark.parametrize(
    ("special_exams", "enabled", "exam_fields", "shown"),
    [
        (True, True, None, True),
        (False, True, None, False),
        (True, False, None, False),
        (False, False, {"is_proctored": True, "is_active": False}, True),
        (True, False, {"is_proctored": False}, False),
    ],
)
def test_courses_that_have_to_do_with_proctoring_have_the_tab(
    special_exams: bool, enabled: bool, exam_fields: dict[str, Any] | None, shown: bool, settings: Any
) -> None:
    settings.FEATURES = {**settings.FEATURES, "ENABLE_SPECIAL_EXAMS": special_exams}
    factories.course(enable_proctored_exams=enabled)
    if exam_fields is not None:
        factories.exam(**exam_fields)
    assert (filtered([], factories.team_member("data_researcher")) == [tab()]) == shown


def test_a_course_that_is_not_there_has_no_tab() -> None:
    assert filtered([], factories.user(is_staff=True)) == []


@pytest.mark.parametrize("course_id", ["OldX/PR1/2013", "ccx-v1:TestX+PR1+2026+ccx@7"])
def test_other_kinds_of_course_keys_have_the_tab(course_id: str) -> None:
    course_key = CourseKey.from_string(course_id)
    factories.course(course_key)
    user = factories.team_member("data_researcher", course_key=course_key)
    assert filtered([], user, course_key) == [tab(course_key)]


def test_a_setting_hides_the_tab(course: Any, instructor: Any, settings: Any) -> None:
    settings.PROCTORED_RESULTS_TAB = False
    assert filtered([DATA_DOWNLOADS], instructor) == [DATA_DOWNLOADS]


@pytest.mark.parametrize("arguments", [{}, {"tabs": [DATA_DOWNLOADS]}, {"sections": [1], "course": 2}])
def test_a_platform_that_runs_the_filter_with_other_arguments_gets_them_back(arguments: dict[str, Any]) -> None:
    step = AddTab(filter_type=FILTER_TYPE, running_pipeline=[STEP])
    assert step.run_filter(**arguments) == arguments


def test_an_argument_that_is_new_passes_through(course: Any, instructor: Any) -> None:
    step = AddTab(filter_type=FILTER_TYPE, running_pipeline=[STEP])
    arguments = {"tabs": [], "user": instructor, "course_key": COURSE_KEY, "locale": "fr"}
    assert step.run_filter(**arguments) == {**arguments, "tabs": [tab()]}


def test_an_error_leaves_the_tabs_as_they_were(course: Any, instructor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_path: str) -> str:
        raise RuntimeError("boom")

    monkeypatch.setattr("proctored_results.edx_platform.courses.lms_url", broken)
    tabs = logged_in(instructor).get(METADATA).json()["tabs"]
    assert [each["tab_id"] for each in tabs] == PLATFORM_TABS


# The sandbox's answer to the dashboard, which is like the platform's

PLATFORM_TABS = [
    "course_info",
    "enrollments",
    "course_team",
    "grading",
    "data_downloads",
    "cohorts",
    "special_exams",
]


class TheirTab(PipelineStep):
    """Another plugin's step, which adds its tab to the list that it was given."""

    def run_filter(self, tabs: list[dict[str, Any]], user: Any, course_key: CourseKey) -> dict[str, Any]:
        tabs.append({"tab_id": "theirs", "title": "Theirs", "url": f"/x/{len(tabs)}", "sort_order": 65})
        return {"tabs": tabs, "user": user, "course_key": course_key}


THEIR_STEP = f"{__name__}.TheirTab"


@pytest.mark.parametrize(
    ("steps", "added"),
    [
        ([STEP], ["proctored_results"]),
        ([THEIR_STEP, STEP], ["theirs", "proctored_results"]),
        ([STEP, THEIR_STEP], ["proctored_results", "theirs"]),
        ([THEIR_STEP, STEP, THEIR_STEP], ["theirs", "proctored_results", "theirs"]),
    ],
    ids=["ours alone", "theirs before", "theirs after", "theirs on both sides"],
)
def test_the_dashboard_is_told_of_every_plugins_tab_in_the_order_of_the_steps(
    steps: list[str], added: list[str], course: Any, instructor: Any, settings: Any
) -> None:
    settings.OPEN_EDX_FILTERS_CONFIG = {FILTER_TYPE: {"pipeline": steps, "fail_silently": False}}
    tabs = logged_in(instructor).get(METADATA).json()["tabs"]
    # Without such a filter, there are only the platform's own tabs.
    assert [each["tab_id"] for each in tabs] == [*PLATFORM_TABS, *(added if FILTER else [])]
    assert [each for each in tabs if each["tab_id"] == "proctored_results"] == ([tab()] if FILTER else [])


def test_the_dashboard_is_told_of_our_tab_as_the_settings_are(course: Any, instructor: Any) -> None:
    tabs = logged_in(instructor).get(METADATA).json()["tabs"]
    assert tabs.count(tab()) == (1 if FILTER else 0)
