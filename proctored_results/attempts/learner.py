"""One learner's attempts at an exam."""

from django.db import DEFAULT_DB_ALIAS, connection
from opaque_keys.edx.keys import CourseKey, UsageKey

from proctored_results import outcomes
from proctored_results.attempts.databases import TABLES, parse_time

# Every page of an exam runs this query. Django's ORM takes several times as long to build it as the database to run it.
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


def of_learner(user_id: int, course_key: CourseKey, usage_key: UsageKey) -> list[outcomes.LearnerAttempt]:
    """Return a learner's attempts at the exam in a block of the course, each with its review's time. One query."""
    exam_key = (str(course_key), str(usage_key))
    with connection.cursor() as cursor:
        cursor.execute(_OF_LEARNER.format(**TABLES), [user_id, *exam_key])
        rows = cursor.fetchall()
    return [
        outcomes.LearnerAttempt(
            id=attempt_id,
            status=status,
            created=parse_time(created, DEFAULT_DB_ALIAS),
            is_proctored=bool(is_proctored),
            is_practice=bool(is_sample or is_practice),
            ready_to_resume=bool(ready_to_resume),
            is_resumable=bool(is_resumable),
            decided_at=None if review_code is None or review_code != code else parse_time(decided_at, DEFAULT_DB_ALIAS),
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
        if (course_id, content_id) == exam_key
    ]
