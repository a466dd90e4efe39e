"""The filter step that puts the panel into the dashboard: through the real filter, and on the sandbox's page."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import crum
import pytest
from django.test import Client
from opaque_keys.edx.keys import CourseKey
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import InstructorDashboardRenderStarted
from waffle.testutils import override_flag
from web_fragments.fragment import Fragment

from lms_sandbox import edxmako
from tests import factories
from tests.factories import COURSE_KEY
from tests.instructor.conftest import BUTTON, logged_in

pytestmark = pytest.mark.django_db

FILTER = "org.openedx.learning.instructor.dashboard.render.started.v1"
STEP = "proctored_results.instructor.panel.AddPanel"
KEYS = ["data_download", "data_download_2"]
DASHBOARD = f"/courses/{COURSE_KEY}/instructor"
PANEL = "<proctored-results-panel"


def section(key: str = "data_download", **fields: Any) -> dict[str, Any]:
    return {
        "section_key": key,
        "list_proctored_results_url": "/stock",
        "show_generate_proctored_exam_report_button": True,
        **fields,
    }


def filtered(course: Any, user: Any, *sections: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the platform's filter, as the settings configure it, over these sections of a dashboard."""
    with crum.impersonate(user):
        context, template = InstructorDashboardRenderStarted.run_filter(
            context={"course": course, "sections": list(sections)}, template_name="dashboard.html"
        )
    assert template == "dashboard.html"
    return context["sections"]


@pytest.fixture(params=KEYS)
def layout(request: pytest.FixtureRequest) -> Iterator[str]:
    """The key of the section in each of the two layouts of the page."""
    with override_flag("instructor.enable_data_download_v2", active=request.param == "data_download_2"):
        yield request.param


@pytest.mark.parametrize("key", KEYS)
def test_the_section_gets_the_panel_our_endpoint_and_our_resources(key: str, course: Any, instructor: Any) -> None:
    (changed,) = filtered(course, instructor, section(key))
    assert PANEL in changed["proctored_results_panel"]
    assert changed["list_proctored_results_url"] == BUTTON
    assert changed["show_generate_proctored_exam_report_button"] is True
    assert changed["template_path_prefix"] == "/proctored_results/"
    assert changed["proctored_results_wrapped_template"] == f"/instructor/instructor_dashboard_2/{key}.html"
    assert "proctored_results/panel.css" in changed["fragment"].head_html()
    assert "proctored_results/panel.js" in changed["fragment"].foot_html()


def test_other_sections_stay_as_they_are(course: Any, instructor: Any) -> None:
    others = [section("course_info"), section("special_exams", template_path_prefix="x/")]
    before = copy.deepcopy(others)
    sections = filtered(course, instructor, others[0], section(), others[1])
    assert [sections[0], sections[2]] == before


def test_a_dashboard_without_the_section_stays_as_it_is(course: Any, instructor: Any) -> None:
    assert filtered(course, instructor, section("course_info")) == [section("course_info")]
    assert filtered(course, instructor) == []


def test_what_another_plugin_put_into_the_section_is_kept(course: Any, instructor: Any) -> None:
    theirs = Fragment()
    theirs.add_css_url("/static/their.css")
    theirs.add_javascript("theirs()")
    (changed,) = filtered(
        course, instructor, section(template_path_prefix="/their_plugin/", fragment=theirs, their_data=[1])
    )
    assert changed["proctored_results_wrapped_template"] == "/their_plugin/data_download.html"
    assert changed["their_data"] == [1]
    fragment = changed["fragment"]
    assert "/static/their.css" in fragment.head_html()
    assert "theirs()" in fragment.foot_html()
    assert "panel.js" in fragment.foot_html()


def test_a_relative_prefix_is_taken_from_where_the_platform_looks(course: Any, instructor: Any) -> None:
    (changed,) = filtered(course, instructor, section(template_path_prefix="theirs/"))
    wrapped = changed["proctored_results_wrapped_template"]
    assert wrapped == "/instructor/instructor_dashboard_2/theirs/data_download.html"


