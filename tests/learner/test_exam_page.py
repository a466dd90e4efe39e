"""The result on the page of an exam, and on the page of one of its units."""

import logging
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from web_fragments.fragment import Fragment

from lms_sandbox.courseware.runtime import CoursewareRuntime
from lms_sandbox.models import Block
from lms_sandbox.seed.courses import make_sequence
from proctored_results.edx_platform import masquerade, proctoring
from proctored_results.learner import page as learner_page
from proctored_results.learner import results
from tests import factories
from tests.factories import COURSE_KEY
from tests.learner.reading import result_on, results_on
from tests.learner.test_rule import TABLE

pytestmark = pytest.mark.django_db

REJECTED_EXAM_FLAG = "grades.rejected_exam_overrides_grade"

# For these statuses, edx-proctoring has no page (timed_out) or expects an onboarding exam in the course.
WITHOUT_A_PAGE = {"timed_out", "onboarding_missing", "onboarding_pending", "onboarding_failed", "onboarding_expired"}


@pytest.fixture
def page(exam, learner, look):
    """A function that returns the learner's page of the exam."""

    def page(path=exam.path, **options):
        response = look(learner, **options).get(path)
        assert response.status_code == 200
        return response.content.decode()

    return page


@pytest.mark.parametrize("status", sorted(TABLE.keys() - WITHOUT_A_PAGE))
def test_each_status_shows_what_the_table_says(status, attempt, page):
    attempt(status)
    shown = result_on(page())
    assert (shown and shown.kind) == TABLE[status]


def test_without_an_attempt_there_is_nothing(page):
    assert result_on(page()) is None


def test_for_an_attempt_that_timed_out_edx_proctoring_itself_has_no_page(attempt, page, exam, learner, look):
    attempt("timed_out")
    with mock.patch.object(learner_page, "exam_fragment", return_value=Fragment()) as ours:
        assert "edx-proctoring has no page for the status of your attempt" in page()
        assert "edx-proctoring has no page for the status of your attempt" in page(exam.unit_path)
    assert not ours.called
    assert look(learner).get(exam.api).json()["result"] == "pending"


def test_the_result_is_text_icon_and_colour_with_a_role(attempt, page):
    made = attempt("verified")
    factories.review(made.attempt_code)
    shown = result_on(page())
    assert shown.attributes["role"] == "status"
    assert shown.attributes["class"] == "proctored-exam-result proctored-exam-result-positive"
    assert (shown.attributes["lang"], shown.attributes["dir"]) == ("en", "ltr")
    assert shown.texts[:3] == [
        "Final exam",
        "Satisfactory",
        "The review of your proctored exam is complete, and you met the proctoring requirements.",
    ]
    html = page()
    assert '<span class="proctored-exam-result-icon" aria-hidden="true"></span>' in html
    assert "proctored_results/result.css" in html


def test_the_time_of_the_decision_is_in_utc(attempt, page, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    made = attempt("verified")
    review = factories.review(made.attempt_code)
    type(review).objects.update(modified="2026-05-04T03:02:01Z")
    assert "Decided on 2026-05-04 03:02 UTC." in result_on(page()).texts


def test_a_review_whose_code_differs_in_letter_case_is_another_one(attempt, page):
    attempt("verified", attempt_code="code-of-the-attempt")
    factories.review("CODE-OF-THE-ATTEMPT")
    assert "Decided on" not in result_on(page()).text


def test_unsatisfactory_says_what_follows_and_whom_to_ask(attempt, page):
    attempt("rejected")
    html = page()
    text = result_on(html).text
    assert "In the judgement of the reviewers" in text
    assert "no longer eligible for academic credit" in text
    assert "Your score" not in text
    assert '<a href="mailto:proctoring@example.com">proctoring@example.com</a>' in html


def test_the_score_is_said_to_be_zero_where_the_course_makes_it_zero(attempt, page, waffle_flag):
    waffle_flag(REJECTED_EXAM_FLAG)
    attempt("rejected")
    assert "Your score for this exam is 0." in result_on(page()).text


def test_without_an_address_of_the_course_the_sites_own_is_given(attempt, page, course, settings):
    type(course).objects.update(proctoring_escalation_email=None)
    settings.CONTACT_EMAIL = "site@example.com"
    attempt("rejected")
    assert "site@example.com" in result_on(page()).text
    del settings.CONTACT_EMAIL
    assert "Questions?" not in result_on(page()).text


def test_an_address_that_is_none_is_text(attempt, page, course):
    type(course).objects.update(proctoring_escalation_email="javascript:alert(1)")
    attempt("rejected")
    html = page()
    assert "<bdi>javascript:alert(1)</bdi>" in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"ready_to_resume": True}, "has let you resume the exam"),
        ({"is_resumable": True}, "Ask your course team to let you resume the exam."),
        ({}, "No result will come by itself"),
    ],
)
def test_an_error_says_what_can_be_done(flags, sentence, attempt, page):
    attempt("error", **flags)
    assert sentence in result_on(page()).text


