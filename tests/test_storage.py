"""The private report store behind the platform's own list: each file, and for whom its links work."""

import os
import re
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from crum import impersonate, set_current_request
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils.module_loading import import_string
from edx_rest_framework_extensions.auth.jwt.tests.utils import generate_jwt
from lms.djangoapps.instructor_task.models import ReportStore
from opaque_keys.edx.keys import CourseKey

from proctored_results import api
from proctored_results.edx_platform import private_storage
from proctored_results.edx_platform.report_store import ReportFile, course_directory
from proctored_results.storage import PrivateReportStorage
from tests import factories
from tests.factories import COURSE_KEY
from tests.instructor.conftest import Clock, content, logged_in

pytestmark = pytest.mark.django_db(transaction=True)

LIST = f"/courses/{COURSE_KEY}/instructor/api/list_report_downloads"
GRADES = "TestX_PR1_2026_grade_report_2026-11-22-2229.csv"
UNKNOWN_DIRECTORY = "0" * 40
NEWEST_FIRST = ["newest.csv", "middle.csv", "oldest.csv"]
HOW_TO = Path(__file__).resolve().parents[1] / "docs" / "how-tos" / "private_report_store.rst"


@pytest.fixture
def course() -> Any:
    return factories.course()


@pytest.fixture
def researcher(course: Any) -> Any:
    return factories.team_member("data_researcher", username="researcher")


@pytest.fixture
def client(researcher: Any) -> Client:
    """A browser in which the data researcher is logged in."""
    return logged_in(researcher)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def platform_store() -> Any:
    return ReportStore.from_config("GRADES_DOWNLOAD")


def store(name: str = GRADES, text: bytes = b"grades", course_key: CourseKey = COURSE_KEY) -> str:
    """Let the platform store a report of its own; return its path in the store."""
    platform_store().store(course_key, name, BytesIO(text))
    return platform_store().path_to(course_key, name)


def listed(client: Client) -> dict[str, str]:
    """The platform's own list: name -> URL."""
    response = client.post(LIST)
    assert response.status_code == 200
    return {download["name"]: download["url"] for download in response.json()["downloads"]}


def documented_settings() -> list[dict[str, Any]]:
    """The values of GRADES_DOWNLOAD that the how-to shows as YAML."""
    blocks = re.findall(r"^ +GRADES_DOWNLOAD:\n(?: {6,}.*\n)+", HOW_TO.read_text("utf-8"), re.MULTILINE)
    return [yaml.safe_load(textwrap.dedent(block))["GRADES_DOWNLOAD"] for block in blocks]


def move_as_documented(heading: str, public: Path, private: Path) -> None:
    """Run the command below a heading of the how-to, with these directories in place of its own."""
    section = HOW_TO.read_text("utf-8").partition(f"\n{heading}")[2].split("\n****")[1]
    ((command, directory),) = re.findall(r"\n    \./manage\.py lms (\S+) (\S+)\n", section)
    call_command(command, {"/openedx/media/grades": str(public), "/openedx/reports": str(private)}[directory])


@pytest.fixture
def request_for() -> Iterator[Callable[[str], HttpRequest]]:
    """A function that makes an anonymous request of this path the current request."""

    def request_for(path: str) -> HttpRequest:
        request = RequestFactory().get(path)
        request.resolver_match = resolve(path)
        set_current_request(request)
        return request

    yield request_for
    set_current_request(None)


# The platform's own list


def test_the_platforms_list_hands_out_links_that_download_each_report(client: Client) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as submissions:
        submissions.writestr("essay.txt", "essay")
    files = {
        GRADES: (b"grades", "text/csv; charset=utf-8"),
        "TestX_PR1_2026_ORA_submission_files_2026-11-22-2229.zip": (archive.getvalue(), "application/zip"),
        "TestX_PR1_2026_notes (\u0448) & 100% + #1?.txt": (b"notes", "text/plain"),
        "without extension": (b"bytes", "application/octet-stream"),
        "page.html": (b"<script>", "text/html"),
    }
    for name, (text, _content_type) in files.items():
        store(name, text)
    links = listed(client)
    assert links.keys() == files.keys()
    for name, (text, content_type) in files.items():
        response = client.get(links[name])
        assert (response.status_code, content(response)) == (200, text)
        assert response["Content-Type"] == content_type
        assert response["Content-Disposition"].startswith("attachment; filename")
        assert response["Cache-Control"] == "no-store"
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("seconds", "status"), [(300, 200), (301, 410), (86_400, 410)])
def test_a_link_of_the_platforms_list_works_for_five_minutes(
    seconds: int, status: int, clock: Clock, client: Client
) -> None:
    store()
    link = listed(client)[GRADES]
    clock.now += seconds
    assert client.get(link).status_code == status


