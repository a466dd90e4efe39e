"""From the click to the file: instructor task, progress, report store, list, download."""

import csv
import io
import json
from contextvars import Context
from unittest import mock

from common.djangoapps.util.file import course_filename_prefix_generator
from django.conf import settings
from django.test import override_settings
from lms.djangoapps.instructor_task.api import get_instructor_task_history, get_running_instructor_tasks
from lms.djangoapps.instructor_task.models import InstructorTask, ReportStore
from lms.djangoapps.instructor_task.views import get_task_completion_info

from proctored_results.edx_platform import courses, instructor_tasks
from proctored_results.models import ReportRun
from proctored_results.runs.errors import STORE_REFUSED, UNEXPECTED
from tests import factories
from tests.edx_platform.base import ContractTestCase, attempts_in


class ReportTask(ContractTestCase):
    def start(self):
        return self.client.post(self.url("reports"), {}, content_type="application/json")

    def test_a_report_runs_as_an_instructor_task_and_its_file_is_in_the_report_store(self):
        attempts_in(self.exam, 3)
        self.log_in("staff", "data_researcher")
        response = self.start()
        assert response.status_code == 202, response.content

        task = InstructorTask.objects.get(task_id=response.json()["task_id"])
        assert task.task_type == "proctored_results_report"
        assert task.task_state == "SUCCESS"
        output = json.loads(task.task_output)
        assert (output["attempted"], output["succeeded"], output["total"]) == (3, 3, 3)

        run = ReportRun.objects.get()
        assert (run.state, run.rows, run.instructor_task_id) == ("succeeded", 3, task.pk)
        prefix = course_filename_prefix_generator(self.course_key)
        assert run.file_name == f"{prefix}_proctored_exam_results_report_{run.started_at:%Y-%m-%d-%H%M}.csv"
        names = [name for name, _url in ReportStore.from_config("GRADES_DOWNLOAD").links_for(self.course_key)]
        assert names == [run.file_name]

    def test_the_listed_file_can_be_downloaded(self):
        attempts_in(self.exam, 2)
        self.log_in("staff", "data_researcher")
        self.start()
        [report] = self.client.get(self.url("reports")).json()["results"]
        response = self.client.get(report["download_url"])
        assert response.status_code == 200
        rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
        assert len(rows) == 3
        assert response["Content-Disposition"] == f'attachment; filename="{report["name"]}"'

    def test_the_platform_lists_the_newest_report_first(self):
        self.log_in("staff", "data_researcher")
        self.start()
        self.start()
        downloads = self.client.post(f"/courses/{self.course_key}/instructor/api/list_report_downloads").json()
        newest_first = list(ReportRun.objects.order_by("-id").values_list("file_name", flat=True))
        listed = [download["name"] for download in downloads["downloads"]]
        assert sorted(listed) == sorted(newest_first)
        assert listed[0] == newest_first[0]

    def test_a_running_task_shows_its_progress_in_pending_tasks(self):
        attempts_in(self.exam, 2)
        user = self.log_in("staff", "data_researcher")
        seen = []

        def look(progress, rows, update=instructor_tasks.TaskProgress.update):
            update(progress, rows)
            [running] = get_running_instructor_tasks(self.course_key)
            seen.append(get_task_completion_info(running)[1])
            # Middleware keeps a request in the context, so a request within a request needs its own context.
            [listed] = (
                Context()
                .run(self.client.post, f"/courses/{self.course_key}/instructor/api/list_instructor_tasks")
                .json()["tasks"]
            )
            seen.append((listed["task_type"], listed["requester"], listed["task_state"]))

        with (
            mock.patch.object(instructor_tasks.TaskProgress, "update", look),
            mock.patch.object(instructor_tasks.TaskProgress, "INTERVAL", 0),
        ):
            self.start()
        assert seen[0] == "Progress: generated 1 of 1 so far (out of 2)"
        assert seen[1] == ("proctored_results_report", user.username, "PROGRESS")
        assert seen[2] == "Progress: generated 2 of 2 so far"
        assert list(get_running_instructor_tasks(self.course_key)) == []

    def test_what_a_task_was_given_holds_nothing_personal(self):
        self.log_in("staff", "data_researcher")
        self.start()
        [task] = get_instructor_task_history(self.course_key, task_type="proctored_results_report")
        assert json.loads(task.task_input) == {"run": ReportRun.objects.get().pk}

    def test_a_failure_leaves_a_sentence_and_nothing_of_a_learner(self):
        learner = factories.user("secretive", email="secretive@example.com")
        factories.attempt(self.exam, user=learner)
        self.log_in("staff", "data_researcher")
        broken = mock.patch(
            "proctored_results.reports.cells.time_cell", side_effect=ValueError("secretive@example.com")
        )
        with broken:
            response = self.start()
        task = InstructorTask.objects.get(task_id=response.json()["task_id"])
        assert task.task_state == "FAILURE"
        assert "secretive" not in task.task_output
        assert "tell the site operators when it happened" in task.task_output
        run = ReportRun.objects.get()
        assert (run.state, run.lease_key, run.sentence) == ("failed", None, UNEXPECTED)
        assert ReportStore.from_config("GRADES_DOWNLOAD").links_for(self.course_key) == []

    def test_without_a_report_store_the_failure_says_so(self):
        self.log_in("staff", "data_researcher")
        with override_settings():
            del settings.GRADES_DOWNLOAD
            assert self.start().status_code == 202
        run = ReportRun.objects.get()
        assert (run.state, run.sentence) == ("failed", STORE_REFUSED)

    def test_a_second_request_is_refused_while_the_first_is_unfinished(self):
        user = self.log_in("staff", "data_researcher")
        with mock.patch("proctored_results.tasks.generate_report.apply_async"):
            assert self.start().status_code == 202
            refused = self.start()
        assert refused.status_code == 409
        assert user.username in refused.json()["detail"]

    def test_a_queue_that_does_not_answer_is_said_so(self):
        self.log_in("staff", "data_researcher")
        with mock.patch("proctored_results.tasks.generate_report.apply_async", side_effect=OSError):
            response = self.start()
        assert response.status_code == 503
        assert ReportRun.objects.get().lease_key is None

    def test_the_track_is_the_mode_of_the_enrolment(self):
        from common.djangoapps.student.models import CourseEnrollment

        learner = factories.user()
        CourseEnrollment.objects.create(user=learner, course_id=self.course_key, mode="verified")
        assert courses.enrollment_modes(self.course_key, [learner.pk]) == {learner.pk: "verified"}
