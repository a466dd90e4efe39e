"""
The report of random databases, compared with a plain computation of the expected report.

The computation follows the rules and uses nothing of the package. It works on the plan of a database, which is what was
put into the tables, and knows nothing of queries, pages or collations. Run the suite with a MariaDB in ``DATABASE_URL``
to check that the report has the same bytes there.
"""

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest
from common.djangoapps.student.models import CourseEnrollment
from django.contrib.auth import get_user_model
from django.db import transaction
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts
from proctored_results.edx_platform import courses
from proctored_results.reports.building import build
from proctored_results.reports.choice import Choice
from proctored_results.runs import making
from tests.factories import COURSE_KEY
from tests.reports.helpers import HEADER, table
from tests.reports.rules import in_our_words, neutralised, replaced

TWIN = CourseKey.from_string("course-v1:testX+pr1+2026")
OTHER = CourseKey.from_string("course-v1:TestX+PR2+2026")

# A collation that ignores letter case, accents and trailing blanks takes the codes of a group as equal.
CODES = [["Code-A", "code-a", "CODE-A", "Code-A "], ["Söße", "sosse", "SÖSSE"], ["-minus"], ["0e7a", "0E7A"], [""]]


# What is in the tables


@dataclass
class Incident:
    status: str
    comment: str
    start_time: int


@dataclass
class Review:
    status: str
    modified: datetime
    reviewer: int | None
    exam: int | None
    incidents: list[Incident]


@dataclass
class Exam:
    course_key: CourseKey
    name: str
    proctored: bool
    practice: bool
    active: bool
    provider: str | None


@dataclass
class Attempt:
    exam: int
    user: int
    code: str | None
    limit: int | None
    sample: bool
    as_proctored: bool
    started: datetime | None
    completed: datetime | None
    status: str


@dataclass
class Database:
    users: list[tuple[str, str]]
    exams: list[Exam]
    attempts: list[Attempt]
    reviews: dict[str, Review] = field(default_factory=dict)
    tracks: dict[int, str] = field(default_factory=dict)


# Plans

AWKWARD = [
    "",
    "=1+1",
    " =1",
    "\t",
    "\r\nx",
    "＝1",  # noqa: RUF001
    "-",
    "@a",
    "a;b",
    'say "hi"',
    "a,b",
    "\x00=1",
    "\x1c+",
    "é",
    "\u200b-",
]
TEXTS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("=+-@＝－ \t\r\n\u3000\u200b\x00;,\"'ab", max_size=6),  # noqa: RUF001
)
TIMES = st.datetimes(
    datetime(1990, 1, 1),
    datetime(2090, 1, 1),
    timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=5.5)), timezone(timedelta(hours=-11))]),
)
KNOWN_WORDS = ["Clean", "Rules Violation", "Suspicious", "Not Reviewed", "passed", "violation", "not_reviewed"]
WORDS = st.sampled_from(
    [
        *KNOWN_WORDS,
        *(word.upper() for word in KNOWN_WORDS),
        *(word.swapcase() for word in KNOWN_WORDS),
        "Under Appeal",
        "=odd",
        "",
        "None",
        "pass",
    ]
)
STATUSES = st.sampled_from(["created", "started", "submitted", "verified", "rejected", "declined", "error", "+future"])
COURSES = st.sampled_from([COURSE_KEY, COURSE_KEY, COURSE_KEY, TWIN, OTHER])
INCIDENT_WORDS = st.sampled_from(["Suspicious", "suspicious", "Rules Violation", "VIOLATION", "Clean", "=odd"])
INCIDENTS = st.builds(Incident, status=INCIDENT_WORDS, comment=TEXTS, start_time=st.integers(-2, 4))


