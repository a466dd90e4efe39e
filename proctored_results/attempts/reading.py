"""The exams of a course, and one learner's attempts at an exam."""

from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef, Subquery
from edx_proctoring.models import ProctoredExam, ProctoredExamSoftwareSecureReview, ProctoredExamStudentAttempt
from opaque_keys.edx.keys import CourseKey, UsageKey

from proctored_results import outcomes
from proctored_results.attempts.records import Exam

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
    review = ProctoredExamSoftwareSecureReview.objects.filter(attempt_code=OuterRef("attempt_code"))
    rows = (
        ProctoredExamStudentAttempt.objects.filter(
            user_id=user_id, proctored_exam__course_id=str(course_key), proctored_exam__content_id=str(usage_key)
        )
        .annotate(review_code=Subquery(review.values("attempt_code")), decided_at=Subquery(review.values("modified")))
        .select_related("proctored_exam")
    )
    return [
        outcomes.LearnerAttempt(
            id=row.id,
            status=row.status,
            created=row.created,
            is_proctored=row.taking_as_proctored,
            is_practice=row.is_sample_attempt or row.proctored_exam.is_practice_exam,
            ready_to_resume=row.ready_to_resume,
            is_resumable=row.is_resumable,
            decided_at=row.decided_at if row.review_code == row.attempt_code else None,
        )
        for row in rows
        if (row.proctored_exam.course_id, row.proctored_exam.content_id) == (str(course_key), str(usage_key))
    ]
