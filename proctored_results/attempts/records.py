"""
What is known of an attempt, as edx-proctoring stores it: nothing is normalised or formatted here.

A report makes as many of these as a course has attempts. So they are named tuples, the cheapest records there are, and
a time is the text that the database gave: ISO 8601 in UTC without an offset, ``2026-10-01 08:00:00`` or with a fraction
of the second. ``datetime.fromisoformat`` reads it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from proctored_results.outcomes import Result


@dataclass(frozen=True, slots=True)
class Exam:
    """A timed, practice or proctored exam of a course. `provider` is None where the site's default serves."""

    id: int
    course_id: str
    name: str
    provider: str | None
    is_proctored: bool
    is_practice: bool


class Incident(NamedTuple):
    """A reviewer's comment on a stretch of the recording."""

    status: str
    comment: str


class Review(NamedTuple):
    """The proctoring review of an attempt; its incidents by start time, then id."""

    id: int
    status: str
    modified: str
    reviewer: str | None
    incidents: tuple[Incident, ...] = ()


class Attempt(NamedTuple):
    """
    One learner's attempt at an exam.

    The limit is in minutes. `track` is the mode of the learner's enrolment where it was asked for
    and there is one, `result` what the learner sees of the exam where that was asked for and there is something.
    """

    id: int
    exam: Exam
    user_id: int
    username: str
    email: str
    code: str | None
    allowed_time_limit_mins: int | None
    is_sample: bool
    started_at: str | None
    completed_at: str | None
    status: str
    review: Review | None = None
    track: str | None = None
    result: Result | None = None