def test_an_expired_link_of_the_platforms_list_offers_a_fresh_one(clock: Clock, client: Client) -> None:
    store()
    link = listed(client)[GRADES]
    clock.now += 301
    refusal = client.get(link)
    assert refusal.json()["detail"] == "This link has expired: links to reports work for 5 minutes."
    assert content(client.get(refusal.json()["download_url"])) == b"grades"


def test_the_permission_of_the_platforms_list_is_asked_for_at_the_click(client: Client, researcher: Any) -> None:
    store()
    link = listed(client)[GRADES]
    researcher.courseaccessrole_set.all().delete()
    assert client.post(LIST).status_code == 403
    refusal = client.get(link)
    assert refusal.status_code == 403
    assert refusal.json()["download_url"] is None


def test_course_staff_and_others_do_not_get_in_with_a_link_of_a_researcher(client: Client) -> None:
    store()
    link = listed(client)[GRADES]
    for other, status in ((factories.team_member("staff"), 403), (factories.user(), 403), (None, 401)):
        assert logged_in(other).post(LIST).status_code == status
        assert logged_in(other).get(link).status_code == status
    another_researcher = logged_in(factories.team_member("data_researcher"))
    refusal = another_researcher.get(link)
    assert refusal.status_code == 403
    assert content(another_researcher.get(refusal.json()["download_url"])) == b"grades"


def test_whoever_asks_for_the_list_with_a_jwt_gets_links_for_a_jwt(researcher: Any) -> None:
    store()
    client = Client(headers={"Authorization": f"JWT {generate_jwt(researcher)}"})
    assert content(client.get(listed(client)[GRADES])) == b"grades"


def test_links_are_paths_that_pages_of_other_origins_may_ask_for(client: Client, settings: Any) -> None:
    """The new dashboard puts the address of the LMS before every URL that does not begin with http."""
    settings.CORS_ALLOWED_ORIGINS = ["https://apps.example.com"]
    store()
    link = listed(client)[GRADES]
    assert link.startswith("/api/proctored_results/v1/courses/")
    response = client.get(link, headers={"Origin": "https://apps.example.com"})
    assert response["Access-Control-Allow-Origin"] == "https://apps.example.com"
    assert response["Access-Control-Allow-Credentials"] == "true"


def test_our_own_reports_are_among_them(client: Client) -> None:
    factories.attempt(factories.exam())
    report = api.store_report(COURSE_KEY, api.choose())
    response = client.get(listed(client)[report.file_name])
    assert response.status_code == 200
    assert content(response).startswith(b"course_id,exam_name")


def test_files_that_are_moved_as_documented_are_listed_where_they_were_and_download(
    client: Client, public_report_store: Path, report_store: Path, settings: Any
) -> None:
    for age, name in enumerate(NEWEST_FIRST):
        path = public_report_store / store(name, name.encode())
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    before = listed(client)
    assert set(before.values()) == {f"/media/grades/{platform_store().path_to(COURSE_KEY, name)}" for name in before}
    assert client.get(before["oldest.csv"]).status_code == 200

    public = settings.GRADES_DOWNLOAD
    settings.GRADES_DOWNLOAD = documented_settings()[0]
    settings.GRADES_DOWNLOAD["STORAGE_KWARGS"]["location"] = str(report_store)
    store("made in between.csv")
    move_as_documented("Move the files", public_report_store, report_store)

    after = listed(client)
    assert list(after) == ["made in between.csv", *before] == ["made in between.csv", *NEWEST_FIRST]
    for name in NEWEST_FIRST:
        assert content(client.get(after[name])) == name.encode()
    assert [client.get(url).status_code for url in before.values()] == [404, 404, 404]
    modes = {path.stat().st_mode & 0o777 for path in report_store.rglob("*") if path.is_file()}
    assert modes == {0o600}

    settings.GRADES_DOWNLOAD = public
    os.utime(report_store / platform_store().path_to(COURSE_KEY, "made in between.csv"), (1_700_000_001, 1_700_000_001))
    move_as_documented("Go back", public_report_store, report_store)
    again = listed(client)
    assert list(again) == list(after)
    assert {name: again[name] for name in before} == before
    assert client.get(before["oldest.csv"]).status_code == 200


