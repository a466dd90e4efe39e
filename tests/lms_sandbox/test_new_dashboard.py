"""The new instructor dashboard gets the same answers as in the platform, and its page exists."""

import pytest
from openedx_filters import PipelineStep

from lms_sandbox.views.instructor_tabs import TABS_FILTER
from tests.lms_sandbox.conftest import COURSE

pytestmark = pytest.mark.django_db

METADATA = f"/api/instructor/v2/courses/{COURSE}"

# Role -> the tabs of the platform that it has.
TABS = {
    "admin": [
        "course_info",
        "enrollments",
        "course_team",
        "grading",
        "date_extensions",
        "data_downloads",
        "certificates",
        "cohorts",
        "special_exams",
    ],
    "staff": ["course_info", "enrollments", "course_team", "grading", "cohorts", "special_exams"],
    "data_researcher": ["data_downloads"],
}


class Instead(PipelineStep):
    """Replaces all tabs with its own."""

    def run_filter(self, tabs, user, course_key):
        raise TABS_FILTER.PreventTabsGeneration("instead", tabs=[{"tab_id": "only"}])


class Nothing(PipelineStep):
    """Removes all tabs."""

    def run_filter(self, tabs, user, course_key):
        raise TABS_FILTER.PreventTabsGeneration("nothing")


@pytest.fixture
def without_plugins(settings):
    settings.OPEN_EDX_FILTERS_CONFIG = {}


@pytest.mark.usefixtures("without_plugins")
@pytest.mark.parametrize("role", TABS)
def test_each_role_has_the_tabs_of_the_platform(role, client, course, make_user):
    client.force_login(make_user(role))
    metadata = client.get(METADATA).json()
    assert [tab["tab_id"] for tab in metadata["tabs"]] == TABS[role]
    assert [tab["sort_order"] for tab in metadata["tabs"]] == sorted(tab["sort_order"] for tab in metadata["tabs"])
    assert {tab["url"] for tab in metadata["tabs"]} == {
        f"/instructor-dashboard/{COURSE}/{tab_id}" for tab_id in TABS[role]
    }
    assert metadata["course_id"] == str(COURSE)
    assert metadata["permissions"]["data_researcher"] == ("data_downloads" in TABS[role])


@pytest.mark.usefixtures("without_plugins")
def test_a_course_without_special_exams_has_no_tab_for_them(client, course, make_user):
    course.enable_proctored_exams = False
    course.save()
    client.force_login(make_user("staff"))
    assert [tab["tab_id"] for tab in client.get(METADATA).json()["tabs"]] == TABS["staff"][:-1]


@pytest.mark.parametrize(("step", "tabs"), [(Instead, [{"tab_id": "only"}]), (Nothing, [])])
def test_a_plugin_can_have_its_own_tabs_instead(step, tabs, client, course, *, make_user, settings):
    steps = {"pipeline": [f"{__name__}.{step.__name__}"], "fail_silently": True}
    settings.OPEN_EDX_FILTERS_CONFIG = {"org.openedx.learning.instructor.dashboard.tabs.requested.v1": steps}
    client.force_login(make_user("staff"))
    found = client.get(METADATA).json()["tabs"]
    # If openedx-filters has no such filter, no plugin is asked.
    assert found == tabs if TABS_FILTER else [tab["tab_id"] for tab in found] == TABS["staff"]


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("learner", 403)])
def test_others_are_told_nothing(role, status, client, course, make_user):
    if role:
        client.force_login(make_user(role))
    assert client.get(METADATA).status_code == status


def test_a_course_that_is_not_there_is_not_found(client, make_user):
    client.force_login(make_user("admin"))
    assert client.get(METADATA).status_code == 404


def test_the_page_asks_for_the_metadata_and_knows_its_tab(client, course):
    page = client.get(f"/instructor-dashboard/{COURSE}/grading").content.decode()
    assert f'data-metadata-url="{METADATA}" data-tab="grading"' in page
    assert "new_instructor_dashboard.js" in page


def test_the_start_page_leads_to_both_dashboards(client, course, make_user):
    client.force_login(make_user("staff"))
    page = client.get("/").content.decode()
    for address in (f"/courses/{COURSE}/instructor", f"/instructor-dashboard/{COURSE}/course_info"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_ids_of_the_old_form_have_no_old_dashboard(client, make_user):
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    CourseOverview.objects.create(id="OldX/PR1/2013", org="OldX", display_name="Old")
    client.force_login(make_user("admin"))
    assert client.get("/courses/OldX/PR1/2013/instructor").status_code == 404
