"""Download links: which link opens which file, when and for whom; and how the file is sent."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
import requests
from django.test import Client

from proctored_results import api
from proctored_results.edx_platform import report_links
from proctored_results.edx_platform.report_store import ReportFile, course_directory
from tests import factories
from tests.factories import COURSE_KEY
from tests.instructor.conftest import COURSE_URL, REPORTS, Clock, content, delete_from_store, link_to

pytestmark = pytest.mark.django_db(transaction=True)

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HEADER = b"course_id,exam_name,username,email,"


@pytest.fixture
def link(instructor: Any, report: api.ReportRun) -> str:
    """The link that the instructor's list of reports has."""
    return link_to(report, instructor)


# Which links work


def test_a_fresh_link_downloads_the_file(client: Client, link: str) -> None:
    response = client.get(link)
    assert response.status_code == 200
    assert content(response).startswith(HEADER)


def test_a_link_works_more_than_once(client: Client, link: str) -> None:
    assert [client.get(link).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 200), (301, 410), (86_400, 410)])
def test_a_link_works_for_five_minutes(seconds: int, status: int, clock: Clock, client: Client, link: str) -> None:
    clock.now += seconds
    assert client.get(link).status_code == status


def test_an_expired_link_says_so_and_offers_a_fresh_one_that_works(clock: Clock, client: Client, link: str) -> None:
    clock.now += 301
    refusal = client.get(link)
    assert refusal.json()["detail"] == "This link has expired: links to reports work for 5 minutes."
    assert refusal["Cache-Control"] == "no-store"
    assert client.get(refusal.json()["download_url"]).status_code == 200


def test_a_link_of_somebody_else_does_not_work_but_a_fresh_one_is_offered(
    client: Client, instructor: Any, report: api.ReportRun
) -> None:
    link = link_to(report, factories.team_member("data_researcher"))
    refusal = client.get(link)
    assert refusal.status_code == 403
    assert refusal.json()["detail"] == "This link was not made for you, or it is damaged."
    assert client.get(refusal.json()["download_url"]).status_code == 200


def test_a_token_of_another_course_or_file_does_not_fit(client: Client, report: api.ReportRun, instructor: Any) -> None:
    other_course = factories.course(COURSE_KEY.replace(run="2027")).id
    other_file = api.store_report(COURSE_KEY, api.choose())
    assert other_file.file_name != report.file_name
    right = report_links.download_url(instructor, COURSE_KEY, report.file_name)
    for wrong in (
        report_links.download_url(instructor, other_course, report.file_name),
        report_links.download_url(instructor, COURSE_KEY, other_file.file_name),
    ):
        token = wrong.partition("?token=")[2]
        assert client.get(right.partition("?")[0], {"token": token}).status_code == 403


def test_a_file_of_another_course_cannot_be_had_by_its_name(client: Client, instructor: Any) -> None:
    other_course = factories.course(COURSE_KEY.replace(run="2027")).id
    other = api.store_report(other_course, api.choose())
    assert client.get(report_links.download_url(instructor, COURSE_KEY, other.file_name)).status_code == 404
    assert client.get(report_links.download_url(instructor, other_course, other.file_name)).status_code == 403


def test_a_role_that_was_lost_in_between_closes_the_link(client: Client, instructor: Any, link: str) -> None:
    instructor.courseaccessrole_set.filter(role="data_researcher").delete()
    refusal = client.get(link)
    assert refusal.status_code == 403
    assert "Data Researcher" in refusal.json()["detail"]
    assert refusal.json()["download_url"] is None


def test_a_logged_out_user_has_to_log_in_first(client: Client, link: str) -> None:
    client.logout()
    refusal = client.get(link)
    assert refusal.status_code == 401
    assert refusal.json()["download_url"] is None
    page = client.get(link, headers=BROWSER)
    assert page.status_code == 401
    assert "You are not logged in." in page.content.decode()


@pytest.mark.parametrize("token", ["", "x", ":", "1:2", "1vABCD:AAAAAAAA", "é", "\x00", "x" * 10_000, None])
def test_a_forged_or_missing_token_opens_nothing(token: str | None, client: Client, report: api.ReportRun) -> None:
    path = f"{REPORTS}{report.file_name}/download/"
    response = client.get(path, {} if token is None else {"token": token})
    assert response.status_code == 403
    assert response.json()["detail"] == "This link was not made for you, or it is damaged."


def test_a_token_with_another_signature_opens_nothing(client: Client, link: str) -> None:
    assert client.get(link[:-2] + ("AA" if link[-2:] != "AA" else "BB")).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "../secret.csv",
        "%2e%2e%2fsecret.csv",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%5csecret.csv",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "..",
        "%00",
        "report.csv%00.txt",
        "unknown.csv",
        quote("отчёт.csv"),
        "x" * 3000,
        ".hidden.csv",
        ".proctored-results-unfinished",
        "folder",
    ],
)
def test_names_that_lead_elsewhere_are_not_found(
    name: str, client: Client, instructor: Any, report: api.ReportRun
) -> None:
    place = ReportFile.of(COURSE_KEY, report.file_name)
    directory = Path(place.storage.path(place.path)).parent
    (directory / "folder").mkdir()
    for secret in (
        directory.parent / "secret.csv",
        directory / ".hidden.csv",
        directory / ".proctored-results-unfinished",
    ):
        secret.write_text("secret")
    response = client.get(f"{COURSE_URL}/reports/{name}/download/", {"token": _token(instructor, unquote(name))})
    assert response.status_code == 404


def _token(user: Any, name: str) -> str:
    """A valid token of the user for this file name, whether or not there is such a file."""
    return report_links._signer(user, COURSE_KEY, name).sign("").lstrip(":")