def test_the_documented_settings_make_the_store(tmp_path: Path) -> None:
    for documented, modes in zip(documented_settings(), [(0o600, 0o700), (0o660, 0o770)], strict=True):
        made = import_string(documented["STORAGE_CLASS"])(**documented["STORAGE_KWARGS"])
        assert (made.file_permissions_mode, made.directory_permissions_mode) == modes
        assert made.location == "/openedx/reports"


@pytest.mark.parametrize("public", [True, False])
def test_only_below_a_public_url_is_a_report_reached_past_the_view(
    public: bool, request: pytest.FixtureRequest, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "media").mkdir()
    if public:
        request.getfixturevalue("public_report_store")
    path = store()
    for prefix in ("/media/grades/", "/media/", "/static/", "/"):
        status = Client().get(f"{prefix}{path}").status_code
        assert status == (200 if public and prefix == "/media/grades/" else 404)


def test_no_file_breaks_the_list(client: Client, report_store: Path) -> None:
    store()
    directory = report_store / course_directory(COURSE_KEY)
    for name in (b".proctored-results-unfinished", b".hidden", b"\xff\xfe.csv", b"back\\slash.csv", b"new\nline.csv"):
        with open(os.path.join(os.fsencode(directory), name), "wb") as file:
            file.write(b"odd")
    links = listed(client)
    assert len(links) == 6
    assert content(client.get(links.pop(GRADES))) == b"grades"
    assert content(client.get(links.pop("new\nline.csv"))) == b"odd"
    for link in links.values():
        assert client.get(link).status_code == 404


