"""The courses of the site that have something to report."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus

#: How many rows one query reads, and how many attempt codes one query looks up.
ROWS_PER_QUERY, CODES_PER_QUERY = 10_000, 500


def course_ids(*, using: str = DEFAULT_DB_ALIAS, changed_since: datetime | None = None) -> set[str]:
    """
    Return the ids of the courses for which `stream` yields attempts.

    Reads the site's exams page by page. One query finds the exams that have attempts. One more is needed for each timed
    exam of a course that has no other exam with attempts. With `changed_since`, the courses in which no attempt and no
    review has changed since then are left out. These two tables have no index by time, so they are then read page by
    page.
    """
    exam_ids = _exams_with_attempts(using) if changed_since is None else _changed_exams(changed_since, using)
    found, timed = set(), []
    exams = ProctoredExam.objects.using(using).values_list("id", "course_id", "is_proctored", "is_practice_exam")
    for exam_id, course_id, is_proctored, is_practice in _in_pages(exams):
        if exam_id not in exam_ids:
            continue
        if is_proctored or is_practice:
            found.add(course_id)
        else:
            timed.append((exam_id, course_id))
    for exam_id, course_id in timed:
        if course_id not in found and _has_attempt_about_proctoring(exam_id, using):
            found.add(course_id)
    return found


def _exams_with_attempts(using: str) -> set[int]:
    # The column has an index, so the database jumps from one distinct value to the next.
    return set(ProctoredExamStudentAttempt.objects.using(using).values_list("proctored_exam_id", flat=True).distinct())


def _changed_exams(since: datetime, using: str) -> set[int]:
    attempts = ProctoredExamStudentAttempt.objects.using(using).filter(modified__gte=since)
    exam_ids = {exam_id for _, exam_id in _in_pages(attempts.values_list("id", "proctored_exam_id"))}
    reviews = ProctoredExamSoftwareSecureReview.objects.using(using).filter(modified__gte=since)
    codes = []
    for _, exam_id, code in _in_pages(reviews.values_list("id", "exam_id", "attempt_code")):
        if exam_id is None:
            codes.append(code)
        else:
            exam_ids.add(exam_id)
    for start in range(0, len(codes), CODES_PER_QUERY):
        attempts = ProctoredExamStudentAttempt.objects.using(using)
        reviewed = attempts.filter(attempt_code__in=codes[start : start + CODES_PER_QUERY])
        exam_ids.update(reviewed.values_list("proctored_exam_id", flat=True))
    return exam_ids


def _has_attempt_about_proctoring(exam_id: int, using: str) -> bool:
    about_proctoring = (
        Q(taking_as_proctored=True) | Q(is_sample_attempt=True) | Q(status=ProctoredExamStudentAttemptStatus.declined)
    )
    attempts = ProctoredExamStudentAttempt.objects.using(using)
    return attempts.filter(about_proctoring, proctored_exam_id=exam_id).exists()


def _in_pages(rows: QuerySet) -> Iterator[tuple[Any, ...]]:
    """Yield rows in the order of their first value, the primary key, by keyset pagination."""
    last_id = 0
    while page := list(rows.filter(id__gt=last_id).order_by("id")[:ROWS_PER_QUERY]):
        yield from page
        last_id = page[-1][0]
