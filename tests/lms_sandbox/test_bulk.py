"""Rows of the large course are like those that edx-proctoring itself makes, field by field."""

from types import SimpleNamespace

import pytest
from common.djangoapps.student.models import CourseEnrollment
from django.contrib.auth import get_user_model
from edx_proctoring.api import create_exam
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from opaque_keys.edx.keys import CourseKey
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from lms_sandbox import provider
from lms_sandbox.seed import attempts, bulk, courses, people, reviews

pytestmark = pytest.mark.django_db

#: Fields that may differ between two rows (who, what and when). The types of their values have to agree.
OWN = {
    "attempt_code",
    "completed_at",
    "content_id",
    "course_id",
    "created",
    "exam_id",
    "external_id",
    "id",
    "modified",
    "proctored_exam_id",
    "raw_data",
    "review_id",
    "started_at",
    "student_id",
    "user_id",
}


def fields(row):
    """Return a row as {field: value}, with the value's type for fields in OWN."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: type(value) if name in OWN else value for name, value in values.items()}


@pytest.fixture
def pair(course):
    """The rows of one reviewed attempt made by edx-proctoring, and those of one made in bulk."""
    courses.make_courses()
    bulk.make_large_course(20)
    ProctoredExam.objects.update(time_limit_mins=bulk.TIME_LIMIT)
    learner = get_user_model()(username="by-api", email="by-api@example.com")
    people.make_users([learner], ["By Api"])
    people.enrol([learner], courses.MAIN)
    exam = ProctoredExam.objects.earliest("id")
    with provider.running():
        attempt = attempts.take(exam.id, learner, "submitted", None, 0)
    incidents = bulk.incidents(0, reviews.CLEAN)
    reviews.post(attempt, reviews.CLEAN, incidents)
    made = ProctoredExamStudentAttempt.objects
    return SimpleNamespace(
        api=made.get(user=learner),
        bulk=made.exclude(user=learner).earliest("id"),
    )


def test_an_attempt_is_like_one_from_the_api(pair):
    assert fields(pair.bulk) == fields(pair.api)


def test_a_review_is_like_one_from_the_callback(pair):
    by_code = ProctoredExamSoftwareSecureReview.objects.get
    bulk_made, api_made = by_code(attempt_code=pair.bulk.attempt_code), by_code(attempt_code=pair.api.attempt_code)
    assert fields(bulk_made) == fields(api_made)
    assert bulk_made.exam_id == pair.bulk.proctored_exam_id
    assert bulk_made.student_id == pair.bulk.user_id
    own = (pair.api.attempt_code, pair.bulk.attempt_code), (pair.api.external_id, pair.bulk.external_id)
    expected = api_made.raw_data
    for api_value, bulk_value in own:
        expected = expected.replace(api_value, bulk_value)
    assert bulk_made.raw_data == expected


def test_comments_are_like_those_from_the_callback(pair):
    def comments(attempt):
        reviewed = ProctoredExamSoftwareSecureReview.objects.filter(attempt_code=attempt.attempt_code)
        return [
            fields(comment)
            for comment in ProctoredExamSoftwareSecureComment.objects.filter(review__in=reviewed).order_by("start_time")
        ]

    assert len(comments(pair.bulk)) == 2
    assert comments(pair.bulk) == comments(pair.api)


def test_an_exam_is_like_one_from_the_api(pair):
    made_in_bulk = ProctoredExam.objects.get(id=pair.bulk.proctored_exam_id)
    key = courses.MAIN
    exam_id = create_exam(str(key), courses.content_id("exam01", key), "Exam 01", time_limit_mins=bulk.TIME_LIMIT)
    assert fields(made_in_bulk) == fields(ProctoredExam.objects.get(id=exam_id))


def test_sixty_in_a_hundred_have_a_review_and_each_of_these_two_comments(course):
    courses.make_courses()
    bulk.make_large_course(1000)
    assert ProctoredExamStudentAttempt.objects.count() == 1000
    assert ProctoredExamSoftwareSecureReview.objects.count() == 600
    assert ProctoredExamSoftwareSecureComment.objects.count() == 1200


def test_courses_made_at_a_time_lie_between_each_other_and_have_learners_of_their_own():
    keys = [CourseKey.from_string(f"course-v1:BulkX+PR{number}+2026") for number in range(3)]
    for made in (keys[:2], keys[2:]):
        bulk.make_courses(made, 25, exams=4)

    rows = ProctoredExamStudentAttempt.objects.order_by("id").values_list("proctored_exam__course_id", "user_id")
    of_course = [course_id for course_id, _user_id in rows]
    assert of_course[:50] == [str(keys[0]), str(keys[1])] * 25
    assert of_course[50:] == [str(keys[2])] * 25
    learners = {str(key): {user_id for course_id, user_id in rows if course_id == str(key)} for key in keys}
    for key in keys:
        assert len(learners[str(key)]) == 7
        assert learners[str(key)] == set(
            CourseEnrollment.objects.filter(course_id=key).values_list("user_id", flat=True)
        )
    assert len(set.union(*learners.values())) == 3 * 7
    assert set(CourseOverview.objects.values_list("id", flat=True)) == set(keys)
    codes = ProctoredExamStudentAttempt.objects.values_list("attempt_code", flat=True)
    assert len(set(codes)) == 75
