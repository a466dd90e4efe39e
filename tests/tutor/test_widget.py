"""
The widget of the learning MFE in Chromium.

Tutor renders the widget. It runs in the real plugin slot, on a page with the layout of the MFE and with another origin
than the LMS.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.browser import panel
from tests.browser.make_learners import EXAM
from tests.browser.sandbox import COURSE, Sandbox
from tests.browser.second_origin import SecondOrigin
from tests.seeded import DATABASE
from tests.tutor.conftest import BUNDLED
from tests.tutor.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

expect = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed").expect

#: How long to wait for something to appear, on a busy machine.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

#: A folder for pictures. Without it, none are taken.
PICTURES = os.environ.get("LEARNER_PICTURES")
WIDTHS = (375, 768, 1280, 1600)
WORDS = {"submitted": "Pending", "verified": "Satisfactory", "rejected": "Unsatisfactory"}
NO_EXAM = EXAM.replace("untaken", "reading")

PAGE = """
<!DOCTYPE html>
<html lang="en"><head><title>An exam</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/host.css"></head>
<body><div id="root"></div>
<script>window.HOST = {host}</script>
<script type="module" src="/host.js"></script></body></html>
"""

CHANGE_STATUS = """
UPDATE proctoring_proctoredexamstudentattempt SET status = ?
WHERE user_id = (SELECT id FROM auth_user WHERE username = ?)
"""

WHERE_THINGS_ARE = """
ids => Object.fromEntries(ids.map(id => {
    const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
    return [id, { x, y, width, height }];
}))
"""


@pytest.fixture(scope="module", params=[20, 22], ids=["props of Teak", "props of Verawood"])
def teak(request: pytest.FixtureRequest) -> bool:
    """Whether the page gives the slot no props, like Teak."""
    return request.param == 20


@pytest.fixture(scope="module")
def learning_mfe(
    teak: bool,
    default_site: Callable[[int], Site],
    esbuild: Callable[..., str],
    second_origin: SecondOrigin,
    tmp_path_factory: pytest.TempPathFactory,
) -> SecondOrigin:
    """The page with the slot, built with the files that Tutor renders for the release."""
    rendered = default_site(20 if teak else 22).root / "tutor" / "env"
    config = rendered / "plugins" / "mfe" / "build" / "mfe" / "env.config.jsx"
    bundle = tmp_path_factory.mktemp("bundle")
    esbuild(
        "host.jsx",
        *BUNDLED,
        f"--alias:env.config={config}",
        f"--outdir={bundle}",
        '--define:process.env={"APP_ID":"learning"}',
        '--define:process.env.NODE_ENV="production"',
    )
    second_origin.files = {f"/{file.name}": file.read_bytes() for file in bundle.iterdir()}
    return second_origin


@pytest.fixture(scope="module")
def learners(sandbox: Sandbox) -> None:
    """A learner for every status of an attempt; the status is their user name."""
    sandbox.run("-m", "tests.browser.make_learners")


@pytest.fixture(scope="module")
def context_of(browser: "Browser", sandbox: Sandbox, learners: None) -> "Iterator[Callable[..., BrowserContext]]":
    """A function that returns the browser profile of a user who is logged in, or of an anonymous visitor."""
    contexts: dict[str | None, BrowserContext] = {}

    def context_of(username: str | None) -> "BrowserContext":
        if username not in contexts:
            contexts[username] = browser.new_context()
            contexts[username].set_default_timeout(PATIENCE_MS)
            if username is not None:
                page = contexts[username].new_page()
                panel.log_in(page, sandbox, username)
                page.close()
        return contexts[username]

    yield context_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(
    context_of: "Callable[..., BrowserContext]", sandbox: Sandbox, learning_mfe: SecondOrigin, teak: bool
) -> "Iterator[Callable[..., Page]]":
    """
    A function that opens the page of a sequence as a user, and waits until the network is idle.

    The test fails if a script raises an error, or if the browser reports an error or a warning that is not expected.
    """
    pages, errors = [], []

    def open_page(
        username: str | None,
        sequence: str = EXAM,
        *,
        path: str | None = None,
        store: bool = True,
        expected_error: str | None = None,
        prepare: "Callable[[Page], None]" = lambda page: None,
    ) -> "Page":
        page = context_of(username).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning")
                and not (expected_error and expected_error in message.text)
                and errors.append(message.text)
            ),
        )
        exam = {"courseId": COURSE, "sequenceId": sequence}
        host = {"lmsUrl": sandbox.address, "teak": teak, "withStore": store, "exam": exam}
        learning_mfe.page = PAGE.format(host=json.dumps(host))
        page.set_viewport_size(panel.WIDE)
        prepare(page)
        page.goto(learning_mfe.address + (path or address_of(sequence)), wait_until="networkidle")
        return page

    yield open_page
    for page in pages:
        page.close()
    assert errors == []


def change_status(sandbox: Sandbox, username: str, status: str) -> None:
    """Set the status of a learner's attempt, without Django."""
    with closing(sqlite3.connect(sandbox.grades.parent / DATABASE, timeout=60)) as connection, connection:
        assert connection.execute(CHANGE_STATUS, [status, username]).rowcount == 1