@pytest.mark.parametrize(
    ("special_exams", "enabled", "exam_fields", "shown"),
    [
        (True, True, None, True),
        (False, True, None, False),
        (True, False, None, False),
        (True, False, {"is_proctored": True}, True),
        (True, False, {"is_proctored": False, "is_practice_exam": True}, True),
        (True, False, {"is_proctored": True, "is_active": False}, True),
        (True, False, {"is_proctored": False}, False),
        (False, False, {"is_proctored": True}, True),
    ],
)
def test_the_panel_is_there_for_courses_that_have_to_do_with_proctoring(
    special_exams: bool, enabled: bool, exam_fields: dict[str, Any] | None, shown: bool, settings: Any
) -> None:
    settings.FEATURES = {**settings.FEATURES, "ENABLE_SPECIAL_EXAMS": special_exams}
    course = factories.course(enable_proctored_exams=enabled)
    if exam_fields is not None:
        factories.exam(**exam_fields)
    user = factories.team_member("staff", "data_researcher")
    (changed,) = filtered(course, user, section())
    assert ("proctored_results_panel" in changed) == shown
    assert (changed == section()) != shown


def test_a_setting_leaves_the_dashboard_as_it_would_be_without_the_plugin(
    course: Any, instructor: Any, settings: Any
) -> None:
    settings.PROCTORED_RESULTS_PANEL = False
    assert filtered(course, instructor, section()) == [section()]
    page = logged_in(instructor).get(DASHBOARD).content.decode()
    assert PANEL not in page
    assert f"/courses/{COURSE_KEY}/instructor/api/get_proctored_exam_results" in page


def test_the_help_says_whether_formulas_are_harmless(course: Any, instructor: Any, settings: Any) -> None:
    harmless, as_it_is = "begins with an apostrophe", "A spreadsheet may run a text"
    page = logged_in(instructor).get(DASHBOARD).content.decode()
    assert (harmless in page, as_it_is in page) == (True, False)
    settings.PROCTORED_RESULTS_ESCAPE_FORMULAS = False
    page = logged_in(instructor).get(DASHBOARD).content.decode()
    assert (harmless in page, as_it_is in page) == (False, True)


def test_the_panel_has_one_heading_of_its_own_below_that_of_the_section(course: Any, instructor: Any) -> None:
    (changed,) = filtered(course, instructor, section())
    levels = re.findall(r"<h([1-6])", changed["proctored_results_panel"])
    assert levels == ["4", "5", "5"]


@pytest.mark.parametrize("attempts", [0, 1])
def test_an_lti_proctored_course_says_where_its_attempts_are_and_has_no_empty_report(attempts: int) -> None:
    course = factories.course(proctoring_provider="lti_external")
    user = factories.team_member("staff", "data_researcher")
    for _ in range(attempts):
        factories.attempt(factories.exam())
    (changed,) = filtered(course, user, section())
    panel = changed["proctored_results_panel"]
    assert "the exams service (edx-exams) holds the attempts" in panel
    assert "See the attempts on the instructor dashboard, in Special Exams." in panel
    # If edx-proctoring holds attempts from before, the panel also keeps their reports.
    assert ("from before that" in panel) == bool(attempts)
    assert panel.count(PANEL) == attempts
    assert changed["show_generate_proctored_exam_report_button"] is bool(attempts)


@pytest.mark.parametrize("course_id", ["OldX/PR1/2013", "ccx-v1:TestX+PR1+2026+ccx@7"])
def test_other_kinds_of_course_keys_have_the_panel(course_id: str) -> None:
    course_key = CourseKey.from_string(course_id)
    course = factories.course(course_key)
    user = factories.team_member("staff", "data_researcher", course_key=course_key)
    (changed,) = filtered(course, user, section())
    assert f"/courses/{course_id}/reports/" in changed["proctored_results_panel"]
    assert changed["list_proctored_results_url"].endswith(f"/courses/{course_id}/dashboard-button/")


