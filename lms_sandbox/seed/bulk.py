"""
A large course, made by bulk inserts of rows that are like those of edx-proctoring's API and review callback.

Only the history tables of edx-proctoring stay empty.
"""

import json
import random
import uuid
from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from edx_proctoring.api import create_exam
from edx_proctoring.models import (
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from opaque_keys.edx.keys import CourseKey
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from lms_sandbox.seed import courses, people, reviews

LARGE = CourseKey.from_string("course-v1:SandboxX+LARGE+2026")
EXAMS = 20
TIME_LIMIT = 90
FIRST_START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
BATCH = 2000

#: Of ten attempts, what the reviews say, and the status that follows from it; four have no review yet.
OUTCOMES = (
    (reviews.CLEAN, "verified"),
    (reviews.CLEAN, "verified"),
    (reviews.CLEAN, "verified"),
    (reviews.VIOLATION, "verified"),
    (reviews.VIOLATION, "verified"),
    (reviews.SUSPICIOUS, "second_review_required"),
    *[(None, "submitted")] * 4,
)


def make_large_course(size):
    """Make the course with so many attempts; 60 % of them have a review, with two comments each."""
    with transaction.atomic():
        CourseOverview.objects.create(
            id=LARGE, org=LARGE.org, display_name=f"A large course ({size:,} attempts)", enable_proctored_exams=True
        )
        people.give_roles(get_user_model().objects.filter(username__in=people.ACCOUNTS), LARGE)
        exams = [
            create_exam(
                str(LARGE),
                courses.content_id(f"exam{number:02}", LARGE),
                f"Exam {number:02}",
                time_limit_mins=TIME_LIMIT,
            )
            for number in range(1, EXAMS + 1)
        ]
        learners = _make_learners(-(-size // EXAMS))
        for start in range(0, size, BATCH):
            _make_batch(exams, learners, range(start, min(start + BATCH, size)))


def attempt_row(number, exam_id, user_id, status):
    """Return an attempt, not stored yet, like one that the API made and that was submitted."""
    codes = random.Random(number)
    code = str(uuid.UUID(int=codes.getrandbits(128), version=4)).upper()
    started_at = FIRST_START + timedelta(minutes=number)
    return ProctoredExamStudentAttempt(
        user_id=user_id,
        proctored_exam_id=exam_id,
        started_at=started_at,
        completed_at=started_at + timedelta(minutes=20 + number % 60),
        attempt_code=code,
        external_id=str(uuid.uuid5(uuid.NAMESPACE_OID, code)).upper(),
        allowed_time_limit_mins=TIME_LIMIT,
        status=status,
        taking_as_proctored=True,
    )


def incidents(number, review_status):
    """Return the two incidents of a review's payload."""
    status = reviews.SUSPICIOUS if review_status == reviews.SUSPICIOUS else reviews.VIOLATION
    return [reviews.comment(number, status), reviews.comment(number + 7, reviews.VIOLATION)]


def review_row(attempt, review_status, comments):
    """Return a review of an attempt, not stored yet, like one from the callback."""
    return ProctoredExamSoftwareSecureReview(
        attempt_code=attempt.attempt_code,
        review_status=review_status,
        raw_data=json.dumps(reviews.payload(attempt, review_status, comments)),
        student_id=attempt.user_id,
        exam_id=attempt.proctored_exam_id,
    )


def comment_row(review_id, incident):
    """Return a comment, not stored yet, like one from the callback."""
    return ProctoredExamSoftwareSecureComment(
        review_id=review_id,
        start_time=incident["eventStart"],
        stop_time=incident["eventFinish"],
        duration=incident["duration"],
        comment=incident["comments"],
        status=incident["eventStatus"],
    )


def _make_learners(count):
    """Make so many learners without a password and enrol them; return their ids."""
    users = [
        get_user_model()(username=f"large{number:06}", email=f"large{number:06}@example.com", password="!")
        for number in range(count)
    ]
    people.make_users(users, [people.full_name(number) for number in range(count)])
    people.enrol(users, LARGE)
    return [user.pk for user in users]


def _make_batch(exams, learners, numbers):
    """Store the attempts of these numbers, with their reviews and comments."""
    attempts, reviewed = [], {}
    for number in numbers:
        review_status, status = OUTCOMES[number % len(OUTCOMES)]
        attempt = attempt_row(number, exams[number // len(learners)], learners[number % len(learners)], status)
        attempts.append(attempt)
        if review_status is not None:
            comments = incidents(number, review_status)
            reviewed[attempt.attempt_code] = (review_row(attempt, review_status, comments), comments)
    ProctoredExamStudentAttempt.objects.bulk_create(attempts)
    ProctoredExamSoftwareSecureReview.objects.bulk_create(review for review, _comments in reviewed.values())
    ids = ProctoredExamSoftwareSecureReview.objects.filter(attempt_code__in=reviewed).values_list("attempt_code", "id")
    ProctoredExamSoftwareSecureComment.objects.bulk_create(
        comment_row(review_id, comment) for code, review_id in ids for comment in reviewed[code][1]
    )
