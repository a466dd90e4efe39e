"""
What edx-proctoring's API and callback cannot make, written directly to its tables.

These are times in the past, and statuses and rows from older releases, other providers and accidents. Rows are inserted
and changed without signals: nothing is sent, and no other row changes.
"""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import F
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)

from lms_sandbox.seed.reviews import CLEAN, SUSPICIOUS, VIOLATION

User = get_user_model()

#: When the first learner of each exam started it. The others follow, one every seven minutes, fifty a day.
FIRST_STARTS = {
    "practice": datetime(2026, 9, 21, 8, 0, tzinfo=UTC),
    "retired": datetime(2026, 9, 28, 8, 0, tzinfo=UTC),
    "quiz": datetime(2026, 10, 5, 8, 0, tzinfo=UTC),
    "midterm": datetime(2026, 10, 12, 8, 0, tzinfo=UTC),
    "final": datetime(2026, 11, 9, 8, 0, tzinfo=UTC),
}
LONG_COMMENT = "The recording shows the same again. " * 280


def spread_times(exams):
    """Give all attempts and reviews, which were made a moment ago, the times that they would have in a real exam."""
    reviews = ProctoredExamSoftwareSecureReview.objects
    for name, first in FIRST_STARTS.items():
        attempts = ProctoredExamStudentAttempt.objects.filter(proctored_exam=exams[name]).order_by("id")
        for number, attempt in enumerate(attempts):
            start = first + timedelta(days=number // 50, minutes=7 * (number % 50), seconds=number % 60)
            end = start + timedelta(minutes=10 + number % 60)
            ProctoredExamStudentAttempt.objects.filter(id=attempt.id).update(
                created=start - timedelta(minutes=12),
                modified=end,
                started_at=attempt.started_at and start,
                completed_at=attempt.completed_at and end,
            )
            if attempt.attempt_code:
                decided = end + timedelta(days=1 + number % 4, minutes=number)
                reviews.filter(attempt_code=attempt.attempt_code).update(created=decided, modified=decided)
    # A review that was changed a week later.
    last = reviews.filter(exam=exams["midterm"]).latest("id")
    reviews.filter(id=last.id).update(modified=F("created") + timedelta(days=7))


def make_odd_rows(exams, learners):
    """Make a row of every odd kind, for learners who have no attempt from the API at that exam."""
    free = iter(learners[205:])

    def attempt(exam="midterm", **fields):
        return _attempt(exams[exam], fields.pop("learner", None) or next(free), **fields)

    for status in ("completed", "expired", "eligible", "onboarding_reset", "a_status_to_come"):
        attempt(status=status, attempt_code=f"ODD-STATUS-{status.upper()}")

    attempt(attempt_code=None, status="submitted")
    attempt(attempt_code=None, status="declined", taking_as_proctored=False)
    _review(attempt(attempt_code="ODD-SHARED-CODE", status="verified"), CLEAN)
    attempt(attempt_code="ODD-SHARED-CODE", status="submitted")
    _review(attempt(attempt_code="ODD-LETTER-CASE", status="verified"), CLEAN)
    attempt(attempt_code="odd-letter-case", status="submitted")
    attempt(attempt_code="", status="created")
    attempt(attempt_code="=1+1", status="created")

    attempt(attempt_code="ODD-NO-TIMES", status="submitted", started_at=None, completed_at=None)
    attempt(attempt_code="ODD-NO-LIMIT", status="submitted", allowed_time_limit_mins=None)
    attempt(attempt_code="ODD-SAMPLE", status="submitted", is_sample_attempt=True)
    attempt(attempt_code="ODD-NOT-PROCTORED", status="submitted", taking_as_proctored=False)
    attempt("quiz", attempt_code="ODD-PROCTORED-QUIZ", status="submitted")
    attempt("quiz", attempt_code="ODD-DECLINED-QUIZ", status="declined", taking_as_proctored=False)
    attempt("quiz", attempt_code="ODD-SAMPLE-QUIZ", status="created", taking_as_proctored=False, is_sample_attempt=True)
    ProctoredExam.objects.filter(id=exams["retired"]).update(backend=None)

    for username, email in (("no-email", ""), ("-1+1", "+1@example.com"), ("@SUM", "=1+1@example.org")):
        learner = next(free)
        User.objects.filter(id=learner.id).update(username=username, email=email)
        attempt(learner=learner, attempt_code=f"ODD-USER-{learner.id}", status="verified")

    for word in ("passed", "VIOLATION", "suspicious", "not_reviewed", "Under Discussion"):
        _review(attempt(attempt_code=f"ODD-REVIEW-{word.upper()}", status="submitted"), word)
    _review(attempt(attempt_code="ODD-REVIEW-NO-EXAM", status="verified"), CLEAN, exam=None, student=None)
    _review(
        attempt("practice", attempt_code="ODD-REVIEW-PRACTICE", status="rejected", is_sample_attempt=True), SUSPICIOUS
    )

    commented = _review(attempt(attempt_code="ODD-COMMENTS", status="second_review_required"), "suspicious")
    _comments(
        commented,
        (90, "suspicious", "A provider's own spelling, later"),
        (30, "SUSPICIOUS", "Another spelling, earlier"),
        (30, SUSPICIOUS, "The same moment, stored later"),
        (10, "violation", "A provider's own word for a rules violation"),
        (20, " rules violation ", "Blanks around the word"),
        (40, "Clean", "Counts under neither"),
        (50, "Observation", "A word of no meaning here"),
    )
    long = _review(attempt(attempt_code="ODD-LONG-COMMENT", status="verified"), VIOLATION)
    _comments(long, (5, VIOLATION, LONG_COMMENT[:10_000]))
    longer = _review(attempt(attempt_code="ODD-LONGER-COMMENTS", status="verified"), VIOLATION)
    _comments(longer, *((number, VIOLATION, LONG_COMMENT[:10_000]) for number in range(4)))
    control = _review(attempt(attempt_code="ODD-CONTROL-CHARACTERS", status="verified"), VIOLATION)
    _comments(
        control, (1, VIOLATION, "bell \x07, escape \x1b[31m, delete \x7f"), (2, VIOLATION, "\u202ereversed\u202c")
    )
    if connection.vendor != "postgresql":
        _comments(control, (3, VIOLATION, "before\x00after"))


def _attempt(exam_id, learner, **fields):
    """Store one attempt; the defaults are those of a finished proctored attempt."""
    values = {
        "allowed_time_limit_mins": 90,
        "completed_at": datetime(2026, 10, 12, 10, 0, tzinfo=UTC),
        "started_at": datetime(2026, 10, 12, 9, 0, tzinfo=UTC),
        "taking_as_proctored": True,
    }
    [attempt] = ProctoredExamStudentAttempt.objects.bulk_create(
        [ProctoredExamStudentAttempt(proctored_exam_id=exam_id, user=learner, **values | fields)]
    )
    return attempt


def _review(attempt, status, **fields):
    """Store a review of an attempt; return it."""
    values = {"exam_id": attempt.proctored_exam_id, "student_id": attempt.user_id, "raw_data": "{}"}
    ProctoredExamSoftwareSecureReview.objects.bulk_create(
        [ProctoredExamSoftwareSecureReview(attempt_code=attempt.attempt_code, review_status=status, **values | fields)]
    )
    return ProctoredExamSoftwareSecureReview.objects.get(attempt_code=attempt.attempt_code)


def _comments(review, *comments):
    """Store comments, given as (start in seconds, status, text), in this order."""
    for start, status, text in comments:
        ProctoredExamSoftwareSecureComment.objects.create(
            review=review, start_time=start, stop_time=start + 5, duration=5, comment=text, status=status
        )