def test_on_s3_a_backslash_does_not_lead_into_the_directory_of_another_course(
    client: Client, instructor: Any, s3_bucket: Any
) -> None:
    other = factories.course(COURSE_KEY.replace(run="2027")).id
    report = api.store_report(other, api.choose())
    name = f"..\\{course_directory(other)}\\{report.file_name}"
    assert client.get(report_links.download_url(instructor, COURSE_KEY, name)).status_code == 404


@pytest.mark.parametrize("store", ["report_store", "public_report_store", "s3_bucket"])
def test_a_file_that_was_deleted_from_the_store_is_not_found_and_leaves_the_list(
    store: str, client: Client, instructor: Any, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(store)
    report = api.store_report(COURSE_KEY, api.choose())
    link = link_to(report, instructor)
    delete_from_store(report)
    refusal = client.get(link)
    assert refusal.status_code == 404
    assert refusal.json() == {
        "detail": "The file of this report is no longer in the report store.",
        "download_url": None,
    }
    assert client.get(REPORTS).json()["results"] == []


def test_a_store_that_does_not_answer_is_said_to_be_so(client: Client, instructor: Any, s3_bucket: Any) -> None:
    report = api.store_report(COURSE_KEY, api.choose())
    link = link_to(report, instructor)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("storages.backends.s3.S3Storage.exists", _no_connection)
        refusal = client.get(link)
    assert refusal.status_code == 503
    assert refusal.json()["detail"] == "The report store did not answer. Try again in a few minutes."
    assert client.get(refusal.json()["download_url"]).status_code == 302


def test_a_store_that_the_site_has_taken_away_is_said_not_to_answer(client: Client, link: str, settings: Any) -> None:
    del settings.GRADES_DOWNLOAD
    refusal = client.get(link)
    assert refusal.status_code == 503
    assert refusal.json()["detail"] == "The report store did not answer. Try again in a few minutes."


def _no_connection(*_args: Any) -> bool:
    from botocore.exceptions import EndpointConnectionError

    raise EndpointConnectionError(endpoint_url="https://s3.example.com")


# Pages for browsers


def test_a_browser_gets_a_page_with_a_fresh_link_that_works(clock: Clock, client: Client, link: str) -> None:
    clock.now += 301
    page = client.get(link, headers=BROWSER)
    assert page.status_code == 410
    assert page["Content-Type"].startswith("text/html")
    assert page["Cache-Control"] == "no-store"
    html = page.content.decode()
    assert "This link has expired: links to reports work for 5 minutes." in html
    (fresh,) = re.findall(r'<a [^>]*href="([^"]+)"', html)
    assert client.get(fresh).status_code == 200


def test_a_browser_gets_a_page_without_a_link_where_there_is_nothing_to_download(client: Client) -> None:
    page = client.get(f"{REPORTS}unknown.csv/download/?token=x", headers=BROWSER)
    assert page.status_code == 404
    html = page.content.decode()
    assert "There is no such report in this course. It may have been deleted." in html
    assert "<a " not in html


@pytest.mark.parametrize("accept", ["text/csv", "image/png", "*/*", "application/json", ""])
def test_others_get_json(accept: str, client: Client, course: Any) -> None:
    response = client.get(f"{REPORTS}unknown.csv/download/?token=x", headers={"Accept": accept})
    assert response.status_code == 404
    assert response.json()["download_url"] is None


def test_a_browser_that_follows_a_good_link_gets_the_file(client: Client, link: str) -> None:
    assert content(client.get(link, headers=BROWSER)).startswith(HEADER)


# How the file is sent


def test_the_file_comes_as_an_attachment_that_nobody_keeps_or_guesses_about(
    client: Client, link: str, report: api.ReportRun
) -> None:
    response = client.get(link)
    assert response["Content-Disposition"] == f'attachment; filename="{report.file_name}"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "no-referrer"
    assert int(response["Content-Length"]) == report.size


def test_the_file_is_streamed_in_chunks(client: Client, instructor: Any) -> None:
    exam, learner = factories.exam(), factories.user()
    for _ in range(200):
        factories.attempt(exam, user=learner)
    report = api.store_report(COURSE_KEY, api.choose())
    response = client.get(link_to(report, instructor))
    assert response.streaming
    sizes = [len(chunk) for chunk in response.streaming_content]
    assert len(sizes) > 2
    assert max(sizes) <= 64 * 1024
    assert sum(sizes) == report.size


def test_head_tells_the_same_without_the_file(client: Client, link: str) -> None:
    response = client.head(link)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")


# S3


def test_on_s3_the_link_leads_to_a_short_lived_link_of_the_storage(
    client: Client, instructor: Any, s3_bucket: Any
) -> None:
    report = api.store_report(COURSE_KEY, api.choose())
    response = client.get(link_to(report, instructor))
    assert response.status_code == 302
    assert response["Cache-Control"] == "no-store"
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["response-content-disposition"] == [f'attachment; filename="{report.file_name}"']
    assert int((query.get("X-Amz-Expires") or [0])[0]) <= 300
    assert {"X-Amz-Signature", "Signature"} & query.keys()
    file = requests.get(response["Location"], timeout=10)
    assert file.content.startswith(HEADER)


@pytest.mark.parametrize("option", [{"custom_domain": "cdn.example.com"}, {"querystring_auth": False}])
def test_where_the_storages_own_link_would_be_public_the_file_is_streamed(
    option: dict[str, Any], client: Client, instructor: Any, s3_bucket: Any, settings: Any
) -> None:
    settings.GRADES_DOWNLOAD["STORAGE_KWARGS"].update(option)
    report = api.store_report(COURSE_KEY, api.choose())
    response = client.get(link_to(report, instructor))
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="{report.file_name}"'
    assert content(response).startswith(HEADER)
