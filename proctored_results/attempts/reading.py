"""The queries behind the package: pages of attempts, and what belongs to each page."""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from django.db.models import OuterRef, Q, QuerySet, Subquery
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus
from opaque_keys.edx.keys import CourseKey, UsageKey

from proctored_results import outcomes
from proctored_results.attempts.records import Attempt, Exam, Incident, Review

PAGE_SIZE = 2000

EXAM_FIELDS = ("id", "course_id", "exam_name", "backend", "is_proctored", "is_practice_exam")

Tracks = Callable[[CourseKey, Iterable[int]], Mapping[int, str]]


def exams(course_key: CourseKey) -> list[Exam]:
    """Return every exam that edx-proctoring holds for the course, inactive ones too, by name, then id. One query."""
    course_id = str(course_key)
    rows = ProctoredExam.objects.filter(course_id=course_id).values_list(*EXAM_FIELDS)
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


def count(course_key: CourseKey) -> int:
    """Return how many attempts `stream` yields, if nothing changes in between. One query per exam, and one."""
    return sum(_attempts_of(exam).count() for exam in exams(course_key))


def stream(
    course_key: CourseKey, *, tracks: Tracks | None = None, results: bool = False, page_size: int = PAGE_SIZE
) -> Iterator[Attempt]:
    """
    Yield the attempts of a course that are about proctoring, by exam name (code points), exam id and attempt id.

    These are all attempts at a proctored or practice exam, and of the other exams those that were themselves taken as
    proctored or as a sample, or declined. An attempt without a code, or with one that another attempt has too, is
    yielded like any other.

    Arguments:
        course_key: the course; one that edx-proctoring does not know yields nothing.
        tracks: if given, asked once per page for the enrolment modes of the page's users, to fill `Attempt.track`.
        results: whether to fill `Attempt.result`. It rests on all of a learner's attempts at an exam, which may lie on
            other pages: they are read in one more query per page.
        page_size: how many attempts are held in memory at once.

    """
    for exam in exams(course_key):
        last_id, more = 0, True
        while more:
            # One attempt beyond the page tells whether another page follows, without a query that finds nothing.
            found = _page(exam, after=last_id, size=page_size + 1)
            page, more = found[:page_size], len(found) > page_size
            yield from _complete(page, exam, course_key, tracks, results)
            if more:
                last_id = page[-1].id


def _attempts_of(exam: Exam) -> QuerySet:
    attempts = ProctoredExamStudentAttempt.objects.filter(proctored_exam_id=exam.id)
    if exam.is_proctored or exam.is_practice:
        return attempts
    return attempts.filter(
        Q(taking_as_proctored=True) | Q(is_sample_attempt=True) | Q(status=ProctoredExamStudentAttemptStatus.declined)
    )


def _page(exam: Exam, *, after: int, size: int) -> list[Attempt]:
    rows = (
        _attempts_of(exam)
        .filter(id__gt=after)
        .order_by("id")
        .values_list(
            "id",
            "user_id",
            "user__username",
            "user__email",
            "attempt_code",
            "allowed_time_limit_mins",
            "is_sample_attempt",
            "started_at",
            "completed_at",
            "status",
        )[:size]
    )
    return [Attempt(attempt_id, exam, *rest) for attempt_id, *rest in rows]


def _complete(
    page: list[Attempt], exam: Exam, course_key: CourseKey, tracks: Tracks | None, results: bool
) -> Iterator[Attempt]:
    reviews = _reviews({attempt.code for attempt in page if attempt.code is not None})
    user_ids = {attempt.user_id for attempt in page}
    track_of = tracks(course_key, user_ids) if tracks and page else {}
    result_of = _results(exam, user_ids) if results and page else {}
    for attempt in page:
        yield dataclasses.replace(
            attempt,
            review=None if attempt.code is None else reviews.get(attempt.code),
            track=track_of.get(attempt.user_id),
            result=result_of.get(attempt.user_id),
        )


def _results(exam: Exam, user_ids: Iterable[int]) -> dict[int, outcomes.Result]:
    """Return user id -> what that learner sees of the exam, for those of the users who see something."""
    attempts = defaultdict(list)
    rows = ProctoredExamStudentAttempt.objects.filter(proctored_exam_id=exam.id, user_id__in=list(user_ids))
    for user_id, attempt_id, status, created, is_proctored, is_sample in rows.values_list(
        "user_id", "id", "status", "created", "taking_as_proctored", "is_sample_attempt"
    ):
        is_practice = is_sample or exam.is_practice
        attempts[user_id].append(outcomes.LearnerAttempt(attempt_id, status, created, is_proctored, is_practice))
    found = {user_id: outcomes.outcome(own) for user_id, own in attempts.items()}
    return {user_id: outcome.result for user_id, outcome in found.items() if outcome is not None}


def _reviews(codes: set[str]) -> dict[str, Review]:
    """Return attempt code -> review, for those of the codes that have one."""
    if not codes:
        return {}
    rows = list(
        ProctoredExamSoftwareSecureReview.objects.filter(attempt_code__in=codes).values_list(
            "attempt_code", "id", "review_status", "modified", "reviewed_by__username"
        )
    )
    incidents = _incidents(review_id for _, review_id, *_ in rows)
    return {
        code: Review(review_id, status, modified, reviewer, tuple(incidents.get(review_id, ())))
        for code, review_id, status, modified, reviewer in rows
    }


def _incidents(review_ids: Iterable[int]) -> dict[int, list[Incident]]:
    """Return review id -> its incidents in order."""
    incidents = defaultdict(list)
    rows = (
        ProctoredExamSoftwareSecureComment.objects.filter(review_id__in=list(review_ids))
        .order_by("start_time", "id")
        .values_list("review_id", "status", "comment")
    )
    for review_id, status, comment in rows:
        incidents[review_id].append(Incident(status, comment))
    return incidents
