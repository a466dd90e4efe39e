"""Cells, columns and the CSV format, tested by building reports from records."""

import io
import itertools
import logging
import sys
from uuid import uuid4

import pytest

from proctored_results.reports import columns, formats
from proctored_results.reports.building import build
from proctored_results.reports.choice import Choice
from tests.factories import record, review_record
from tests.reports.helpers import HEADER, only_row, report_of, table

OPERATORS = ["=", "+", "-", "@"]
FULL_WIDTH_OPERATORS = ["＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"]  # noqa: RUF001
STARTS = [*OPERATORS, *FULL_WIDTH_OPERATORS, "\t", "\r", "\n"]
BLANKS = [" ", "   ", "\u00a0", "\u3000", "\u2003", "\u200b", "\ufeff", "\u2060", " \u200b ", "\u2028"]


def cell(text, **choice):
    """The cell that a text becomes."""
    return only_row(report_of(record(exam_name=text), **choice))["exam_name"]


# Formulas


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start):
    for text in (start, f"{start}1+1", f"{start} text"):
        assert cell(text) == f"'{text}"
        assert cell(text, escape_formulas=False) == text


@pytest.mark.parametrize("blanks", BLANKS)
@pytest.mark.parametrize("start", STARTS)
def test_blanks_do_not_hide_a_formula(start, blanks):
    assert cell(f"{blanks}{start}1") == f"'{blanks}{start}1"
    assert cell(f"{blanks}{start}1", escape_formulas=False) == f"{blanks}{start}1"


@pytest.mark.parametrize("text", ["a=b", "1+1", "x@example.com", "a\tb", "a\nb", "'=1", '"=1', " a", "_", "½", "#REF!"])
def test_other_texts_stay_as_they_are(text):
    assert cell(text) == text


def test_a_text_that_already_has_an_apostrophe_gets_no_second_one():
    assert cell("'=1+1") == "'=1+1"


def test_numbers_booleans_and_dates_are_never_changed():
    attempt = record(allowed_time_limit_mins=-1, started_at="0001-01-01 00:00:00")

    row = only_row(report_of(attempt))

    assert (row["allowed_time_limit_mins"], row["is_sample_attempt"]) == ("-1", "False")
    assert row["started_at"] == "0001-01-01 00:00:00"


def test_joined_comments_are_neutralised_as_one_cell():
    review = review_record("Suspicious", ("Suspicious", "=1"), ("Suspicious", "=2"), ("Rules Violation", "ok"))

    row = only_row(report_of(record(review=review)))

    assert row["Suspicious Comments"] == "'=1; =2"
    assert row["Rules Violation Comments"] == "ok"


# Odd characters


