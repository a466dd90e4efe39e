"""The panel on its own page, and the way there from the new instructor dashboard."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from lms_sandbox.views.instructor_tabs import TABS_FILTER
from tests.browser.panel import GENERATE, NARROW, WIDE, part
from tests.browser.sandbox import EMPTY_COURSE, Sandbox
from tests.browser.states import RUNNING, STATES, show, unfold
from tests.browser.test_accessibility import WCAG_A_AND_AA
from tests.browser.test_panel import header_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed").expect

Visit = Callable[..., "Locator"]

SECTIONS = ["Reports", "Pending Tasks", "Reports Available for Download"]

both_widths = pytest.mark.parametrize("narrow", [False, True], ids=["1280 px", "375 px"])


def heading(page: "Page", name: str) -> "Locator":
    return page.get_by_role("main").get_by_role("heading", level=2, name=name, exact=True)


def below(heading: "Locator", element: "Locator") -> bool:
    """Return whether an element is below a heading on the screen."""
    return element.bounding_box()["y"] > heading.bounding_box()["y"]


@both_widths
def test_the_documentation_can_be_followed_on_the_page(visit: Visit, sandbox: Sandbox, narrow: bool) -> None:
    panel = visit(on_page=True, narrow=narrow)
    page = panel.page
    reports, pending, available = (heading(page, name) for name in SECTIONS)
    expect(part(panel, "idle")).to_have_text("No report is being made at the moment.")
    assert below(pending, part(panel, "idle"))

    sandbox.hold_worker()
    button = panel.get_by_role("button", name=GENERATE)
    assert below(reports, button)
    assert below(button, pending)
    button.click()
    expect(part(panel, "status")).to_contain_text("is being generated")
    expect(part(panel, "task")).to_be_visible()
    assert below(pending, part(panel, "task"))
    assert below(part(panel, "task"), available)
    expect(part(panel, "idle")).to_be_hidden()

    page.reload()
    expect(part(panel, "task")).to_contain_text("waits for a worker")
    sandbox.release_worker()
    expect(part(panel, "status")).to_have_text("The report is ready.")
    expect(part(panel, "task")).to_be_hidden()
    expect(part(panel, "idle")).to_be_visible()

    link = panel.get_by_role("table").get_by_role("link").first
    assert below(available, link)
    with page.expect_download() as download:
        link.click()
    assert "_proctored_exam_results_report_" in download.value.suggested_filename
    assert header_of(download.value)[0] == "course_id"


def test_the_page_shows_how_far_a_running_report_has_come(visit: Visit) -> None:
    panel = visit(on_page=True)
    show(panel, [RUNNING], [])
    expect(part(panel, "task")).to_contain_text("1,200 of 3,000 rows are written.")
    expect(part(panel, "idle")).to_be_hidden()


def test_a_course_without_reports_says_so_below_the_last_heading(visit: Visit) -> None:
    panel = visit(course_id=EMPTY_COURSE, on_page=True)
    page = panel.page
    show(panel, [], [])
    expect(part(panel, "none")).to_be_visible()
    assert below(heading(page, SECTIONS[-1]), part(panel, "none"))


def test_axe_finds_nothing_on_the_page_and_it_does_not_scroll_sideways(visit: Visit) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    panel = visit(on_page=True)
    for state, answers in STATES.items():
        show(panel, *answers)
        unfold(panel)
        for viewport in (NARROW, WIDE):
            panel.page.set_viewport_size(viewport)
            results = axe.Axe().run(panel.page, options=WCAG_A_AND_AA)
            assert results.response["passes"], state
            assert results.response["violations"] == [], f"{state}: {results.generate_report()}"
            assert panel.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state


def test_the_page_of_those_without_the_role_has_nothing_to_find_fault_with(visit: Visit, sandbox: Sandbox) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = visit(narrow=True).page
    page.context.clear_cookies()
    page.goto(sandbox.page())
    page.get_by_label("User name").fill("staff")
    page.get_by_label("Password").fill("edx")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    # The login leads back to the page.
    expect(page.get_by_role("main")).to_contain_text("You need the Data Researcher role")
    assert unquote(page.url) == unquote(sandbox.page())
    for viewport in (NARROW, WIDE):
        page.set_viewport_size(viewport)
        assert axe.Axe().run(page, options=WCAG_A_AND_AA).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_a_language_from_right_to_left_the_page_begins_at_the_right(visit: Visit) -> None:
    panel = visit(on_page=True)
    page = panel.page
    page.get_by_label("Language").select_option("ar")
    main = page.get_by_role("main")
    expect(panel.get_by_role("button", name=GENERATE)).to_be_visible()
    right_edge = main.evaluate("main => main.getBoundingClientRect().right")
    for element in (page.get_by_role("heading", level=1), panel.get_by_role("button", name=GENERATE)):
        box = element.evaluate(
            "element => { const range = document.createRange(); range.selectNodeContents(element);"
            " return range.getBoundingClientRect().right }"
        )
        assert right_edge - box < 60


def test_the_new_dashboard_has_a_tab_that_leads_to_the_page_and_back(visit: Visit, sandbox: Sandbox) -> None:
    page = visit().page
    page.goto(f"{sandbox.address}/")
    page.get_by_role("link", name="New instructor dashboard").first.click()
    tabs = page.get_by_role("navigation", name="Instructor dashboard").get_by_role("link")
    expect(tabs.filter(has_text="Data Downloads")).to_be_visible()
    names = tabs.all_inner_texts()
    if TABS_FILTER is None:
        # Platforms without this filter do not ask plugins for tabs.
        assert "Proctored Exam Results" not in names
        return
    assert names.index("Proctored Exam Results") == names.index("Data Downloads") + 1
    tabs.filter(has_text="Proctored Exam Results").click()
    page.wait_for_url(lambda url: unquote(url) == unquote(sandbox.page()))
    expect(page.get_by_role("button", name=GENERATE)).to_be_visible()
    page.get_by_role("link", name="Instructor Dashboard").click()
    page.wait_for_url(lambda url: unquote(url) == unquote(sandbox.dashboard()))
