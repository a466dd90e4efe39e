"""What a report says of a course that changes while it is read."""

import json
from pathlib import Path

import pytest

from tests.services.conftest import Sandbox, database


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What `tests.services.moments` prints, on a database of each kind."""
    folder: Path = tmp_path_factory.mktemp("moments")
    with database(request.param, folder) as url:
        return json.loads(Sandbox(folder, url).run("tests.services.moments").stdout)


@pytest.mark.parametrize("when", ["between pages", "within a page"])
def test_with_a_snapshot_the_whole_report_shows_the_moment_when_it_began(found: dict, when: str) -> None:
    report = found[when]["with"]
    assert (report["first"], report["last"]) == ("before", "before")


def test_without_a_snapshot_pages_show_different_moments(found: dict) -> None:
    report = found["between pages"]["without"]
    assert (report["first"], report["last"]) == ("before", "after")


def test_without_a_snapshot_status_and_review_of_a_row_agree_but_its_comments_can_be_newer(found: dict) -> None:
    report = found["within a page"]["without"]
    assert report["first"] == "torn: comments"


@pytest.mark.parametrize("when", ["between pages", "within a page"])
@pytest.mark.parametrize("snapshot", ["with", "without"])
def test_others_see_the_run_while_the_report_is_read(found: dict, when: str, snapshot: str) -> None:
    assert found[when][snapshot]["state"] == ["running"]
