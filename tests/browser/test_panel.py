import csv
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from proctored_results import outcomes
from proctored_results.reports.columns import COLUMNS
from tests.browser.panel import GENERATE, part
from tests.browser.sandbox import EMPTY_COURSE, Sandbox
from tests.browser.states import RUNNING, show

if TYPE_CHECKING:
    from playwright.sync_api import Download, Locator

expect = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed").expect

Visit = Callable[..., "Locator"]

SECOND_LAYOUT_FLAG = "instructor.enable_data_download_v2"


def header_of(download: "Download") -> list[str]:
    return next(csv.reader(io.StringIO(Path(download.path()).read_text("utf-8"))))


def test_a_click_generates_a_report_that_can_be_downloaded(visit: Visit, sandbox: Sandbox) -> None:
    panel = visit()
    sandbox.hold_worker()
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_contain_text("is being generated")
    expect(part(panel, "task")).to_contain_text("instructor")
    expect(part(panel, "task")).to_be_visible()

    sandbox.release_worker()
    expect(part(panel, "status")).to_have_text("The report is ready.")
    expect(part(panel, "task")).to_be_hidden()
    newest = panel.get_by_role("table").get_by_role("row").nth(1)
    expect(newest).to_contain_text("_proctored_exam_results_report_")
    expect(newest).to_contain_text("UTC")
    expect(newest).to_contain_text("instructor")
    with panel.page.expect_download() as download:
        newest.get_by_role("link").click()
    assert download.value.suggested_filename == newest.get_by_role("link").inner_text()
    assert header_of(download.value) == [column.name for column in COLUMNS]


def test_a_second_click_says_who_started_the_report(visit: Visit, sandbox: Sandbox) -> None:
    panel = visit()
    sandbox.hold_worker()
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_contain_text("is being generated")
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_contain_text("instructor started this report on")

    panel.page.reload()
    expect(part(panel, "task")).to_contain_text("waits for a worker")
    sandbox.release_worker()
    expect(part(panel, "status")).to_have_text("The report is ready.")


def test_a_running_report_shows_how_many_rows_it_has(visit: Visit) -> None:
    panel = visit()
    show(panel, [RUNNING], [])
    expect(part(panel, "task")).to_contain_text("1,200 of 3,000 rows are written.")
    bar = panel.get_by_role("progressbar", name="Progress of the report")
    assert bar.evaluate("bar => [bar.value, bar.max]") == [1200, 3000]


def test_the_panel_explains_every_column_and_every_status(visit: Visit) -> None:
    panel = visit("researcher")
    for column in COLUMNS:
        expect(panel.locator("dt", has_text=column.name).first).to_be_attached()
    for meaning in (*outcomes.ATTEMPT_STATUSES, *outcomes.REVIEW_STATUSES):
        expect(panel.get_by_text(meaning.value, exact=True).first).to_be_attached()
        expect(panel.get_by_text(meaning.sentence, exact=True).first).to_be_attached()


def test_the_dashboards_own_button_starts_the_report(visit: Visit) -> None:
    panel = visit()
    panel.page.locator("input[name='proctored-exam-results-report']").click()
    expect(part(panel, "status")).to_have_text("The report is ready.")


def test_the_option_of_the_second_layout_starts_the_report(visit: Visit, sandbox: Sandbox) -> None:
    sandbox.manage("waffle_flag", SECOND_LAYOUT_FLAG, "--create", "--user", "admin")
    panel = visit("admin")
    panel.page.locator("select.report-type:visible").select_option("proctoredExamResults")
    panel.page.locator(".download-report:visible").click()
    expect(part(panel, "status")).to_have_text("The report is ready.")


def test_a_failure_stays_until_a_later_report_succeeds(visit: Visit, sandbox: Sandbox) -> None:
    panel = visit(course_id=EMPTY_COURSE)
    expect(panel).to_contain_text("There are no reports of this course yet.")
    stored = sandbox.grades.with_name("grades-aside")
    if sandbox.grades.exists():
        sandbox.grades.rename(stored)
    sandbox.grades.write_text("a file where the report store wants its folder")
    try:
        panel.get_by_role("button", name=GENERATE).click()
        expect(part(panel, "failure")).to_contain_text("report store")
        panel.page.reload()
        expect(part(panel, "failure")).to_contain_text("report store")
    finally:
        sandbox.grades.unlink()
        if stored.exists():
            stored.rename(sandbox.grades)

    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_contain_text("holds only the names of the columns")
    expect(part(panel, "failure")).to_be_hidden()


def test_a_data_researcher_sees_a_sentence_and_no_button(visit: Visit) -> None:
    panel = visit("researcher")
    expect(panel).to_contain_text("you also need the Staff role")
    expect(panel.get_by_role("button", name=GENERATE)).to_have_count(0)


def test_a_server_that_does_not_answer_leaves_a_usable_button(visit: Visit) -> None:
    panel = visit()
    panel.page.context.set_offline(True)
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_contain_text("did not give a usable answer")
    panel.page.context.set_offline(False)
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_have_text("The report is ready.")


def test_links_are_renewed_before_they_expire(visit: Visit) -> None:
    panel = visit(clock=True)
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_have_text("The report is ready.")
    link = panel.get_by_role("link").first
    link.focus()
    before = link.get_attribute("href")
    time.sleep(1)  # links that are made in the same second are the same
    panel.page.clock.run_for("04:05")
    expect(link).not_to_have_attribute("href", before)
    expect(link).to_be_focused()


def test_a_damaged_link_leads_to_a_page_with_a_fresh_one(visit: Visit) -> None:
    panel = visit()
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "status")).to_have_text("The report is ready.")
    page = panel.page
    page.goto(panel.get_by_role("link").first.evaluate("link => link.href") + "damaged")
    expect(page.get_by_role("main")).to_contain_text("it is damaged")
    with page.expect_download() as download:
        page.get_by_role("link", name="fresh link").click()
    assert header_of(download.value) == [column.name for column in COLUMNS]


def test_a_panel_out_of_sight_asks_nothing(visit: Visit, sandbox: Sandbox) -> None:
    panel = visit(clock=True)
    sandbox.hold_worker()
    panel.get_by_role("button", name=GENERATE).click()
    expect(part(panel, "task")).to_be_visible()

    panel.page.locator(".instructor-nav").get_by_role("button", name="Course Info").click()
    asked: list[str] = []
    panel.page.on("request", lambda request: asked.append(request.url))
    panel.page.clock.run_for("10:00")
    assert [url for url in asked if "/api/proctored_results/" in url] == []
    sandbox.release_worker()
    panel.page.locator(".instructor-nav").get_by_role("button", name="Data Download").click()
    expect(part(panel, "status")).to_have_text("The report is ready.")