def address_of(sequence: str) -> str:
    return f"/learning/course/{COURSE}/{sequence}/{sequence.replace('sequential', 'vertical')}_1"


def go_to(page: "Page", sequence: str) -> None:
    """Go to another sequence without loading the page again, as the MFE does."""
    page.evaluate(
        "([path, exam]) => goTo(path, exam)", [address_of(sequence), {"courseId": COURSE, "sequenceId": sequence}]
    )


def result_of(page: "Page") -> "Locator":
    return page.locator(".proctored-exam-result")


def where_things_are(page: "Page") -> dict[str, dict[str, float]]:
    return page.evaluate(WHERE_THINGS_ARE, ["row", "triggers", "exam"])


def assert_nothing_is_there(page: "Page") -> None:
    """Check that no result is shown and the component takes no space: removing it moves nothing."""
    expect(result_of(page)).to_have_count(0)
    expect(page.locator("#exam")).to_be_visible()
    before = where_things_are(page)
    page.evaluate("document.querySelectorAll('proctored-exam-result').forEach(component => component.remove())")
    assert where_things_are(page) == before


def take_picture(page: "Page", name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("username", WORDS)
def test_the_three_results_are_shown_above_the_exam(
    username: str, open_page: "Callable[..., Page]", teak: bool
) -> None:
    page = open_page(username)
    expect(result_of(page).locator("strong")).to_have_text(WORDS[username])
    assert result_of(page).bounding_box()["y"] < page.locator("#row").bounding_box()["y"]
    take_picture(page, f"widget-{username}-{'teak' if teak else 'verawood'}")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_result_has_a_line_of_its_own_and_takes_no_room_from_others(
    width: int, open_page: "Callable[..., Page]", teak: bool
) -> None:
    page = open_page("rejected")
    page.set_viewport_size({"width": width, "height": 900})
    expect(result_of(page)).to_be_visible()
    take_picture(page, f"widget-rejected-{'teak' if teak else 'verawood'}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    box, with_it = result_of(page).bounding_box(), where_things_are(page)
    assert (box["x"], box["width"]) == (with_it["row"]["x"], with_it["row"]["width"])
    go_to(page, NO_EXAM)
    expect(result_of(page)).to_have_count(0)
    without_it = where_things_are(page)
    for name, place in without_it.items():
        height = with_it["row"]["y"] - without_it["row"]["y"]
        assert with_it[name] == pytest.approx({**place, "y": place["y"] + height})


def test_a_page_without_a_store_shows_the_result_too(open_page: "Callable[..., Page]") -> None:
    expect(result_of(open_page("verified", store=False))).to_contain_text("Satisfactory")


@pytest.mark.parametrize("username", ["submitted", "learner", "instructor"])
def test_nothing_is_there_on_a_page_that_is_no_exam(username: str, open_page: "Callable[..., Page]") -> None:
    assert_nothing_is_there(open_page(username, NO_EXAM))


@pytest.mark.parametrize("username", ["declined", "learner", "instructor"])
def test_nothing_is_there_for_who_has_no_result(username: str, open_page: "Callable[..., Page]") -> None:
    assert_nothing_is_there(open_page(username))


def test_nothing_is_there_for_who_is_not_logged_in(open_page: "Callable[..., Page]") -> None:
    assert_nothing_is_there(open_page(None, expected_error="401"))


@pytest.mark.parametrize("status", [403, 404, 500, None])
@pytest.mark.parametrize("asked_for", ["**/result/", "**/result.js*"])
def test_nothing_is_there_when_the_lms_does_not_answer(
    asked_for: str, status: int | None, open_page: "Callable[..., Page]"
) -> None:
    def break_the_lms(page: "Page") -> None:
        page.route(asked_for, lambda route: route.fulfill(status=status, body="{") if status else route.abort())

    assert_nothing_is_there(open_page("verified", prepare=break_the_lms, expected_error="Failed to load resource"))


def test_nothing_is_there_when_the_answer_makes_no_sense(open_page: "Callable[..., Page]") -> None:
    def talk_nonsense(page: "Page") -> None:
        page.route("**/result/", lambda route: route.fulfill(response=route.fetch(), body="<html>"))

    assert_nothing_is_there(open_page("verified", prepare=talk_nonsense))


def test_the_script_is_asked_for_once_and_again_only_when_it_did_not_come(open_page: "Callable[..., Page]") -> None:
    asked: list[str] = []

    def refuse_once(page: "Page") -> None:
        page.on("request", lambda request: asked.append(request.url) if "/result.js" in request.url else None)
        page.route("**/result.js*", lambda route: route.abort(), times=1)

    page = open_page("verified", prepare=refuse_once, expected_error="Failed to load resource")
    assert_nothing_is_there(page)
    go_to(page, NO_EXAM)
    go_to(page, EXAM)
    expect(result_of(page)).to_contain_text("Satisfactory")
    go_to(page, NO_EXAM)
    go_to(page, EXAM)
    expect(result_of(page)).to_contain_text("Satisfactory")
    assert len(asked) == 2


def test_going_to_another_page_takes_the_result_away_at_once(open_page: "Callable[..., Page]") -> None:
    page = open_page("verified", expected_error="Failed to load resource")
    expect(result_of(page)).to_be_visible()
    waiting: list[Any] = []
    page.route("**/result/", lambda route: waiting.append(route))  # noqa: PLW0108
    go_to(page, NO_EXAM)
    page.wait_for_function(
        "document.querySelector('proctored-exam-result').getAttribute('usage-key').includes('reading')"
    )
    assert result_of(page).count() == 0
    for route in waiting:
        route.abort()


def test_the_result_follows_the_attempt_without_a_reload(open_page: "Callable[..., Page]", sandbox: Sandbox) -> None:
    change_status(sandbox, "started", "started")
    page = open_page("started")
    expect(result_of(page)).to_contain_text("You have not submitted this exam yet.")
    change_status(sandbox, "started", "submitted")
    page.evaluate("attemptBecomes('submitted')")
    expect(result_of(page)).to_contain_text("Your exam is being reviewed")


def test_the_result_follows_the_review_when_the_window_is_looked_at_again(
    open_page: "Callable[..., Page]", sandbox: Sandbox
) -> None:
    change_status(sandbox, "second_review_required", "second_review_required")
    page = open_page("second_review_required")
    expect(result_of(page)).to_contain_text("Pending")
    change_status(sandbox, "second_review_required", "verified")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(result_of(page)).to_contain_text("Satisfactory")


def test_who_views_the_course_as_a_learner_sees_that_learners(
    open_page: "Callable[..., Page]", context_of: "Callable[..., BrowserContext]", sandbox: Sandbox
) -> None:
    page = open_page("instructor")
    assert_nothing_is_there(page)
    for role, username, shown in (("student", "rejected", "Unsatisfactory"), ("staff", None, None)):
        lms = context_of("instructor").new_page()
        lms.goto(f"{sandbox.address}/xblock/{EXAM}")
        lms.get_by_label("View this course as").select_option("specific" if username else role)
        if username:
            lms.get_by_label("User name or e-mail of the learner").fill(username)
        with lms.expect_response("**/masquerade"):
            lms.get_by_role("button", name="View", exact=True).click()
        lms.close()
        page.reload(wait_until="networkidle")
        if shown:
            expect(result_of(page)).to_contain_text(shown)
            expect(result_of(page)).to_contain_text("You are viewing the course as rejected")
        else:
            assert_nothing_is_there(page)


OLD, CCX = "Org/Course/Run", "ccx-v1:Org+Course+Run+ccx@1"
OLD_EXAM, CCX_EXAM = "i4x://Org/Course/sequential/exam", "ccx-block-v1:Org+Course+Run+ccx@1+type@sequential+block@exam"


@pytest.mark.parametrize("teak", [20], indirect=True, ids=["props of Teak"])
@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"/learning/course/{COURSE}/{EXAM}", (COURSE, EXAM)),
        (f"/course/{COURSE}/{EXAM}/block-v1:unit", (COURSE, EXAM)),
        (f"/preview/course/{COURSE}/{EXAM}/block-v1:unit", (COURSE, EXAM)),
        (f"/learning/course/{quote(COURSE, safe='')}/{quote(EXAM, safe='')}/x", (COURSE, EXAM)),
        (f"/learning/course/{CCX}/{CCX_EXAM}/x", (CCX, CCX_EXAM)),
        (f"/learning/course/{quote(OLD, safe='')}/{quote(OLD_EXAM, safe='')}/x", (OLD, OLD_EXAM)),
        (f"/learning/course/{OLD}/{OLD_EXAM}/i4x://Org/Course/vertical/unit", (OLD, OLD_EXAM)),
        (f"/learning/course/{COURSE}", None),
        (f"/learning/course/{COURSE}/home", None),
        ("/", None),
    ],
)
def test_course_and_exam_are_known_from_the_address(
    path: str, found: Any, open_page: "Callable[..., Page]", teak: bool
) -> None:
    page = open_page("learner", path=path, expected_error="404")
    component = page.locator("proctored-exam-result")
    if found is None:
        expect(component).to_have_count(0)
    else:
        assert (component.get_attribute("course-id"), component.get_attribute("usage-key")) == found
