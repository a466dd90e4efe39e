"""Each check, failing and passing, as ``manage.py check`` prints it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.checks import INFO, WARNING, registry
from django.core.management import call_command
from edx_proctoring import runtime
from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from waffle import get_waffle_flag_model

from proctored_results import checks
from proctored_results.edx_platform import instructor_tasks, proctoring
from proctored_results.settings.common import FILTER_STEPS
from tests.factories import COURSE_KEY

pytestmark = pytest.mark.django_db

REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE = REPOSITORY / "docs" / "references" / "checks.rst"
UNIT = "org.openedx.learning.vertical_block.render.completed.v1"
DASHBOARD = "org.openedx.learning.instructor.dashboard.render.started.v1"


def complaints(*options: str) -> dict[str, str]:
    """What ``manage.py check`` says about the plugin: id without the app's name -> message and hint."""
    stderr = StringIO()
    call_command("check", *options, stdout=StringIO(), stderr=stderr)
    found = re.findall(r"\(proctored_results\.(\w+)\) (.+\n\tHINT: .+)\n", stderr.getvalue())
    assert len(found) == stderr.getvalue().count("(proctored_results.")
    return dict(found)


@pytest.fixture(autouse=True)
def healthy_site() -> None:
    """A site that lacks nothing."""
    XBlockAsidesConfig.objects.create(enabled=True)
    get_waffle_flag_model().objects.create(name="grades.rejected_exam_overrides_grade", everyone=True)


def test_a_site_that_lacks_nothing_is_told_nothing() -> None:
    assert complaints() == {}


# Asides


@pytest.mark.parametrize(
    "rows",
    [[], [{"enabled": False}], [{"enabled": True, "disabled_blocks": "about sequential"}]],
    ids=["no row", "off", "off for sequences"],
)
def test_asides_that_are_not_shown(rows: list[dict[str, Any]], settings: Any) -> None:
    if not rows:
        XBlockAsidesConfig.objects.all().delete()
    for row in rows:
        XBlockAsidesConfig.objects.create(**row)
    (message,) = complaints().values()
    assert "Learners do not see their result" in message
    assert "X block asides configs" in message
    assert list(complaints()) == ["W001"]
    XBlockAsidesConfig.objects.create(enabled=True)
    assert complaints() == {}


def test_asides_are_not_missed_where_the_exam_page_is_switched_off(settings: Any) -> None:
    XBlockAsidesConfig.objects.all().delete()
    settings.PROCTORED_RESULTS_EXAM_PAGE = False
    assert complaints() == {}


# Filter steps


@pytest.mark.parametrize(
    "config",
    [None, {}, {UNIT: {}}, {UNIT: {"pipeline": ["their.Step"]}}, {UNIT: {"pipeline": None}}, {UNIT: ["their.Step"]}],
)
def test_steps_that_the_settings_have_lost(config: Any, settings: Any) -> None:
    ours = settings.OPEN_EDX_FILTERS_CONFIG
    settings.OPEN_EDX_FILTERS_CONFIG = None if config is None else {**ours, UNIT: {}, **config}
    found = complaints()
    assert list(found) == ["W002"]
    assert f"has no step {FILTER_STEPS[UNIT]} for {UNIT}" in found["W002"]
    assert "PROCTORED_RESULTS_EXAM_PAGE" not in found["W002"]
    settings.PROCTORED_RESULTS_PANEL = settings.PROCTORED_RESULTS_TAB = False
    assert list(complaints()) == ["W002"]
    settings.PROCTORED_RESULTS_UNITS = False
    assert complaints() == {}
    settings.PROCTORED_RESULTS_UNITS, settings.PROCTORED_RESULTS_EXAM_PAGE = True, False
    assert complaints() == {}


@pytest.mark.parametrize("form", [{"pipeline": ["their.Step", FILTER_STEPS[UNIT]]}, [FILTER_STEPS[UNIT]]])
def test_steps_in_whichever_form(form: Any, settings: Any) -> None:
    settings.OPEN_EDX_FILTERS_CONFIG = {**settings.OPEN_EDX_FILTERS_CONFIG, UNIT: form}
    assert complaints() == {}