@st.composite
def databases(draw):
    users = [(f"{draw(st.sampled_from(['', '=', '-', 'Ω']))}user{n}", draw(TEXTS)) for n in range(draw(_some(1, 3)))]
    exams = draw(
        st.lists(
            st.builds(
                Exam,
                course_key=COURSES,
                name=st.one_of(st.sampled_from(["Final", "final", "Zoo", "Äpfel"]), TEXTS),
                proctored=st.booleans(),
                practice=st.booleans(),
                active=st.booleans(),
                provider=st.sampled_from([None, "", "rpnow4", "=provider"]),
            ),
            max_size=5,
        )
    )
    made = draw(
        st.lists(
            st.builds(
                Attempt,
                exam=_some(0, len(exams) - 1),
                user=_some(0, len(users) - 1),
                code=st.sampled_from([None, *(code for group in CODES for code in group)]),
                limit=st.none() | st.integers(-9, 10_000),
                sample=st.booleans(),
                as_proctored=st.booleans(),
                started=st.none() | TIMES,
                completed=st.none() | TIMES,
                status=STATUSES,
            ),
            min_size=2,
            max_size=12,
        )
        if exams
        else st.just([])
    )
    # A code is unique in the table of reviews, and the collation decides which codes are equal.
    reviews = {}
    for group in CODES:
        if draw(st.sampled_from([True, True, False])):
            reviews[draw(st.sampled_from(group))] = draw(
                st.builds(
                    Review,
                    status=WORDS,
                    modified=TIMES,
                    reviewer=st.none() | _some(0, len(users) - 1),
                    exam=st.none() | (_some(0, len(exams) - 1) if exams else st.nothing()),
                    incidents=st.lists(INCIDENTS, max_size=5),
                )
            )
    tracks = draw(st.dictionaries(_some(0, len(users) - 1), st.sampled_from(["audit", "verified", "@odd"])))
    return Database(users, exams, made, reviews, tracks)


def _some(low, high):
    return st.integers(low, high)


CHOICES = st.builds(
    Choice,
    extra_columns=st.lists(
        st.sampled_from(["provider", "track", "result", "reviewed_at", "reviewed_by"]), unique=True, max_size=5
    ).map(tuple),
    byte_order_mark=st.booleans(),
    escape_formulas=st.booleans(),
)


# The plain computation


def expected_file(database, choice):
    lines = [[*HEADER, *choice.extra_columns]]
    exams = [number for number, exam in enumerate(database.exams) if exam.course_key == COURSE_KEY]
    for number in sorted(exams, key=lambda number: (database.exams[number].name, number)):
        exam = database.exams[number]
        for attempt in database.attempts:
            about_proctoring = (
                exam.proctored
                or exam.practice
                or attempt.as_proctored
                or attempt.sample
                or attempt.status == "declined"
            )
            if attempt.exam == number and about_proctoring:
                lines.append(expected_line(database, exam, attempt, choice))
    text = "".join(",".join(in_quotes(cell) for cell in line) + "\r\n" for line in lines)
    return (b"\xef\xbb\xbf" if choice.byte_order_mark else b"") + text.encode("utf-8")


def expected_line(database, exam, attempt, choice):
    def harmless(text):
        return neutralised(replaced(text)) if choice.escape_formulas else replaced(text)

    review = database.reviews.get(attempt.code)
    incidents = sorted(review.incidents, key=lambda incident: incident.start_time) if review else []
    suspicious = [incident.comment for incident in incidents if in_our_words(incident.status) == "Suspicious"]
    violations = [incident.comment for incident in incidents if in_our_words(incident.status) == "Rules Violation"]
    username, email = database.users[attempt.user]
    extra = {
        "provider": harmless(exam.provider or ""),
        "track": harmless(database.tracks.get(attempt.user, "")),
        "result": what_the_learner_sees(database, attempt),
        "reviewed_at": in_utc(review.modified) if review else "",
        "reviewed_by": harmless(database.users[review.reviewer][0]) if review and review.reviewer is not None else "",
    }
    return [
        harmless(str(COURSE_KEY)),
        harmless(exam.name),
        harmless(username),
        harmless(email),
        harmless(attempt.code or ""),
        "" if attempt.limit is None else f"{attempt.limit}",
        "True" if attempt.sample else "False",
        in_utc(attempt.started),
        in_utc(attempt.completed),
        harmless(attempt.status),
        harmless(in_our_words(review.status)) if review else "Not Reviewed",
        f"{len(suspicious)}",
        harmless("; ".join(suspicious)),
        f"{len(violations)}",
        harmless("; ".join(violations)),
        *(extra[name] for name in choice.extra_columns),
    ]


