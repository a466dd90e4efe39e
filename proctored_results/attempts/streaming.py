"""The attempts of a course, page by page; ``docs/decisions/0005-how-the-report-reads.rst`` says why like this."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connections
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus
from opaque_keys.edx.keys import CourseKey

from proctored_results import outcomes
from proctored_results.attempts.databases import TABLES, in_utc, keeps_utc
from proctored_results.attempts.exams import exams
from proctored_results.attempts.records import Attempt, Exam, Incident, Review

# MariaDB puts a list of a thousand values or more into a temporary table before it looks them up.
PAGE_SIZE = 900
IDS_ROUNDED_TO = 100

# A review is joined by its code in the collation of the database, and taken only if the codes are the same to Python.
# Outer joins keep every attempt, and keep the database from beginning with another table. Times come as texts: to make
# times of them and texts again would take a fifth of a report's time.
_PAGE = """
    SELECT attempt.id, attempt.user_id, learner.username, learner.email, attempt.attempt_code,
           attempt.allowed_time_limit_mins, attempt.is_sample_attempt,
           CAST(attempt.started_at AS CHAR), CAST(attempt.completed_at AS CHAR), attempt.status,
           review.attempt_code, review.id, review.review_status, CAST(review.modified AS CHAR), reviewer.username
      FROM {attempts} attempt
      LEFT JOIN {users} learner ON learner.id = attempt.user_id
      LEFT JOIN {reviews} review ON review.attempt_code = attempt.attempt_code
      LEFT JOIN {users} reviewer ON reviewer.id = review.reviewed_by_id
     WHERE attempt.proctored_exam_id = %s {about_proctoring} AND attempt.id > %s
     ORDER BY attempt.id
     LIMIT %s
"""
#: Where a row of that has the review's id, and times.
_REVIEW_ID, _TIMES = 11, (7, 8, 13)
_COMMENTS = "SELECT review_id, start_time, id, status, comment FROM {comments} WHERE review_id IN ({ids})"
_HISTORIES = """
    SELECT user_id, CAST(created AS CHAR), id, status, taking_as_proctored, is_sample_attempt
      FROM {attempts}
     WHERE proctored_exam_id = %s AND user_id IN ({ids})
"""
_COUNT = "SELECT COUNT(*) FROM {attempts} attempt WHERE attempt.proctored_exam_id = %s {about_proctoring}"

#: Which attempts at a timed exam are about proctoring; those at a proctored or practice exam all are.
_ABOUT_PROCTORING = f"""
       AND (attempt.taking_as_proctored OR attempt.is_sample_attempt
            OR attempt.status = '{ProctoredExamStudentAttemptStatus.declined}')
