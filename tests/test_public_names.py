"""The names by which settings, schedules, entry points and other code know the plugin do not change."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from celery import current_app
from django.core.files.storage import FileSystemStorage
from django.template.loaders.base import Loader
from django.utils.module_loading import import_string
from openedx_filters import PipelineStep

from proctored_results import api, apps
from proctored_results.learner.aside import ProctoredExamResultAside

#: What operators name in settings -> the class that the platform expects there.
IN_SETTINGS = {
    "proctored_results.storage.PrivateReportStorage": FileSystemStorage,
    "proctored_results.instructor.panel.AddPanel": PipelineStep,
    "proctored_results.instructor.tab.AddTab": PipelineStep,
    "proctored_results.learner.units.AddResultToUnit": PipelineStep,
    "proctored_results.learner.mails.MailTemplateLoader": Loader,
}

#: What schedules of celery's beat and messages in a queue name.
TASKS = (
    "proctored_results.tasks.generate_report",
    "proctored_results.tasks.generate_all_reports",
    "proctored_results.tasks.generate_next_report",
)


@pytest.mark.parametrize(("name", "base"), IN_SETTINGS.items())
def test_what_settings_name_is_there(name: str, base: type) -> None:
    assert issubclass(import_string(name), base)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_registered_under_the_name_of_its_place(name: str) -> None:
    task: Any = import_string(name)
    assert task.name == name
    assert name in current_app.tasks


def test_the_python_door_offers_what_it_names() -> None:
    assert sorted(api.__all__) == [
        "AlreadyRunning",
        "Choice",
        "ReportFailed",
        "ReportRun",
        "choose",
        "start_all_reports",
        "start_report",
        "store_report",
        "supervise_all_reports",
        "write_report",
    ]
    assert all(hasattr(api, name) for name in api.__all__)


def test_the_entry_points_lead_to_the_app_and_to_the_aside() -> None:
    (app,) = (each for each in entry_points(group="lms.djangoapp") if each.name == "proctored_results")
    assert app.load() is apps.ProctoredResultsConfig
    (aside,) = (each for each in entry_points(group="xblock_asides.v1") if each.name == "proctored_exam_result")
    assert aside.load() is ProctoredExamResultAside
