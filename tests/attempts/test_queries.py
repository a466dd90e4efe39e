"""The cost of reading: a page of attempts takes the same number of queries, however many attempts it has."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from edx_proctoring.models import (
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)

from proctored_results import attempts
from proctored_results.edx_platform import courses
from tests import factories

pytestmark = pytest.mark.django_db

#: The exams of the course.
QUERIES_ONCE = 1
#: Attempts with their users and reviews, comments, and enrolments if tracks are wanted.
QUERIES_PER_PAGE = 3


def exam_with(number, name="Final exam"):
    """An exam with this number of attempts, each with a review that has two comments."""
    of, learner = factories.exam(name), factories.user()
    ProctoredExamStudentAttempt.objects.bulk_create(
        (
            ProctoredExamStudentAttempt(
                proctored_exam=of, user=learner, attempt_code=f"{of.id}-{place}", taking_as_proctored=True
            )
            for place in range(number)
        ),
        batch_size=1000,
    )
    ProctoredExamSoftwareSecureReview.objects.bulk_create(
        (
            ProctoredExamSoftwareSecureReview(
                attempt_code=f"{of.id}-{place}", review_status="Suspicious", reviewed_by=learner, exam=of
            )
            for place in range(number)
        ),
        batch_size=1000,
    )
    reviews = ProctoredExamSoftwareSecureReview.objects.filter(exam=of).values_list("id", flat=True)
    ProctoredExamSoftwareSecureComment.objects.bulk_create(
        (
            ProctoredExamSoftwareSecureComment(
                review_id=review_id, comment="text", status="Suspicious", start_time=0, stop_time=1, duration=1
            )
            for review_id in reviews
            for _ in range(2)
        ),
        batch_size=1000,
    )
    return of


def queries_of_reading(expected_attempts):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = sum(1 for _ in attempts.stream(factories.COURSE_KEY, tracks=courses.enrollment_modes))
    assert found == expected_attempts
    return len(captured)


@pytest.mark.parametrize(("number", "pages"), [(1, 1), (200, 1), (900, 1), (901, 2), (4001, 5)])
def test_a_page_costs_the_same_queries_however_many_attempts_it_has(number, pages):
    exam_with(number)

    assert attempts.PAGE_SIZE == 900
    assert queries_of_reading(number) == QUERIES_ONCE + pages * QUERIES_PER_PAGE


def test_an_exam_without_attempts_costs_one_query():
    for name in "ABC":
        factories.exam(name)

    assert queries_of_reading(0) == QUERIES_ONCE + 3


def test_exams_are_paged_one_after_the_other():
    for name in "ABC":
        exam_with(10, name)

    assert queries_of_reading(30) == QUERIES_ONCE + 3 * QUERIES_PER_PAGE


def test_a_page_without_reviews_and_tracks_costs_one_query():
    of = factories.exam()
    for _ in range(3):
        factories.attempt(of)

    with CaptureQueriesContext(connection) as captured:
        list(attempts.stream(factories.COURSE_KEY))

    assert len(captured) == QUERIES_ONCE + 1


def test_counting_costs_one_query_per_exam_and_one():
    for name in "ABC":
        exam_with(10, name)

    with CaptureQueriesContext(connection) as captured:
        assert attempts.count(factories.COURSE_KEY) == 30

    assert len(captured) == QUERIES_ONCE + 3


def test_nothing_is_asked_before_the_first_attempt_is_taken():
    exam_with(10)

    with CaptureQueriesContext(connection) as captured:
        stream = attempts.stream(factories.COURSE_KEY, page_size=3)
        assert len(captured) == 0
        next(stream)

    assert len(captured) == QUERIES_ONCE + 2