def test_each_step_is_named_alone(settings: Any) -> None:
    settings.OPEN_EDX_FILTERS_CONFIG = {}
    issues = [issue.msg for issue in registry.registry.run_checks() if issue.id == "proctored_results.W002"]
    assert len(issues) == len(FILTER_STEPS)
    settings.PROCTORED_RESULTS_PANEL = False
    issues = [issue.msg for issue in registry.registry.run_checks() if issue.id == "proctored_results.W002"]
    assert len(issues) == len(FILTER_STEPS) - 1
    assert not any(DASHBOARD in issue for issue in issues)


def test_every_step_has_a_setting_that_switches_it_off() -> None:
    assert FILTER_STEPS.keys() <= checks.SETTINGS_OF_STEPS.keys()


# The report store

LOCAL = "django.core.files.storage.FileSystemStorage"
PRIVATE = "proctored_results.storage.PrivateReportStorage"
S3 = "storages.backends.s3.S3Storage"


def store_of(storage_class: str, **kwargs: Any) -> dict[str, Any]:
    return {"STORAGE_CLASS": storage_class, "STORAGE_KWARGS": kwargs}


@pytest.mark.parametrize(
    ("store", "why"),
    [
        (None, "GRADES_DOWNLOAD is not set"),
        ({}, "GRADES_DOWNLOAD is not set"),
        ({"STORAGE_TYPE": None, "STORAGE_CLASS": LOCAL}, "AttributeError: "),
        ({"STORAGE_TYPE": "s3"}, "KeyError: 'BUCKET'"),
        (store_of("nowhere.Storage"), "ModuleNotFoundError: No module named 'nowhere'"),
        (store_of(LOCAL, nothing=1), "TypeError: "),
        (store_of(PRIVATE), "ImproperlyConfigured: PrivateReportStorage needs a location"),
    ],
)
def test_a_report_store_that_is_missing(store: Any, why: str, settings: Any) -> None:
    settings.GRADES_DOWNLOAD = store
    found = complaints()
    assert list(found) == ["W003"]
    assert why in found["W003"]


def test_a_report_store_that_the_settings_do_not_name_at_all(settings: Any) -> None:
    del settings.GRADES_DOWNLOAD
    assert list(complaints()) == ["W003"]


@pytest.mark.parametrize(
    ("store", "why"),
    [
        (store_of(LOCAL, location="/srv/media/grades"), "/srv/media/grades lies below MEDIA_ROOT"),
        (store_of(LOCAL, location="/srv/media/../media/grades"), "/srv/media/grades lies below MEDIA_ROOT"),
        (store_of(LOCAL), "/srv/media lies below MEDIA_ROOT"),
        ({"STORAGE_TYPE": "localfs", "ROOT_PATH": "/srv/media/grades"}, "lies below MEDIA_ROOT"),
        (store_of(PRIVATE, location="/srv/media/grades"), "lies below MEDIA_ROOT"),
        (store_of(LOCAL, location="/srv/grades", base_url="/grades/"), "/srv/grades is served below /grades/"),
        (store_of(S3, bucket_name="reports", querystring_auth=False), "querystring_auth is off"),
        (store_of(S3, bucket_name="reports", custom_domain="cdn.example.com"), "cdn.example.com do not expire"),
    ],
)
def test_a_report_store_that_is_public(store: dict[str, Any], why: str, settings: Any) -> None:
    settings.MEDIA_ROOT, settings.MEDIA_URL = "/srv/media", "/media/"
    settings.GRADES_DOWNLOAD = store
    found = complaints()
    assert list(found) == ["W004"]
    assert why in found["W004"]
    assert "PrivateReportStorage" in found["W004"]


def test_the_store_that_tutor_has_is_public(public_report_store: Path) -> None:
    assert list(complaints()) == ["W004"]


@pytest.mark.parametrize(
    "store",
    [
        store_of(PRIVATE, location="/srv/grades"),
        store_of(PRIVATE, location="/srv/grades", base_url="/media/grades/"),
        store_of(PRIVATE, location="/srv/media-private"),
        store_of(LOCAL, location="/srv/grades"),
        {"STORAGE_TYPE": "localfs", "ROOT_PATH": "/tmp/edx-s3/grades"},
        store_of(S3, bucket_name="reports", querystring_expire=300),
        store_of("django.core.files.storage.InMemoryStorage"),
    ],
)
def test_a_report_store_that_is_not_public(store: dict[str, Any], settings: Any) -> None:
    settings.MEDIA_ROOT, settings.MEDIA_URL = "/srv/media", "/media/"
    settings.GRADES_DOWNLOAD = store
    assert complaints() == {}


