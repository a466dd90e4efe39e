"""The requirements of a course for academic credit, as edx-proctoring reads them."""

import pytest
from edx_proctoring.api import check_prerequisites

from lms_sandbox.services import Credit
from tests import factories

pytestmark = pytest.mark.django_db

NOT_TAKEN, FAILED, PASSED = "Exam not taken", "Final", "Midterm"


@pytest.fixture
def exams():
    """Exam name -> exam, not made in the order of the names. Some other exams are no requirements."""
    made = {name: factories.exam(name) for name in (PASSED, NOT_TAKEN, FAILED)}
    factories.exam("Exam of before", is_active=False)
    factories.exam("Exercise", is_practice_exam=True)
    factories.exam("Quiz", is_proctored=False)
    return made


@pytest.fixture
def learner(exams):
    """A learner who took two of the exams."""
    learner = factories.user()
    factories.enrollment(learner, "verified")
    for name, status in ((PASSED, "satisfied"), (FAILED, "failed")):
        Credit().set_credit_requirement_status(
            learner.id, factories.COURSE_KEY, "proctored_exam", exams[name].content_id, status
        )
    return learner


def test_every_active_proctored_exam_is_a_requirement_in_the_order_of_the_names(learner):
    requirements = Credit().get_credit_state(learner.id, factories.COURSE_KEY)["credit_requirement_status"]
    assert [(each["order"], each["display_name"], each["status"]) for each in requirements] == [
        (0, NOT_TAKEN, None),
        (1, FAILED, "failed"),
        (2, PASSED, "satisfied"),
    ]


@pytest.mark.parametrize(("name", "failed", "pending"), [(NOT_TAKEN, [], []), (PASSED, [FAILED], [NOT_TAKEN])])
def test_edx_proctoring_sees_in_them_what_comes_before_an_exam(exams, learner, name, failed, pending):
    exam = {field: getattr(exams[name], field) for field in ("id", "course_id", "content_id")}
    found = check_prerequisites(exam, learner.id)["prerequisite_status"]
    assert [each["display_name"] for each in found["failed_prerequisites"]] == failed
    assert [each["display_name"] for each in found["pending_prerequisites"]] == pending
