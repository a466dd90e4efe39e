"""
A newcomer's walk through the demonstration: every link of every page, as every account and as nobody.

It goes the way of a person: the start page, its button for the account, the language menu at the foot of the page, and
then from link to link. It visits each address once for each account and language.
"""

from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from lms_sandbox.seed.people import ACCOUNTS
from tests.browser.panel import NARROW, WIDE
from tests.browser.sandbox import Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

api = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")

NOBODY = None
DOWNLOAD = "Download is starting"

#: The addresses of a page's links, without fragments.
LINKS = "links => links.map(link => link.href.split('#')[0])"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


class Walk:
    """A browser tab that goes from link to link and notes what no visitor should see."""

    def __init__(self, page: "Page") -> None:
        self.faults: list[str] = []
        self._page = page
        self._address = ""
        self._under_way: set[Request] = set()
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)
        page.on("response", self._check_answer)
        page.on("console", self._check_console)
        page.on("pageerror", lambda error: self._note(f"a script raises {error}"))

    def follow_all_links(self) -> None:
        """Start from the tab's current page."""
        site, seen = urlsplit(self._page.url).netloc, set()
        waiting = deque([self._page.url])
        while waiting:
            address = waiting.popleft()
            # Each time the list of reports is shown, its downloads have new tokens.
            without_token = address.partition("?token=")[0]
            if urlsplit(address).netloc == site and without_token not in seen:
                seen.add(without_token)
                self._look_at(address)
                waiting += self._page.locator("a[href]").evaluate_all(LINKS)

    def _look_at(self, address: str) -> None:
        self._address = address
        try:
            self._page.goto(address)
        except api.Error as error:
            if DOWNLOAD not in error.message:
                raise
        while self._under_way:
            self._page.wait_for_timeout(10)
        for viewport in (NARROW, WIDE):
            self._page.set_viewport_size(viewport)
            if not self._page.evaluate(FITS):
                self._note(f"it scrolls sideways at {viewport['width']} px")

    def _begin(self, request: "Request") -> None:
        self._under_way.add(request)

    def _end(self, request: "Request") -> None:
        self._under_way.discard(request)

    def _check_answer(self, answer: "Response") -> None:
        if answer.status >= 400:
            self._note(f"{answer.url} answers {answer.status}")

    def _check_console(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self._note(f"the console says {message.text}")

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self._address}: {fault}")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("account", [*ACCOUNTS, NOBODY])
def test_no_page_that_a_newcomer_comes_to_is_broken(
    account: str | None, language: str, browser: "Browser", sandbox: Sandbox
) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        walk = Walk(page)
        page.goto(f"{sandbox.address}/")
        if account is not NOBODY:
            page.get_by_role("button", name=account, exact=True).click()
            api.expect(page.locator(".who strong")).to_have_text(account)
        page.get_by_label("Language").select_option(language)
        api.expect(page.locator("html")).to_have_attribute("lang", language)
        walk.follow_all_links()
    assert walk.faults == []
