"""The exams of a course, as edx-proctoring stores them."""

from django.db import DEFAULT_DB_ALIAS
from edx_proctoring.models import ProctoredExam
from opaque_keys.edx.keys import CourseKey, UsageKey

from proctored_results.attempts.records import Exam

EXAM_FIELDS = ("id", "course_id", "exam_name", "backend", "is_proctored", "is_practice_exam")


def exams(course_key: CourseKey, *, using: str = DEFAULT_DB_ALIAS) -> list[Exam]:
    """Return all exams of the course in edx-proctoring, also inactive ones, sorted by name, then id. One query."""
    course_id = str(course_key)
    rows = ProctoredExam.objects.using(using).filter(course_id=course_id).values_list(*EXAM_FIELDS)
    found = (Exam(*row) for row in rows)
    return sorted((exam for exam in found if exam.course_id == course_id), key=lambda exam: (exam.name, exam.id))


def exam(course_key: CourseKey, usage_key: UsageKey) -> Exam | None:
    """Return the exam that edx-proctoring has for a block of the course, or None. One query."""
    found = ProctoredExam.objects.filter(course_id=str(course_key), content_id=str(usage_key))
    rows = found.values_list("content_id", *EXAM_FIELDS)
    return next((Exam(*row) for content_id, *row in rows if content_id == str(usage_key)), None)
