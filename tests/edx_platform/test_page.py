"""The panel's own page in the platform's base of Django templates, and the tab that leads to it."""

import re
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.template.loader import get_template
from openedx_filters.learning import filters

from proctored_results.edx_platform import courses, proctoring
from proctored_results.instructor.tab import AddTab
from tests.edx_platform.base import ContractTestCase

PANEL = "<proctored-results-panel"

# Roles -> status of the page.
TABLE = {
    ("staff", "data_researcher"): 200,
    ("instructor", "data_researcher"): 200,
    ("data_researcher",): 200,
    ("staff",): 403,
    ("instructor",): 403,
    (): 404,
}


class PanelPage(ContractTestCase):
    def page(self, status=200):
        response = self.client.get(self.url("panel"))
        assert response.status_code == status, response.status_code
        return response.content.decode()

    def test_the_platform_has_the_base_and_prints_our_blocks(self):
        get_template("main_django.html")
        self.log_in("staff", "data_researcher")
        page = self.page()
        head, _, body = page.partition("</head>")
        assert re.search(r"<title>\s*Proctored Exam Results \| Contract", head)
        assert "proctored_results/panel" in head
        assert 'name="viewport"' in head
        # The skip link of the base leads to the main element, which our page has to provide.
        assert 'href="#main"' in body
        assert body.count('id="main"') == 1
        main = body[body.index("<main") : body.index("</main>")]
        assert main.count(PANEL) == 1
        assert re.findall(r"<h[12][^>]*>([^<]*)</h[12]>", main) == [
            "Proctored Exam Results",
            "Reports",
            "Pending Tasks",
            "Reports Available for Download",
        ]

    def test_the_page_is_for_the_roles_that_the_table_names(self):
        for roles, expected in TABLE.items():
            self.log_in(*roles)
            assert self.client.get(self.url("panel")).status_code == expected, roles
        self.log_in(is_staff=True)
        self.page()

    def test_staff_without_the_role_read_what_is_missing_in_the_same_base(self):
        self.log_in("staff")
        page = self.page(403)
        assert "You need the Data Researcher role" in page
        assert 'href="#main"' in page
        assert PANEL not in page

    def test_a_visitor_is_led_to_the_login_and_back(self):
        self.client.logout()
        response = self.client.get(self.url("panel"))
        assert response.status_code == 302
        login = urlsplit(response["Location"])
        assert login.path.endswith("/login")
        assert parse_qs(login.query) == {"next": [self.url("panel")]}

    def test_a_course_that_is_not_there_has_no_page(self):
        self.log_in(is_staff=True)
        assert self.client.get(self.url("panel").replace("ContractX", "NowhereX")).status_code == 404

    def test_the_page_leads_back_to_the_instructor_dashboard(self):
        self.log_in("staff", "data_researcher")
        dashboard = f"/courses/{self.course_key}/instructor"
        assert f'href="{dashboard}"' in self.page()
        assert self.client.get(dashboard).status_code in (200, 302)

    def test_what_the_script_asks_for_is_there_and_its_post_is_taken(self):
        self.log_in("staff", "data_researcher")
        page = self.page()
        reports, tasks = (re.search(rf'data-{name}-url="([^"]*)"', page)[1] for name in ("reports", "tasks"))
        assert self.client.get(tasks).status_code == 200
        cookie = re.search(r'data-csrf-cookie="([^"]*)"', page)[1]
        assert cookie == settings.CSRF_COOKIE_NAME
        assert cookie in self.client.cookies
        assert self.client.post(reports, "{}", content_type="application/json").status_code == 202
        assert self.client.get(reports).json()["count"] == 1


class Course(ContractTestCase):
    def test_a_course_says_whether_it_has_proctored_exams_and_who_proctors_them(self):
        course = courses.course_overview(self.course_key)
        assert course.enable_proctored_exams is True
        assert course.display_name_with_default == "Contract"
        assert not proctoring.exams_service_holds_attempts(course)
        type(course).objects.filter(id=self.course_key).update(proctoring_provider="lti_external")
        course.refresh_from_db()
        assert proctoring.exams_service_holds_attempts(course)


class Tab(ContractTestCase):
    """The step, called through the filter if the platform's openedx-filters has it."""

    def tabs(self, user, given):
        arguments = {"tabs": given, "user": user, "course_key": self.course_key}
        filter_class = getattr(filters, "InstructorDashboardTabsRequested", None)
        if filter_class is None:
            return AddTab(filter_type="", running_pipeline=[]).run_filter(**arguments)["tabs"]
        return filter_class.run_filter(**arguments)[0]

    def test_the_tab_leads_to_the_page_on_this_site(self):
        given = [{"tab_id": "data_downloads", "title": "Data Downloads", "url": "/x", "sort_order": 60}]
        [first, ours] = self.tabs(self.log_in("data_researcher"), given)
        assert first == given[0]
        assert ours["url"] == f"{settings.LMS_ROOT_URL}{self.url('panel')}"
        assert first["sort_order"] < ours["sort_order"] < 70
        assert ours["title"] == "Proctored Exam Results"

    def test_a_second_run_adds_no_second_tab(self):
        user = self.log_in("data_researcher")
        once = self.tabs(user, [])
        assert self.tabs(user, once) == once
        assert len(once) == 1

    def test_staff_without_the_role_have_no_tab(self):
        assert self.tabs(self.log_in("staff"), []) == []
