"""The one table of what statuses mean."""

import subprocess
import sys
from pathlib import Path

import pytest
from edx_proctoring.statuses import (
    ProctoredExamStudentAttemptStatus,
    ReviewStatus,
    SoftwareSecureReviewStatus,
)

from proctored_results import outcomes
from proctored_results.reports import columns

REFERENCE = Path(__file__).parents[1] / "docs" / "references" / "report.rst"

TABLES = pytest.mark.parametrize("table", [outcomes.ATTEMPT_STATUSES, outcomes.REVIEW_STATUSES])


def statuses_of(declaration):
    """The words that a class of edx-proctoring declares as its attributes."""
    return {value for name, value in vars(declaration).items() if isinstance(value, str) and not name.startswith("_")}


def test_every_status_of_the_installed_edx_proctoring_has_a_meaning():
    declared = statuses_of(ProctoredExamStudentAttemptStatus)

    assert len(declared) > 15
    assert declared <= {meaning.value for meaning in outcomes.ATTEMPT_STATUSES}


def test_every_status_that_the_rpnow_documentation_lists_has_a_meaning():
    documented = {
        "completed",
        "created",
        "declined",
        "error",
        "expired",
        "ready_to_start",
        "ready_to_submit",
        "rejected",
        "second_review_required",
        "started",
        "submitted",
        "timed_out",
        "verified",
    }

    assert documented <= {meaning.value for meaning in outcomes.ATTEMPT_STATUSES}


def test_the_review_statuses_are_those_of_the_installed_edx_proctoring():
    words = {SoftwareSecureReviewStatus.clean, *SoftwareSecureReviewStatus.passing_statuses}
    words |= set(SoftwareSecureReviewStatus.failing_statuses)

    assert {meaning.value for meaning in outcomes.REVIEW_STATUSES} == words


@TABLES
def test_no_status_has_two_meanings(table):
    values = [meaning.value for meaning in table]

    assert len(values) == len(set(values))


@TABLES
def test_every_meaning_is_a_sentence(table):
    for meaning in table:
        assert meaning.sentence == meaning.sentence.strip()
        assert meaning.sentence[0].isupper()
        assert meaning.sentence.endswith(".")


@TABLES
def test_the_reference_page_explains_every_value_in_the_words_of_the_table(table):
    page = " ".join(REFERENCE.read_text("utf-8").split())

    for meaning in table:
        assert f"* - ``{meaning.value}`` - {meaning.sentence}" in page


def test_the_reference_page_explains_every_column():
    page = REFERENCE.read_text("utf-8")

    for column in [*columns.COLUMNS, *columns.EXTRA_COLUMNS]:
        assert f"``{column.name}``" in page


@pytest.mark.parametrize("word", sorted(statuses_of(ReviewStatus)))
def test_a_providers_word_becomes_the_one_that_edx_proctoring_makes_of_it(word):
    assert outcomes.review_status(word) == SoftwareSecureReviewStatus.from_standard_status[word]


@pytest.mark.parametrize("meaning", outcomes.REVIEW_STATUSES, ids=lambda meaning: meaning.value)
def test_letter_case_and_surrounding_blanks_of_a_word_do_not_matter(meaning):
    word = meaning.value

    for spelling in (word, word.lower(), word.upper(), word.swapcase(), f" {word}\n"):
        assert outcomes.review_status(spelling) == word


@pytest.mark.parametrize("word", ["", " ", "Cleanish", "unclean", "rules  violation", "pass", "None"])
def test_a_word_that_is_not_known_stands_for_nothing(word):
    assert outcomes.review_status(word) is None


@pytest.mark.processes(only="python")
def test_the_table_can_be_read_where_there_is_no_django():
    code = (
        "import sys; sys.modules['django'] = None; from proctored_results import outcomes; "
        "assert not any(name.startswith('django.') for name in sys.modules); "
        "print(len(outcomes.ATTEMPT_STATUSES))"
    )

    result = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[1],
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert int(result.stdout) == len(outcomes.ATTEMPT_STATUSES)
