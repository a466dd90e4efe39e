"""The endpoint behind the button of the platform's own page, whose script POSTs without a body."""

import json
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from proctored_results import api
from proctored_results.runs.errors import QUEUE_UNAVAILABLE, UNEXPECTED
from tests import factories
from tests.conftest import Queue
from tests.instructor.conftest import BUTTON, logged_in

pytestmark = pytest.mark.django_db(transaction=True)


def shown_to_the_user(response: Any) -> str:
    """What the page's script shows for an error: the parsed body, as text."""
    parsed = json.loads(response.content)
    return parsed if isinstance(parsed, str) else "[object Object]"


def test_a_click_starts_the_report_that_the_site_has_configured(client: Client, queue: Queue, settings: Any) -> None:
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = ["provider", "track"]
    response = client.post(BUTTON)
    assert response.status_code == 200
    assert response.json() == {
        "status": "The proctored exam results report is being generated. Pending Tasks shows its progress; when it is "
        "complete, it appears under Reports Available for Download."
    }
    queue.work()
    run = api.ReportRun.objects.get()
    assert (run.state, run.choice["extra_columns"]) == ("succeeded", ["provider", "track"])


def test_a_second_click_is_told_who_was_first(client: Client, queue: Queue, instructor: Any) -> None:
    client.post(BUTTON)
    run = api.ReportRun.objects.get()
    response = client.post(BUTTON)
    assert response.status_code == 409
    assert shown_to_the_user(response) == (
        f"instructor started this report on {run.requested_at:%Y-%m-%d %H:%M} UTC, and it is not finished yet. It will "
        "appear under Reports Available for Download."
    )


def test_a_first_click_by_an_account_that_is_gone_is_told_without_a_name(
    client: Client, queue: Queue, instructor: Any
) -> None:
    client.post(BUTTON)
    api.ReportRun.objects.update(requester=None)
    assert shown_to_the_user(client.post(BUTTON)).startswith("Somebody started this report on ")


def test_a_queue_that_does_not_answer(client: Client, queue: Queue) -> None:
    queue.error = OperationalError("amqp://user:password@broker")
    response = client.post(BUTTON)
    assert (response.status_code, shown_to_the_user(response)) == (503, QUEUE_UNAVAILABLE)


def test_too_many_clicks(client: Client, queue: Queue, settings: Any) -> None:
    settings.PROCTORED_RESULTS_REQUEST_RATE = "1/hour"
    client.post(BUTTON)
    response = client.post(BUTTON)
    assert response.status_code == 429
    assert shown_to_the_user(response).startswith("Request was throttled.")


def test_an_error_that_nobody_expected(client: Client, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(*_args: Any, **_kwargs: Any) -> Any:
        raise LookupError("unexpected")

    monkeypatch.setattr("proctored_results.edx_platform.instructor_tasks.submit_task", submit)
    client.raise_request_exception = False
    response = client.post(BUTTON)
    assert (response.status_code, shown_to_the_user(response)) == (500, UNEXPECTED)
    assert api.ReportRun.objects.get().lease_key is None


def test_those_who_may_not_are_told_why(course: Any, queue: Queue) -> None:
    for user in (None, factories.user(), factories.team_member("data_researcher")):
        response = logged_in(user).post(BUTTON)
        assert response.status_code in (401, 403)
        assert shown_to_the_user(response).endswith(".")


@pytest.mark.parametrize("method", ["get", "put", "delete", "options"])
def test_other_methods_start_nothing(method: str, client: Client, queue: Queue) -> None:
    assert getattr(client, method)(BUTTON).status_code in (200, 405)
    assert queue.messages == []
