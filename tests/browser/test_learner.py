"""What learners see: on the page of an exam, and in the web component on a page of another origin."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import panel
from tests.browser.make_learners import ATTEMPTS, EXAM
from tests.browser.sandbox import COURSE, Sandbox
from tests.browser.second_origin import SecondOrigin

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

expect = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed").expect

#: A folder for pictures of every page. Without it, none are taken.
PICTURES = os.environ.get("LEARNER_PICTURES")
WCAG_A_AND_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
#: edx-proctoring's own HTML on the exam page has faults, such as a list in a list, which are not ours to fix.
EVERYTHING_BUT_EDX_PROCTORINGS_OWN = {"exclude": [[".exam-content .sequence"]]}
WORDS = {"verified": "Satisfactory", "rejected": "Unsatisfactory", "declined": None, "expired": None}
#: edx-proctoring has no page for the status timed_out.
WITH_A_PAGE = [name for name in ATTEMPTS if name != "timed_out"]
WIDTHS = {1280: panel.WIDE, 375: panel.NARROW}
COLOURS = {"Pending": "rgb(74, 85, 104)", "Satisfactory": "rgb(18, 99, 58)", "Unsatisfactory": "rgb(155, 28, 28)"}
COLOUR_OF_A_WARNING = "rgb(122, 74, 0)"

#: How many requests a component sends at once when its page gets the focus again.
QUESTIONS_AFTER_A_LOOK = """
() => {
    const { fetch } = window;
    let questions = 0;
    window.fetch = (...question) => { questions += 1; return fetch(...question) };
    window.dispatchEvent(new Event("focus"));
    return questions;
}
"""

COMPONENT_PAGE = """
<!DOCTYPE html>
<html lang="en" dir="{direction}"><head><title>A page of another origin</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{lms}/static/proctored_results/result.js"></script></head>
<body><main><h1>An exam</h1>
<proctored-exam-result lms-url="{lms}" course-id="{course}" usage-key="{exam}"></proctored-exam-result>
</main></body></html>
"""


@pytest.fixture(scope="module")
def learners(sandbox: Sandbox) -> None:
    """A learner for every status of an attempt; the status is their user name."""
    sandbox.run("-m", "tests.browser.make_learners")


@pytest.fixture(scope="module")
def context_of(browser: "Browser", sandbox: Sandbox, learners: None) -> "Iterator[Callable[..., BrowserContext]]":
    """A function that returns the browser profile of a user who is logged in, or of an anonymous visitor."""
    contexts: dict[Any, BrowserContext] = {}

    def context_of(username: str | None, language: str = "en") -> "BrowserContext":
        if (username, language) not in contexts:
            context = contexts[username, language] = browser.new_context(locale=language)
            if username is not None:
                page = context.new_page()
                panel.log_in(page, sandbox, username)
                page.close()
        return contexts[username, language]

    yield context_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(context_of: "Callable[..., BrowserContext]") -> "Iterator[Callable[..., Page]]":
    """A function that opens a page as a user. The test fails if a script of the page raises an error."""
    pages, errors = [], []

    def open_page(username: str | None, url: str, *, language: str = "en") -> "Page":
        page = context_of(username, language).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(f"{username}: {error}"))
        page.set_viewport_size(panel.WIDE)
        page.goto(url)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert errors == []


def result_of(page: "Page") -> "Locator":
    return page.locator(".proctored-exam-result")


def word_of(name: str) -> str | None:
    return WORDS.get(name, "Pending")


def component_of(page: "Page") -> "Locator":
    return page.locator("proctored-exam-result")


def wait_for_component(page: "Page", word: str | None) -> None:
    """Wait until the component shows its word or, if there is none, has its answer."""
    if word is None:
        component_of(page).evaluate("component => component.refresh()")
    else:
        expect(result_of(page)).to_contain_text(word)


def take_picture(page: "Page", name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def assert_no_sideways_scrolling(page: "Page") -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_of_the_exam_shows_the_result_in_every_status(
    language: str, open_page: "Callable[..., Page]", sandbox: Sandbox
) -> None:
    for name in WITH_A_PAGE:
        page = open_page(name, f"{sandbox.address}/xblock/{EXAM}", language=language)
        assert_shown_in_all_widths(page, name, language, "exam")
        page.close()


def assert_shown_in_all_widths(page: "Page", name: str, language: str, picture: str) -> None:
    """Check a learner's result on a page, which must not scroll sideways."""
    for width, viewport in WIDTHS.items():
        page.set_viewport_size(viewport)
        take_picture(page, f"{picture}-{name}-{language}-{width}")
        assert_no_sideways_scrolling(page)
        assert_shown(result_of(page), name, "rtl" if language == "ar" else "ltr")