def test_without_a_media_folder_nothing_lies_below_it(settings: Any) -> None:
    settings.MEDIA_ROOT = ""
    settings.GRADES_DOWNLOAD = store_of(LOCAL, location=os.getcwd())
    assert complaints() == {}


# Proctored exams, services, scores


def test_a_site_without_proctored_exams_is_told_this_alone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_RUNTIME_SERVICES", {})
    get_waffle_flag_model().objects.all().delete()
    settings.FEATURES = {**settings.FEATURES, "ENABLE_SPECIAL_EXAMS": False}
    found = complaints()
    assert list(found) == ["W005"]
    assert "ENABLE_SPECIAL_EXAMS is off" in found["W005"]


def test_services_that_edx_proctoring_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(runtime._RUNTIME_SERVICES, "credit")
    monkeypatch.setitem(runtime._RUNTIME_SERVICES, "grades", None)
    found = complaints()
    assert list(found) == ["W006"]
    assert "platform services: credit, grades." in found["W006"]


def test_rejected_exams_that_keep_their_score_everywhere() -> None:
    get_waffle_flag_model().objects.update(everyone=False)
    found = complaints()
    assert list(found) == ["I007"]
    assert "waffle_flag grades.rejected_exam_overrides_grade --everyone" in found["I007"]
    get_waffle_flag_model().objects.all().delete()
    assert list(complaints()) == ["I007"]


@pytest.mark.parametrize(
    ("model", "place"),
    [(WaffleFlagCourseOverrideModel, {"course_id": COURSE_KEY}), (WaffleFlagOrgOverrideModel, {"org": "TestX"})],
)
def test_rejected_exams_that_score_nothing_somewhere(model: Any, place: dict[str, Any]) -> None:
    get_waffle_flag_model().objects.all().delete()
    steps = [
        ({"enabled": True, "override_choice": "on"}, []),
        ({"enabled": True, "override_choice": "off"}, ["I007"]),
        ({"enabled": True, "override_choice": "on"}, []),
        ({"enabled": False, "override_choice": "on"}, ["I007"]),
    ]
    for fields, expected in steps:
        model.objects.create(waffle_flag="grades.rejected_exam_overrides_grade", **place, **fields)
        assert list(complaints()) == expected
    model.objects.create(waffle_flag="grades.another", enabled=True, override_choice="on", **place)
    assert list(complaints()) == ["I007"]


# The database


def test_a_database_of_reports_that_there_is_not(settings: Any) -> None:
    settings.PROCTORED_RESULTS_DATABASE = "reports"
    found = complaints()
    assert list(found) == ["W010"]
    assert "'reports'" in found["W010"]
    settings.PROCTORED_RESULTS_DATABASE = "default"
    assert complaints() == {}


def test_the_score_is_a_hint_and_everything_else_a_warning() -> None:
    """An error would keep management commands from running."""
    XBlockAsidesConfig.objects.all().delete()
    get_waffle_flag_model().objects.all().delete()
    levels = {issue.id: issue.level for issue in registry.registry.run_checks()}
    assert levels["proctored_results.W001"] == WARNING
    assert levels["proctored_results.I007"] == INFO
    assert set(re.findall(r'id="proctored_results\.(\w)', Path(checks.__file__).read_text())) == {"W", "I"}


# The queue


@pytest.fixture
def workers_say(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool | None], None]:
    """A function that sets the answer about the queue; no broker is asked."""
    return lambda answer: monkeypatch.setattr(
        instructor_tasks, "queue_of_reports_is_consumed", lambda *, seconds: answer
    )


@pytest.mark.parametrize(("answer", "expected"), [(False, ["W009"]), (True, []), (None, [])])
def test_a_queue_without_a_consumer_is_named_before_a_deployment(
    answer: bool | None, expected: list[str], workers_say: Callable[[bool | None], None], settings: Any
) -> None:
    workers_say(answer)
    found = complaints("--deploy")
    assert list(found) == expected
    assert all(settings.GRADES_DOWNLOAD_ROUTING_KEY in message for message in found.values())
    assert complaints() == {}


