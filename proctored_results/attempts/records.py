"""
The facts about an attempt as edx-proctoring stores them, neither normalised nor formatted.

A report makes one of these records for each attempt of a course. So they are named tuples, the cheapest records in
Python, and a time is the text from the database: ISO 8601 in UTC without an offset, ``2026-10-01 08:00:00`` or with a
fraction of the second. ``datetime.fromisoformat`` reads it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from proctored_results.outcomes import Result


@dataclass(frozen=True, slots=True)
class Exam:
    """A timed, practice or proctored exam of a course. `provider` is None for the site's default."""

    id: int
    course_id: str
    name: str
    provider: str | None
    is_proctored: bool
    is_practice: bool


class Incident(NamedTuple):
    """A reviewer's comment on a part of the recording."""

    status: str
    comment: str


class Review(NamedTuple):
    """The proctoring review of an attempt. Incidents are sorted by start time, then id."""

    id: int
    status: str
    modified: str
    reviewer: str | None
    incidents: tuple[Incident, ...] = ()


class Attempt(NamedTuple):
    """
    One learner's attempt at an exam.

    `track` is the mode of the learner's enrolment, and `result` is what the learner sees of the exam. Each is None if
    there is none, or if it was not asked for.
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