def test_who_may_not_generate_sees_a_sentence_and_no_button(course: Any, person: Callable[[str], Any]) -> None:
    (changed,) = filtered(course, person("researcher"), section())
    assert changed["show_generate_proctored_exam_report_button"] is False
    panel = changed["proctored_results_panel"]
    assert "To generate one, you also need the Staff role" in panel
    assert 'data-part="generate"' not in panel


def test_who_may_generate_sees_the_button_and_no_sentence(course: Any, instructor: Any) -> None:
    (changed,) = filtered(course, instructor, section())
    assert 'data-part="generate"' in changed["proctored_results_panel"]
    assert "you also need" not in changed["proctored_results_panel"]


def test_an_error_leaves_the_section_as_it_was(course: Any, instructor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proctored_results.instructor.panel.render_to_string", _broken)
    assert filtered(course, instructor, section()) == [section()]


def _broken(*_args: Any, **_kwargs: Any) -> str:
    raise RuntimeError("boom")


# The page


def test_the_page_shows_the_panel_before_the_platforms_own_section(layout: str, instructor: Any) -> None:
    response = logged_in(instructor).get(DASHBOARD)
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count(PANEL) == 1
    assert page.index(f'id="{layout}"') < page.index(PANEL) < page.index("Pending Tasks")
    assert BUTTON in page
    assert "Reports Available for Download" in page
    assert "proctored_results/panel.css" in page
    assert "proctored_results/panel.js" in page


def test_the_page_of_a_researcher_has_no_dead_button(layout: str, person: Callable[[str], Any]) -> None:
    page = logged_in(person("researcher")).get(DASHBOARD).content.decode()
    assert PANEL in page
    assert BUTTON not in page
    assert "Generate Proctored Exam Results Report</button>" not in page


def test_the_page_of_staff_without_the_research_permission_has_neither_section_nor_panel(
    layout: str, person: Callable[[str], Any]
) -> None:
    page = logged_in(person("staff")).get(DASHBOARD).content.decode()
    assert "Pending Tasks" not in page
    assert PANEL not in page


def test_the_page_renders_as_before_where_the_step_fails(
    layout: str, instructor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctored_results.instructor.panel.render_to_string", _broken)
    response = logged_in(instructor).get(DASHBOARD)
    assert response.status_code == 200
    page = response.content.decode()
    assert "Pending Tasks" in page
    assert PANEL not in page
    assert BUTTON not in page


class TheirStep(PipelineStep):
    """Another plugin that has wrapped the section before us."""

    def run_filter(self, context: dict[str, Any], template_name: str) -> dict[str, Any]:
        for each in context["sections"]:
            each["template_path_prefix"] = "/their_plugin/"
        return {"context": context, "template_name": template_name}


def test_the_template_of_another_plugin_is_shown_below_the_panel(client: Client, settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "mako" / "their_plugin"
    folder.mkdir(parents=True)
    for key in ("course_info", *KEYS):
        (folder / f"{key}.html").write_text(f"<%page args='section_data'/>their {key}")
    settings.MAKO_TEMPLATE_DIRS_BASE = [*settings.MAKO_TEMPLATE_DIRS_BASE, str(tmp_path / "mako")]
    settings.OPEN_EDX_FILTERS_CONFIG = {
        FILTER: {"pipeline": ["tests.instructor.test_panel.TheirStep", STEP], "fail_silently": False}
    }
    edxmako._lookup.cache_clear()
    try:
        page = client.get(DASHBOARD).content.decode()
    finally:
        edxmako._lookup.cache_clear()
    assert page.index(PANEL) < page.index("their data_download")
    assert "Pending Tasks" not in page