def test_html_in_names_is_text(make_exam, learner, look):
    name = '</section><script>alert("exam")</script>'
    exam = make_exam(name)
    factories.attempt(exam.exam, user=learner)
    shown = result_on(look(learner).get(exam.path).content.decode())
    assert shown.texts[0] == name


def test_from_right_to_left_in_such_a_language(attempt, page):
    attempt()
    shown = result_on(page(language="he"))
    assert (shown.attributes["lang"], shown.attributes["dir"]) == ("he", "rtl")


def test_a_practice_exam_shows_its_verdict_and_that_it_was_practice(make_exam, learner, look):
    exam = make_exam("Practice", is_practice_exam=True)
    made = factories.attempt(exam.exam, user=learner, is_sample_attempt=True)
    assert result_on(look(learner).get(exam.path).content.decode()) is None
    type(made).objects.update(status="rejected")
    text = result_on(look(learner).get(exam.path).content.decode()).text
    assert "This was a practice exam" in text
    assert "credit" not in text


def test_other_sequences_show_nothing(make_exam, learner, look):
    timed = make_exam("Quiz", is_proctored=False)
    factories.attempt(timed.exam, user=learner, status="started", taking_as_proctored=True)
    plain = COURSE_KEY.make_usage_key("sequential", "plain")
    make_sequence(plain, display_name="Reading")
    for path in (timed.path, f"/xblock/{plain}"):
        html = look(learner).get(path).content.decode()
        assert "This is the content of unit 1." in html
        assert result_on(html) is None


# Units


def test_a_unit_that_is_shown_alone_has_the_result_above_it(attempt, page, exam):
    attempt("started")
    html = page(exam.unit_path)
    assert result_on(html).kind == "pending"
    assert html.index("proctored-exam-result-heading") < html.index("This is the content of unit 1.")
    assert "proctored_results/result.css" in html


def test_a_unit_has_no_result_above_it_where_a_setting_says_so(attempt, page, exam, settings):
    settings.PROCTORED_RESULTS_UNITS = False
    attempt("started")
    html = page(exam.unit_path)
    assert "This is the content of unit 1." in html
    assert result_on(html) is None
    assert result_on(page()).kind == "pending", "the sequence has it by the aside"


def test_a_sequence_that_shows_its_units_has_the_result_once(attempt, page):
    attempt("started")
    html = page()
    assert "This is the content of unit 2." in html
    assert len(results_on(html)) == 1


def test_a_unit_whose_content_may_not_be_seen_leads_to_the_exam(attempt, exam, learner, look):
    attempt("submitted")
    response = look(learner).get(exam.unit_path)
    assert (response.status_code, response["Location"]) == (302, exam.path)


def test_a_unit_of_no_exam_shows_nothing(make_exam, learner, look):
    timed = make_exam("Quiz", is_proctored=False)
    factories.attempt(timed.exam, user=learner, status="started")
    assert result_on(look(learner).get(timed.unit_path).content.decode()) is None


# Nobody to show it to


def aside_of(exam, user, *, is_staff=False):
    runtime = CoursewareRuntime(user, COURSE_KEY, is_staff=is_staff)
    block = runtime.get_block(exam.usage_key)
    return runtime.get_aside_of_type(block, "proctored_exam_result"), block


def test_a_visitor_who_is_not_logged_in_sees_nothing(exam, attempt):
    attempt("verified")
    aside, block = aside_of(exam, AnonymousUser())
    assert aside.student_view_aside(block).content == ""


def test_in_studio_there_is_nothing(exam, attempt, learner):
    attempt("verified")
    aside, block = aside_of(exam, learner)
    assert aside.student_view_aside(block).content
    aside.runtime.is_author_mode = True
    assert aside.student_view_aside(block).content == ""
    assert aside.aside_view_declaration("author_view") is None


@pytest.mark.processes(only="python")
def test_the_aside_can_be_loaded_where_there_is_no_lms():
    code = (
        "import sys; sys.modules |= dict.fromkeys(['lms', 'common', 'openedx', 'xmodule', 'edx_proctoring'])\n"
        "from proctored_results.learner.aside import ProctoredExamResultAside as aside\n"
        "assert not aside.fields.keys() - {'tags'}, aside.fields"
    )
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_asides_are_for_sequences_alone(exam, learner):
    aside, _block = aside_of(exam, learner)
    runtime = aside.runtime
    unit = runtime.get_block(exam.usage_key).get_children()[0]
    assert not aside.should_apply_to_block(unit)


