"""The states of the panel, as answers of the API. With a real worker, some are hard to reach or end too soon."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator

RUNNING = {
    "task_id": "1",
    "state": "running",
    "message": "1,200 of 3,000 rows are written.",
    "progress": {"attempted": 1200, "succeeded": 1200, "total": 3000},
    "requested_by": "instructor",
    "requested_at": "2026-11-22T22:29:00Z",
    "started_at": "2026-11-22T22:29:01Z",
    "finished_at": None,
    "report": None,
}

FAILED = RUNNING | {
    "state": "failed",
    "message": "The report store did not take the file, so nothing was saved.",
    "progress": None,
    "finished_at": "2099-11-22T22:30:00Z",
}
FINISHED = [
    {
        "name": f"SandboxX_PR101_2026_proctored_exam_results_report_2026-11-22-22{minute}.csv",
        "finished_at": f"2026-11-22T22:{minute}:00Z",
        "rows": 3000,
        "size": 1_234_567,
        "message": "",
        "requested_by": "instructor",
        "download_url": f"/{minute}",
    }
    for minute in range(29, 23, -1)
]

STATES = {
    "idle": ([], []),
    "running": ([RUNNING], FINISHED[:1]),
    "finished": ([], FINISHED),
    "failed": ([FAILED], FINISHED[:2]),
}


def show(panel: "Locator", tasks: list[dict[str, Any]], reports: list[dict[str, Any]]) -> None:
    """Reload the panel with these tasks and reports as the answers of the API."""
    page = panel.page
    page.route("**/tasks/?*", lambda route: route.fulfill(json={"results": tasks}))
    answer = {"next": "another page" if reports[5:] else None, "results": reports[:5]}
    page.route("**/reports/?*", lambda route: route.fulfill(json=answer))
    page.reload()
    panel.locator("[data-part=none]:visible, [data-part=reports]:visible").wait_for()


def unfold(panel: "Locator") -> None:
    """Unfold everything."""
    for summary in panel.locator("summary").all():
        summary.click()
