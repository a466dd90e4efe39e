"""
Takes the pictures of the panel in README and documentation: `python -m tests.browser.take_screenshots [FOLDER]`.

With FOLDER, it also stores pictures of the panel there: in every state, wide and narrow, unfolded, and from right to
left.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.panel import GENERATE, NARROW, WIDE, launch, log_in, open_page, open_panel, part
from tests.browser.sandbox import LARGE_COURSE, ROOT, Sandbox
from tests.browser.states import STATES, show, unfold

PANEL_PICTURE, PAGE_PICTURE = (ROOT / "docs" / "images" / name for name in ("panel.png", "page.png"))


def main() -> None:
    """Start a sandbox with a large course, and take the pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(Path(folder), "--size", "100000") as sandbox,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        page = browser.new_page(viewport=WIDE)
        log_in(page, sandbox, "instructor")
        take_pictures(page, sandbox)
        if len(sys.argv) > 1:
            take_states(page, sandbox, Path(sys.argv[1]))


def take_pictures(page: Page, sandbox: Sandbox) -> None:
    """Take the panel with two finished reports and one in progress, on the dashboard and on its own page."""
    panel = open_panel(page, sandbox, LARGE_COURSE)
    for _ in range(2):
        panel.get_by_role("button", name=GENERATE).click()
        expect(part(panel, "status")).to_have_text("The report is ready.")
        page.reload()
        expect(part(panel, "task")).to_be_hidden()
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "task")).to_contain_text("0 rows are written")
    expect(part(panel, "progress")).not_to_have_js_property("value", 1)
    sandbox.hold_worker()
    page.mouse.move(0, 0)
    panel.screenshot(path=PANEL_PICTURE)
    panel = open_page(page, sandbox, LARGE_COURSE)
    expect(part(panel, "task")).to_be_visible()
    page.screenshot(path=PAGE_PICTURE)
    sandbox.release_worker()
    expect(part(panel, "status")).to_have_text("The report is ready.")


def take_states(page: Page, sandbox: Sandbox, folder: Path) -> None:
    """Take the panel in every state."""
    panel = open_panel(page, sandbox)
    for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(viewport)
        for state, answers in STATES.items():
            show(panel, *answers)
            panel.screenshot(path=folder / f"{state}-{width}.png")
        unfold(panel)
        panel.screenshot(path=folder / f"unfolded-{width}.png")
        show(panel, *STATES["running"])
        page.evaluate("document.documentElement.dir = 'rtl'")
        panel.screenshot(path=folder / f"right-to-left-{width}.png")


if __name__ == "__main__":
    main()
