"""The instructor dashboard treats filters and sections as the platform's page does."""

import pytest
from django.http import HttpResponse
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import InstructorDashboardRenderStarted
from waffle.testutils import override_flag

from tests.lms_sandbox.conftest import COURSE

pytestmark = pytest.mark.django_db

FILTER = InstructorDashboardRenderStarted.filter_type
DASHBOARD = f"/courses/{COURSE}/instructor"


@pytest.fixture
def page(client, course, make_user, settings):
    """A function that returns the dashboard for a user with all roles, with one step in the filter."""
    client.force_login(make_user("staff+data_researcher"))

    def page(step=None):
        steps = [f"{__name__}.{step.__name__}"] if step else []
        settings.OPEN_EDX_FILTERS_CONFIG = {FILTER: {"pipeline": steps, "fail_silently": False}}
        return client.get(DASHBOARD)

    return page


class Fragment:
    """A fragment like those of web-fragments."""

    def head_html(self):
        return "<meta name=head>"

    def foot_html(self):
        return "<script>foot</script>"


class AddFragment(PipelineStep):
    """Gives a section a fragment."""

    def run_filter(self, context, template_name):
        context["sections"][-1]["fragment"] = Fragment()
        return {"context": context, "template_name": template_name}


class OwnPrefix(PipelineStep):
    """Lets a section be rendered from another template folder."""

    def run_filter(self, context, template_name):
        context["sections"][-1]["template_path_prefix"] = "/tests_elsewhere/"
        return {"context": context, "template_name": template_name}


class Redirect(PipelineStep):
    """Sends the user elsewhere."""

    def run_filter(self, context, template_name):
        raise InstructorDashboardRenderStarted.RedirectToPage("elsewhere", redirect_to="/elsewhere")


class Custom(PipelineStep):
    """Answers with a page of its own."""

    def run_filter(self, context, template_name):
        raise InstructorDashboardRenderStarted.RenderCustomResponse("custom", response=HttpResponse("custom"))


@pytest.mark.parametrize("second_layout", [False, True])
def test_each_element_that_the_script_needs_is_there_once(page, second_layout):
    with override_flag("instructor.enable_data_download_v2", second_layout):
        content = page().content.decode()
    for element in (
        'class="running-tasks-section"',
        'class="running-tasks-table"',
        'class="no-pending-tasks-message"',
        'class="report-downloads-table"',
        'id="report-request-response"',
        'id="report-request-response-error"',
    ):
        assert content.count(element) == 1, element


def test_the_classic_layout_has_the_button_of_the_built_in_report(page):
    content = page().content.decode()
    assert 'name="proctored-exam-results-report" value="Generate Proctored Exam Results Report"' in content
    assert f'data-endpoint="/courses/{COURSE}/instructor/api/get_proctored_exam_results"' in content


def test_the_second_layout_has_an_option_for_the_built_in_report(page):
    with override_flag("instructor.enable_data_download_v2", True):
        content = page().content.decode()
    assert '<option value="proctoredExamResults"' in content
    assert 'class="selectionInfo reports proctoredExamResults"' in content


def test_a_course_without_proctored_exams_has_no_button(page, course):
    course.enable_proctored_exams = False
    course.save()
    assert b"proctored-exam-results-report" not in page().content


def test_head_and_foot_of_a_fragment_are_printed_as_they_are(page):
    head, _, rest = page(AddFragment).content.decode().partition("</head>")
    assert "<meta name=head>" in head
    assert "<script>foot</script>" in rest


def test_a_section_is_included_from_where_its_prefix_says(page, settings, tmp_path):
    from lms_sandbox import edxmako

    (tmp_path / "tests_elsewhere").mkdir()
    (tmp_path / "tests_elsewhere" / "data_download.html").write_text(
        '<%page args="section_data"/>before '
        '<%include file="/instructor/instructor_dashboard_2/data_download.html" '
        'args="section_data=section_data, **context.kwargs"/>'
    )
    edxmako._lookup.cache_clear()
    settings.MAKO_TEMPLATE_DIRS_BASE = [*settings.MAKO_TEMPLATE_DIRS_BASE, str(tmp_path)]
    content = page(OwnPrefix).content.decode()
    edxmako._lookup.cache_clear()
    assert "before" in content
    assert "proctored-exam-results-report" in content


def test_a_filter_can_send_the_user_elsewhere(page):
    assert page(Redirect).url == "/elsewhere"


def test_a_filter_can_answer_by_itself(page):
    assert page(Custom).content == b"custom"


def test_a_refusal_of_the_built_in_report_is_a_json_text_that_the_page_can_print(page, client):
    page()
    answer = client.post(f"{DASHBOARD}/api/get_proctored_exam_results")
    assert (answer.status_code, answer.json()) == (400, "This built-in report is not available in the sandbox.")


def test_reports_are_listed_with_links_that_serve_them(page, client):
    from lms.djangoapps.instructor_task.models import ReportStore

    page()
    store = ReportStore.from_config("GRADES_DOWNLOAD")
    store.store_rows(COURSE, "<report>.csv", [["a"]])
    [download] = client.post(f"{DASHBOARD}/api/list_report_downloads").json()["downloads"]
    assert download["name"] == "<report>.csv"
    assert "&lt;report&gt;" in download["link"]
    assert b"".join(client.get(download["url"]).streaming_content) == b"a\r\n"


def test_running_tasks_are_listed_as_pending_tasks_shows_them(page, client, make_user):
    from lms.djangoapps.instructor_task.models import InstructorTask

    page()
    task = InstructorTask.create(COURSE, "a_report", "key", {}, make_user("staff"))
    task.task_state = "PROGRESS"
    task.task_output = '{"action_name": "made", "attempted": 1, "succeeded": 1, "total": 2, "duration_ms": 3500}'
    task.save()
    [listed] = client.post(f"{DASHBOARD}/api/list_instructor_tasks").json()["tasks"]
    assert listed["task_message"] == "Progress: made 1 of 1 so far (out of 2)"
    assert (listed["duration_sec"], listed["requester"], listed["status"]) == (3, "user-staff", "Incomplete")