def what_the_learner_sees(database, attempt):
    own = [other for other in database.attempts if (other.exam, other.user) == (attempt.exam, attempt.user)]
    if any(other.as_proctored and other.status == "rejected" for other in own):
        return "Unsatisfactory"
    newest = own[-1]
    practice = newest.sample or database.exams[newest.exam].practice
    if not newest.as_proctored or newest.status == "declined":
        return ""
    if newest.status == "verified":
        return "Satisfactory"
    return "" if practice else "Pending"


def in_utc(time):
    if time is None:
        return ""
    return (time.replace(tzinfo=None, microsecond=0) - time.utcoffset()).strftime("%Y-%m-%d %H:%M:%S")


def in_quotes(text):
    if any(character in text for character in ',;"\t\r\n'):
        return '"' + '""'.join(text.split('"')) + '"'
    return text


# The tables


@contextmanager
def in_the_tables(database):
    """Put the database into the tables for the time of the block."""
    with transaction.atomic():
        _fill(database)
        yield
        transaction.set_rollback(True)


def _fill(database):
    get_user_model().objects.bulk_create(
        get_user_model()(id=number + 1, username=username, email=email)
        for number, (username, email) in enumerate(database.users)
    )
    CourseEnrollment.objects.bulk_create(
        CourseEnrollment(user_id=user + 1, course_id=course_key, mode=mode if course_key == COURSE_KEY else "another")
        for user, mode in database.tracks.items()
        for course_key in (COURSE_KEY, OTHER)
    )
    ProctoredExam.objects.bulk_create(
        ProctoredExam(
            id=number + 1,
            course_id=str(exam.course_key),
            content_id=f"exam{number}",
            exam_name=exam.name,
            time_limit_mins=1,
            is_proctored=exam.proctored,
            is_practice_exam=exam.practice,
            is_active=exam.active,
            backend=exam.provider,
        )
        for number, exam in enumerate(database.exams)
    )
    ProctoredExamStudentAttempt.objects.bulk_create(
        ProctoredExamStudentAttempt(
            id=number + 1,
            proctored_exam_id=attempt.exam + 1,
            user_id=attempt.user + 1,
            attempt_code=attempt.code,
            allowed_time_limit_mins=attempt.limit,
            is_sample_attempt=attempt.sample,
            taking_as_proctored=attempt.as_proctored,
            started_at=attempt.started,
            completed_at=attempt.completed,
            status=attempt.status,
        )
        for number, attempt in enumerate(database.attempts)
    )
    for number, (code, review) in enumerate(database.reviews.items(), start=1):
        ProctoredExamSoftwareSecureReview.objects.bulk_create(
            [
                ProctoredExamSoftwareSecureReview(
                    id=number,
                    attempt_code=code,
                    review_status=review.status,
                    raw_data="{}",
                    reviewed_by_id=None if review.reviewer is None else review.reviewer + 1,
                    exam_id=None if review.exam is None else review.exam + 1,
                )
            ]
        )
        ProctoredExamSoftwareSecureReview.objects.filter(id=number).update(modified=review.modified)
        ProctoredExamSoftwareSecureComment.objects.bulk_create(
            ProctoredExamSoftwareSecureComment(
                id=number * 100 + place,
                review_id=number,
                comment=incident.comment,
                status=incident.status,
                start_time=incident.start_time,
                stop_time=0,
                duration=0,
            )
            for place, incident in enumerate(review.incidents)
        )


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(database=databases(), choice=CHOICES, page_size=st.integers(1, 4))
def test_the_report_of_any_database_is_what_the_rules_say(database, choice, page_size):
    expected, written, paged = expected_file(database, choice), io.BytesIO(), io.BytesIO()

    with in_the_tables(database):
        count = making.write(COURSE_KEY, choice, written)
        expected_count = attempts.count(COURSE_KEY)
        tracks = courses.enrollment_modes if choice.needs_tracks else None
        build(
            attempts.stream(COURSE_KEY, tracks=tracks, results=choice.needs_results, page_size=page_size), choice, paged
        )

    assert written.getvalue() == expected
    assert paged.getvalue() == expected
    assert count == expected_count == len(table(expected)) - 1
