from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.panel import GENERATE, NARROW, WIDE, part
from tests.browser.states import FINISHED, STATES, show, unfold

if TYPE_CHECKING:
    from playwright.sync_api import Locator

expect = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed").expect

Visit = Callable[..., "Locator"]

WCAG_A_AND_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_axe_finds_nothing_against_wcag_a_and_aa(visit: Visit) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    panel = visit()
    for state, answers in STATES.items():
        show(panel, *answers)
        unfold(panel)
        results = axe.Axe().run(panel.page, context=".proctored-results-panel", options=WCAG_A_AND_AA)
        assert results.response["passes"], state
        assert results.response["violations"] == [], f"{state}: {results.generate_report()}"


def test_the_panel_does_not_make_the_page_scroll_sideways(visit: Visit) -> None:
    panel = visit()
    for answers in STATES.values():
        show(panel, *answers)
        unfold(panel)
        for viewport in (NARROW, WIDE):
            panel.page.set_viewport_size(viewport)
            assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
            width_with, width_without = panel.evaluate(
                """panel => {
                    const page = document.documentElement;
                    const width = page.scrollWidth;
                    panel.style.display = "none";
                    const without = page.scrollWidth;
                    panel.style.display = "";
                    return [width, without];
                }"""
            )
            assert width_with == width_without


def test_everything_can_be_done_with_the_keyboard(visit: Visit) -> None:
    panel = visit()
    keyboard = panel.page.keyboard
    panel.page.locator(".instructor-nav").get_by_role("button", name="Data Download").focus()

    keyboard.press("Tab")
    expect(panel.get_by_role("button", name=GENERATE)).to_be_focused()
    keyboard.press("Enter")
    expect(part(panel, "status")).to_have_text("The report is ready.")
    expect(panel.get_by_role("button", name=GENERATE)).to_be_focused()

    keyboard.press("Tab")
    expect(panel.get_by_role("link").first).to_be_focused()
    with panel.page.expect_download():
        keyboard.press("Enter")
    while not panel.locator("summary").first.evaluate("summary => summary === document.activeElement"):
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(panel.get_by_text("It does not hold exam scores.")).to_be_visible()


def test_show_more_moves_the_focus_to_the_first_new_report(visit: Visit) -> None:
    panel = visit()
    show(panel, [], FINISHED)
    panel.page.route("**/reports/?*", lambda route: route.fulfill(json={"next": None, "results": FINISHED}))
    panel.get_by_role("button", name="Show more reports").click()
    expect(panel.get_by_role("link")).to_have_count(6)
    expect(panel.get_by_role("link").last).to_be_focused()
    expect(panel.get_by_role("button", name="Show more reports")).to_have_count(0)


def test_in_a_language_from_right_to_left_the_panel_begins_at_the_right(visit: Visit) -> None:
    panel = visit()
    panel.page.evaluate("document.documentElement.dir = 'rtl'")
    right_edge = panel.evaluate("panel => panel.getBoundingClientRect().right")
    for element in (panel.get_by_role("button", name=GENERATE), panel.locator("summary").first):
        assert right_edge - element.evaluate("element => element.getBoundingClientRect().right") < 40
