"""The result in the REST API."""

import json
from urllib.parse import quote

import pytest
from edx_rest_framework_extensions.auth.jwt.tests.utils import (
    generate_jwt,
    generate_jwt_token,
    generate_unversioned_payload,
)
from opaque_keys.edx.keys import CourseKey

from tests import factories
from tests.factories import COURSE_KEY

# REST framework rolls back refused requests, and with them any transaction around the test.
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/proctored_results/v1/courses/{}/exams/{}/result/"


def test_a_result_has_everything_that_the_page_shows(exam, attempt, learner, look):
    made = attempt("rejected")
    review = factories.review(made.attempt_code, "Suspicious")
    type(review).objects.update(modified="2026-05-04T03:02:01Z")
    assert look(learner).get(exam.api).json() == {
        "title": "Result of the proctoring review",
        "exam_name": "Final exam",
        "result": "unsatisfactory",
        "tone": "negative",
        "label": "Unsatisfactory",
        "message": "The review of your proctored exam is complete. In the judgement of the reviewers, the proctoring "
        "requirements were not met.",
        "consequences": ["In most courses, you are no longer eligible for academic credit."],
        "remarks": ["Decided on 2026-05-04 03:02 UTC."],
        "decided_at": "2026-05-04T03:02:01Z",
        "attempt_status": "rejected",
        "practice": False,
        "viewing_as": None,
        "contact_label": "Questions?",
        "contact": "proctoring@example.com",
        "contact_url": "mailto:proctoring@example.com",
    }


def test_without_a_result_its_fields_are_null_or_empty(exam, attempt, learner, look):
    attempt("declined")
    found = look(learner).get(exam.api).json()
    assert {name for name, value in found.items() if value} == {"exam_name"}
    assert found["result"] is None


def test_a_status_that_nobody_knows_is_pending(exam, attempt, learner, look):
    attempt("a_status_to_come")
    found = look(learner).get(exam.api).json()
    assert (found["result"], found["attempt_status"]) == ("pending", "a_status_to_come")


def test_html_in_a_name_is_json(make_exam, learner, look):
    exam = make_exam("<script>alert(1)</script>")
    factories.attempt(exam.exam, user=learner)
    response = look(learner).get(exam.api)
    assert response["Content-Type"] == "application/json"
    assert response.json()["exam_name"] == "<script>alert(1)</script>"


def test_keys_may_be_quoted_or_not(exam, attempt, learner, look):
    attempt()
    quoted = URL.format(*(quote(str(key), safe="") for key in (COURSE_KEY, exam.usage_key)))
    for url in (exam.api, quoted):
        assert look(learner).get(url).json()["result"] == "pending"


@pytest.mark.parametrize(
    ("course_id", "usage_id"),
    [
        ("OldX/PR1/2013", "i4x://OldX/PR1/sequential/final"),
        ("ccx-v1:TestX+PR1+2026+ccx@7", "ccx-block-v1:TestX+PR1+2026+ccx@7+type@sequential+block@final"),
    ],
)
@pytest.mark.parametrize("safe", [":/+@", ""], ids=["plain", "quoted"])
def test_other_kinds_of_keys_have_results(course_id, usage_id, safe, look):
    course_key = CourseKey.from_string(course_id)
    exam = factories.exam(course_key=factories.course(course_key).id, content_id=usage_id)
    learner = factories.user()
    factories.attempt(exam, user=learner, status="verified")
    url = URL.format(quote(course_id, safe=safe), quote(usage_id, safe=safe))
    assert look(learner).get(url).json()["result"] == "satisfactory"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (("no-course", "{exam}"), "This is not the ID of a course."),
        (("course-v1:TestX+NOWHERE+2026", "{exam}"), "There is no such course."),
        (("{course}", "no-usage-key"), "This is not the ID of an exam."),
        (("{course}", "%00"), "This is not the ID of an exam."),
    ],
)
def test_what_is_no_id_is_not_found(keys, sentence, exam, learner, look):
    url = URL.format(*keys).format(course=COURSE_KEY, exam=exam.usage_key)
    response = look(learner).get(url)
    assert response.status_code == 404
    assert sentence in response.json()["detail"]


@pytest.mark.parametrize(
    "keys",
    [
        ("{course}", "block-v1:TestX+PR1+2026+type@sequential+block@nowhere"),
        ("{course}", "block-v1:TestX+PR1+2026+type@vertical+block@exam1"),
        ("{course}", "block-v1:TestX+OTHER+2026+type@sequential+block@exam1"),
        ("{course}", "i4x://TestX/PR1/sequential/exam1"),
        ("{course}", "{upper_case}"),
        ("course-v1:TestX+OTHER+2026", "{exam}"),
    ],
)
def test_what_is_no_exam_of_the_course_has_neither_a_name_nor_a_result(keys, exam, attempt, learner, look):
    attempt("verified")
    factories.course(CourseKey.from_string("course-v1:TestX+OTHER+2026"))
    upper_case = str(exam.usage_key).replace("@exam", "@EXAM")
    url = URL.format(*keys).format(course=COURSE_KEY, exam=exam.usage_key, upper_case=upper_case)
    found = look(learner).get(url)
    assert found.status_code == 200
    assert not any(found.json().values())
    assert found.json()["exam_name"] is None


