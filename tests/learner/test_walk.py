"""
From the start of an exam to its result, through edx-proctoring's own functions and callbacks.

After each step, a test looks at what the learner sees on the page and in the API. edx-proctoring sends the mails.
"""

import json
from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from edx_proctoring import api
from edx_proctoring.models import ProctoredExamStudentAttempt

from lms_sandbox import provider
from lms_sandbox.models import CreditRequirement, GradeOverride, InvalidCertificate
from lms_sandbox.seed import reviews
from tests import factories
from tests.factories import COURSE_KEY
from tests.learner.backends import RestBackend
from tests.learner.reading import result_on

pytestmark = pytest.mark.django_db(transaction=True)

REJECTED_EXAM_FLAG = "grades.rejected_exam_overrides_grade"
SOFTWARE_SECURE = ["software_secure", "rpnow4"]


@pytest.fixture(autouse=True)
def _providers(monkeypatch):
    """Providers that take registrations, for every backend."""
    backends = apps.get_app_config("edx_proctoring").backends
    monkeypatch.setitem(backends, "rest", RestBackend())
    with provider.running():
        yield


class Walk:
    """A learner's way through an exam, and what they are shown of its result."""

    def __init__(self, exam, learner, client):
        self.exam, self.learner, self.client = exam, learner, client
        self.words = []

    def take(self):
        """Begin an attempt and take it up to its submission."""
        attempt_id = api.create_exam_attempt(self.exam.exam.id, self.learner.id, taking_as_proctored=True)
        for status in ("ready_to_start", "started"):
            api.update_attempt_status(attempt_id, status)
        self.attempt = ProctoredExamStudentAttempt.objects.get(id=attempt_id)
        return self

    def to(self, status):
        """Bring the attempt to a status."""
        api.update_attempt_status(self.attempt.id, status)
        return self

    def shows(self, result, status=None):
        """Assert what page and API show now."""
        shown = result_on(self.client.get(self.exam.path).content.decode())
        found = self.client.get(self.exam.api).json()
        assert ((shown and shown.kind), found["result"]) == (result, result)
        self.attempt.refresh_from_db()
        assert self.attempt.status == (status or self.attempt.status)
        return shown

    def review(self, status, reviewer=None):
        """Let a review arrive as Software Secure sends it."""
        reviews.post(self.attempt, status, [reviews.comment(1, status)], reviewed_by=reviewer)
        return self

    def rest_review(self, status, reviewer=None):
        """Let a review arrive as REST backends send it, from an account of the provider."""
        account, _made = type(self.learner).objects.get_or_create(username="provider")
        account.groups.add(Group.objects.get_or_create(name="rest_review")[0])
        client = type(self.client)()
        client.force_login(account)
        url = reverse("edx_proctoring:proctored_exam.attempt.callback", args=[self.attempt.external_id])
        payload = {"status": status, "comments": []} | ({"reviewed_by": reviewer} if reviewer else {})
        response = client.post(url, json.dumps(payload), content_type="application/json")
        assert response.status_code == 200, response.content
        return self

    def mails(self):
        """The words of the results in the mails since the last time."""
        words = [sent.body.split("<strong>")[1].split("</strong>")[0] for sent in mail.outbox]
        assert all(sent.to == [self.learner.email] for sent in mail.outbox)
        mail.outbox.clear()
        return words


@pytest.fixture
def walk(make_exam, learner, look):
    """A function that begins a walk through an exam with this backend."""
    factories.team_member("staff", username="reviewer")

    def begin(backend):
        mail.outbox.clear()
        return Walk(make_exam(backend=backend), learner, look(learner))

    return begin


@pytest.mark.parametrize("backend", SOFTWARE_SECURE)
@pytest.mark.parametrize("status", ["Clean", "Rules Violation"])
def test_software_secure_a_review_that_passes(backend, status, walk):
    way = walk(backend).take()
    way.shows("pending", "started")
    assert way.mails() == []
    way.to("submitted").shows("pending", "submitted")
    assert way.mails() == ["Pending"]
    way.review(status)
    assert "Decided on" in way.shows("satisfactory", "verified").text
    assert way.mails() == ["Satisfactory"]


@pytest.mark.parametrize("backend", SOFTWARE_SECURE)
@pytest.mark.parametrize("zero", [True, False], ids=["score 0", "score stays"])
def test_software_secure_a_suspicious_review_and_a_second_one_that_rejects(backend, zero, walk, waffle_flag):
    if zero:
        waffle_flag(REJECTED_EXAM_FLAG)
    way = walk(backend).take().to("submitted")
    assert way.mails() == ["Pending"]
    way.review("Suspicious").shows("pending", "second_review_required")
    assert way.mails() == []
    way.review("Suspicious", reviewer="reviewer@example.com")
    text = way.shows("unsatisfactory", "rejected").text
    assert way.mails() == ["Unsatisfactory"]
    assert ("Your score for this exam is 0." in text) == zero
    scores = list(GradeOverride.objects.values_list("user", "usage_key", "earned_all", "earned_graded"))
    assert scores == ([(way.learner.id, way.exam.usage_key, 0, 0)] if zero else [])
    assert InvalidCertificate.objects.filter(user=way.learner).exists() == zero
    assert CreditRequirement.objects.get(user=way.learner).status == "failed"
    course = way.client.get(f"/courses/{COURSE_KEY}/course/").content.decode()
    assert ("<td>0</td>" in course) == zero