def assert_shown(result: "Locator", name: str, direction: str) -> None:
    """Check word, icon and colour of a learner's result, its role and its direction."""
    word = word_of(name)
    if word is None:
        expect(result).to_have_count(0)
        return
    expect(result).to_have_role("status")
    expect(result.locator("strong")).to_have_text(word)
    expect(result.locator(".proctored-exam-result-icon")).to_be_visible()
    colour = COLOUR_OF_A_WARNING if name.startswith("error") else COLOURS[word]
    expect(result.locator("strong")).to_have_css("color", colour)
    expect(result).to_have_css("direction", direction)
    icon, box = (
        element.evaluate("element => element.getBoundingClientRect().toJSON()")
        for element in (result.locator(".proctored-exam-result-icon"), result)
    )
    start = box["right"] - icon["right"] if direction == "rtl" else icon["left"] - box["left"]
    assert 0 < start < 40


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_web_component_shows_the_same_on_a_page_of_another_origin(
    language: str, open_page: "Callable[..., Page]", sandbox: Sandbox, second_origin: SecondOrigin
) -> None:
    direction = "rtl" if language == "ar" else "ltr"
    second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=EXAM, direction=direction)
    for name in ATTEMPTS:
        page = open_page(name, second_origin.address, language=language)
        wait_for_component(page, word_of(name))
        assert_shown_in_all_widths(page, name, language, "component")
        page.close()


def test_component_and_page_say_the_same(
    open_page: "Callable[..., Page]", sandbox: Sandbox, second_origin: SecondOrigin
) -> None:
    second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=EXAM, direction="ltr")
    for name in ("submitted", "verified", "rejected", "error-resumable"):
        component = result_of(open_page(name, second_origin.address))
        expect(component).to_be_visible()
        page = result_of(open_page(name, f"{sandbox.address}/xblock/{EXAM}"))
        assert component.inner_text().split() == page.inner_text().split()
        for attribute in ("aria-label", "role", "class"):
            assert component.get_attribute(attribute) == page.get_attribute(attribute)


def test_logged_out_or_where_there_is_nothing_the_component_shows_nothing(
    open_page: "Callable[..., Page]", sandbox: Sandbox, second_origin: SecondOrigin
) -> None:
    nowhere = EXAM.replace("untaken", "nowhere")
    for username, exam in ((None, EXAM), ("verified", nowhere), ("learner", EXAM)):
        second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=exam, direction="ltr")
        page = open_page(username, second_origin.address)
        wait_for_component(page, None)
        expect(result_of(page)).to_have_count(0)
        assert component_of(page).evaluate("component => component.getBoundingClientRect().height") == 0


def test_the_component_asks_again_when_its_page_is_looked_at_or_its_attributes_change(
    open_page: "Callable[..., Page]", sandbox: Sandbox, second_origin: SecondOrigin
) -> None:
    second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=EXAM, direction="ltr")
    page = open_page("submitted", second_origin.address)
    expect(result_of(page)).to_contain_text("Pending")
    page.route("**/result/", lambda route: route.abort())
    with page.expect_request("**/result/"):
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(result_of(page)).to_have_count(0)
    page.unroute("**/result/")
    with page.expect_response("**/result/"):
        component_of(page).evaluate("element => element.refresh()")
    expect(result_of(page)).to_contain_text("Pending")
    component_of(page).evaluate("element => element.setAttribute('usage-key', '')")
    expect(result_of(page)).to_have_count(0)


def test_where_there_is_no_exam_the_component_asks_once(
    open_page: "Callable[..., Page]", sandbox: Sandbox, second_origin: SecondOrigin
) -> None:
    nowhere = EXAM.replace("untaken", "nowhere")
    for exam, questions in ((nowhere, 0), (EXAM, 1)):
        second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=exam, direction="ltr")
        # The learner has no attempt at either of them, so nothing is shown.
        page = open_page("learner", second_origin.address)
        wait_for_component(page, None)
        assert page.evaluate(QUESTIONS_AFTER_A_LOOK) == questions


def test_the_style_of_the_component_is_asked_for_like_its_script(
    open_page: "Callable[..., Page]", sandbox: Sandbox, second_origin: SecondOrigin
) -> None:
    html = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=EXAM, direction="ltr")
    second_origin.page = html.replace("result.js", "result.js?v=7")
    page = open_page("verified", second_origin.address)
    expect(result_of(page).locator("strong")).to_have_css("color", COLOURS["Satisfactory"])
    assert component_of(page).locator("link").get_attribute("href").endswith("/result.css?v=7")


def test_staff_view_the_course_as_a_learner_and_see_whose_result_it_is(
    open_page: "Callable[..., Page]", sandbox: Sandbox
) -> None:
    page = open_page("instructor", f"{sandbox.address}/xblock/{EXAM}")
    expect(result_of(page)).to_have_count(0)
    page.get_by_label("View this course as").select_option("specific")
    page.get_by_label("User name or e-mail of the learner").fill("nobody")
    page.get_by_role("button", name="View", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="nobody")).to_be_visible()
    page.get_by_label("User name or e-mail of the learner").fill("rejected@example.com")
    page.get_by_role("button", name="View", exact=True).click()
    expect(result_of(page)).to_contain_text("Unsatisfactory")
    expect(result_of(page)).to_contain_text("You are viewing the course as rejected: this is their result.")
    take_picture(page, "view-as")
    page.get_by_label("View this course as").select_option("student")
    page.get_by_role("button", name="View", exact=True).click()
    expect(result_of(page)).to_have_count(0)