@pytest.mark.parametrize("code_point", [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_control_characters_and_lone_surrogates_are_replaced_but_for_tab_and_newlines(code_point):
    character = chr(code_point)
    shown = character if character in "\t\r\n" else "\ufffd"

    assert cell(f"a{character}b") == f"a{shown}b"
    assert cell(f"a{character}b", escape_formulas=False) == f"a{shown}b"


@pytest.mark.parametrize("character", ["😀", "\U0010ffff", "\ufffe", "\u200d", "\u202e", "é", "e\u0301", "\u2028"])
def test_other_characters_are_kept(character):
    assert cell(f"a{character}b") == f"a{character}b"


def test_odd_characters_are_replaced_before_formulas_are_looked_for():
    # For Python, \x1c and \x85 are blanks. The file has no blank in their place, so no apostrophe is needed.
    assert cell("\x1c=1") == "\ufffd=1"
    assert cell("\x00=1") == "\ufffd=1"
    assert cell(" \x85+1") == " \ufffd+1"
    assert cell("=\x00") == "'=\ufffd"


# CSV


@pytest.mark.parametrize(
    "text",
    [
        "a,b",
        'say "hi"',
        '"',
        '""',
        "two\nlines",
        "two\r\nlines",
        "one\rline",
        "semi;colon",
        "a tab\tinside",
        ",",
        "\u2028",
        "x\n",
        " padded ",
        "",
    ],
)
def test_any_text_comes_back_as_it_was(text):
    assert cell(text) == text
    assert cell(text, byte_order_mark=True, escape_formulas=False) == text if text else True


def test_quotes_stand_where_they_are_needed_and_are_doubled_inside():
    names = ["plain", "a,b", 'a"b', "a\nb", "a\rb", "a;b", "a\tb", "a b", "a'b"]
    file = report_of(*(record(exam_name=name) for name in names)).decode()

    for shown in (",plain,", ',"a,b",', ',"a""b",', ',"a\nb",', ',"a\rb",', ',"a;b",', ',"a\tb",', ",a b,", ",a'b,"):
        assert file.count(shown) == 1


def test_a_semicolon_or_a_tab_never_splits_a_cell_for_a_spreadsheet_that_takes_it_for_a_separator():
    comment = "look\t=1+1;=HYPERLINK(1)"
    review = review_record("Suspicious", ("Suspicious", comment), ("Suspicious", "more"))

    file = report_of(record(review=review)).decode()

    assert f',"{comment}; more",' in file


def test_every_line_ends_with_crlf_and_cells_keep_their_own_newlines():
    file = report_of(record(exam_name="a\nb\r\nc"), record())

    assert file.startswith(",".join(HEADER).encode() + b"\r\n")
    assert file.endswith(b"\r\n")
    assert file.replace(b'"a\nb\r\nc"', b"").count(b"\n") == 3


def test_the_byte_order_mark_stands_once_at_the_beginning():
    file = report_of(record(), record(), byte_order_mark=True)

    assert file.startswith(b"\xef\xbb\xbfcourse_id,")
    assert file.count(b"\xef\xbb\xbf") == 1


def test_the_choice_survives_being_kept_as_json():
    choice = Choice(extra_columns=("track", "provider"), byte_order_mark=True, escape_formulas=False)

    assert Choice.from_json(choice.as_json()) == choice
    assert Choice.from_json({}) == Choice()


def test_every_format_says_what_it_is():
    for key, report_format in formats.FORMATS.items():
        assert (report_format.key, bool(report_format.extension), "/" in report_format.content_type) == (
            key,
            True,
            True,
        )
    assert formats.CSV.content_type == "text/csv; charset=utf-8"


# Columns


def test_extra_columns_come_once_each_in_the_order_asked_for():
    names = ("track", "provider", "track", "provider", "reviewed_by")

    assert table(report_of(extra_columns=names)) == [[*HEADER, "track", "provider", "reviewed_by"]]


@pytest.mark.parametrize("name", ["unknown", "Track", "username", ""])
def test_an_unknown_extra_column_is_refused_before_anything_is_written(name):
    output = io.BytesIO()

    with pytest.raises(KeyError):
        build([record()], Choice(extra_columns=("track", name), byte_order_mark=True), output)

    assert output.getvalue() == b""


def test_tracks_are_needed_for_their_column_alone():
    assert Choice(extra_columns=("provider", "track")).needs_tracks
    assert not Choice(extra_columns=("provider",)).needs_tracks
    assert Choice(extra_columns=("result",)).needs_results
    assert not Choice(extra_columns=("provider",)).needs_results


def test_the_names_of_extra_columns_are_known():
    assert columns.EXTRA_COLUMN_NAMES == ("provider", "track", "result", "reviewed_at", "reviewed_by")


def test_the_time_and_the_reviewer_of_a_review_are_written_like_other_times_and_texts():
    attempt = record(review=review_record(modified="2025-12-31 23:00:00.000001", reviewer="=reviewer"))

    row = only_row(report_of(attempt, extra_columns=("reviewed_at", "reviewed_by")))

    assert (row["reviewed_at"], row["reviewed_by"]) == ("2025-12-31 23:00:00", "'=reviewer")


@pytest.mark.parametrize("fraction", ["", ".0", ".999999"])
def test_times_are_written_in_whole_seconds(fraction):
    assert only_row(report_of(record(started_at=f"2026-07-01 12:00:59{fraction}")))["started_at"] == (
        "2026-07-01 12:00:59"
    )


# Words of reviews


def test_an_unknown_status_is_passed_through_and_logged_once_without_anything_of_a_learner(caplog):
    word = f"Odd {uuid4()}"
    learner = {"username": "private-name", "email": "private@example.com", "code": "PRIVATE-CODE"}
    attempt = record(review=review_record(word, (word, "private comment")), **learner)

    with caplog.at_level(logging.DEBUG):
        file = report_of(attempt, attempt, attempt)
        again = report_of(attempt)

    assert [row[10] for row in table(file)[1:]] == [word] * 3
    assert only_row(again)["Suspicious Count"] == only_row(again)["Rules Violation Count"] == "0"
    assert len(caplog.records) == 1
    assert word in caplog.text
    assert "private" not in caplog.text.lower()


def test_a_known_status_is_not_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        report_of(record(review=review_record("passed", ("suspicious", "text"), ("not_reviewed", "text"))))

    assert caplog.records == []


def test_a_long_or_multi_line_status_leaves_one_short_line_in_the_log(caplog):
    report_of(record(review=review_record(f"{uuid4()}\n" + "x" * 200)))

    (message,) = caplog.messages
    assert "\n" not in message
    assert len(message) < 250


# Streaming


class Tap(io.BytesIO):
    """An output that counts bytes and keeps none."""

    def __init__(self):
        super().__init__()
        self.size = 0

    def write(self, data):
        self.size += len(data)
        return len(data)


def test_attempts_are_taken_one_at_a_time_and_written_at_once():
    output, ahead = Tap(), []

    def endless():
        for number in itertools.count(1):
            before = output.size
            yield record(exam_name="x" * 1000)
            ahead.append(output.size - before)
            if number == 1000:
                raise InterruptedError

    with pytest.raises(InterruptedError):
        build(endless(), Choice(), output)

    assert len(ahead) == 1000
    assert min(ahead) > 1000


def test_no_attempt_is_kept():
    attempt = record()
    references = []

    def three():
        for _ in range(3):
            yield attempt
            references.append(sys.getrefcount(attempt))

    build(three(), Choice(), io.BytesIO())

    assert len(set(references)) == 1


def test_rows_are_counted_and_told_after_each():
    told = []

    assert build([record(), record(), record()], Choice(), io.BytesIO(), on_row=told.append) == 3
    assert told == [1, 2, 3]


def test_no_attempts_leave_the_header_alone():
    output = io.BytesIO()

    assert build([], Choice(), output) == 0
    assert table(output.getvalue()) == [HEADER]


def test_the_output_stays_open():
    output = io.BytesIO()

    build([record()], Choice(), output)

    output.write(b"more")
    assert output.getvalue().endswith(b"\r\nmore")


class FullDisk(io.BytesIO):
    """An output that takes about 2000 bytes and then fails."""

    def write(self, data):
        if self.tell() > 2000:
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_an_output_that_refuses_raises_its_own_error_and_stays_open():
    output = FullDisk()

    with pytest.raises(OSError, match="No space left"):
        build((record() for _ in range(1000)), Choice(), output)

    assert not output.closed


def test_an_error_among_the_attempts_comes_through_and_leaves_the_output_open():
    output = io.BytesIO()

    with pytest.raises(LookupError):
        build(itertools.chain([record()], (attempt for attempt in _failing())), Choice(), output)

    assert not output.closed
    assert len(table(output.getvalue())) == 2


def _failing():
    raise LookupError
    yield