@pytest.mark.parametrize("broker", ["amqp://guest@127.0.0.1:9//", "redis://127.0.0.1:9/0"])
def test_a_broker_that_does_not_answer_is_named_and_not_waited_for(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = current_app.connection_for_write
    monkeypatch.setattr(current_app, "connection_for_write", lambda: connect(broker))
    found = complaints("--deploy")
    assert list(found) == ["W008"]
    assert "The task queue does not answer" in found["W008"]


@pytest.mark.parametrize(("name", "value"), [("task_always_eager", True), ("worker_enable_remote_control", False)])
def test_workers_that_cannot_be_asked_are_not_asked(name: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "connection_for_write", None)
    monkeypatch.setitem(current_app.conf, name, value)
    assert complaints("--deploy") == {}


# Wherever commands run


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {**os.environ, "LMS_SANDBOX_VAR": str(folder), **changes}


def manage(folder: Path, *arguments: str, **changes: str) -> str:
    """Run a management command in a process of its own; return what it says, on both outputs."""
    return subprocess.run(
        [sys.executable, "-m", "lms_sandbox", *arguments],
        cwd=REPOSITORY,
        env=environment(folder, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


@pytest.mark.processes(only="python")
@pytest.mark.parametrize(
    "database",
    ["", "sqlite:////nowhere/lms.sqlite3", "mysql://root@127.0.0.1:9/lms"],
    ids=["without tables", "no folder", "no server"],
)
def test_without_a_database_or_its_tables_nothing_is_said_and_nothing_breaks(database: str, tmp_path: Path) -> None:
    changes = {"DATABASE_URL": database, "LMS_SANDBOX_REPORT_STORE": "public"}
    said = manage(tmp_path, "check", **changes)
    assert re.findall(r"proctored_results\.([A-Z]\d+)", said) == ["W004"]
    assert "Traceback" not in said


def test_a_platform_that_has_changed_breaks_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bool:
        raise ImportError("cannot import name 'XBlockAsidesConfig'")

    monkeypatch.setattr(proctoring, "asides_of_sequences_are_shown", gone)
    found = complaints()
    assert list(found) == ["W000"]
    assert "could not check asides_are_shown: ImportError." in found["W000"]


def test_a_site_can_silence_what_it_has_decided_otherwise(settings: Any) -> None:
    get_waffle_flag_model().objects.all().delete()
    settings.SILENCED_SYSTEM_CHECKS = ["proctored_results.I007"]
    assert complaints() == {}


def test_plain_checks_ask_the_database_a_few_times(django_assert_max_num_queries: Any) -> None:
    get_waffle_flag_model().objects.all().delete()
    ours = [check for check in registry.registry.registered_checks if check.__module__ == checks.__name__]
    assert len(ours) == 6
    with django_assert_max_num_queries(4):
        for check in ours:
            check(app_configs=None)


@pytest.mark.processes(only="python")
def test_studio_makes_no_checks(tmp_path: Path) -> None:
    """Studio loads the aside's class by its entry point, but does not install the app."""
    from importlib.metadata import entry_points

    assert not [entry for entry in entry_points(group="cms.djangoapp") if entry.value.startswith("proctored_results")]
    code = (
        "import django; from django.conf import settings\n"
        "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth'])\n"
        "django.setup()\n"
        "from importlib.metadata import entry_points\n"
        "[aside] = entry_points(group='xblock_asides.v1', name='proctored_exam_result')\n"
        "aside.load()\n"
        "from django.core.checks import registry\n"
        "print([check.__module__ for check in registry.registry.get_checks(True) if 'proctored' in check.__module__])\n"
    )
    variables = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    said = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert said.stdout == "[]\n"


def test_the_reference_names_every_check() -> None:
    raised = set(re.findall(r"proctored_results\.([WI]\d+)", Path(checks.__file__).read_text()))
    documented = re.findall(r"``proctored_results\.([WI]\d+)``", REFERENCE.read_text())
    assert set(documented) == raised
    assert len(documented) == len(raised)
