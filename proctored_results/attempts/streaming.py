"""The attempts of a course, page by page. ``docs/decisions/0005-how-the-report-reads.rst`` explains the queries."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connections
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus
from opaque_keys.edx.keys import CourseKey

from proctored_results import outcomes
from proctored_results.attempts.databases import TABLES, in_utc, stores_utc
from proctored_results.attempts.exams import exams
from proctored_results.attempts.records import Attempt, Exam, Incident, Review

# MariaDB copies a list of 1,000 values or more into a temporary table before it looks them up.
PAGE_SIZE = 900
IDS_ROUNDED_TO = 100

# A review is joined by its code in the collation of the database, and used only if the codes are equal in Python. Outer
# joins keep every attempt, and prevent the database from starting with another table. Times are read as texts: to
# convert them to times and back to texts would take a fifth of a report's time.
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
#: The indexes of the review's id and of the times in a row of `_PAGE`.
_REVIEW_ID, _TIMES = 11, (7, 8, 13)
_COMMENTS = "SELECT review_id, start_time, id, status, comment FROM {comments} WHERE review_id IN ({ids})"
_HISTORIES = """
    SELECT user_id, CAST(created AS CHAR), id, status, taking_as_proctored, is_sample_attempt
      FROM {attempts}
     WHERE proctored_exam_id = %s AND user_id IN ({ids})
"""
_COUNT = "SELECT COUNT(*) FROM {attempts} attempt WHERE attempt.proctored_exam_id = %s {about_proctoring}"

#: Which attempts at a timed exam are about proctoring. At a proctored or practice exam, all are.
_ABOUT_PROCTORING = f"""
       AND (attempt.taking_as_proctored OR attempt.is_sample_attempt
            OR attempt.status = '{ProctoredExamStudentAttemptStatus.declined}')
"""

Tracks = Callable[[CourseKey, Collection[int]], Mapping[int, str]]


def count(course_key: CourseKey, *, using: str = DEFAULT_DB_ALIAS) -> int:
    """Return how many attempts `stream` yields if nothing changes in between. One query, and one more per exam."""
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
    Yield the attempts of a course that are about proctoring, sorted by exam name (code points), exam id and attempt id.

    These are all attempts at a proctored or practice exam. At any other exam, they are the attempts that were taken as
    proctored or as a sample, or that were declined. Attempts without a code, or with the same code as another attempt,
    are included.

    Arguments:
        course_key: the course. A course that edx-proctoring does not know yields nothing.
        using: the alias of the database to read. Unless it is a `snapshot`, each page shows another moment.
        tracks: if given, called once per page for the enrolment modes of the page's users, to fill `Attempt.track`.
        results: whether to fill `Attempt.result`. It depends on all of a learner's attempts at an exam, which may be on
            other pages, so each page takes one more query.
        page_size: how many attempts are in memory at once.

    """
    for exam in exams(course_key, using=using):
        last_id, more = 0, True
        while more:
            # One row more than the page shows whether another page follows, so the last query is never empty.
            rows = _page(exam, last_id, page_size + 1, using)
            page, more = rows[:page_size], len(rows) > page_size
            user_ids = {user_id for _id, user_id, *_rest in page}
            track_of = tracks(course_key, user_ids) if tracks and page else {}
            result_of = _results(exam, user_ids, using) if results and page else {}
            yield from _records(page, exam, track_of, result_of, using)
            if more:
                last_id = page[-1][0]


def _sql(template: str, exam: Exam) -> str:
    all_attempts = exam.is_proctored or exam.is_practice
    return template.format(about_proctoring="" if all_attempts else _ABOUT_PROCTORING, **TABLES)


def _page(exam: Exam, last_id: int, size: int, using: str) -> Sequence[tuple]:
    rows = _rows(_sql(_PAGE, exam), [exam.id, last_id, size], using)
    return rows if stores_utc(using) else [_row_in_utc(row, using) for row in rows]


def _rows(sql: str, parameters: list[int], using: str) -> Sequence[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _rows_by_ids(template: str, parameters: list[int], ids: Collection[int], using: str) -> Sequence[tuple]:
    """Return the rows of a statement that contains a list of ids."""
    # One id is repeated up to a round number of ids, because SQLite's driver caches each different statement.
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
    """Yield the attempts from a page of `_PAGE`'s rows."""
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


def _row_in_utc(row: tuple, using: str) -> tuple:
    """Return a row of `_PAGE` with its times in UTC, for a database that stores them in another zone."""
    return tuple(
        in_utc(value, using) if index in _TIMES and value is not None else value for index, value in enumerate(row)
    )


def _incidents(review_ids: Collection[int], using: str) -> dict[int, list[Incident]]:
    """Return review id -> its incidents in order, for the reviews that have incidents."""
    incidents: dict[int, list[Incident]] = defaultdict(list)
    if review_ids:
        # Sorted here: the database would sort without the texts, and then look each comment up a second time.
        for review_id, _start_time, _id, status, comment in sorted(_rows_by_ids(_COMMENTS, [], review_ids, using)):
            incidents[review_id].append(Incident(status, comment))
    return incidents


def _results(exam: Exam, user_ids: Collection[int], using: str) -> dict[int, outcomes.Result | None]:
    """Return user id -> the result that the learner sees of the exam, None if the learner sees none."""
    histories = defaultdict(list)
    rows = _rows_by_ids(_HISTORIES, [exam.id], user_ids, using)
    for user_id, _created, _id, status, is_proctored, is_sample in sorted(rows):
        histories[user_id].append((status, bool(is_proctored), bool(is_sample or exam.is_practice)))
    return {user_id: _result(tuple(history)) for user_id, history in histories.items()}


@functools.lru_cache(maxsize=1024)
def _result(history: tuple[tuple[str, bool, bool], ...]) -> outcomes.Result | None:
    """Return the result that a learner sees after these attempts (status, is proctored, is practice), oldest first."""
    outcome = outcomes.outcome(
        outcomes.LearnerAttempt(number, status, datetime.min, is_proctored, is_practice)
        for number, (status, is_proctored, is_practice) in enumerate(history)
    )
    return None if outcome is None else outcome.result
