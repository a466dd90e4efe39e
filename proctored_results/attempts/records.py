"""What is known of an attempt, as edx-proctoring stores it: nothing is normalised or formatted here."""

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Incident:
    """A reviewer's comment on a stretch of the recording."""

    status: str
    comment: str


@dataclass(frozen=True, slots=True)
class Review:
    """The proctoring review of an attempt; its incidents by start time, then id. Times are aware."""

    id: int
    status: str
    modified: datetime
    reviewer: str | None
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One learner's attempt at an exam.

    Times are aware, the limit is in minutes. `track` is the mode of the learner's enrolment where it was asked for
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
    started_at: datetime | None
    completed_at: datetime | None
    status: str
    review: Review | None = None
    track: str | None = None
    result: Result | None = None
