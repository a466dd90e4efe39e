"""The sandbox's pages around a result: the way through an exam, the review that arrives, the mailbox."""

import os

import pytest
from django.core.mail import EmailMessage, get_connection
from edx_proctoring import api
from edx_proctoring.models import ProctoredExamStudentAttempt

from lms_sandbox import provider
from tests import factories
from tests.factories import COURSE_KEY
from tests.learner.reading import result_on

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rpnow(make_exam):
    """An exam proctored by RPNow, and a provider that takes registrations."""
    with provider.running():
        yield make_exam(backend="rpnow4")


def press(client, exam, step):
    """Press a button of the sandbox on the exam's page; return the page after it."""
    response = client.post(f"/exams/{exam.exam.id}/walk", {"step": step}, follow=True)
    assert response.redirect_chain == [(exam.path, 302)]
    return response.content.decode()


def test_the_whole_way_can_be_walked_with_buttons(rpnow, learner, look):
    client = look(learner)
    for step in ("take", "ready_to_start", "started", "ready_to_submit", "submitted"):
        assert f'name="step" value="{step}"' in client.get(rpnow.path).content.decode()
        page = press(client, rpnow, step)
        assert result_on(page).kind == "pending"

    staff = look(factories.team_member("staff"))
    attempt = ProctoredExamStudentAttempt.objects.get()
    form = {"attempt": attempt.id, "status": "Suspicious", "comments": "A phone\nA voice", "reviewer": ""}
    page = staff.post(f"/courses/{COURSE_KEY}/review_arrives", form).content.decode()
    assert "its status is now second_review_required" in page
    factories.team_member("staff", username="instructor")
    page = staff.post(f"/courses/{COURSE_KEY}/review_arrives", {**form, "reviewer": "1"}).content.decode()
    assert "its status is now rejected" in page
    assert result_on(client.get(rpnow.path).content.decode()).kind == "unsatisfactory"


def test_a_step_that_does_not_lead_on_is_refused(rpnow, learner, look):
    assert look(learner).post(f"/exams/{rpnow.exam.id}/walk", {"step": "verified"}).status_code == 404


@pytest.mark.parametrize("status", ["submitted", "rejected", "verified", "declined"])
def test_an_exam_can_be_taken_whatever_became_of_another_one(status, rpnow, make_exam, learner, look):
    attempt_id = api.create_exam_attempt(rpnow.exam.id, learner.id, taking_as_proctored=True)
    api.update_attempt_status(attempt_id, status)
    page = look(learner).get(make_exam("Another exam").path)
    assert page.status_code == 200
    assert "Continue to my proctored exam" in page.content.decode()


def test_an_exam_without_proctoring_shows_nothing(rpnow, learner, look):
    assert result_on(press(look(learner), rpnow, "decline")) is None


def test_reviews_are_for_the_course_team(rpnow, learner, look):
    assert look(learner).get(f"/courses/{COURSE_KEY}/review_arrives").status_code == 404


def test_the_mailbox_shows_html_in_a_frame_that_runs_nothing(settings, tmp_path, client):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    message = EmailMessage("Subject", "<p>Körper &amp; more</p>", "from@example.com", ["to@example.com"])
    message.content_subtype = "html"
    get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(tmp_path)).send_messages([message])
    page = client.get("/mailbox").content.decode()
    assert '<iframe title="Subject" sandbox srcdoc="&lt;p&gt;Körper &amp;amp; more&lt;/p&gt;' in page
    assert (
        "No e-mail has been sent to other@example.com" in client.get("/mailbox?to=other@example.com").content.decode()
    )


def test_pages_that_are_none_are_not_found(exam, learner, look):
    client = look(learner)
    for path in ("/xblock/nothing", f"{exam.path}x", f"/xblock/{COURSE_KEY.make_usage_key('html', 'x')}"):
        assert client.get(path).status_code == 404
    assert look(factories.user()).get(exam.path).status_code == 404


def test_the_course_page_links_the_exams_and_edx_proctorings_links_lead_to_them(exam, learner, look):
    client = look(learner)
    assert f'href="{exam.path}"' in client.get(f"/courses/{COURSE_KEY}/course/").content.decode()
    for path in (f"/courses/{COURSE_KEY}/jump_to/{exam.usage_key}", f"/learning/course/{COURSE_KEY}/{exam.usage_key}"):
        assert client.get(path)["Location"] == exam.path


def test_the_mailbox_shows_the_newest_mail_first_also_within_a_second(settings, tmp_path, client):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    for number, (name, subject) in enumerate(
        [("20261128-120000-2.log", "the older one"), ("20261128-120000-1.log", "the newer one")]
    ):
        (tmp_path / name).write_text(f"Subject: {subject}\nTo: learner@example.com\n\ntext\n")
        os.utime(tmp_path / name, ns=(number, number))
    page = client.get("/mailbox").content.decode()
    assert page.index("the newer one") < page.index("the older one")
