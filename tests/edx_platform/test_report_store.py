"""The private report store below the platform's own reports and lists."""

import io
import time
from types import SimpleNamespace
from unittest import mock

import pytest
from common.djangoapps.util.file import course_filename_prefix_generator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lms.djangoapps.instructor_task.models import ReportStore

from proctored_results.edx_platform.report_store import course_directory
from proctored_results.storage import PrivateReportStorage
from tests.edx_platform.base import ContractTestCase, attempts_in


class PrivateReportStore(ContractTestCase):
    @pytest.fixture(autouse=True)
    def _private_report_store(self, _own_report_store, tmp_path, settings):
        settings.GRADES_DOWNLOAD = {
            "STORAGE_CLASS": "proctored_results.storage.PrivateReportStorage",
            "STORAGE_KWARGS": {"location": str(tmp_path / "private")},
        }

    def store_grade_report(self, text="grades"):
        """Let the platform store a grade report; return its name."""
        name = f"{course_filename_prefix_generator(self.course_key)}_grade_report_2026-11-22-2229.csv"
        ReportStore.from_config("GRADES_DOWNLOAD").store(self.course_key, name, io.StringIO(text))
        return name

    def ask_for_list(self):
        """Ask for the platform's own list, as its page does."""
        return self.client.post(f"/courses/{self.course_key}/instructor/api/list_report_downloads")

    def listed(self):
        """Return what the list says: name -> URL."""
        response = self.ask_for_list()
        assert response.status_code == 200, response.content
        return {download["name"]: download["url"] for download in response.json()["downloads"]}

    def test_the_platform_builds_the_store_and_keeps_it(self):
        store = ReportStore.from_config("GRADES_DOWNLOAD")
        assert type(store.storage) is PrivateReportStorage
        assert ReportStore.from_config("GRADES_DOWNLOAD").storage is store.storage
        assert store.path_to(self.course_key, "x.csv") == f"{course_directory(self.course_key)}/x.csv"

    def test_the_platforms_list_hands_out_links_of_ours_to_the_platforms_reports(self):
        user = self.log_in("data_researcher")
        name = self.store_grade_report()
        [(listed, url)] = self.listed().items()
        assert listed == name
        assert url.startswith(f"{self.url('report-download', name)}?token=")
        response = self.client.get(url)
        assert (response.status_code, b"".join(response.streaming_content)) == (200, b"grades")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["Cache-Control"] == "no-store"

        other = self.log_in("data_researcher")
        assert other != user
        assert self.client.get(url).status_code == 403

    def test_the_platforms_list_of_our_reports_downloads_them(self):
        attempts_in(self.exam, 2)
        self.log_in("staff", "data_researcher")
        self.client.post(self.url("reports"), {}, content_type="application/json")
        [(name, url)] = self.listed().items()
        assert "_proctored_exam_results_report_" in name
        assert b"".join(self.client.get(url).streaming_content).count(b"\r\n") == 3

    def test_a_report_that_the_platform_makes_with_rows_downloads(self):
        self.log_in(is_staff=True)
        ReportStore.from_config("GRADES_DOWNLOAD").store_rows(self.course_key, "rows.csv", [["name"], ["é"]])
        assert b"".join(self.client.get(self.listed()["rows.csv"]).streaming_content) == "name\r\né\r\n".encode()

    def test_a_link_dies_after_five_minutes_and_a_fresh_one_is_offered(self):
        self.log_in("data_researcher")
        name = self.store_grade_report()
        now = int(time.time())
        with mock.patch("django.core.signing.time", SimpleNamespace(time=lambda: now)):
            url = self.listed()[name]
            now += 300
            assert self.client.get(url).status_code == 200
            now += 1
            refusal = self.client.get(url)
            assert refusal.status_code == 410
            assert self.client.get(refusal.json()["download_url"]).status_code == 200

    def test_the_permission_of_the_platforms_list_is_that_of_the_click(self):
        self.log_in(is_staff=True)
        name = self.store_grade_report()
        link = self.listed()[name]
        for roles in [(), ("staff",), ("instructor",)]:
            self.log_in(*roles)
            assert self.ask_for_list().status_code == 403
            refusal = self.client.get(link)
            assert (refusal.status_code, refusal.json()["download_url"]) == (403, None)
        for roles in [("data_researcher",), ("staff", "data_researcher")]:
            self.log_in(*roles)
            assert self.client.get(self.listed()[name]).status_code == 200
        self.client.logout()
        assert self.client.get(link).status_code == 401

    def test_without_a_request_the_course_is_found_among_all(self):
        name = self.store_grade_report()
        [(listed, url)] = ReportStore.from_config("GRADES_DOWNLOAD").links_for(self.course_key)
        assert (listed, url) == (name, self.url("report-download", name))

    def test_a_thousand_files_cost_as_many_queries_as_one(self):
        self.log_in("data_researcher")
        self.store_grade_report()
        self.listed()
        with CaptureQueriesContext(connection) as for_one:
            self.listed()
        directory = self.report_directory / "private" / course_directory(self.course_key)
        for number in range(999):
            (directory / f"report{number}.csv").touch()
        with self.assertNumQueries(len(for_one)):
            assert len(self.listed()) == 1000
