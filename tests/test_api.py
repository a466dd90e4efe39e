"""The Python API for other code on the platform."""

import inspect
from io import BytesIO
from typing import Any

import pytest

from proctored_results import api
from tests import factories
from tests.conftest import Queue
from tests.factories import COURSE_KEY

pytestmark = pytest.mark.django_db(transaction=True)


def test_everything_public_is_there_typed_and_described() -> None:
    for name in api.__all__:
        public = getattr(api, name)
        assert inspect.getdoc(public), name
        if inspect.isfunction(public):
            signature = inspect.signature(public)
            annotations = [parameter.annotation for parameter in signature.parameters.values()]
            assert inspect.Signature.empty not in [*annotations, signature.return_annotation], name


def test_a_report_is_started_in_somebodys_name(queue: Queue) -> None:
    factories.course()
    user = factories.user()
    run = api.start_report(factories.request_of(user), COURSE_KEY, api.choose())
    assert (run.requester, run.state) == (user, api.ReportRun.State.QUEUED)
    queue.work()
    run.refresh_from_db()
    assert run.state == api.ReportRun.State.SUCCEEDED


def test_a_report_is_stored_at_once(stored_files: Any) -> None:
    factories.attempt(factories.exam())
    rows: list[int] = []
    run = api.store_report(COURSE_KEY, api.choose(), on_row=rows.append)
    assert (run.rows, rows) == (1, [1])
    assert stored_files().keys() == {run.file_name}


def test_a_report_is_written_into_any_binary_file_as_it_is_stored(stored_files: Any) -> None:
    factories.attempt(factories.exam())
    output = BytesIO()
    assert api.write_report(COURSE_KEY, api.choose(), output) == 1
    run = api.store_report(COURSE_KEY, api.choose())
    assert output.getvalue() == stored_files()[run.file_name]
    assert not output.closed


def test_a_choice_is_the_sites_settings_and_what_is_asked_for_on_top(settings: Any) -> None:
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = ["track"]
    settings.PROCTORED_RESULTS_BYTE_ORDER_MARK = True
    settings.PROCTORED_RESULTS_ESCAPE_FORMULAS = False
    assert api.choose() == api.Choice("csv", ("track",), byte_order_mark=True, escape_formulas=False)
    chosen = api.choose(extra_columns=["provider", "track"], byte_order_mark=False)
    assert (chosen.extra_columns, chosen.byte_order_mark) == (("track", "provider"), False)


def test_a_choice_survives_being_kept(settings: Any) -> None:
    choice = api.choose(extra_columns=["track"], byte_order_mark=True)
    run = api.ReportRun.objects.create(course_key=COURSE_KEY, kind="x", choice=choice.as_json())
    run.refresh_from_db()
    assert api.Choice.from_json(run.choice) == choice
