"""One sandbox and one browser for the tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.sandbox import COURSE, Sandbox
from tests.browser.second_origin import SecondOrigin

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator


@pytest.fixture(scope="package")
def second_origin() -> Iterator[SecondOrigin]:
    with SecondOrigin() as running:
        yield running


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory, second_origin: SecondOrigin) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox"), origins=second_origin.address) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    api = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    from tests.browser import panel

    if not Path(panel.CHROMIUM).exists():
        pytest.skip("neither Debian package, chromium or chromium-headless-shell, is installed")
    with api.sync_playwright() as playwright, panel.launch(playwright) as chromium:
        yield chromium


@pytest.fixture
def visit(browser: "Browser", sandbox: Sandbox) -> "Iterator[Callable[..., Locator]]":
    """
    A function that logs a user in, with a new browser profile, and returns the panel of a course.

    The panel is the one on the dashboard, or the one on its own page.
    """
    from tests.browser import panel

    contexts = []

    def visit(
        username: str = "instructor",
        course_id: str = COURSE,
        *,
        on_page: bool = False,
        narrow: bool = False,
        clock: bool = False,
    ) -> "Locator":
        context = browser.new_context(viewport=panel.NARROW if narrow else panel.WIDE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if clock:
            page.clock.install()
        panel.log_in(page, sandbox, username)
        return (panel.open_page if on_page else panel.open_panel)(page, sandbox, course_id)

    errors: list[str] = []
    yield visit
    sandbox.release_worker()
    for context in contexts:
        context.close()
    assert errors == [], "the page's scripts raised errors"
