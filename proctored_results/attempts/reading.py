"""The exams of a course, and one learner's attempts at an exam."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connection
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from opaque_keys.edx.keys import CourseKey, UsageKey

from proctored_results import outcomes
from proctored_results.attempts.records import Exam

#: The names of the tables in plain SQL.
TABLES = {
    "attempts": ProctoredExamStudentAttempt._meta.db_table,
    "comments": ProctoredExamSoftwareSecureComment._meta.db_table,
    "exams": ProctoredExam._meta.db_table,
    "reviews": ProctoredExamSoftwareSecureReview._meta.db_table,
    "users": get_user_model()._meta.db_table,
}

# Every page of an exam asks this. To have it put together by Django's ORM takes several times as long as the answer.
_OF_LEARNER = """
    SELECT exam.course_id, exam.content_id, exam.is_practice_exam,
           attempt.id, attempt.status, CAST(attempt.created AS CHAR), attempt.taking_as_proctored,
           attempt.is_sample_attempt, attempt.ready_to_resume, attempt.is_resumable, attempt.attempt_code,
           review.attempt_code, CAST(review.modified AS CHAR)
      FROM {attempts} attempt
      JOIN {exams} exam ON exam.id = attempt.proctored_exam_id
      LEFT JOIN {reviews} review ON review.attempt_code = attempt.attempt_code
     WHERE attempt.user_id = %s AND exam.course_id = %s AND exam.content_id = %s
"""

EXAM_FIELDS = ("id", "course_id", "exam_name", "backend", "is_proctored", "is_practice_exam")


def exams(course_key: CourseKey, *, using: str = DEFAULT_DB_ALIAS) -> list[Exam]:
    """Return every exam that edx-proctoring holds for the course, inactive ones too, by name, then id. One query."""
    course_id = str(course_key)
    rows = ProctoredExam.objects.using(using).filter(course_id=course_id).values_list(*EXAM_FIELDS)
    found = (Exam(*row) for row in rows)
    return sorted((exam for exam in found if exam.course_id == course_id), key=lambda exam: (exam.name, exam.id))


def exam(course_key: CourseKey, usage_key: UsageKey) -> Exam | None:
    """Return the exam that edx-proctoring holds for a block of the course, or None. One query."""
    found = ProctoredExam.objects.filter(course_id=str(course_key), content_id=str(usage_key))
    rows = found.values_list("content_id", *EXAM_FIELDS)
    return next((Exam(*row) for content_id, *row in rows if content_id == str(usage_key)), None)


def of_learner(user_id: int, course_key: CourseKey, usage_key: UsageKey) -> list[outcomes.LearnerAttempt]:
    """Return a learner's attempts at the exam in a block of the course, each with its review's time. One query."""
    place = (str(course_key), str(usage_key))
    with connection.cursor() as cursor:
        cursor.execute(_OF_LEARNER.format(**TABLES), [user_id, *place])
        rows = cursor.fetchall()
    return [
        outcomes.LearnerAttempt(
            id=attempt_id,
            status=status,
            created=_time(created),
            is_proctored=bool(is_proctored),
            is_practice=bool(is_sample or is_practice),
            ready_to_resume=bool(ready_to_resume),
            is_resumable=bool(is_resumable),
            decided_at=None if review_code is None or review_code != code else _time(decided_at),
        )
        for (
            course_id,
            content_id,
            is_practice,
            attempt_id,
            status,
            created,
            is_proctored,
            is_sample,
            ready_to_resume,
            is_resumable,
            code,
            review_code,
            decided_at,
        ) in rows
        if (course_id, content_id) == place
    ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=connection.timezone)
