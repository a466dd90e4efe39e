"""What tests and pictures do with the panel in a browser."""

import shutil
from typing import TYPE_CHECKING

from tests.browser.sandbox import COURSE, Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Playwright

#: The system's Chromium. Debian also packages its part without windows alone, which takes a third less time.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: How long to wait for something to appear, in milliseconds. The machine and the worker may be busy.
PATIENCE = 60_000

GENERATE = "Generate Proctored Exam Results Report"

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 375, "height": 800}


def launch(playwright: "Playwright") -> "Browser":
    """Start the system's Chromium."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS))


def log_in(page: "Page", sandbox: Sandbox, username: str) -> None:
    """Log the page's browser profile in as this user; the page does not change."""
    profile, start = page.context, f"{sandbox.address}/"
    profile.request.get(start)
    (token,) = (cookie["value"] for cookie in profile.cookies(start) if cookie["name"] == "csrftoken")
    answer = profile.request.post(f"{start}log_in_as", form={"username": username, "csrfmiddlewaretoken": token})
    assert f"<strong>{username}</strong>" in answer.text()


def open_panel(page: "Page", sandbox: Sandbox, course_id: str = COURSE) -> "Locator":
    """Go to Data Download and return the panel, once it has loaded its state from the API."""
    with page.expect_response(lambda response: "/reports/?page=" in response.url):
        page.goto(sandbox.dashboard(course_id))
        page.locator(".instructor-nav").get_by_role("button", name="Data Download").click()
    return page.get_by_role("region", name="Proctored Exam Results")


def open_page(page: "Page", sandbox: Sandbox, course_id: str = COURSE) -> "Locator":
    """Go to the panel's own page and return the panel, once it has loaded its state from the API."""
    with page.expect_response(lambda response: "/reports/?page=" in response.url):
        page.goto(sandbox.page(course_id))
    return page.get_by_role("region", name="Proctored Exam Results")


def part(panel: "Locator", name: str) -> "Locator":
    """Return a part of the panel that its script fills or shows."""
    return panel.locator(f"[data-part={name}]")