def test_the_way_from_the_start_to_the_result(open_page: "Callable[..., Page]", sandbox: Sandbox) -> None:
    learner = open_page("learner249", f"{sandbox.address}/")
    learner.get_by_label("Another learner").fill("learner250")
    learner.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(learner.locator(".who strong")).to_have_text("learner250")
    learner.goto(f"{sandbox.address}/xblock/{EXAM}")
    for button in ("Begin an attempt", "The proctoring software is set up", "Start the exam", "Submit the exam"):
        learner.get_by_role("complementary").get_by_role("button", name=button).click()
    expect(result_of(learner)).to_contain_text("being reviewed")

    team = open_page("instructor", f"{sandbox.address}/courses/{COURSE}/review_arrives")
    waiting = team.get_by_label("Attempt", exact=True)
    value = waiting.locator("option", has_text="learner250: Exam that nobody has taken").get_attribute("value")
    waiting.select_option(value)
    team.get_by_label("Review status").select_option("Suspicious")
    team.get_by_label("A second review").check()
    team.get_by_role("button", name="Send the review").click()
    expect(team.get_by_role("status")).to_contain_text("its status is now rejected")
    take_picture(team, "review-arrives")

    learner.reload()
    expect(result_of(learner)).to_contain_text("Unsatisfactory")
    expect(result_of(learner)).to_contain_text("Your score for this exam is 0.")
    expect(learner.get_by_role("complementary")).to_contain_text("Score: 0")
    learner.goto(f"{sandbox.address}/mailbox?to=learner250@example.com")
    mails = [learner.frame_locator("iframe").nth(number).locator("strong") for number in range(2)]
    expect(mails[0]).to_have_text("Unsatisfactory")
    expect(mails[1]).to_have_text("Pending")
    expect(learner.locator("iframe")).to_have_count(2)
    take_picture(learner, "mailbox")


def test_the_way_with_the_buttons_of_edx_proctoring(open_page: "Callable[..., Page]", sandbox: Sandbox) -> None:
    page = open_page("learner248", f"{sandbox.address}/xblock/{EXAM}")
    page.get_by_role("button", name="Continue to my proctored exam").click()
    with (
        page.expect_response(lambda answer: answer.request.method == "PUT"),
        page.expect_popup() as software,
    ):
        page.get_by_role("button", name="Start System Check").click()
    expect(software.value.get_by_role("heading")).to_have_text("Proctoring software")
    page.reload()
    for button in ("The proctoring software is set up", "Start my exam", "End My Exam", "Yes, end my proctored exam"):
        page.get_by_role("button", name=button).click()
    expect(result_of(page)).to_contain_text("being reviewed")


# Accessibility


@pytest.fixture
def violations() -> "Callable[..., list[str]]":
    """A function that runs axe on a page and returns what it finds against WCAG 2.1 A and AA."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

    def violations(page: "Page") -> list[str]:
        results = axe.Axe().run(page, context=EVERYTHING_BUT_EDX_PROCTORINGS_OWN, options=WCAG_A_AND_AA)
        assert results.response["passes"]
        return [
            f"{violation['id']}: {node['html']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]

    return violations


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_the_pages(
    language: str,
    open_page: "Callable[..., Page]",
    sandbox: Sandbox,
    second_origin: SecondOrigin,
    violations: "Callable[..., list[str]]",
) -> None:
    second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=EXAM, direction="ltr")
    for name in WITH_A_PAGE if language == "en" else ("submitted", "verified", "rejected"):
        page = open_page(name, f"{sandbox.address}/xblock/{EXAM}", language=language)
        assert violations(page) == [], name
        page.goto(second_origin.address)
        wait_for_component(page, word_of(name))
        assert violations(page) == [], name
        page.close()


def test_axe_finds_something_on_a_page_made_to_fail(
    open_page: "Callable[..., Page]",
    sandbox: Sandbox,
    second_origin: SecondOrigin,
    violations: "Callable[..., list[str]]",
) -> None:
    second_origin.page = COMPONENT_PAGE.format(lms=sandbox.address, course=COURSE, exam=EXAM, direction="ltr")
    for url in (f"{sandbox.address}/xblock/{EXAM}", second_origin.address):
        page = open_page("rejected", url)
        result = result_of(page)
        expect(result).to_be_visible()
        result.locator("strong").evaluate("element => { element.style.color = '#caa' }")
        result.locator("a").evaluate("element => { element.replaceChildren() }")
        found = " ".join(violations(page))
        assert "color-contrast" in found
        assert "link-name" in found
