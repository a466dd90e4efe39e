"""The panel in the Data Download section of the (Mako) instructor dashboard, in both of its layouts."""

from waffle.testutils import override_flag

from tests.edx_platform.base import ContractTestCase

PANEL = 'class="proctored-results-panel'


class DashboardPanel(ContractTestCase):
    def page(self):
        response = self.client.get(f"/courses/{self.course_key}/instructor")
        assert response.status_code == 200
        return response.content.decode()

    def assert_panel_stands_before(self, page, stock):
        assert page.count(PANEL) == 1
        assert stock in page
        assert page.index(PANEL) < page.index(stock)
        assert "proctored_results/panel" in page

    def test_the_panel_stands_before_the_classic_section_and_the_button_is_ours(self):
        self.log_in("staff", "data_researcher")
        page = self.page()
        self.assert_panel_stands_before(page, 'name="dump-gradeconf"')
        assert 'name="proctored-exam-results-report"' in page
        assert f'data-endpoint="{self.url("dashboard-button")}"' in page

    def test_the_panel_stands_before_the_second_layout_and_the_option_is_ours(self):
        self.log_in("staff", "data_researcher")
        with override_flag("instructor.enable_data_download_v2", active=True):
            page = self.page()
        self.assert_panel_stands_before(page, 'class="report-type selector"')
        assert f'data-endpoint="{self.url("dashboard-button")}"' in page

    def test_a_researcher_who_may_not_generate_finds_no_button_but_a_sentence(self):
        self.log_in("data_researcher")
        page = self.page()
        assert page.count(PANEL) == 1
        assert 'name="proctored-exam-results-report"' not in page
        assert "To generate one, you also need the Staff role" in page

    def test_staff_without_the_section_get_the_dashboard_without_the_panel(self):
        self.log_in("staff")
        assert PANEL not in self.page()

    def test_the_button_answers_as_the_pages_script_expects(self):
        self.log_in("staff", "data_researcher")
        response = self.client.post(self.url("dashboard-button"))
        assert response.status_code == 200
        assert "Pending Tasks" in response.json()["status"]
        self.log_in("data_researcher")
        refused = self.client.post(self.url("dashboard-button"))
        assert refused.status_code == 403
        assert isinstance(refused.json(), str)
