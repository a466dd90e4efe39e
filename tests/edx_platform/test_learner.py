"""The result on the exam page, above a unit, in the API and in the e-mails of edx-proctoring."""

from django.apps import apps
from django.core import mail
from django.template.loader import select_template
from django.test import override_settings
from edx_proctoring import api
from edx_proctoring.backends.null import NullBackendProvider
from edx_proctoring.runtime import get_runtime_service, set_runtime_service

from tests import factories
from tests.edx_platform.base import (
    IN_REAL_PLATFORM,
    ContractTestCase,
    enable_asides,
    enroll,
    make_exam_sequence,
    make_sequence,
)

RESULT = 'class="proctored-exam-result '
PENDING, SATISFACTORY, UNSATISFACTORY = (
    f'<strong class="proctored-exam-result-label">{word}<' for word in ("Pending", "Satisfactory", "Unsatisfactory")
)
CONTENT = "This is the content of unit"

# Status of the newest attempt -> what is shown next to the exam.
BESIDE_THE_EXAM = {
    "created": PENDING,
    "download_software_clicked": PENDING,
    "ready_to_start": PENDING,
    "started": PENDING,
    "ready_to_submit": PENDING,
    "submitted": PENDING,
    "second_review_required": PENDING,
    "error": PENDING,
    "verified": SATISFACTORY,
    "rejected": UNSATISFACTORY,
    "declined": None,
    "expired": None,
}


class LearnerTestCase(ContractTestCase):
    """A sequence that is a proctored exam, a learner who is logged in and may take it, and asides switched on."""

    def setUp(self):
        super().setUp()
        enable_asides()
        backends = apps.get_app_config("edx_proctoring").backends
        backends.setdefault("null", NullBackendProvider())
        provide_services()
        self.sequence, self.exam = make_exam_sequence(self.course_key)
        self.learner = self.log_in()
        enroll(self.learner, self.course_key)

    def attempt(self, status, **fields):
        return factories.attempt(self.exam, user=self.learner, status=status, **fields)

    def get(self, path):
        response = self.client.get(path, follow=True)
        assert response.status_code == 200, (path, response.status_code)
        return response.content.decode()

    def result(self, **parameters):
        response = self.client.get(self.url("exam-result", self.exam.content_id), parameters)
        assert response.status_code == 200, response.content
        return response.json()

    def assert_one(self, result, page):
        assert page.count(RESULT) == (0 if result is None else 1)
        if result is not None:
            assert result in page
            assert "proctored_results/result" in page


class ExamPage(LearnerTestCase):
    def test_the_result_stands_beside_the_exam_in_every_status(self):
        attempt = self.attempt("created")
        for status, expected in BESIDE_THE_EXAM.items():
            type(attempt).objects.filter(pk=attempt.pk).update(status=status)
            page = self.get(self.sequence.page)
            self.assert_one(expected, page)

    def test_without_an_attempt_nothing_stands_there(self):
        self.assert_one(None, self.get(self.sequence.page))

    def test_for_an_attempt_that_timed_out_edx_proctoring_has_no_page_but_its_result_can_be_had(self):
        self.attempt("timed_out")
        with self.assertRaisesRegex(NotImplementedError, "timed_out"):
            api.get_student_view(self.learner.id, self.exam.course_id, self.exam.content_id, {})
        assert self.result()["result"] == "pending"

    def test_other_sequences_show_nothing(self):
        plain = make_sequence(self.course_key, "Reading")
        timed, exam = make_exam_sequence(self.course_key, "Quiz", is_proctored=False)
        factories.attempt(exam, user=self.learner, status="started", taking_as_proctored=False)
        for sequence in (plain, timed):
            page = self.get(sequence.page)
            assert CONTENT in page
            self.assert_one(None, page)

    def test_without_asides_the_page_is_as_it_was(self):
        from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig

        self.attempt("verified")
        XBlockAsidesConfig.objects.create(enabled=False)
        self.assert_one(None, self.get(self.sequence.page))


class UnitPage(LearnerTestCase):
    def test_the_result_stands_above_a_unit_that_is_shown_alone(self):
        self.attempt("started")
        page = self.get(self.sequence.unit_page)
        self.assert_one(PENDING, page)
        assert page.index(RESULT) < page.index(CONTENT)

    def test_a_sequence_with_its_units_shows_the_result_once(self):
        self.attempt("started")
        page = self.get(self.sequence.page)
        assert CONTENT in page
        self.assert_one(PENDING, page)

    def test_a_unit_that_may_not_be_seen_leads_to_the_exam_with_its_result(self):
        self.attempt("verified")
        response = self.client.get(self.sequence.unit_page)
        assert response.status_code == 302
        assert response["Location"].endswith(self.sequence.page)

    def test_a_unit_of_another_sequence_shows_nothing(self):
        plain = make_sequence(self.course_key, "Reading")
        self.assert_one(None, self.get(plain.unit_page))