def test_an_exam_whose_row_is_gone_is_none(exam, attempt, learner, look):
    attempt()
    exam.exam.delete()
    assert look(learner).get(exam.api).json()["exam_name"] is None


def test_a_session_goes_on_when_the_token_in_the_cookies_has_expired(exam, attempt, learner, look):
    attempt("verified")
    client = look(learner)
    payload, signature = generate_jwt_token(generate_unversioned_payload(learner) | {"exp": 1}).rsplit(".", 1)
    client.cookies["edx-jwt-cookie-header-payload"] = payload
    client.cookies["edx-jwt-cookie-signature"] = signature
    assert client.get(exam.api).json()["result"] == "satisfactory"


def test_nobody_is_asked_to_log_in(exam, look):
    response = look().get(exam.api)
    assert response.status_code == 401
    assert "result" not in response.json()


def test_a_token_does_as_well_as_a_session(exam, attempt, learner, look):
    attempt("verified")
    response = look().get(exam.api, headers={"authorization": f"JWT {generate_jwt(learner)}"})
    assert response.json()["result"] == "satisfactory"


def test_only_get_is_there(exam, learner, look):
    client = look(learner)
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(exam.api).status_code in (403, 405), method


# ?username=


@pytest.mark.parametrize("username", ["learner", "nobody-of-this-name", ""])
@pytest.mark.parametrize("roles", [(), ("staff",), ("instructor",)])
def test_who_may_not_see_reports_may_not_ask_for_a_name_whether_it_exists_or_not(username, roles, exam, learner, look):
    asking = look(factories.team_member(*roles))
    response = asking.get(exam.api, {"username": username})
    assert response.status_code == 403
    assert "Data Researcher" in response.json()["detail"]
    assert response.content == asking.get(exam.api, {"username": "somebody-else"}).content


def test_who_may_see_reports_may_ask_for_a_name(exam, attempt, learner, look):
    attempt("verified")
    researcher = look(factories.team_member("data_researcher"))
    found = researcher.get(exam.api, {"username": "learner"}).json()
    assert (found["result"], found["viewing_as"]) == ("satisfactory", "learner")
    missing = researcher.get(exam.api, {"username": "nobody-of-this-name"})
    assert (missing.status_code, missing.json()["detail"]) == (404, "There is no such learner.")


def test_a_learner_may_not_even_ask_for_their_own_name(exam, learner, look):
    assert look(learner).get(exam.api, {"username": "learner"}).status_code == 403


# Switched off


def test_where_the_site_shows_no_results_learners_are_told_none(exam, attempt, learner, look, *, view_as, settings):
    attempt("verified")
    settings.PROCTORED_RESULTS_EXAM_PAGE = False
    staff = look(factories.team_member("staff"))
    view_as(staff, "student", "learner")
    for client in (look(learner), staff):
        found = client.get(exam.api).json()
        assert {name for name, value in found.items() if value} == {"exam_name"}


def test_where_the_site_shows_no_results_the_course_team_can_still_ask_for_a_name(
    exam, attempt, learner, look, settings
):
    attempt("verified")
    settings.PROCTORED_RESULTS_EXAM_PAGE = False
    researcher = look(factories.team_member("data_researcher"))
    assert researcher.get(exam.api, {"username": "learner"}).json()["result"] == "satisfactory"


# Caches


def test_the_answer_may_be_kept_by_the_browser_alone_and_is_asked_for_again(exam, attempt, learner, look):
    attempt()
    response = look(learner).get(exam.api)
    assert {part.strip() for part in response["Cache-Control"].split(",")} == {"private", "no-cache"}
    assert "Cookie" in response["Vary"]
    assert response["ETag"].startswith('"')


def test_an_answer_that_is_still_true_is_not_sent_again(exam, attempt, learner, look):
    made, client = attempt(), look(learner)
    etag = client.get(exam.api)["ETag"]
    same = client.get(exam.api, headers={"if-none-match": etag})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
    type(made).objects.update(status="verified")
    changed = client.get(exam.api, headers={"if-none-match": etag})
    assert (changed.status_code, changed.json()["result"]) == (200, "satisfactory")
    assert changed["ETag"] != etag


def test_the_answer_in_another_language_is_another_one(exam, attempt, learner, look, monkeypatch):
    attempt()
    client = look(learner)
    monkeypatch.setattr("proctored_results.learner.results._", lambda text: f"[{text}]")
    translated = client.get(exam.api)
    monkeypatch.undo()
    assert json.loads(translated.content)["label"] == "[Pending]"
    assert client.get(exam.api, headers={"if-none-match": translated["ETag"]}).status_code == 200


def test_reading_does_not_submit_an_attempt_whose_time_is_over(exam, attempt, learner, look):
    made = attempt("started", started_at="2020-01-01T00:00:00Z")
    assert look(learner).get(exam.api).json()["result"] == "pending"
    made.refresh_from_db()
    assert made.status == "started"


def test_pages_of_other_origins_that_the_site_names_may_ask_with_cookies(exam, learner, look, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://learning.example.com"]
    client = look(learner)
    allowed = client.get(exam.api, headers={"origin": "https://learning.example.com"})
    assert allowed["Access-Control-Allow-Origin"] == "https://learning.example.com"
    assert allowed["Access-Control-Allow-Credentials"] == "true"
    refused = client.get(exam.api, headers={"origin": "https://elsewhere.example.com"})
    assert "Access-Control-Allow-Origin" not in refused