def test_a_thousand_files_cost_no_more_queries_than_one_and_no_look_at_a_file(
    client: Client, report_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store()
    listed(client)
    with CaptureQueriesContext(connection) as for_one:
        listed(client)
    directory = report_store / course_directory(COURSE_KEY)
    for number in range(999):
        (directory / f"report{number}.csv").touch()
    with CaptureQueriesContext(connection) as for_thousand:
        assert len(listed(client)) == 1000
    assert len(for_thousand) == len(for_one)

    monkeypatch.setattr(PrivateReportStorage, "path", None)
    platform_store().storage.url(f"{directory.name}/report1.csv")


# Which course a directory belongs to


@pytest.mark.parametrize(
    "path",
    [
        "/courses/{}/instructor/api/list_report_downloads",
        "/courses/{}/instructor",
        "/api/proctored_results/v1/courses/{}/reports/",
    ],
)
@pytest.mark.parametrize("course_id", ["course-v1:X+Y+Z", "ccx-v1:X+Y+Z+ccx@1", "X/Y/Z", "course-v1:\u00dcni+\u0448+Z"])
def test_the_course_in_the_url_of_the_request_is_known_without_a_query(
    path: str, course_id: str, request_for: Callable[[str], HttpRequest], django_assert_num_queries: Any
) -> None:
    course_key = CourseKey.from_string(course_id)
    request_for(path.format(course_id))
    with django_assert_num_queries(0):
        url = platform_store().storage.url(platform_store().path_to(course_key, GRADES))
    match = resolve(RequestFactory().get(url).path)
    assert match.view_name == "proctored_results:report-download"
    assert (match.kwargs["course_id"], match.kwargs["name"]) == (course_id, GRADES)


def test_a_page_of_another_course_does_not_lend_its_name(
    course: Any, request_for: Callable[[str], HttpRequest]
) -> None:
    other = factories.course(COURSE_KEY.replace(run="2027")).id
    path = store(course_key=other)
    request_for(f"/courses/{COURSE_KEY}/instructor")
    assert f"/courses/{other}/reports/" in platform_store().storage.url(path)


def test_without_a_request_every_course_is_found_by_one_query(django_assert_num_queries: Any) -> None:
    keys = [factories.course(COURSE_KEY.replace(run=f"run{number}")).id for number in range(20)]
    paths = [store(course_key=key) for key in keys]
    with django_assert_num_queries(1):
        urls = [platform_store().storage.url(path) for path in paths]
    assert urls == [f"/api/proctored_results/v1/courses/{key}/reports/{GRADES}/download/" for key in keys]


def test_a_link_without_a_user_opens_nothing_but_offers_a_fresh_one_to_those_who_may(client: Client) -> None:
    link = platform_store().storage.url(store())
    refusal = client.get(link)
    assert refusal.status_code == 403
    assert content(client.get(refusal.json()["download_url"])) == b"grades"
    assert logged_in(factories.user()).get(link).json()["download_url"] is None
    assert Client().get(link).status_code == 401


def test_code_that_acts_for_a_user_gets_their_links(client: Client, researcher: Any) -> None:
    path = store()
    with impersonate(researcher):
        assert content(client.get(platform_store().storage.url(path))) == b"grades"


def test_a_directory_of_no_course_has_no_urls_and_is_not_looked_for_again_and_again(
    course: Any, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = platform_store().storage
    with django_assert_num_queries(1):
        for path in (f"{UNKNOWN_DIRECTORY}/{GRADES}", GRADES, f"{UNKNOWN_DIRECTORY}/", "", None, f"a/b/{GRADES}"):
            with pytest.raises(ValueError, match="not accessible via a URL"):
                files.url(path)
    monkeypatch.setattr(private_storage, "RESCAN_SECONDS", 0)
    new = factories.course(COURSE_KEY.replace(run="new")).id
    assert f"/courses/{new}/" in files.url(store(course_key=new))


def test_a_directory_is_named_as_the_platform_names_it() -> None:
    for course_id in ("course-v1:X+Y+Z", "ccx-v1:X+Y+Z+ccx@1", "X/Y/Z"):
        course_key = CourseKey.from_string(course_id)
        assert f"{course_directory(course_key)}/" == platform_store().path_to(course_key)


# The storage


@pytest.mark.processes(only="python")
def test_it_can_be_imported_where_there_are_no_settings_yet() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-c", "from proctored_results.storage import PrivateReportStorage"]
    subprocess.run(command, env=environment, check=True)


def test_it_takes_what_other_local_storages_take_and_can_be_made_again(tmp_path: Path) -> None:
    made = PrivateReportStorage(location=str(tmp_path), base_url="/media/grades/")
    path, args, kwargs = made.deconstruct()
    assert path == "proctored_results.storage.PrivateReportStorage"
    again = PrivateReportStorage(*args, **kwargs)
    assert (again.location, again.base_url) == (str(tmp_path), None)


@pytest.mark.parametrize("kwargs", [{}, {"location": None}, {"location": ""}, {"base_url": "/media/grades/"}])
def test_without_a_location_it_refuses_instead_of_taking_the_public_one(kwargs: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured, match="needs a location"):
        PrivateReportStorage(**kwargs)


@pytest.mark.parametrize("modes", [None, (0o660, 0o770)])
@pytest.mark.parametrize("umask", [0, 0o022])
@pytest.mark.usefixtures("course")
@pytest.mark.parametrize("kind", ["the platform's", "ours"])
def test_files_and_directories_are_private_whatever_holds_for_uploads(
    kind: str, umask: int, modes: tuple[int, int] | None, report_store: Path, settings: Any
) -> None:
    settings.FILE_UPLOAD_PERMISSIONS, settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o644, 0o755
    if modes:
        settings.GRADES_DOWNLOAD["STORAGE_KWARGS"] |= dict(
            zip(("file_permissions_mode", "directory_permissions_mode"), modes, strict=True)
        )
    before = os.umask(umask)
    try:
        store() if kind == "the platform's" else api.store_report(COURSE_KEY, api.choose())
    finally:
        os.umask(before)
    (file,) = (path for path in report_store.rglob("*") if path.is_file())
    assert [path.stat().st_mode & 0o777 for path in (file, file.parent, report_store)] == (
        [0o600, 0o700, 0o700] if modes is None else [0o660, 0o770, 0o770]
    )


def test_the_view_does_not_send_a_private_file_to_itself(client: Client) -> None:
    store()
    assert ReportFile.of(COURSE_KEY, GRADES).presigned_url(seconds=60) is None
    assert client.get(listed(client)[GRADES]).status_code == 200