class ViewAs(LearnerTestCase):
    def setUp(self):
        super().setUp()
        self.attempt("rejected")
        self.team_member = self.log_in("staff")
        # The team member's own result, which is not shown either.
        factories.attempt(self.exam, user=self.team_member, status="verified")

    def test_a_team_member_sees_no_result_of_their_own(self):
        for page in (self.sequence.page, self.sequence.unit_page):
            self.assert_one(None, self.get(page))
        assert (self.result()["result"], self.result()["viewing_as"]) == (None, None)

    def test_as_a_learner_in_general_there_is_none(self):
        self.view_course_as("student")
        for page in (self.sequence.page, self.sequence.unit_page):
            self.assert_one(None, self.get(page))
        assert (self.result()["result"], self.result()["viewing_as"]) == (None, None)

    def test_as_a_learner_it_is_that_learners_and_says_so(self):
        self.view_course_as("student", self.learner.username)
        sentence = f"You are viewing the course as {self.learner.username}: this is their result."
        for path in (self.sequence.page, self.sequence.unit_page):
            page = self.get(path)
            assert (CONTENT in page) == (path == self.sequence.unit_page)
            self.assert_one(UNSATISFACTORY, page)
            assert sentence in page
        found = self.result()
        assert (found["result"], found["viewing_as"]) == ("unsatisfactory", self.learner.username)
        assert sentence in found["remarks"]

    def test_as_staff_again_there_is_none(self):
        self.view_course_as("student", self.learner.username)
        self.view_course_as("staff")
        self.assert_one(None, self.get(self.sequence.page))
        assert self.result()["result"] is None

    def test_the_learner_sees_it_as_their_own(self):
        self.log_in_as(self.learner)
        page = self.get(self.sequence.page)
        self.assert_one(UNSATISFACTORY, page)
        assert "You are viewing" not in page
        assert self.result()["viewing_as"] is None

    def test_another_learner_sees_nothing_of_it(self):
        enroll(self.log_in(), self.course_key)
        self.assert_one(None, self.get(self.sequence.page))
        assert self.result()["result"] is None

    def test_only_those_who_see_reports_may_ask_for_a_username(self):
        for username in (self.learner.username, "nobody-of-this-name"):
            url = self.url("exam-result", self.exam.content_id)
            assert self.client.get(url, {"username": username}).status_code == 403
        self.log_in("staff", "data_researcher")
        found = self.result(username=self.learner.username)
        assert (found["result"], found["viewing_as"]) == ("unsatisfactory", self.learner.username)

    def test_nobody_is_asked_to_log_in(self):
        self.client.logout()
        assert self.client.get(self.url("exam-result", self.exam.content_id)).status_code == 401


class Mails(LearnerTestCase):
    def sent(self, attempt, *statuses):
        mail.outbox.clear()
        for status in statuses:
            api.update_attempt_status(attempt.pk, status)
        return mail.outbox

    def test_the_mails_say_the_result_in_the_words_of_the_page(self):
        for backend in ("null", None):
            for statuses, word in (
                (("submitted",), "Pending"),
                (("submitted", "verified"), "Satisfactory"),
                (("submitted", "rejected"), "Unsatisfactory"),
            ):
                self.exam.backend = backend
                self.exam.save()
                self.learner = factories.user()
                enroll(self.learner, self.course_key)
                attempt = self.attempt("started", started_at=self.exam.created)
                sent = self.sent(attempt, *statuses)
                assert len(sent) == len(statuses), (backend, statuses)
                assert sent[-1].to == [self.learner.email]
                assert f"<strong>{word}</strong>" in sent[-1].body, (backend, word)
                assert '<html lang="en" dir="ltr">' in sent[-1].body

    def test_the_setting_gives_edx_proctorings_own_mails_back(self):
        names = [f"emails/{path}proctoring_attempt_satisfactory_email.html" for path in ("proctoring/null/", "")]
        context = {"status": "verified", "exam_name": "Final", "course_name": "Course", "course_url": "/"}
        ours = select_template(names).render(context)
        with override_settings(PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS=["null"]):
            assert select_template(names).render(context) != ours
            assert select_template(names[1:]).render(context) == ours
        with override_settings(PROCTORED_RESULTS_MAILS=False):
            assert "<strong>Satisfactory</strong>" not in select_template(names[1:]).render(context)
        assert "<strong>Satisfactory</strong>" in ours


def provide_services():
    """Give edx-proctoring the services of the LMS if the platform's test settings leave them out."""
    if not IN_REAL_PLATFORM:
        return
    from lms.djangoapps.certificates.services import CertificateService
    from lms.djangoapps.grades.services import GradesService
    from lms.djangoapps.instructor.services import InstructorService
    from openedx.core.djangoapps.credit.services import CreditService
    from openedx.core.djangoapps.enrollments.services import EnrollmentsService

    for name, service in (
        ("certificates", CertificateService),
        ("credit", CreditService),
        ("enrollments", EnrollmentsService),
        ("grades", GradesService),
        ("instructor", InstructorService),
    ):
        if get_runtime_service(name) is None:
            set_runtime_service(name, service())