# Switched off


def test_a_setting_takes_the_result_from_the_pages(attempt, page, exam, settings):
    attempt("started")
    assert [result_on(page(path)).kind for path in (exam.path, exam.unit_path)] == ["pending", "pending"]
    settings.PROCTORED_RESULTS_EXAM_PAGE = False
    for path in (exam.path, exam.unit_path):
        html = page(path)
        assert result_on(html) is None
        assert "This is the content of unit 1." in html


def test_switched_off_the_result_takes_no_query(attempt, exam, learner, look, settings):
    attempt("verified")
    settings.PROCTORED_RESULTS_EXAM_PAGE = False
    assert queries_of_ours(look(learner), exam.path) == 0


# Trouble


@pytest.fixture(params=[(results, "result_of"), (masquerade, "learner_of_page")], ids=lambda broken: broken[1])
def broken(request, monkeypatch, attempt):
    """An attempt to show, and a function of ours that fails with a learner's data in its error message."""
    attempt("started")
    monkeypatch.setattr(learner_page, "_logged", set())
    monkeypatch.setattr(*request.param, mock.Mock(side_effect=ValueError("learner@example.com")))


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("path", ["path", "unit_path"])
def test_an_error_leaves_the_page_as_it_is_and_one_line_in_the_log_without_data(path, page, exam, caplog):
    caplog.set_level(logging.INFO)
    for _ in range(2):
        html = page(getattr(exam, path))
        assert result_on(html) is None
        assert "This is the content of unit 1." in html
    records = [record for record in caplog.records if record.name.startswith("proctored_results")]
    assert [record.levelname for record in records] == ["ERROR"]
    assert "ValueError" in records[0].getMessage()
    assert "learner@example.com" not in caplog.text


# Queries


@pytest.mark.parametrize("status", ["started", "submitted", "verified", "rejected", "error"])
def test_an_exam_takes_at_most_two_queries(status, attempt, exam, learner, look):
    for _ in range(3):
        factories.review(attempt("error").attempt_code)
    attempt(status)
    assert 1 <= queries_of_ours(look(learner), exam.path) <= 2


def test_whether_a_rejected_exam_scores_0_is_asked_of_the_platform_once_a_minute(attempt, page, monkeypatch):
    class Grades:
        zero, asked = False, 0

        def should_override_grade_on_rejected_exam(self, course_id):
            self.asked += 1
            return self.zero

    grades, now, score = Grades(), [1_000_000.0], "Your score for this exam is 0."
    monkeypatch.setattr("time.time", lambda: now[0])
    monkeypatch.setattr(proctoring, "get_runtime_service", {"grades": grades}.get)
    attempt("rejected")
    assert score not in page()
    grades.zero = True
    now[0] += 59
    assert score not in page()
    assert grades.asked == 1
    now[0] += 2
    assert score in page()
    assert grades.asked == 2


def test_a_unit_of_an_exam_takes_one_query(attempt, exam, learner, look):
    attempt("started")
    assert queries_of_ours(look(learner), exam.unit_path) == 1


def test_what_is_no_exam_takes_none(make_exam, learner, look):
    exam = make_exam("Quiz", is_proctored=False)
    factories.attempt(exam.exam, user=learner, status="started", taking_as_proctored=True)
    for path in (exam.path, exam.unit_path):
        assert queries_of_ours(look(learner), path) == 0


def queries_of_ours(client, path):
    """How many queries the plugin adds to a page."""
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as with_result:
        client.get(path)
    nothing = mock.Mock(return_value=Fragment())
    with (
        mock.patch.multiple(learner_page, exam_fragment=nothing, unit_fragment=nothing),
        CaptureQueriesContext(connection) as without_result,
    ):
        client.get(path)
    return len(with_result) - len(without_result)


def test_the_page_reads_nothing_but_rows(attempt, page, exam):
    """An attempt whose time is over stays as it is: edx-proctoring's reading functions would submit it."""
    made = attempt("started", started_at="2020-01-01T00:00:00Z")
    with mock.patch("lms_sandbox.courseware.blocks.Sequence.special_exam_view", return_value=None):
        assert result_on(page()).kind == "pending"
    made.refresh_from_db()
    assert made.status == "started"


def test_an_exam_without_a_name_has_a_result(attempt, page, exam):
    Block.objects.filter(usage_key=exam.usage_key).update(
        settings={"is_proctored_enabled": True, "is_time_limited": True}
    )
    attempt("verified")
    assert result_on(page()).texts[0] == "Satisfactory"
