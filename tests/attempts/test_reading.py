"""Which attempts are read, in which order, and what belongs to each."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from edx_proctoring.api import remove_exam_attempt
from edx_proctoring.models import ProctoredExamStudentAttempt
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts
from tests import factories

pytestmark = pytest.mark.django_db

COURSE_KEY = factories.COURSE_KEY
TIMED = {"is_proctored": False, "backend": None}
PLAIN = {"taking_as_proctored": False, "is_sample_attempt": False}


def read(course_key=COURSE_KEY, **arguments):
    return list(attempts.stream(course_key, **arguments))


def ids(course_key=COURSE_KEY, **arguments):
    return [attempt.id for attempt in read(course_key, **arguments)]


def codes(**arguments):
    return [attempt.code for attempt in read(**arguments)]


def only():
    (attempt,) = read()
    return attempt


# Which attempts


def test_a_course_that_edx_proctoring_does_not_know_has_no_exams_and_no_attempts():
    unknown = CourseKey.from_string("course-v1:Nobody+Knows+It")

    assert attempts.exams(unknown) == []
    assert attempts.count(unknown) == 0
    assert read(unknown) == []


def test_an_exam_without_attempts_yields_nothing_and_hides_nothing():
    factories.exam("A")
    kept = factories.attempt(factories.exam("B"))
    factories.exam("C")

    assert ids() == [kept.id]


@pytest.mark.parametrize(
    "exam_fields",
    [
        {"is_proctored": True},
        {"is_proctored": True, "is_practice_exam": True},
        {"is_proctored": False, "is_practice_exam": True},
    ],
)
@pytest.mark.parametrize("taking_as_proctored", [True, False])
def test_every_attempt_at_a_proctored_or_practice_exam_is_read(exam_fields, taking_as_proctored):
    kept = factories.attempt(factories.exam(**exam_fields), taking_as_proctored=taking_as_proctored)

    assert ids() == [kept.id]
    assert attempts.count(COURSE_KEY) == 1


def test_attempts_at_an_exam_that_is_not_active_any_more_are_read():
    kept = factories.attempt(factories.exam(is_active=False))

    assert ids() == [kept.id]
    assert attempts.count(COURSE_KEY) == 1


@pytest.mark.parametrize("status", ["created", "started", "submitted", "timed_out"])
def test_a_plain_attempt_at_a_timed_exam_is_left_out(status):
    factories.attempt(factories.exam(**TIMED), status=status, **PLAIN)

    assert ids() == []
    assert attempts.count(COURSE_KEY) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"taking_as_proctored": True},
        {"is_sample_attempt": True},
        {"status": "declined"},
        {"taking_as_proctored": True, "is_sample_attempt": True, "status": "declined"},
    ],
)
def test_an_attempt_at_a_timed_exam_that_was_about_proctoring_is_read_once(fields):
    of = factories.exam(**TIMED)
    factories.attempt(of, **PLAIN)
    kept = factories.attempt(of, **{**PLAIN, **fields})

    assert ids() == [kept.id]
    assert attempts.count(COURSE_KEY) == 1


@pytest.mark.parametrize(
    "status",
    sorted(
        value
        for name, value in vars(ProctoredExamStudentAttemptStatus).items()
        if isinstance(value, str) and not name.startswith("_")
    ),
)
def test_an_attempt_is_read_in_every_status(status):
    factories.attempt(factories.exam(), status=status)

    assert only().status == status


def test_several_attempts_of_one_learner_at_one_exam_are_each_read():
    learner, of = factories.user(), factories.exam()
    made = [factories.attempt(of, user=learner, status=status).id for status in ("error", "error", "verified")]

    assert ids() == made


def test_an_attempt_removed_by_a_reset_is_gone():
    of = factories.exam(backend="null")
    removed, kept = factories.attempt(of), factories.attempt(of)

    remove_exam_attempt(removed.id, requesting_user=factories.user())

    assert ids() == [kept.id]


def test_attempts_without_a_code_are_each_read():
    of = factories.exam()
    made = [factories.attempt(of, attempt_code=None).id for _ in range(3)]

    assert ids() == made
    assert {attempt.code for attempt in read()} == {None}


def test_attempts_that_share_a_code_are_each_read_with_the_same_review():
    made = [factories.attempt(of, attempt_code="SHARED").id for of in (factories.exam("A"), factories.exam("B"))]
    factories.review("SHARED", "Suspicious")

    found = read()

    assert [attempt.id for attempt in found] == made
    assert [attempt.review.status for attempt in found] == ["Suspicious", "Suspicious"]


def test_other_courses_are_left_out():
    factories.attempt(factories.exam(course_key=CourseKey.from_string("course-v1:TestX+PR2+2026")))
    kept = factories.attempt(factories.exam())

    assert ids() == [kept.id]


def test_courses_whose_ids_differ_in_letter_case_alone_are_kept_apart():
    twin = CourseKey.from_string("course-v1:testx+pr1+2026")
    ours, theirs = factories.attempt(factories.exam()), factories.attempt(factories.exam(course_key=twin))

    assert ids() == [ours.id]
    assert ids(twin) == [theirs.id]
    assert attempts.count(COURSE_KEY) == attempts.count(twin) == 1
    assert [exam.course_id for exam in attempts.exams(twin)] == [str(twin)]


# Order


def test_exams_come_by_name_in_code_points_whatever_the_database_thinks_of_the_alphabet():
    names = ["zebra", "Ärger", "apple", "Zebra", "eclair", "éclair", "10", "9", " space", "試験", "Apple", "\U0001f600"]
    for name in names:
        factories.attempt(factories.exam(name))

    assert [exam.name for exam in attempts.exams(COURSE_KEY)] == sorted(names)
    assert [attempt.exam.name for attempt in read()] == sorted(names)


def test_exams_of_one_name_come_by_id_and_their_attempts_are_not_mixed():
    first, second = factories.exam("Same"), factories.exam("Same")
    made = [factories.attempt(of).id for of in (second, first, second, first)]

    assert ids() == [made[1], made[3], made[0], made[2]]


def test_attempts_at_one_exam_come_by_id_whatever_their_times():
    of = factories.exam()
    late, early = (
        factories.attempt(of, started_at=datetime(year, 1, 1, tzinfo=timezone.utc)).id for year in (2026, 2025)
    )

    assert ids() == [late, early]


# Pages


@pytest.mark.parametrize("page_size", [1, 2, 3, 4, 5, 6, 7, 100])
def test_the_size_of_a_page_changes_nothing(page_size):
    for name in ("A", "B", "B"):
        of = factories.exam(name)
        for number in range(6):
            made = factories.attempt(of, attempt_code=None if number == 2 else f"{of.id}-{number}")
            if number % 2:
                factories.comment(factories.review(made.attempt_code, "Suspicious"), f"of {made.id}")

    def tracks(course_key, user_ids):
        return {user_id: f"track of {user_id}" for user_id in user_ids}

    found = read(page_size=page_size, tracks=tracks)

    assert len(found) == attempts.count(COURSE_KEY) == 18
    assert found == read(tracks=tracks)
    assert all(attempt.track == f"track of {attempt.user_id}" for attempt in found)
    for attempt in found:
        comments = attempt.review and [incident.comment for incident in attempt.review.incidents]
        assert comments in (None, [f"of {attempt.id}"])
    assert sum(attempt.review is not None for attempt in found) == 9


def test_attempts_left_out_between_others_do_not_shift_the_pages():
    of = factories.exam(**TIMED)
    made = [factories.attempt(of, **{**PLAIN, "is_sample_attempt": number % 3 == 0}).id for number in range(9)]

    assert ids(page_size=2) == made[::3]


# Reviews


def test_an_attempt_without_a_review_has_none():
    factories.attempt(factories.exam())

    assert only().review is None


def test_a_review_belongs_to_the_attempt_with_exactly_its_code():
    of = factories.exam()
    for code in ("abc-DEF", "ABC-DEF", "abc-def", "abc-DEF ", "äbc-DEF", "abc-DE"):
        factories.attempt(of, attempt_code=code)
    factories.review("abc-DEF", "Suspicious")

    assert [attempt.code for attempt in read() if attempt.review] == ["abc-DEF"]


def test_a_review_whose_code_differs_from_every_attempt_in_letter_case_belongs_to_none():
    factories.attempt(factories.exam(), attempt_code="abc")
    factories.review("ABC")

    assert only().review is None


def test_a_review_of_no_exam_counts():
    of = factories.exam()
    made = factories.attempt(of)
    assert factories.review(made.attempt_code, "Clean", exam=None).exam is None

    assert only().review.status == "Clean"


def test_a_practice_attempt_has_its_review():
    made = factories.attempt(factories.exam(is_practice_exam=True), is_sample_attempt=True)
    factories.review(made.attempt_code, "Rules Violation", exam=made.proctored_exam)

    assert only().review.status == "Rules Violation"


def test_a_review_is_read_with_its_time_and_reviewer():
    reviewer = factories.user("reviewer")
    made = factories.attempt(factories.exam())
    modified = datetime(2026, 3, 1, 12, 30, tzinfo=timezone.utc)
    row = factories.review(made.attempt_code, "passed", modified=modified, reviewed_by=reviewer)

    review = only().review
    assert (review.id, review.status, review.reviewer) == (row.id, "passed", "reviewer")
    assert datetime.fromisoformat(f"{review.modified}+00:00") == modified


def test_incidents_come_by_start_time_then_id():
    made = factories.attempt(factories.exam())
    review = factories.review(made.attempt_code, "Suspicious")
    for text, start_time in (("d", 70), ("b", 5), ("a", -1), ("e", 70), ("c", 9)):
        factories.comment(review, text, start_time=start_time)

    assert [incident.comment for incident in only().review.incidents] == ["a", "b", "c", "d", "e"]


def test_incidents_stay_with_their_reviews():
    of = factories.exam()
    for code in ("one", "two", "three"):
        factories.attempt(of, attempt_code=code)
    for code in ("three", "one"):
        factories.comment(factories.review(code, "Suspicious"), f"about {code}", status="suspicious")

    assert [attempt.review and attempt.review.incidents for attempt in read()] == [
        (attempts.Incident("suspicious", "about one"),),
        None,
        (attempts.Incident("suspicious", "about three"),),
    ]


# Times


def test_times_are_texts_in_utc_to_the_microsecond():
    zone = timezone(timedelta(hours=5, minutes=30))
    factories.attempt(
        factories.exam(),
        started_at=datetime(2026, 1, 1, 2, 3, 4, 567_890, tzinfo=zone),
        completed_at=datetime(2026, 1, 1, 2, 3, 4, tzinfo=zone),
    )

    attempt = only()

    assert datetime.fromisoformat(attempt.started_at) == datetime(2025, 12, 31, 20, 33, 4, 567_890)
    assert datetime.fromisoformat(attempt.completed_at) == datetime(2025, 12, 31, 20, 33, 4)
    assert attempt.started_at.startswith("2025-12-31 20:33:04.567890")


def test_times_of_a_database_that_keeps_them_in_another_time_zone_are_utc_too(monkeypatch):
    made = factories.attempt(factories.exam(), started_at=datetime(2026, 7, 1, 2, 0, tzinfo=timezone.utc))
    factories.review(made.attempt_code, modified=datetime(2026, 1, 1, 2, 0, tzinfo=timezone.utc))
    # The stored times now count as Berlin time: the first is two hours ahead of UTC, the second one hour.
    monkeypatch.setattr(connection, "timezone", ZoneInfo("Europe/Berlin"))

    attempt = only()

    assert datetime.fromisoformat(attempt.started_at) == datetime(2026, 7, 1)
    assert datetime.fromisoformat(attempt.review.modified) == datetime(2026, 1, 1, 1)
    assert attempt.completed_at is None


# Tracks


def test_tracks_are_asked_for_once_per_page_with_the_learners_of_the_page():
    of, learners = factories.exam(), [factories.user(), factories.user()]
    for learner in (*learners, learners[0], factories.user()):
        factories.attempt(of, user=learner)
    asked = []

    def tracks(course_key, user_ids):
        asked.append((course_key, set(user_ids)))
        return {learners[0].id: "verified"}

    found = [attempt.track for attempt in read(tracks=tracks, page_size=3)]

    assert found == ["verified", None, "verified", None]
    assert [course_key for course_key, _ in asked] == [COURSE_KEY, COURSE_KEY]
    assert asked[0][1] == {learner.id for learner in learners}


def test_tracks_are_not_asked_for_where_there_are_no_attempts():
    factories.exam()

    assert read(tracks=lambda *_: pytest.fail("asked")) == []


# Results


def test_a_result_rests_on_attempts_of_other_pages_too():
    of, learner = factories.exam(), factories.user()
    for status in ("error", "submitted", "rejected", "verified"):
        factories.attempt(of, user=learner, status=status)

    for page_size in (1, 2, 3, 100):
        assert {attempt.result for attempt in read(results=True, page_size=page_size)} == {"unsatisfactory"}
    assert {attempt.result for attempt in read()} == {None}


@pytest.mark.parametrize("attempts_of_each", [1, 5])
def test_results_take_one_more_query_per_page(attempts_of_each, django_assert_num_queries):
    of = factories.exam()
    for learner in (factories.user(), factories.user()):
        for _ in range(attempts_of_each):
            factories.attempt(of, user=learner)
    pages = -(-2 * attempts_of_each // 4)
    with django_assert_num_queries(1 + pages):
        read(page_size=4)
    with django_assert_num_queries(1 + 2 * pages):
        read(results=True, page_size=4)


# Odd rows


def test_odd_rows_are_read_as_they_are():
    learner = factories.user("Ωdd_😀", email="")
    of = factories.exam('Quotes "and", commas; ; 試験\n', backend=None)
    made = factories.attempt(
        of, user=learner, attempt_code="", allowed_time_limit_mins=None, started_at=None, completed_at=None, status=""
    )
    review = factories.review("", "")
    long = "ab\n" * 3334
    factories.comment(review, long, status="")
    factories.comment(review, "\x00nul \x1b and 😀", status="x" * 255)

    attempt = only()

    assert attempt.exam == attempts.Exam(of.id, str(COURSE_KEY), of.exam_name, None, True, False)
    assert (attempt.id, attempt.username, attempt.email, attempt.code) == (made.id, "Ωdd_😀", "", "")
    assert (attempt.allowed_time_limit_mins, attempt.started_at, attempt.completed_at) == (None, None, None)
    assert [incident.comment for incident in attempt.review.incidents] == [long, "\x00nul \x1b and 😀"]


def test_an_inactive_user_keeps_the_row():
    factories.attempt(factories.exam(), user=factories.user(is_active=False))

    assert only().username


def test_reading_changes_nothing_not_even_an_attempt_whose_time_is_over():
    made = factories.attempt(factories.exam(), status="started", started_at=datetime(2020, 1, 1, tzinfo=timezone.utc))

    assert only().status == "started"
    assert ProctoredExamStudentAttempt.objects.get(id=made.id).status == "started"
    assert get_user_model().objects.count() == 1
