"""What a learner is told of one exam, given their attempts at it."""

import logging
from datetime import datetime, timedelta, timezone

import pytest
from edx_proctoring.statuses import ProctoredExamStudentAttemptStatus
from hypothesis import given
from hypothesis import strategies as st

from proctored_results import outcomes
from proctored_results.outcomes import LearnerAttempt, Result, outcome

TIME = datetime(2026, 5, 4, 3, 2, 1, tzinfo=timezone.utc)

#: Every status that edx-proctoring can store, or could in the past -> what its learner sees.
TABLE = {
    "verified": "satisfactory",
    "rejected": "unsatisfactory",
    "created": "pending",
    "download_software_clicked": "pending",
    "ready_to_start": "pending",
    "started": "pending",
    "ready_to_submit": "pending",
    "completed": "pending",
    "submitted": "pending",
    "timed_out": "pending",
    "second_review_required": "pending",
    "error": "pending",
    "declined": None,
    "expired": None,
    "eligible": None,
    "onboarding_missing": None,
    "onboarding_pending": None,
    "onboarding_failed": None,
    "onboarding_expired": None,
    "onboarding_reset": None,
}

STATUSES = sorted(
    value
    for name, value in vars(ProctoredExamStudentAttemptStatus).items()
    if isinstance(value, str) and not name.startswith("_")
)


def attempt(status="submitted", number=1, **fields):
    values = {"created": TIME, "is_proctored": True, "is_practice": False, **fields}
    return LearnerAttempt(id=number, status=status, **values)


def shown(*attempts, **course):
    found = outcome(attempts, **course)
    return found and found.result.value


ATTEMPTS = st.lists(
    st.builds(
        LearnerAttempt,
        id=st.integers(1, 10**6),
        status=st.sampled_from(STATUSES) | st.text(max_size=60),
        created=st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 2), timezones=st.just(timezone.utc)),
        is_proctored=st.booleans(),
        is_practice=st.booleans(),
        ready_to_resume=st.booleans(),
        is_resumable=st.booleans(),
        decided_at=st.none() | st.just(TIME),
    ),
    max_size=6,
    unique_by=lambda attempt: attempt.id,
)


def test_the_table_has_a_row_for_every_status_of_the_installed_edx_proctoring():
    assert len(STATUSES) > 15
    assert set(STATUSES) <= TABLE.keys()
    assert {row.value: row.result for row in outcomes.ATTEMPT_STATUSES} == TABLE


@pytest.mark.parametrize(("status", "expected"), TABLE.items())
def test_one_attempt_is_told_by_the_table(status, expected):
    assert shown(attempt(status)) == expected


def test_without_an_attempt_nothing_is_told():
    assert outcome([]) is None


@pytest.mark.parametrize(("status", "message"), [("started", "not submitted"), ("submitted", "being reviewed")])
def test_pending_says_which_of_the_two_sides_it_waits_for(status, message):
    assert message in outcome([attempt(status)]).message


@given(ATTEMPTS, st.booleans())
def test_every_list_of_attempts_has_an_outcome_or_none(attempts, zero):
    found = outcome(attempts, rejected_exams_score_zero=zero)
    if found is None:
        return
    assert found.result in Result
    assert found.label == found.result.value.capitalize()
    assert found.message
    assert found.attempt in attempts
    assert found.attempt.is_proctored
    assert found.shows_contact == (found.result is Result.UNSATISFACTORY or found.attempt.status == "error")
    assert bool(found.action) == (found.attempt.status == "error")
    assert (outcomes.SCORE_IS_ZERO in found.consequences) <= (found.result is Result.UNSATISFACTORY and zero)


@given(ATTEMPTS, st.randoms())
def test_the_order_of_the_attempts_does_not_matter(attempts, random):
    shuffled = random.sample(attempts, len(attempts))
    assert outcome(shuffled) == outcome(attempts)


@given(ATTEMPTS)
def test_a_rejected_attempt_decides_whatever_else_there_is(attempts):
    rejected = attempt("rejected", number=10**7, created=TIME - timedelta(days=10_000))
    assert shown(*attempts, rejected) == "unsatisfactory"


@given(ATTEMPTS)
def test_otherwise_the_newest_decides(attempts):
    others = [other for other in attempts if other.status != "rejected"]
    newest = attempt("verified", number=10**7, created=TIME)
    assert outcome([*others, newest]).attempt == newest


def test_of_two_attempts_of_the_same_second_the_later_row_is_the_newer():
    assert shown(attempt("verified", 2), attempt("error", 1)) == "satisfactory"
    assert shown(attempt("verified", 1), attempt("error", 2)) == "pending"


def test_an_attempt_that_was_not_proctored_shows_nothing_not_even_one_before_it():
    assert shown(attempt("rejected", is_proctored=False)) is None
    assert shown(attempt("verified", 1), attempt("submitted", 2, is_proctored=False)) is None


@pytest.mark.parametrize("status", STATUSES)
def test_practice_shows_only_a_verdict(status):
    expected = TABLE[status] if status in ("verified", "rejected") else None
    assert shown(attempt(status, is_practice=True)) == expected


def test_practice_has_no_consequences():
    assert outcome([attempt("rejected", is_practice=True)], rejected_exams_score_zero=True).consequences == ()


def test_the_score_is_said_to_be_zero_only_where_the_course_makes_it_zero():
    assert outcome([attempt("rejected")]).consequences == (outcomes.NO_CREDIT,)
    zero = outcome([attempt("rejected")], rejected_exams_score_zero=True)
    assert zero.consequences == (outcomes.SCORE_IS_ZERO, outcomes.NO_CREDIT)


def test_a_flag_is_worded_as_a_judgement_of_the_reviewers():
    assert "In the judgement of the reviewers" in outcome([attempt("rejected")]).message


@pytest.mark.parametrize(
    ("flags", "action"),
    [
        ({"ready_to_resume": True}, outcomes.CAN_RESUME),
        ({"ready_to_resume": True, "is_resumable": True}, outcomes.CAN_RESUME),
        ({"is_resumable": True}, outcomes.ASK_TO_RESUME),
        ({}, outcomes.ASK_FOR_HELP),
    ],
)
def test_an_error_says_what_can_be_done(flags, action):
    found = outcome([attempt("error", **flags)])
    assert (found.action, found.shows_contact) == (action, True)


@pytest.mark.parametrize(
    ("status", "tone"),
    [("submitted", "neutral"), ("verified", "positive"), ("rejected", "negative"), ("error", "warning")],
)
def test_a_result_has_a_tone(status, tone):
    assert outcome([attempt(status)]).tone == tone


def test_the_time_of_the_decision_is_shown_with_a_decision_only():
    assert outcome([attempt("verified", decided_at=TIME)]).decided_at == TIME
    assert outcome([attempt("verified")]).decided_at is None
    assert outcome([attempt("second_review_required", decided_at=TIME)]).decided_at is None


def test_a_status_that_nobody_knows_is_pending_and_logged_once(caplog):
    caplog.set_level(logging.WARNING)
    word = "a status of tomorrow"
    assert [shown(attempt(word)) for _ in range(3)] == ["pending"] * 3
    assert [record.getMessage().count(word) for record in caplog.records] == [1]
