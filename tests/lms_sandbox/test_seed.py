"""The demonstration data: what it holds, and that it comes from edx-proctoring itself."""

from collections import Counter

import edx_proctoring
import pytest
from common.djangoapps.student.models import CourseEnrollment
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus

from lms_sandbox.seed.courses import MAIN, WITHOUT_EXAMS
from lms_sandbox.views.pages import MODEL_BACKEND

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def seeded(django_db_setup, django_db_blocker, without_coverage):
    """The demonstration data, made once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_sandbox")
        yield
        transaction.set_rollback(True)


def attempts(**which):
    return ProctoredExamStudentAttempt.objects.filter(**which)


def test_there_are_two_courses_of_which_one_has_exams():
    assert set(ProctoredExam.objects.values_list("course_id", flat=True)) == {str(MAIN)}
    assert attempts(proctored_exam__course_id=str(WITHOUT_EXAMS)).count() == 0


def test_there_is_an_exam_of_every_kind():
    kinds = set(ProctoredExam.objects.values_list("is_proctored", "is_practice_exam", "is_active"))
    assert kinds == {(True, False, True), (True, True, True), (False, False, True), (True, False, False)}
    assert ProctoredExam.objects.filter(exam_name__contains=", ").filter(exam_name__contains='"').exists()


def test_every_status_of_edx_proctoring_has_an_attempt():
    known = {
        value
        for name, value in vars(ProctoredExamStudentAttemptStatus).items()
        if isinstance(value, str) and not name.startswith("_")
    }
    onboarding = {status for status in known if status.startswith("onboarding_")}
    there = set(attempts().values_list("status", flat=True))
    assert known - onboarding <= there
    assert onboarding & there


def test_every_kind_of_review_is_there_with_the_status_that_follows_from_it():
    reviews = dict(ProctoredExamSoftwareSecureReview.objects.values_list("attempt_code", "review_status"))
    followed = {
        (reviews[code], status)
        for code, status in attempts().values_list("attempt_code", "status")
        if code in reviews and not code.startswith("ODD-")
    }
    assert {
        ("Clean", "verified"),
        ("Rules Violation", "verified"),
        ("Suspicious", "second_review_required"),
        ("Suspicious", "rejected"),
        ("Not Reviewed", "error"),
    } <= followed
    # A clean review of an attempt that was never submitted: edx-proctoring before version 6 verifies the attempt.
    assert (("Clean", "error") in followed) == (int(edx_proctoring.__version__.split(".")[0]) >= 6)


def test_most_attempts_and_reviews_went_through_edx_proctoring_and_left_their_history():
    with_history = set(ProctoredExamStudentAttempt.history.values_list("id", flat=True))
    odd = [attempt for attempt in attempts() if attempt.id not in with_history]
    assert len(odd) < 60 < attempts().count() / 5
    assert all(not attempt.attempt_code or attempt.attempt_code.upper().startswith(("ODD-", "=")) for attempt in odd)


def test_a_removed_attempt_leaves_its_review_behind():
    left = ProctoredExamSoftwareSecureReview.objects.filter(is_attempt_active=False)
    assert left.count() == 3
    assert not attempts(attempt_code__in=left.values("attempt_code")).exists()


def test_some_codes_are_missing_and_some_are_shared():
    codes = Counter(attempts().values_list("attempt_code", flat=True))
    assert codes[None] == 2
    assert codes["ODD-SHARED-CODE"] == 2


def test_some_learners_have_two_attempts_at_one_exam():
    pairs = Counter(attempts().values_list("user_id", "proctored_exam_id"))
    assert max(pairs.values()) == 2


def test_plain_timed_attempts_are_there_too():
    assert attempts(proctored_exam__is_proctored=False, taking_as_proctored=False).count() > 30


def test_comments_hold_what_breaks_careless_files():
    text = "\0".join(ProctoredExamSoftwareSecureComment.objects.values_list("comment", flat=True))
    for trap in ("\n", "\r\n", ";", '"', "=HYPERLINK", "+1", "-1", "@SUM", "\uff1d", "<script>", "\U0001f4f1", "\t=1"):
        assert trap in text, repr(trap)
    assert max(map(len, text.split("\0"))) >= 9_000


def test_there_are_the_accounts_and_some_three_hundred_learners_in_many_scripts():
    users = get_user_model().objects
    assert all(users.get(username=name).check_password("edx") for name in ("admin", "instructor", "learner001"))
    assert users.count() == 305
    names = "".join(users.values_list("profile__name", flat=True))
    assert all(letter in names for letter in "añøаΜأנअสნ王佐김")  # noqa: RUF001
    assert not users.exclude(email__regex=r"^$|@example\.(com|org)$").exists()


def test_the_account_learner_has_a_result_of_each_kind():
    own = attempts(user__username="learner").values_list("status", flat=True)
    assert {"verified", "rejected", "submitted"} <= set(own)


def test_seeding_again_changes_nothing():
    before = attempts().count()
    call_command("seed_sandbox")
    assert attempts().count() == before


def test_every_learner_can_open_the_exams_that_are_links_on_the_page_of_the_course(client):
    """Try one learner for each combination of exam, status of the newest attempt, and enrolment."""
    enrolled = set(CourseEnrollment.objects.filter(course_id=MAIN, is_active=True).values_list("user", flat=True))
    newest = {(each.proctored_exam, each.user): each for each in attempts().order_by("created", "id")}
    sample = {(exam.content_id, each.status, user.id in enrolled): user for (exam, user), each in newest.items()}
    assert len({is_enrolled for _exam, _status, is_enrolled in sample}) == 2
    for (exam, _status, is_enrolled), user in sample.items():
        client.force_login(user, backend=MODEL_BACKEND)
        assert (f'href="/xblock/{exam}"' in client.get(f"/courses/{MAIN}/course/").content.decode()) == is_enrolled
        assert client.get(f"/xblock/{exam}").status_code == (200 if is_enrolled else 404)
