"""
What the statuses of proctored exam attempts and of proctoring reviews mean: the one table of it.

Everything that speaks of a status (the panel, the API, the documentation) takes its words from here. This module
imports nothing from Django; the sentences are marked for translation and translated by those who show them.
"""

from dataclasses import dataclass
from typing import Final


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation."""
    return message


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

ATTEMPT_STATUSES: Final = (
    Meaning("eligible", gettext_noop("The learner may take the exam and has not chosen yet to take it as proctored.")),
    Meaning("created", gettext_noop("The attempt exists; the exam has not been started.")),
    Meaning(
        "download_software_clicked",
        gettext_noop("The learner went to download the proctoring software; the exam has not been started."),
    ),
    Meaning("ready_to_start", gettext_noop("The proctoring is set up. The learner still needs to start the exam.")),
    Meaning("started", gettext_noop("The learner has started the exam.")),
    Meaning("ready_to_submit", gettext_noop("The learner has finished the exam but not submitted it.")),
    Meaning("completed", gettext_noop("The learner has completed the exam.")),
    Meaning("declined", gettext_noop("The learner chose not to take the exam as a proctored exam.")),
    Meaning("timed_out", gettext_noop("The time for the exam ran out.")),
    Meaning("submitted", gettext_noop("The learner has submitted the exam, and it waits for the proctoring review.")),
    Meaning(
        "second_review_required",
        gettext_noop(
            "The review found something suspicious, and a second review by the review team decides. Course teams need "
            "not do anything."
        ),
    ),
    Meaning("verified", gettext_noop("The review is complete, and the learner passed it.")),
    Meaning("rejected", gettext_noop("The review is complete, and the learner did not pass it.")),
    Meaning("error", gettext_noop("Something went wrong with the exam or its proctoring.")),
    Meaning("expired", gettext_noop("The exam or the course ended before the learner completed the exam.")),
    Meaning("onboarding_missing", gettext_noop("The learner has to pass the onboarding exam first.")),
    Meaning("onboarding_pending", gettext_noop("The learner's onboarding exam waits for its review.")),
    Meaning("onboarding_failed", gettext_noop("The learner did not pass the onboarding exam.")),
    Meaning("onboarding_expired", gettext_noop("The learner's onboarding has expired and has to be repeated.")),
    Meaning(
        "onboarding_reset", gettext_noop("This onboarding attempt was set aside so that the learner can repeat it.")
    ),
)


def review_status(word: str) -> str | None:
    """
    Return the review status that a provider's word stands for, in the spelling of the report.

    Letter case and surrounding blanks do not matter. None for a word that is not known.
    """
    return _REVIEW_STATUS_OF_WORD.get(word.strip().casefold())
