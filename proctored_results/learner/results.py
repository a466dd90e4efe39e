"""
A learner's result of one exam, in words: what the exam page, the API and the web component show.

This module reads the tables. It never calls edx-proctoring's functions, which may submit an attempt while they read it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from opaque_keys.edx.keys import CourseKey, UsageKey

from proctored_results import attempts, outcomes
from proctored_results.edx_platform import proctoring


@dataclass(frozen=True)
class LearnerResult:
    """
    A learner's result of an exam, with every text in the language of the reader.

    `title` is a heading. `result` is pending, satisfactory or unsatisfactory. `tone` is the look: neutral, positive,
    negative or warning. `consequences` and `remarks` are sentences, often none. `decided_at` is in UTC. `viewing_as` is
    the learner's username if somebody else sees the result. If the learner is told whom to ask, `contact` is an e-mail
    address or a URL, and `contact_label` is the text before it.
    """

    title: str
    exam_name: str
    result: str
    tone: str
    label: str
    message: str
    consequences: list[str]
    remarks: list[str]
    decided_at: datetime | None
    attempt_status: str
    practice: bool
    viewing_as: str | None
    contact_label: str
    contact: str | None

    @property
    def contact_url(self) -> str | None:
        """The URL of a link to the contact; None if it is no web or e-mail address."""
        if self.contact and self.contact.startswith(("https://", "http://")):
            return self.contact
        return f"mailto:{self.contact}" if self.contact and "@" in self.contact else None


def result_of(
    learner_id: int, course_key: CourseKey, usage_key: UsageKey, *, exam_name: str, viewing_as: str | None = None
) -> LearnerResult | None:
    """
    Return a learner's result of the exam in a block of the course, or None if nothing is shown.

    Takes one query. For a rejected attempt, it also asks the platform whether the score becomes 0.

    Arguments:
        learner_id: primary key of the learner.
        course_key: the course.
        usage_key: the exam's sequence.
        exam_name: the name that the exam page shows.
        viewing_as: the learner's username if somebody else sees the result.

    """
    found = attempts.of_learner(learner_id, course_key, usage_key)
    score_is_zero = any(attempt.status == "rejected" for attempt in found) and proctoring.rejected_exams_score_zero(
        course_key
    )
    outcome = outcomes.outcome(found, rejected_exams_score_zero=score_is_zero)
    if outcome is None:
        return None
    return LearnerResult(
        title=_("Result of the proctoring review"),
        exam_name=exam_name,
        result=outcome.result.value,
        tone=outcome.tone.value,
        label=_(outcome.label),
        message=_(outcome.message),
        consequences=[_(consequence) for consequence in outcome.consequences],
        remarks=_remarks(outcome, viewing_as),
        decided_at=outcome.decided_at,
        attempt_status=outcome.attempt.status,
        practice=outcome.attempt.is_practice,
        viewing_as=viewing_as,
        contact_label=_("Questions?"),
        contact=proctoring.proctoring_contact(course_key) if outcome.shows_contact else None,
    )


def _remarks(outcome: outcomes.Outcome, viewing_as: str | None) -> list[str]:
    remarks = [_(outcome.action)] if outcome.action else []
    if outcome.decided_at is not None:
        decided = f"{outcome.decided_at.astimezone(UTC):%Y-%m-%d %H:%M}"
        remarks.append(_("Decided on {time} UTC.").format(time=decided))
    if outcome.attempt.is_practice:
        remarks.append(_("This was a practice exam: the result counts for nothing."))
    if viewing_as is not None:
        remarks.append(_("You are viewing the course as {username}: this is their result.").format(username=viewing_as))
    return remarks


def is_exam_block(block: Any) -> bool:
    """Return whether the block is a proctored exam, without a query; False for None."""
    return (
        block is not None
        and block.scope_ids.block_type == "sequential"
        and bool(getattr(block, "is_proctored_enabled", False))
    )
