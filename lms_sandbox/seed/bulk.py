"""
Courses of any size, made in the database, with rows like those of edx-proctoring's API and callback.

Python defines the content of the rows once, for each of the `KINDS` of attempts; INSERT … SELECT multiplies it. SQLite
and MariaDB take the same statements. If several courses are made at a time, their rows are interleaved, as on a site
where they run at the same time. Only the history tables of edx-proctoring stay empty.
"""

import json
import math
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

from common.djangoapps.student.models import CourseEnrollment, UserProfile
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Max
from edx_proctoring.models import (
    ProctoredExam,
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

#: About how many rows one statement makes.
BATCH = 50_000

#: For ten attempts: what the review says, and the status that follows from it. Four have no review yet.
OUTCOMES = (
    (reviews.CLEAN, "verified"),
    (reviews.CLEAN, "verified"),
    (reviews.CLEAN, "verified"),
    (reviews.VIOLATION, "verified"),
    (reviews.VIOLATION, "verified"),
    (reviews.SUSPICIOUS, "second_review_required"),
    *[(None, "submitted")] * 4,
)

#: After this many attempts, outcomes, comments and their places in the recording repeat.
KINDS = math.lcm(len(OUTCOMES), len(reviews.COMMENTS), reviews.PLACES)
#: After this many learners, names and tracks repeat.
PEOPLE = len(people.NAMES) * len(people.TRACKS) * 4

#: SQL that makes an attempt code, and the provider's id of the attempt, from the attempt's id.
CODE, EXTERNAL_ID = (
    f"UPPER(SUBSTR({h}, 1, 8) || '-' || SUBSTR({h}, 9, 4) || '-4' || SUBSTR({h}, 14, 3) || '-A' || SUBSTR({h}, 18, 3)"
    f" || '-' || SUBSTR({h}, 21, 12))"
    for h in ("MD5('attempt ' || {id})", "MD5('external ' || {id})")
)
MINUTES_LATER = {"sqlite": "DATETIME(%s, ({0}) || ' minutes')", "mysql": "TIMESTAMPADD(MINUTE, {0}, %s)"}


def make_large_course(size):
    """Make the course with `size` attempts; 60 % of them have a review, with two comments each."""
    with transaction.atomic():
        people.give_roles(get_user_model().objects.filter(username__in=people.ACCOUNTS), LARGE)
        make_courses([LARGE], size)


def make_courses(course_keys: Sequence[CourseKey], size: int, *, exams: int = EXAMS) -> None:
    """
    Make courses with `size` attempts each; 60 % of them have a review, with two comments each.

    Every course has its own learners, who take all of its `exams`; the last exam may have fewer attempts. The course
    overviews are made last: if they exist, the courses are complete.
    """
    learners = -(-size // exams)
    first = SimpleNamespace(
        user=_next_id(get_user_model()),
        exam=_next_id(ProctoredExam),
        attempt=_next_id(ProctoredExamStudentAttempt),
        review=_next_id(ProctoredExamSoftwareSecureReview),
        comment=_next_id(ProctoredExamSoftwareSecureComment),
    )
    _make_exams(course_keys, exams, first)
    step = min(learners, max(1, BATCH // len(course_keys)))
    with _tables_to_multiply_with(course_keys, step):
        for start in range(0, learners, step):
            _make_learners(range(start, min(start + step, learners)), len(course_keys), first)
        for exam in range(exams):
            numbers = range(exam * learners, min((exam + 1) * learners, size))
            for start in range(0, len(numbers), step):
                _make_attempts(exam, numbers[start : start + step], learners, len(course_keys), first)
    CourseOverview.objects.bulk_create(
        CourseOverview(
            id=key, org=key.org, display_name=f"A large course ({size:,} attempts)", enable_proctored_exams=True
        )
        for key in course_keys
    )


def incidents(number, review_status):
    """Return the two incidents of a review's payload."""
    status = reviews.SUSPICIOUS if review_status == reviews.SUSPICIOUS else reviews.VIOLATION
    return [reviews.comment(number, status), reviews.comment(number + 7, reviews.VIOLATION)]


def _next_id(model):
    return (model.objects.aggregate(last=Max("id"))["last"] or 0) + 1


def _make_exams(course_keys, exams, first):
    ProctoredExam.objects.bulk_create(
        (
            ProctoredExam(
                id=first.exam + exam * len(course_keys) + place,
                course_id=str(key),
                content_id=courses.content_id(f"exam{exam + 1:02}", key),
                exam_name=f"Exam {exam + 1:02}",
                time_limit_mins=TIME_LIMIT,
                is_proctored=True,
                is_active=True,
                backend=settings.PROCTORING_BACKENDS["DEFAULT"],
            )
            for exam in range(exams)
            for place, key in enumerate(course_keys)
        ),
        batch_size=1000,
    )


def _make_learners(numbers, course_count, first):
    """Make the learners with these numbers in each course, without a password, and enrol them."""
    learner, user_id = f"({numbers.start} + n)", f"({first.user} + ({numbers.start} + n) * {course_count} + course)"
    of_person = f"ON person = {learner} %% {PEOPLE} WHERE n < {len(numbers)}"
    source = f"bulk_numbers CROSS JOIN bulk_courses JOIN bulk_people {of_person}"
    username = f"'large' || {user_id}"
    _multiply(
        get_user_model()(password="!"),
        {"id": user_id, "username": username, "email": f"{username} || '@example.com'"},
        source,
    )
    _multiply(UserProfile(), {"user_id": user_id, "name": "full_name"}, source)
    _multiply(
        CourseEnrollment(),
        {
            "user_id": user_id,
            "course_id": "course_key",
            "mode": "track",
            "is_active": f"({learner} + 1) %% {people.ONE_IN_LEFT} <> 0",
        },
        source,
    )


def _make_attempts(exam, numbers, learners, course_count, first):
    """Make the attempts with these numbers in each course, with their reviews and comments."""
    number = f"({numbers.start} + n)"
    place = f"({number} * {course_count} + course)"
    attempt_id, review_id = f"({first.attempt} + {place})", f"({first.review} + {place})"
    user_id = f"({first.user} + ({number} - {exam * learners}) * {course_count} + course)"
    exam_id = f"({first.exam + exam * course_count} + course)"
    code, external_id = CODE.format(id=attempt_id), EXTERNAL_ID.format(id=attempt_id)
    minutes_later = MINUTES_LATER[connection.vendor]
    of_kind = f"ON kind = {number} %% {KINDS} WHERE n < {len(numbers)}"
    rows = f"bulk_numbers CROSS JOIN bulk_courses JOIN bulk_kinds {of_kind}"
    _multiply(
        ProctoredExamStudentAttempt(allowed_time_limit_mins=TIME_LIMIT, taking_as_proctored=True),
        {
            "id": attempt_id,
            "user_id": user_id,
            "proctored_exam_id": exam_id,
            "attempt_code": code,
            "external_id": external_id,
            "status": "status",
            "started_at": minutes_later.format(number),
            "completed_at": minutes_later.format(f"{number} + 20 + {number} %% 60"),
        },
        f"{rows} ORDER BY {attempt_id}",
        [FIRST_START, FIRST_START],
    )
    _multiply(
        ProctoredExamSoftwareSecureReview(),
        {
            "id": review_id,
            "student_id": user_id,
            "exam_id": exam_id,
            "attempt_code": code,
            "review_status": "review_status",
            "raw_data": f"REPLACE(REPLACE(raw_data, 'THE CODE', {code}), 'THE ID', {external_id})",
        },
        f"{rows} AND review_status IS NOT NULL ORDER BY {review_id}",
    )
    comment_id = f"({first.comment} + 2 * {place} + place)"
    _multiply(
        ProctoredExamSoftwareSecureComment(),
        {
            "id": comment_id,
            "review_id": review_id,
            **{name: name for name in ("start_time", "stop_time", "duration", "comment", "status")},
        },
        f"bulk_numbers CROSS JOIN bulk_courses JOIN bulk_incidents {of_kind} ORDER BY {comment_id}",
    )


def _multiply(row, expressions, source, times: Iterable[datetime] = ()):
    """Insert the row once for each row of the source; `expressions` on the source give some of its columns."""
    fields = [field for field in row._meta.concrete_fields if field.column not in expressions and not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(name) for name in [*expressions, *(field.column for field in fields)])
    values = ", ".join([*expressions.values(), *["%s"] * len(fields)])
    parameters = [connection.ops.adapt_datetimefield_value(time) for time in times]
    parameters += [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {row._meta.db_table} ({columns}) SELECT {values} FROM {source}", parameters)


@contextmanager
def _tables_to_multiply_with(course_keys, numbers):
    """Provide temporary tables: so many numbers, the courses, people, kinds of attempts, and their incidents."""
    kinds, both_incidents = [], []
    for kind in range(KINDS):
        review_status, status = OUTCOMES[kind % len(OUTCOMES)]
        raw_data = None
        if review_status is not None:
            found = incidents(kind, review_status)
            attempt = SimpleNamespace(attempt_code="THE CODE", external_id="THE ID")
            raw_data = json.dumps(reviews.payload(attempt, review_status, found))
            both_incidents += [
                (
                    kind,
                    place,
                    one["eventStart"],
                    one["eventFinish"],
                    one["duration"],
                    one["comments"],
                    one["eventStatus"],
                )
                for place, one in enumerate(found)
            ]
        kinds.append((kind, status, review_status, raw_data))
    tables = {
        "bulk_numbers (n INTEGER PRIMARY KEY)": [(n,) for n in range(numbers)],
        "bulk_courses (course INTEGER PRIMARY KEY, course_key TEXT)": [(n, str(k)) for n, k in enumerate(course_keys)],
        "bulk_people (person INTEGER PRIMARY KEY, full_name TEXT, track TEXT)": [
            (n, people.full_name(n), people.TRACKS[n % len(people.TRACKS)]) for n in range(PEOPLE)
        ],
        "bulk_kinds (kind INTEGER PRIMARY KEY, status TEXT, review_status TEXT, raw_data TEXT)": kinds,
        "bulk_incidents (kind INTEGER, place INTEGER, start_time INTEGER, stop_time INTEGER, duration INTEGER, "
        "comment TEXT, status TEXT, PRIMARY KEY (kind, place))": both_incidents,
    }
    names = [table.split()[0] for table in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            # With this mode, || joins texts as in other databases.
            cursor.execute("SET @bulk_sql_mode = @@sql_mode, SESSION sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')")
        for name, (table, rows) in zip(names, tables.items(), strict=True):
            cursor.execute(f"CREATE TEMPORARY TABLE {table}")
            cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
        try:
            yield
        finally:
            # On MySQL, a DROP without TEMPORARY ends the transaction.
            temporary = "TEMPORARY" if connection.vendor == "mysql" else ""
            for name in names:
                cursor.execute(f"DROP {temporary} TABLE {name}")
            if connection.vendor == "mysql":
                cursor.execute("SET SESSION sql_mode = @bulk_sql_mode")
