"""Who may do what, by the platform's own roles and permissions."""

from tests.edx_platform.base import ContractTestCase

# Roles -> status of: list of reports, list of tasks, start of a report.
TABLE = {
    ("staff", "data_researcher"): (200, 200, 202),
    ("instructor", "data_researcher"): (200, 200, 202),
    ("data_researcher",): (200, 200, 403),
    ("staff",): (403, 200, 403),
    ("instructor",): (403, 200, 403),
    (): (403, 403, 403),
}


class Permissions(ContractTestCase):
    def statuses(self):
        return (
            self.client.get(self.url("reports")).status_code,
            self.client.get(self.url("tasks")).status_code,
            self.client.post(self.url("reports"), {}, content_type="application/json").status_code,
        )

    def test_the_roles_of_a_course_give_what_the_table_says(self):
        for roles, expected in TABLE.items():
            self.log_in(*roles)
            assert self.statuses() == expected, roles

    def test_global_staff_may_do_everything(self):
        self.log_in(is_staff=True)
        assert self.statuses() == (200, 200, 202)

    def test_nobody_is_asked_to_log_in(self):
        self.client.logout()
        assert self.statuses() == (401, 401, 401)

    def test_a_course_that_is_not_there_is_not_found(self):
        self.log_in(is_staff=True)
        url = self.url("reports").replace("ContractX", "NowhereX")
        assert self.client.get(url).status_code == 404
