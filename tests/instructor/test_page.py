"""The panel's own page: its content, in both base templates, and what it says if there is no panel."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from opaque_keys.edx.keys import CourseKey

import proctored_results
from tests import factories
from tests.factories import COURSE_KEY
from tests.instructor.conftest import PAGE, REPORTS, TASKS, logged_in

pytestmark = pytest.mark.django_db

PANEL = "<proctored-results-panel"
SECTIONS = ["Reports", "Pending Tasks", "Reports Available for Download"]
GENERATE = "Generate Proctored Exam Results Report"


@pytest.fixture(params=["main_django.html", "base.html"])
def base(request: pytest.FixtureRequest, settings: Any) -> str:
    """Both base templates of the page: the platform's, and the plugin's own for platforms that have none."""
    if request.param == "base.html":
        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(proctored_results.__file__).parent / "templates"],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ]
    return request.param


def headings(page: str) -> list[tuple[str, str]]:
    """The headings of a page in their order, each with its level."""
    return re.findall(r"<h([1-6])[^>]*>([^<]*)</h\1>", page)


def test_the_page_stands_in_the_platforms_base_or_in_our_own(base: str, client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert ("Skip to main content" in page) == (base == "main_django.html")
    assert ('class="proctored-results-page"' in page) == (base == "base.html")


def test_the_page_has_the_sections_and_the_button_of_the_documentation(base: str, client: Client) -> None:
    response = client.get(PAGE)
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count(PANEL) == 1
    assert [text for level, text in headings(page) if level == "2"] == SECTIONS
    assert page.index("<h2") < page.index(f">{GENERATE}</button>") < page.index("Pending Tasks")
    assert f'data-reports-url="{REPORTS}"' in page
    assert f'data-tasks-url="{TASKS}"' in page


def test_no_level_of_headings_is_left_out(base: str, client: Client) -> None:
    levels = [int(level) for level, _ in headings(client.get(PAGE).content.decode())]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level - before <= 1 for before, level in itertools.pairwise(levels))


def test_the_page_brings_script_style_and_the_cookie_that_a_post_needs(base: str, client: Client) -> None:
    response = client.get(PAGE)
    page = response.content.decode()
    assert page.count("proctored_results/panel.css") == 1
    assert page.count("proctored_results/panel.js") == 1
    assert page.count('name="viewport"') == 1
    assert "csrftoken" in response.cookies
    assert "no-store" in response["Cache-Control"]


def test_the_page_names_the_course_and_leads_back_to_its_dashboard(base: str, instructor: Any) -> None:
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    CourseOverview.objects.update(display_name="<b>History</b>")
    page = logged_in(instructor).get(PAGE).content.decode()
    title = re.search(r"<title>(.*?)</title>", page)[1]
    assert title.startswith("Proctored Exam Results | &lt;b&gt;History&lt;/b&gt;")
    assert page.count("&lt;b&gt;History&lt;/b&gt;") == 2
    assert str(COURSE_KEY) in page
    assert f'<a href="/courses/{COURSE_KEY}/instructor">' in page


def test_the_page_is_in_the_language_of_the_reader_and_from_right_to_left(base: str, client: Client) -> None:
    page = client.get(PAGE, headers={"Accept-Language": "ar"}).content.decode()
    assert 'lang="ar"' in page
    assert 'dir="rtl"' in page


def test_a_researcher_who_may_not_generate_reads_why(person: Callable[[str], Any]) -> None:
    page = logged_in(person("researcher")).get(PAGE).content.decode()
    assert PANEL in page
    assert GENERATE not in page
    assert "To generate one, you also need the Staff role." in page


def test_staff_without_the_role_read_which_one_and_who_gives_it(base: str, person: Callable[[str], Any]) -> None:
    response = logged_in(person("staff")).get(PAGE)
    assert response.status_code == 403
    page = response.content.decode()
    assert "You need the Data Researcher role" in page
    assert "An Admin of the course gives it in Membership &gt; Course Team Management" in page
    assert "on the new instructor dashboard in Course Team" in page
    assert headings(page) == [("1", "Proctored Exam Results")]
    assert "<title>Proctored Exam Results | A course" in page
    assert PANEL not in page


@pytest.mark.parametrize(
    ("special_exams", "enabled", "exam_fields", "status"),
    [
        (True, True, None, 200),
        (False, True, None, 404),
        (True, False, None, 404),
        (True, False, {"is_proctored": False}, 404),
        (False, False, {"is_proctored": True}, 200),
    ],
)
def test_a_course_without_proctored_exams_says_so(
    special_exams: bool, enabled: bool, exam_fields: dict[str, Any] | None, status: int, settings: Any
) -> None:
    settings.FEATURES = {**settings.FEATURES, "ENABLE_SPECIAL_EXAMS": special_exams}
    factories.course(enable_proctored_exams=enabled)
    if exam_fields is not None:
        factories.exam(**exam_fields)
    response = logged_in(factories.team_member("staff", "data_researcher")).get(PAGE)
    assert response.status_code == status
    page = response.content.decode()
    assert (PANEL in page) == (status == 200)
    assert ("This course has no proctored exams, so there is nothing to report." in page) == (status == 404)


def test_the_page_does_not_depend_on_panel_and_tab(client: Client, settings: Any) -> None:
    settings.PROCTORED_RESULTS_PANEL = settings.PROCTORED_RESULTS_TAB = False
    assert PANEL in client.get(PAGE).content.decode()


@pytest.mark.parametrize("course_id", ["OldX/PR1/2013", "ccx-v1:TestX+PR1+2026+ccx@7", "course-v1:ÜbungX+Prüfung+2026"])
def test_other_kinds_of_course_keys_have_the_page(course_id: str) -> None:
    course_key = CourseKey.from_string(course_id)
    factories.course(course_key)
    client = logged_in(factories.team_member("staff", "data_researcher", course_key=course_key))
    response = client.get(f"/proctored_results/courses/{course_id}/")
    assert response.status_code == 200
    page = response.content.decode()
    urls = re.findall(r'data-(?:reports|tasks)-url="([^"]*)"', page)
    assert [client.get(url).status_code for url in urls] == [200, 200]
    # The platform has no dashboard for ids of the old form.
    assert ("/instructor" in page) == (not course_key.deprecated)
    if not course_key.deprecated:
        assert client.get(f"/courses/{course_id}/instructor").status_code == 200


# Courses whose attempts the exams service holds

ELSEWHERE = "the exams service (edx-exams) holds the attempts at them"


def test_an_lti_proctored_course_says_where_its_attempts_are() -> None:
    factories.course(proctoring_provider="lti_external")
    response = logged_in(factories.team_member("staff", "data_researcher")).get(PAGE)
    assert response.status_code == 200
    page = response.content.decode()
    assert ELSEWHERE in page
    assert "See the attempts on the instructor dashboard, in Special Exams." in page
    assert PANEL not in page
    assert GENERATE not in page


def test_the_reports_of_attempts_from_before_stay_beside_that() -> None:
    factories.course(proctoring_provider="lti_external")
    factories.attempt(factories.exam())
    page = logged_in(factories.team_member("staff", "data_researcher")).get(PAGE).content.decode()
    assert page.index(ELSEWHERE) < page.index("from before that") < page.index(PANEL) < page.index(GENERATE)


def test_where_the_site_has_the_exam_dashboard_the_page_leads_there(settings: Any) -> None:
    settings.EXAMS_DASHBOARD_MICROFRONTEND_URL = "https://apps.example.com/exams-dashboard"
    factories.course(proctoring_provider="lti_external")
    page = logged_in(factories.team_member("data_researcher")).get(PAGE).content.decode()
    link = f'href="https://apps.example.com/exams-dashboard/course/{COURSE_KEY}/exams"'
    assert link in page


def test_other_courses_say_nothing_of_the_exams_service(client: Client) -> None:
    assert "edx-exams" not in client.get(PAGE).content.decode()
