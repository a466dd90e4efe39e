"""The platform's own list of reports, above the private report store."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.panel import NARROW, WIDE
from tests.browser.sandbox import Sandbox
from tests.browser.second_origin import SecondOrigin
from tests.browser.store_grade_report import NAME

if TYPE_CHECKING:
    from playwright.sync_api import Download, Locator

expect = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed").expect

Visit = Callable[..., "Locator"]

#: A folder for pictures of the refusal. Without it, none are taken.
PICTURES = os.environ.get("REPORT_STORE_PICTURES")
GRADES = "username,grade\n"


@pytest.fixture(scope="module")
def expired_link(sandbox: Sandbox) -> str:
    """A link to a grade report that the instructor got 301 seconds ago."""
    return sandbox.address + sandbox.run("-m", "tests.browser.store_grade_report").strip()


def first_line(download: "Download") -> str:
    with Path(download.path()).open(encoding="utf-8") as file:
        return file.readline()


def link_in_the_platforms_list(panel: "Locator") -> "Locator":
    return panel.page.locator(".report-downloads-table").get_by_role("link", name=NAME)


def test_a_report_of_the_platform_downloads_from_its_own_list(visit: Visit, expired_link: str) -> None:
    link = link_in_the_platforms_list(visit())
    with link.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == NAME
    assert first_line(download.value) == GRADES


def test_an_expired_link_leads_to_a_page_with_a_fresh_one(visit: Visit, expired_link: str) -> None:
    page = visit().page
    response = page.goto(expired_link)
    assert response.status == 410
    expect(page.get_by_role("main")).to_contain_text("This link has expired")
    expect(page.get_by_role("heading")).to_have_text("Download a Report")
    for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"expired-{width}.png", full_page=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="fresh link").click()
    assert first_line(download.value) == GRADES


def test_a_dashboard_of_another_origin_fetches_the_report(
    visit: Visit, sandbox: Sandbox, second_origin: SecondOrigin, expired_link: str
) -> None:
    """Like the new instructor dashboard: put the LMS's address before the path, and send the visitor's cookies."""
    link = link_in_the_platforms_list(visit())
    page, path = link.page, link.get_attribute("href").removeprefix(sandbox.address)
    assert path.startswith("/")
    second_origin.page = "<title>A dashboard</title>"
    page.goto(second_origin.address)
    fetched = page.evaluate(
        "async url => { const answer = await fetch(url, {credentials: 'include'});"
        " return [answer.status, await (await answer.blob()).text()] }",
        f"{sandbox.address}{path}",
    )
    assert fetched == [200, "username,grade\r\nlearner,0.9\r\n"]
