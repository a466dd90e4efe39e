"""The rules of the proctored exam results report, one after the other, from the database to the file."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts
from proctored_results.reports import columns
from tests import factories
from tests.reports.helpers import HEADER, only_row, report_of_course, rows, table

pytestmark = pytest.mark.django_db

REFERENCE = Path(__file__).parents[2] / "docs" / "references" / "report.rst"


def reviewed_attempt(review_status="Suspicious", *comments, **fields):
    """An attempt whose review has these comments, each a pair of status and text."""
    made = factories.attempt(fields.pop("of", None) or factories.exam(), **fields)
    review = factories.review(made.attempt_code, review_status)
    for comment_status, text in comments:
        factories.comment(review, text, status=comment_status)
    return made


def test_the_header_has_the_fifteen_columns_in_their_order():
    assert table(report_of_course()) == [HEADER]
    assert report_of_course() == (",".join(HEADER) + "\r\n").encode()
    assert len(HEADER) == 15


def test_which_attempts__proctored_practice_and_those_that_were_about_proctoring():
    plain = {"taking_as_proctored": False}
    proctored, timed = factories.exam("A"), factories.exam("D", is_proctored=False)
    for of, code, fields in (
        (proctored, "proctored", {}),
        (proctored, "not taken as proctored", plain),
        (factories.exam("B", is_practice_exam=True), "practice", {**plain, "is_sample_attempt": True}),
        (factories.exam("C", is_active=False), "inactive exam", {}),
        (timed, "taken as proctored", {}),
        (timed, "sample", {**plain, "is_sample_attempt": True}),
        (timed, "declined", {**plain, "status": "declined"}),
        (timed, "plain timed", plain),
    ):
        factories.attempt(of, attempt_code=code, **fields)

    assert [row["attempt_code"] for row in rows(report_of_course())] == [
        "proctored",
        "not taken as proctored",
        "practice",
        "inactive exam",
        "taken as proctored",
        "sample",
        "declined",
    ]


def test_no_row_is_ever_lost__attempts_without_a_code_and_with_a_shared_one():
    of = factories.exam()
    made = [factories.attempt(of, attempt_code=code) for code in (None, None, "SHARED", "SHARED")]

    assert [(row["username"], row["attempt_code"]) for row in rows(report_of_course())] == [
        (attempt.user.username, attempt.attempt_code or "") for attempt in made
    ]


def test_order__exam_name_then_exam_then_attempt():
    later, first = factories.exam("b"), factories.exam("B")
    same_name = factories.exam("b")
    for of, code in ((same_name, "4"), (later, "2"), (first, "1"), (later, "3"), (same_name, "5")):
        factories.attempt(of, attempt_code=code)

    assert [row["attempt_code"] for row in rows(report_of_course())] == ["1", "2", "3", "4", "5"]


def test_order__the_same_data_gives_the_same_bytes():
    for _ in range(3):
        reviewed_attempt("Suspicious", ("Suspicious", "one"), ("Suspicious", "two"))

    assert report_of_course() == report_of_course()


def test_review__by_the_exact_code():
    of = factories.exam()
    for code in ("code", "CODE", "Code"):
        factories.attempt(of, attempt_code=code)
    factories.review("CODE", "Clean")

    assert [row["review_status"] for row in rows(report_of_course())] == ["Not Reviewed", "Clean", "Not Reviewed"]


def test_review__of_a_practice_attempt_and_of_no_exam():
    practice = factories.exam("Practice", is_practice_exam=True)
    factories.review(factories.attempt(practice, is_sample_attempt=True).attempt_code, "Clean", exam=practice)
    factories.review(factories.attempt(factories.exam("Real")).attempt_code, "Suspicious", exam=None)

    assert [row["review_status"] for row in rows(report_of_course())] == ["Clean", "Suspicious"]


def test_review__an_attempt_without_one_is_not_reviewed():
    factories.attempt(factories.exam())
    factories.attempt(factories.exam(), attempt_code=None)

    assert [row["review_status"] for row in rows(report_of_course())] == ["Not Reviewed"] * 2


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Clean", "Clean"),
        ("clean", "Clean"),
        ("passed", "Clean"),
        ("PASSED", "Clean"),
        ("Rules Violation", "Rules Violation"),
        ("rules violation", "Rules Violation"),
        ("violation", "Rules Violation"),
        ("Violation", "Rules Violation"),
        ("Suspicious", "Suspicious"),
        ("suspicious", "Suspicious"),
        ("SUSPICIOUS", "Suspicious"),
        ("Not Reviewed", "Not Reviewed"),
        ("not_reviewed", "Not Reviewed"),
        ("Not_Reviewed", "Not Reviewed"),
        ("NOT REVIEWED", "Not Reviewed"),
    ],
)
def test_review_status_words__a_providers_own_become_the_reports(stored, shown):
    reviewed_attempt(stored)

    assert only_row(report_of_course())["review_status"] == shown


def test_review_status_words__an_unknown_one_is_passed_through():
    reviewed_attempt("Under Appeal")

    assert only_row(report_of_course())["review_status"] == "Under Appeal"


def test_incidents__a_comment_counts_under_its_status_in_any_spelling():
    reviewed_attempt(
        "Suspicious",
        ("Suspicious", "s1"),
        ("suspicious", "s2"),
        ("Rules Violation", "r1"),
        ("violation", "r2"),
        ("VIOLATION", "r3"),
        ("Clean", "not counted"),
        ("passed", "not counted"),
        ("something else", "not counted"),
    )

    row = only_row(report_of_course())

    assert [row[name] for name in HEADER[11:]] == ["2", "s1; s2", "3", "r1; r2; r3"]


def test_incidents__counts_are_nought_and_comments_empty_without_any():
    factories.attempt(factories.exam("A"))
    reviewed_attempt("Clean", of=factories.exam("B"))

    for row in rows(report_of_course()):
        assert [row[name] for name in HEADER[11:]] == ["0", "", "0", ""]


def test_incidents__an_empty_comment_counts():
    reviewed_attempt("Suspicious", ("Suspicious", ""), ("Suspicious", "seen"), ("Suspicious", ""))

    row = only_row(report_of_course())

    assert (row["Suspicious Count"], row["Suspicious Comments"]) == ("3", "; seen; ")


def test_incidents__by_start_time_then_id_in_one_cell_whatever_they_hold():
    made = factories.attempt(factories.exam())
    review = factories.review(made.attempt_code, "Suspicious")
    for text, start_time in (("late", 9), ("with\nnewlines\r\nand; semicolons", 3), ('"quoted", with comma', 3)):
        factories.comment(review, text, start_time=start_time)

    row = only_row(report_of_course())

    assert row["Suspicious Comments"] == 'with\nnewlines\r\nand; semicolons; "quoted", with comma; late'


def test_none__is_an_empty_cell():
    factories.attempt(
        factories.exam(backend=None),
        attempt_code=None,
        allowed_time_limit_mins=None,
        started_at=None,
        completed_at=None,
    )

    file = report_of_course(extra_columns=columns.EXTRA_COLUMN_NAMES)

    row = only_row(file)
    empty = {"attempt_code", "allowed_time_limit_mins", "started_at", "completed_at", *columns.EXTRA_COLUMN_NAMES}
    assert {row[name] for name in empty - {"result"}} == {""}
    assert b"None" not in file


@pytest.mark.parametrize(("stored", "shown"), [(True, "True"), (False, "False")])
def test_booleans__are_words(stored, shown):
    factories.attempt(factories.exam(), is_sample_attempt=stored)

    assert only_row(report_of_course())["is_sample_attempt"] == shown


def test_times__are_utc_whatever_the_time_zone_they_were_written_in_or_the_site_has(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    factories.attempt(
        factories.exam(),
        started_at=datetime(2026, 1, 1, 2, 3, 4, 999_999, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        completed_at=datetime(2026, 1, 1, 0, 0, tzinfo=timezone.utc),
    )

    row = only_row(report_of_course())

    assert (row["started_at"], row["completed_at"]) == ("2025-12-31 20:33:04", "2026-01-01 00:00:00")


def test_encoding__utf_8_with_crlf_and_without_a_byte_order_mark_unless_asked_for():
    factories.attempt(factories.exam("試験 😀"))

    plain, marked = report_of_course(), report_of_course(byte_order_mark=True)

    assert plain.startswith(b"course_id,")
    assert marked == b"\xef\xbb\xbf" + plain
    assert plain.count(b"\r\n") == plain.count(b"\n") == 2
    assert plain.endswith(b"\r\n")
    assert only_row(plain)["exam_name"] == "試験 😀"


def test_spreadsheet_formulas__are_neutralised_in_every_text_unless_turned_off():
    of = factories.exam("=exam")
    made = reviewed_attempt(
        "@status",
        ("Suspicious", "+suspicious"),
        ("Rules Violation", "-violation"),
        of=of,
        user=factories.user("+user", email="@mail"),
        attempt_code="-CODE",
        status="=started",
    )
    factories.enrollment(made.user, "=mode")
    texts = ["exam_name", "username", "email", "attempt_code", "status", "review_status"]
    texts += ["Suspicious Comments", "Rules Violation Comments", "track"]

    escaped = only_row(report_of_course(extra_columns=("track",)))
    unescaped = only_row(report_of_course(extra_columns=("track",), escape_formulas=False))

    assert [unescaped[name] for name in texts] == [
        "=exam",
        "+user",
        "@mail",
        "-CODE",
        "=started",
        "@status",
        "+suspicious",
        "-violation",
        "=mode",
    ]
    assert [escaped[name] for name in texts] == [f"'{unescaped[name]}" for name in texts]
    assert {name for name in escaped if escaped[name] != unescaped[name]} == set(texts)


def test_spreadsheet_formulas__numbers_booleans_dates_and_uuid_shaped_codes_are_exempt():
    factories.attempt(
        factories.exam(),
        allowed_time_limit_mins=-5,
        attempt_code="0A4E6B6C-0000-4000-8000-0123456789AB",
        started_at=datetime(2026, 1, 1, tzinfo=timezone.utc),
    )

    assert b"'" not in report_of_course()
    assert only_row(report_of_course())["allowed_time_limit_mins"] == "-5"


def test_odd_characters__become_replacement_characters():
    reviewed_attempt("Suspicious", ("Suspicious", "a\x00b\x1bc\x7fd\te\nf"))

    assert only_row(report_of_course())["Suspicious Comments"] == "a\ufffdb\ufffdc\ufffdd\te\nf"


def test_odd_characters__joined_comments_stay_whole_however_long():
    comments = [f"{number} " + "long " * 2000 for number in range(5)]
    reviewed_attempt("Suspicious", *(("Suspicious", text) for text in comments))

    cell = only_row(report_of_course())["Suspicious Comments"]

    assert cell == "; ".join(comments)
    assert len(cell) > 32_767


def test_extra_columns__come_after_the_fifteen_in_the_order_asked_for():
    reviewer = factories.user("reviewer")
    made = factories.attempt(factories.exam(backend="rpnow4"))
    factories.enrollment(made.user, "verified")
    modified = datetime(2026, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
    factories.review(made.attempt_code, "Clean", reviewed_by=reviewer, modified=modified)
    names = ("reviewed_by", "track", "provider", "reviewed_at")

    header, row = table(report_of_course(extra_columns=names))

    assert header == [*HEADER, *names]
    assert row[15:] == ["reviewer", "verified", "rpnow4", "2026-05-06 07:08:09"]


def test_extra_columns__are_empty_without_a_review_an_enrolment_or_a_provider():
    factories.attempt(factories.exam(backend=None))

    row = only_row(report_of_course(extra_columns=columns.EXTRA_COLUMN_NAMES))

    assert {row[name] for name in columns.EXTRA_COLUMN_NAMES if name != "result"} == {""}


def test_extra_columns__the_result_is_what_the_learner_sees_of_the_exam_in_each_of_their_rows():
    exam, learner = factories.exam(), factories.user()
    for status in ("rejected", "error", "verified"):
        factories.attempt(exam, user=learner, status=status)
    for status in ("verified", "submitted", "declined"):
        factories.attempt(exam, status=status)
    factories.attempt(factories.exam("Zoology"), user=learner, status="created")

    shown = [row["result"] for row in rows(report_of_course(extra_columns=("result",)))]

    assert shown == ["Unsatisfactory"] * 3 + ["Satisfactory", "Pending", "", "Pending"]


def test_extra_columns__the_track_of_a_learner_who_has_left_the_course_is_shown():
    made = factories.attempt(factories.exam())
    factories.enrollment(made.user, "verified", is_active=False)

    assert only_row(report_of_course(extra_columns=("track",)))["track"] == "verified"


def test_extra_columns__the_track_in_another_course_is_not_shown():
    made = factories.attempt(factories.exam())
    factories.enrollment(made.user, "verified", CourseKey.from_string("course-v1:TestX+PR2+2026"))

    assert only_row(report_of_course(extra_columns=("track",)))["track"] == ""


def test_extra_columns__enrolments_and_results_are_not_asked_for_unless_wanted(monkeypatch):
    factories.attempt(factories.exam())
    asked = []
    monkeypatch.setattr(attempts, "stream", lambda course_key, **asks: asked.append(asks) or [])

    report_of_course(extra_columns=("provider",))

    assert asked == [{"using": "default", "tracks": None, "results": False}]


def test_score__the_report_holds_none():
    names = [*HEADER, *columns.EXTRA_COLUMN_NAMES]

    assert not any(word in name.lower() for name in names for word in ("score", "grade", "points"))


@pytest.mark.parametrize("said", ["removed by a reset", "UTC", "32,767", "exam scores"])
def test_the_panel_and_the_reference_page_say_what_a_reader_has_to_know(said):
    assert said in render_to_string("proctored_results/panel_help.html")
    assert said in " ".join(REFERENCE.read_text("utf-8").split())