@pytest.mark.parametrize("backend", SOFTWARE_SECURE)
def test_software_secure_a_rejected_exam_that_passes_after_all(backend, walk, waffle_flag):
    waffle_flag(REJECTED_EXAM_FLAG)
    way = walk(backend).take().to("submitted").review("Suspicious", reviewer="reviewer@example.com")
    way.shows("unsatisfactory", "rejected")
    way.review("Clean", reviewer="reviewer@example.com").shows("satisfactory", "verified")
    assert way.mails() == ["Pending", "Unsatisfactory", "Satisfactory"]
    assert not GradeOverride.objects.exists()


@pytest.mark.parametrize("backend", SOFTWARE_SECURE)
def test_software_secure_a_session_that_could_not_be_reviewed(backend, walk):
    way = walk(backend).take().to("submitted").review("Not Reviewed")
    assert "Ask your course team to let you resume the exam." in way.shows("pending", "error").text
    assert way.mails() == ["Pending"]


def test_rest_a_review_that_passes(walk):
    way = walk("rest").take().to("submitted").rest_review("passed")
    way.shows("satisfactory", "verified")
    assert way.mails() == ["Pending", "Satisfactory"]


def test_rest_a_violation_of_the_rules_waits_for_a_second_review(walk):
    """Unlike Software Secure's, a REST backend passes only clean reviews by default."""
    way = walk("rest").take().to("submitted").rest_review("violation")
    way.shows("pending", "second_review_required")
    assert way.mails() == ["Pending"]


def test_rest_a_suspicious_review_and_a_second_one_that_rejects(walk, waffle_flag):
    waffle_flag(REJECTED_EXAM_FLAG)
    way = walk("rest").take().to("submitted").rest_review("suspicious")
    way.shows("pending", "second_review_required")
    way.rest_review("suspicious", reviewer="reviewer@example.com").shows("unsatisfactory", "rejected")
    assert way.mails() == ["Pending", "Unsatisfactory"]
    assert GradeOverride.objects.get(user=way.learner).earned_graded == 0


@pytest.mark.parametrize("backend", ["null", None])
@pytest.mark.parametrize(("status", "result"), [("verified", "satisfactory"), ("rejected", "unsatisfactory")])
def test_backends_without_a_provider(backend, status, result, walk):
    way = walk(backend).take().to("submitted")
    way.shows("pending", "submitted")
    way.to(status).shows(result, status)
    assert way.mails() == ["Pending", result.capitalize()]


@pytest.mark.parametrize("backend", ["software_secure", "rpnow4", "rest"])
def test_an_exam_that_is_resumed(backend, walk):
    way = walk(backend).take().to("error")
    assert "Ask your course team to let you resume the exam." in way.shows("pending", "error").text
    api.mark_exam_attempt_as_ready_to_resume(way.attempt.id)
    assert "has let you resume the exam" in way.shows("pending", "error").text
    first = way.attempt
    way.take()
    assert way.attempt.id != first.id
    way.shows("pending", "started")
    way.to("submitted").shows("pending", "submitted")
    if backend == "rest":
        way.rest_review("passed")
    else:
        way.review("Clean")
    way.shows("satisfactory", "verified")
    # edx-proctoring sends no mail for a resumed exam unless all of its attempts are verified.
    assert way.mails() == ["Pending"]


def test_a_rejected_attempt_goes_on_counting_after_a_later_one_that_passes(walk):
    way = walk("software_secure").take().to("error")
    api.mark_exam_attempt_as_ready_to_resume(way.attempt.id)
    first = way.attempt
    way.take().to("submitted").review("Clean").shows("satisfactory", "verified")
    ProctoredExamStudentAttempt.objects.filter(id=first.id).update(status="rejected")
    way.shows("unsatisfactory")


def test_a_declined_exam_shows_nothing(walk):
    way = walk("null").take()
    api.update_attempt_status(way.attempt.id, "declined")
    way.shows(None, "declined")
    assert way.mails() == []


def test_the_plugin_sends_no_mail_and_writes_no_attempt_by_itself(walk):
    way = walk("null").take().to("submitted").to("verified")
    way.mails()
    with mock.patch.object(ProctoredExamStudentAttempt, "save", side_effect=AssertionError("an attempt is written")):
        way.shows("satisfactory")
    assert mail.outbox == []
