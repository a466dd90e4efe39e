"""
The report compared with the platform's built-in one, on the same data.

The built-in report is edx-proctoring's ``get_exam_violation_report`` and a small part of the platform's own, which
``benchmarks`` reimplements. The two reports agree wherever the built-in one is right. Each difference has a test, and a
row in ``docs/how-tos/coming_from_the_built_in_report.rst``.
"""

import csv
import io
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from opaque_keys.edx.keys import CourseKey

from benchmarks.contestants import built_in_rows
from proctored_results.reports.choice import choose
from proctored_results.runs import making
from tests import factories
from tests.reports.helpers import HEADER, rows, table

pytestmark = pytest.mark.django_db

COURSE_KEY = factories.COURSE_KEY
STARTED = datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
TIMED = {"is_proctored": False, "backend": None}
HOW_TO = Path(__file__).parents[1] / "docs" / "how-tos" / "coming_from_the_built_in_report.rst"


@pytest.fixture(autouse=True)
def _columns_of_the_built_in_report(settings):
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = ["provider", "track"]


def built_in():
    """The table of the built-in report, as read from its CSV file, header first."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(built_in_rows(COURSE_KEY))
    file.seek(0)
    return list(csv.reader(file))


def theirs():
    header, *lines = built_in()
    return [dict(zip(header, line, strict=True)) for line in lines]


def ours():
    return rows(_our_file())


def _our_file():
    output = io.BytesIO()
    making.write(COURSE_KEY, choose(), output)
    return output.getvalue()


def both(column):
    """The column in the built-in report, and in ours."""
    return [row[column] for row in theirs()], [row[column] for row in ours()]


def an_attempt(of=None, *, review=None, comments=(), mode="verified", **fields):
    """An attempt that the built-in report gets right, unless told otherwise."""
    of = of or factories.exam()
    made = factories.attempt(of, **{"started_at": STARTED, "completed_at": None, **fields})
    if mode:
        factories.enrollment(made.user, mode)
    if review:
        row = factories.review(made.attempt_code, review, exam=of)
        for place, (status, text) in enumerate(comments):
            factories.comment(row, text, status=status, start_time=place)
    return made


# Where they agree


def test_they_agree_where_the_built_in_report_is_right():
    for name in ("Final", "Midterm", 'Äußerst, "lang"; 試験'):
        of = factories.exam(name, backend="rpnow4")
        # The built-in report has the newest attempt first.
        an_attempt(
            of,
            review="Suspicious",
            comments=[("Suspicious", "one\ntwo"), ("Rules Violation", "music"), ("Suspicious", 'a; "b", c')],
            completed_at=STARTED + timedelta(hours=1),
            status="rejected",
        )
    for name, review in (("A", "Clean"), ("B", "Rules Violation"), ("C", "Not Reviewed")):
        an_attempt(factories.exam(name, is_active=False), review=review, status="verified", mode="audit")

    assert len(theirs()) == 6
    for one, other in zip(theirs(), ours(), strict=True):
        assert one.keys() == other.keys()
        assert {name for name in one if one[name] != other[name]} == {"started_at"} | (
            {"completed_at"} if one["completed_at"] else set()
        )
        for name in ("started_at", "completed_at"):
            assert one[name] == (f"{other[name]}+00:00" if other[name] else "")


# Where they differ


def test_columns__provider_and_track_stand_at_the_end():
    assert built_in()[0] == ["course_id", "provider", "track", *HEADER[1:]]
    assert table(_our_file())[0] == [*HEADER, "provider", "track"]


def test_columns__the_built_in_provider_and_track_are_there_only_if_the_site_asks_for_them(settings):
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = []

    assert table(_our_file())[0] == HEADER


def test_no_review__is_a_word_and_not_an_empty_cell():
    an_attempt()

    assert both("review_status") == ([""], ["Not Reviewed"])


def test_practice_reviews__are_shown_and_not_dropped():
    an_attempt(
        factories.exam(is_practice_exam=True),
        is_sample_attempt=True,
        review="Suspicious",
        comments=[("Suspicious", "seen")],
    )

    assert both("review_status") == ([""], ["Suspicious"])
    assert both("Suspicious Comments") == ([""], ["seen"])


def test_reviews_without_an_exam__are_shown_and_not_dropped():
    factories.review(an_attempt().attempt_code, "Clean", exam=None)

    assert both("review_status") == ([""], ["Clean"])


def test_no_code__every_attempt_keeps_its_row():
    of = factories.exam()
    for _ in range(3):
        an_attempt(of, attempt_code=None)

    assert (len(theirs()), len(ours())) == (1, 3)


def test_shared_codes__every_attempt_keeps_its_row():
    of = factories.exam()
    for _ in range(2):
        an_attempt(of, attempt_code="SHARED")

    assert (len(theirs()), len(ours())) == (1, 2)


def test_which_attempts__plain_timed_ones_are_left_out():
    timed = factories.exam(**TIMED)
    an_attempt(timed, attempt_code="plain", taking_as_proctored=False)
    an_attempt(timed, attempt_code="declined", taking_as_proctored=False, status="declined")
    an_attempt(timed, attempt_code="proctored", taking_as_proctored=True)

    their_codes, our_codes = both("attempt_code")
    assert sorted(their_codes) == ["declined", "plain", "proctored"]
    assert our_codes == ["declined", "proctored"]


def test_times__are_whole_seconds_in_utc_without_the_offset():
    an_attempt(started_at=STARTED.replace(microsecond=123_456))

    assert both("started_at") == (["2026-02-03 04:05:06.123456+00:00"], ["2026-02-03 04:05:06"])


def test_order__older_attempts_come_first_and_exams_of_one_name_are_kept_together():
    first, second = factories.exam("Same"), factories.exam("Same")
    for of, code in ((first, "1"), (second, "3"), (first, "2"), (second, "4")):
        an_attempt(of, attempt_code=code)

    assert both("attempt_code") == (["4", "2", "3", "1"], ["1", "2", "3", "4"])


def test_order_of_comments__follows_the_recording():
    made = an_attempt()
    review = factories.review(made.attempt_code, "Suspicious", exam=made.proctored_exam)
    for text, start_time in (("late", 60), ("early", 5)):
        factories.comment(review, text, start_time=start_time)

    assert both("Suspicious Comments") == (["late; early"], ["early; late"])


def test_formulas__are_neutralised():
    an_attempt(review="Suspicious", comments=[("Suspicious", '=HYPERLINK("http://example.com")')])

    assert both("Suspicious Comments") == (
        ['=HYPERLINK("http://example.com")'],
        ['\'=HYPERLINK("http://example.com")'],
    )


def test_odd_characters__are_replaced():
    an_attempt(review="Suspicious", comments=[("Suspicious", "a\x1bb")])

    assert both("Suspicious Comments") == (["a\x1bb"], ["a\ufffdb"])


def test_unknown_track__is_an_empty_cell():
    an_attempt(mode=None)

    assert both("track") == (["Unknown"], [""])


def test_providers_words__become_the_documented_ones_and_their_incidents_count():
    an_attempt(review="violation", comments=[("suspicious", "one"), ("violation", "two"), ("Rules Violation", "three")])

    assert both("review_status") == (["violation"], ["Rules Violation"])
    assert both("Suspicious Count") == (["0"], ["1"])
    assert both("Rules Violation Comments") == (["three"], ["two; three"])


def test_letter_case__a_course_whose_id_differs_in_it_is_another_course_on_every_database():
    an_attempt(attempt_code="ours")
    factories.attempt(
        factories.exam(course_key=CourseKey.from_string("course-v1:testx+pr1+2026")), attempt_code="theirs"
    )

    their_codes, our_codes = both("attempt_code")
    # The built-in report leaves this to the database; MySQL's usual collation takes the two courses as one.
    assert sorted(their_codes) in (["ours"], ["ours", "theirs"])
    assert our_codes == ["ours"]


@pytest.mark.parametrize(
    "differs",
    [
        "Columns",
        "No review",
        "Practice exams",
        "Reviews without an exam",
        "Attempts without a code",
        "Timed exams",
        "Times",
        "Order of rows",
        "Order of comments",
        "Formulas",
        "Odd characters",
        "Track",
        "Words of the provider",
        "Courses that differ in letter case",
        "File names",
        "Links",
    ],
)
def test_the_how_to_names_every_difference(differs):
    assert f"   * - {differs}\n" in HOW_TO.read_text("utf-8")
