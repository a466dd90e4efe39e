"""
The only table of statuses: what the status of an attempt or a review means, and what a learner is told about it.

Everything that shows a status or a result (the panel, the report, the exam page, the e-mail, the API, the
documentation) takes its words from here. This module imports nothing from Django. It marks the sentences for
translation, and the code that shows a sentence translates it.
"""

import enum
import functools
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

log = logging.getLogger(__name__)


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation."""
    return message


# Reviews


@dataclass(frozen=True)
class Meaning:
    """A value that the report can show in a column, with a sentence (untranslated) that explains it."""

    value: str
    sentence: str


CLEAN: Final = "Clean"
RULES_VIOLATION: Final = "Rules Violation"
SUSPICIOUS: Final = "Suspicious"
NOT_REVIEWED: Final = "Not Reviewed"

REVIEW_STATUSES: Final = (
    Meaning(CLEAN, gettext_noop("Nothing against the rules was seen. The learner passed the proctoring review.")),
    Meaning(
        RULES_VIOLATION,
        gettext_noop(
            "Something against the rules was seen that does not put the exam in doubt, for example music playing. "
            "The learner passed the proctoring review."
        ),
    ),
    Meaning(
        SUSPICIOUS,
        gettext_noop(
            "Something was seen that puts the exam in doubt. The learner did not pass the proctoring review, unless "
            "a second review decides otherwise."
        ),
    ),
    Meaning(NOT_REVIEWED, gettext_noop("There is no result of a proctoring review yet.")),
)

_REVIEW_STATUS_OF_WORD: Final = {
    **{meaning.value.casefold(): meaning.value for meaning in REVIEW_STATUSES},
    "passed": CLEAN,
    "violation": RULES_VIOLATION,
    "not_reviewed": NOT_REVIEWED,
}


def review_status(word: str) -> str | None:
    """
    Return the report's review status for a provider's word; None for an unknown word.

    Letter case and surrounding spaces do not matter.
    """
    return _REVIEW_STATUS_OF_WORD.get(word.strip().casefold())


# Attempts


class Result(enum.StrEnum):
    """The result of the proctoring review, as a learner sees it."""

    PENDING = "pending"
    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"


class Tone(enum.StrEnum):
    """The look of a result. Pages choose an icon and a colour for it, in addition to the words."""

    NEUTRAL = "neutral"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    WARNING = "warning"


_TONES: Final = {
    Result.PENDING: Tone.NEUTRAL,
    Result.SATISFACTORY: Tone.POSITIVE,
    Result.UNSATISFACTORY: Tone.NEGATIVE,
}

LABELS: Final = {
    Result.PENDING: gettext_noop("Pending"),
    Result.SATISFACTORY: gettext_noop("Satisfactory"),
    Result.UNSATISFACTORY: gettext_noop("Unsatisfactory"),
}

NOT_SUBMITTED: Final = gettext_noop(
    "You have not submitted this exam yet. The result of the proctoring review follows once you have."
)
BEING_REVIEWED: Final = gettext_noop(
    "Your exam is being reviewed by the proctoring service. The result appears on the exam's page once the "
    "review is complete."
)
REQUIREMENTS_MET: Final = gettext_noop(
    "The review of your proctored exam is complete, and you met the proctoring requirements."
)
REQUIREMENTS_NOT_MET: Final = gettext_noop(
    "The review of your proctored exam is complete. In the judgement of the reviewers, the proctoring requirements "
    "were not met."
)
WENT_WRONG: Final = gettext_noop("Something went wrong with your proctored exam, so that it could not be reviewed.")
NO_RESULT_YET: Final = gettext_noop("There is no result of the proctoring review yet.")

SCORE_IS_ZERO: Final = gettext_noop("Your score for this exam is 0.")
NO_CREDIT: Final = gettext_noop("In most courses, you are no longer eligible for academic credit.")

CAN_RESUME: Final = gettext_noop(
    "Your course team has let you resume the exam: you can go on with it on the exam page."
)
ASK_TO_RESUME: Final = gettext_noop("Ask your course team to let you resume the exam.")
ASK_FOR_HELP: Final = gettext_noop("No result will come by itself: ask what can be done.")


@dataclass(frozen=True)
class AttemptStatus(Meaning):
    """An attempt status, and what a learner is told about it: nothing if `result` is None."""

    result: Result | None = None
    message: str = ""

    @property
    def label(self) -> str:
        """The result in a word; empty if there is no result."""
        return "" if self.result is None else LABELS[self.result]


ATTEMPT_STATUSES: Final = (
    AttemptStatus(
        "eligible", gettext_noop("The learner may take the exam and has not chosen yet to take it as proctored.")
    ),
    AttemptStatus(
        "created", gettext_noop("The attempt exists; the exam has not been started."), Result.PENDING, NOT_SUBMITTED
    ),
    AttemptStatus(
        "download_software_clicked",
        gettext_noop("The learner went to download the proctoring software; the exam has not been started."),
        Result.PENDING,
        NOT_SUBMITTED,
    ),
    AttemptStatus(
        "ready_to_start",
        gettext_noop("The proctoring is set up. The learner still needs to start the exam."),
        Result.PENDING,
        NOT_SUBMITTED,
    ),
    AttemptStatus("started", gettext_noop("The learner has started the exam."), Result.PENDING, NOT_SUBMITTED),
    AttemptStatus(
        "ready_to_submit",
        gettext_noop("The learner has finished the exam but not submitted it."),
        Result.PENDING,
        NOT_SUBMITTED,
    ),
    AttemptStatus("completed", gettext_noop("The learner has completed the exam."), Result.PENDING, BEING_REVIEWED),
    AttemptStatus("declined", gettext_noop("The learner chose not to take the exam as a proctored exam.")),
    AttemptStatus("timed_out", gettext_noop("The time for the exam ran out."), Result.PENDING, BEING_REVIEWED),
    AttemptStatus(
        "submitted",
        gettext_noop("The learner has submitted the exam, and it waits for the proctoring review."),
        Result.PENDING,
        BEING_REVIEWED,
    ),
    AttemptStatus(
        "second_review_required",
        gettext_noop(
            "The review found something suspicious, and a second review by the review team decides. Course teams need "
            "not do anything."
        ),
        Result.PENDING,
        BEING_REVIEWED,
    ),
    AttemptStatus(
        "verified",
        gettext_noop("The review is complete, and the learner passed it."),
        Result.SATISFACTORY,
        REQUIREMENTS_MET,
    ),
    AttemptStatus(
        "rejected",
        gettext_noop("The review is complete, and the learner did not pass it."),
        Result.UNSATISFACTORY,
        REQUIREMENTS_NOT_MET,
    ),
    AttemptStatus(
        "error", gettext_noop("Something went wrong with the exam or its proctoring."), Result.PENDING, WENT_WRONG
    ),
    AttemptStatus("expired", gettext_noop("The exam or the course ended before the learner completed the exam.")),
    AttemptStatus("onboarding_missing", gettext_noop("The learner has to pass the onboarding exam first.")),
    AttemptStatus("onboarding_pending", gettext_noop("The learner's onboarding exam waits for its review.")),
    AttemptStatus("onboarding_failed", gettext_noop("The learner did not pass the onboarding exam.")),
    AttemptStatus("onboarding_expired", gettext_noop("The learner's onboarding has expired and has to be repeated.")),
    AttemptStatus(
        "onboarding_reset", gettext_noop("This onboarding attempt was set aside so that the learner can repeat it.")
    ),
)

_STATUS_OF_VALUE: Final = {status.value: status for status in ATTEMPT_STATUSES}


def attempt_status(value: str) -> AttemptStatus:
    """Return the row of a status. An unknown status counts as pending, and is logged once."""
    return _STATUS_OF_VALUE.get(value) or _unknown_status(value)


@functools.lru_cache(maxsize=256)
def _unknown_status(value: str) -> AttemptStatus:
    log.warning("Unknown status %r of a proctored exam attempt: the learner sees a pending result.", value[:50])
    return AttemptStatus(value, "", Result.PENDING, NO_RESULT_YET)


# What a learner is told


@dataclass(frozen=True)
class LearnerAttempt:
    """
    The facts about an attempt that decide what a learner is told.

    `is_proctored` is the flag of the attempt, not of the exam. `decided_at` is when the attempt's review was last
    changed; None without a review. Times are timezone-aware.
    """

    id: int
    status: str
    created: datetime
    is_proctored: bool
    is_practice: bool
    ready_to_resume: bool = False
    is_resumable: bool = False
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """
    What a learner is told about one exam. All sentences are untranslated.

    `attempt` is the attempt that decides. `consequences` says what follows from the result, `action` what the learner
    can do; both may be empty. `shows_contact` is whether the learner is told whom to ask.
    """

    attempt: LearnerAttempt
    result: Result
    message: str
    consequences: tuple[str, ...] = ()
    action: str = ""
    shows_contact: bool = False

    @property
    def label(self) -> str:
        """The result in a word."""
        return LABELS[self.result]

    @property
    def tone(self) -> Tone:
        """The look of the result: a warning if the learner has to do something."""
        return Tone.WARNING if self.action else _TONES[self.result]

    @property
    def decided_at(self) -> datetime | None:
        """When the review was decided; None without a review, or while the result is pending."""
        return None if self.result is Result.PENDING else self.attempt.decided_at


def outcome(attempts: Iterable[LearnerAttempt], *, rejected_exams_score_zero: bool = False) -> Outcome | None:
    """
    Return what a learner is told about one exam, or None if nothing is shown.

    A rejected attempt decides, even if a newer one follows: its score and e-mail have gone out, and edx-proctoring does
    not take them back. Otherwise the newest attempt decides. An attempt that was not proctored shows nothing, and a
    practice attempt shows nothing while its result is pending.

    Arguments:
        attempts: the learner's attempts at the exam, in any order.
        rejected_exams_score_zero: whether the course gives the score 0 for a rejected exam.

    """
    newest_last = sorted(attempts, key=lambda attempt: (attempt.created, attempt.id))
    rejected = [attempt for attempt in newest_last if attempt.is_proctored and attempt.status == "rejected"]
    decisive = (rejected or newest_last)[-1:]
    if not decisive or not decisive[0].is_proctored:
        return None
    [attempt] = decisive
    status = attempt_status(attempt.status)
    if status.result is None or (attempt.is_practice and status.result is Result.PENDING):
        return None
    if status.result is Result.UNSATISFACTORY:
        consequences = () if attempt.is_practice else _consequences(rejected_exams_score_zero)
        return Outcome(attempt, status.result, status.message, consequences, shows_contact=True)
    if status.value == "error":
        return Outcome(attempt, status.result, status.message, action=_next_step(attempt), shows_contact=True)
    return Outcome(attempt, status.result, status.message)


def _consequences(rejected_exams_score_zero: bool) -> tuple[str, ...]:
    return (SCORE_IS_ZERO, NO_CREDIT) if rejected_exams_score_zero else (NO_CREDIT,)


def _next_step(attempt: LearnerAttempt) -> str:
    if attempt.ready_to_resume:
        return CAN_RESUME
    return ASK_TO_RESUME if attempt.is_resumable else ASK_FOR_HELP