"""

Tracks = Callable[[CourseKey, Collection[int]], Mapping[int, str]]


def count(course_key: CourseKey, *, using: str = DEFAULT_DB_ALIAS) -> int:
    """Return how many attempts `stream` yields, if nothing changes in between. One query per exam, and one."""
    return sum(
        number for exam in exams(course_key, using=using) for (number,) in _rows(_sql(_COUNT, exam), [exam.id], using)
    )


def stream(
    course_key: CourseKey,
    *,
    using: str = DEFAULT_DB_ALIAS,
    tracks: Tracks | None = None,
    results: bool = False,
    page_size: int = PAGE_SIZE,
) -> Iterator[Attempt]:
    """
    Yield the attempts of a course that are about proctoring, by exam name (code points), exam id and attempt id.

    These are all attempts at a proctored or practice exam, and of the other exams those that were themselves taken as
    proctored or as a sample, or declined. An attempt without a code, or with one that another attempt has too, is
    yielded like any other.

    Arguments:
        course_key: the course; one that edx-proctoring does not know yields nothing.
        using: the alias of the database to read. Its pages show different moments, unless it is a `snapshot`.
        tracks: if given, asked once per page for the enrolment modes of the page's users, to fill `Attempt.track`.
        results: whether to fill `Attempt.result`. It rests on all of a learner's attempts at an exam, which may lie on
            other pages: they are read in one more query per page.
        page_size: how many attempts are held in memory at once.

    """
    for exam in exams(course_key, using=using):
        last_id, more = 0, True
        while more:
            # One attempt beyond the page tells whether another page follows, without a query that finds nothing.
            rows = _page(exam, last_id, page_size + 1, using)
            page, more = rows[:page_size], len(rows) > page_size
            user_ids = {user_id for _id, user_id, *_rest in page}
            track_of = tracks(course_key, user_ids) if tracks and page else {}
            result_of = _results(exam, user_ids, using) if results and page else {}
            yield from _records(page, exam, track_of, result_of, using)
            if more:
                last_id = page[-1][0]


def _sql(template: str, exam: Exam) -> str:
    all_are = exam.is_proctored or exam.is_practice
    return template.format(about_proctoring="" if all_are else _ABOUT_PROCTORING, **TABLES)


def _page(exam: Exam, last_id: int, size: int, using: str) -> Sequence[tuple]:
    rows = _rows(_sql(_PAGE, exam), [exam.id, last_id, size], using)
    return rows if keeps_utc(using) else [_in_utc(row, using) for row in rows]


def _rows(sql: str, parameters: list[int], using: str) -> Sequence[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _rows_of(template: str, parameters: list[int], ids: Collection[int], using: str) -> Sequence[tuple]:
    """Return the rows of a statement with a list of ids in it."""
    # One is repeated up to a round number: SQLite's driver keeps each statement whose text is another.
    rounded = [*ids, *itertools.repeat(max(ids), -len(ids) % IDS_ROUNDED_TO)]
    sql = template.format(ids=",".join(["%s"] * len(rounded)), **TABLES)
    return _rows(sql, [*parameters, *rounded], using)


def _records(
    page: Sequence[tuple],
    exam: Exam,
    track_of: Mapping[int, str],
    result_of: Mapping[int, outcomes.Result | None],
    using: str,
) -> Iterator[Attempt]:
    """Yield the attempts of a page of `_PAGE`'s rows."""
    incidents = _incidents([row[_REVIEW_ID] for row in page if row[_REVIEW_ID] is not None], using)
    for (
        attempt_id,
        user_id,
        username,
        email,
        code,
        limit,
        is_sample,
        started_at,
        completed_at,
        status,
        review_code,
        review_id,
        review_status,
        modified,
        reviewer,
    ) in page:
        review = None
        if review_id is not None and review_code == code:
            review = Review(review_id, review_status, modified, reviewer, tuple(incidents.get(review_id, ())))
        yield Attempt(
            attempt_id,
            exam,
            user_id,
            username,
            email,
            code,
            limit,
            bool(is_sample),
            started_at,
            completed_at,
            status,
            review,
            track_of.get(user_id),
            result_of.get(user_id),
        )


def _in_utc(row: tuple, using: str) -> tuple:
    """Return a row of `_PAGE` from a database that keeps its times in another zone."""
    return tuple(
        in_utc(value, using) if place in _TIMES and value is not None else value for place, value in enumerate(row)
    )


def _incidents(review_ids: Collection[int], using: str) -> dict[int, list[Incident]]:
    """Return review id -> its incidents in order, for those of the reviews that have some."""
    incidents: dict[int, list[Incident]] = defaultdict(list)
    if review_ids:
        # Sorted here: the database would look each comment up twice, because it sorts no texts.
        for review_id, _start_time, _id, status, comment in sorted(_rows_of(_COMMENTS, [], review_ids, using)):
            incidents[review_id].append(Incident(status, comment))
    return incidents


def _results(exam: Exam, user_ids: Collection[int], using: str) -> dict[int, outcomes.Result | None]:
    """Return user id -> what that learner sees of the exam, if anything."""
    histories = defaultdict(list)
    rows = _rows_of(_HISTORIES, [exam.id], user_ids, using)
    for user_id, _created, _id, status, is_proctored, is_sample in sorted(rows):
        histories[user_id].append((status, bool(is_proctored), bool(is_sample or exam.is_practice)))
    return {user_id: _result(tuple(history)) for user_id, history in histories.items()}


@functools.lru_cache(maxsize=1024)
def _result(history: tuple[tuple[str, bool, bool], ...]) -> outcomes.Result | None:
    """Return what a learner sees after these attempts (status, is proctored, is practice), the oldest first."""
    outcome = outcomes.outcome(
        outcomes.LearnerAttempt(place, status, datetime.min, is_proctored, is_practice)
        for place, (status, is_proctored, is_practice) in enumerate(history)
    )
    return None if outcome is None else outcome.result
