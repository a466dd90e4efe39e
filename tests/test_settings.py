"""What the plugin tells the platform, and what it puts into the platform's settings."""

import ast
import copy
import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as live
from django.urls import reverse
from edx_django_utils.plugins import get_plugin_apps

from proctored_results.settings import common, production
from proctored_results.settings import test as settings_of_tests
from tests.factories import COURSE_KEY

DASHBOARD = "org.openedx.learning.instructor.dashboard.render.started.v1"
STEP = "proctored_results.instructor.panel.AddPanel"
UNIT = "org.openedx.learning.vertical_block.render.completed.v1"
UNIT_STEP = "proctored_results.learner.units.AddResultToUnit"
TABS = "org.openedx.learning.instructor.dashboard.tabs.requested.v1"
TABS_STEP = "proctored_results.instructor.tab.AddTab"
STEPS = {DASHBOARD: STEP, UNIT: UNIT_STEP, TABS: TABS_STEP}
THEIRS = "their_plugin.Step"


def merged(config: Any) -> dict[str, Any]:
    """The filters' settings after the plugin has merged its steps, without those of units and tabs."""
    module = SimpleNamespace(OPEN_EDX_FILTERS_CONFIG=config)
    common.add_filter_steps(module)
    return without_other_steps(module.OPEN_EDX_FILTERS_CONFIG)


def without_other_steps(config: dict[str, Any]) -> dict[str, Any]:
    """The filters' settings without those of units and tabs, which must be there before."""
    for name in (UNIT, TABS):
        assert config[name] == {"pipeline": [STEPS[name]], "fail_silently": True}
    return {name: filter_config for name, filter_config in config.items() if name not in (UNIT, TABS)}


# Wiring


def test_the_plugin_is_an_installed_app_because_of_its_entry_point() -> None:
    config = "proctored_results.apps:ProctoredResultsConfig".replace(":", ".")
    assert config in get_plugin_apps("lms.djangoapp")
    assert config in live.INSTALLED_APPS
    assert apps.is_installed("proctored_results")


def test_its_urls_its_steps_and_its_mako_templates_are_the_platforms() -> None:
    url = reverse("proctored_results:reports", args=[str(COURSE_KEY)])
    assert url == f"/api/proctored_results/v1/courses/{COURSE_KEY}/reports/"
    assert reverse("proctored_results:panel", args=[str(COURSE_KEY)]) == f"/proctored_results/courses/{COURSE_KEY}/"
    for name, step in STEPS.items():
        assert live.OPEN_EDX_FILTERS_CONFIG[name]["pipeline"].count(step) == 1
    assert live.MAKO_TEMPLATE_DIRS_BASE.count(common.MAKO_TEMPLATES) == 1
    assert Path(common.MAKO_TEMPLATES, "proctored_results", "data_download.html").is_file()


# The filters


@pytest.mark.parametrize("nothing", [None, {}, {DASHBOARD: None}, {DASHBOARD: {}}, {DASHBOARD: []}, {DASHBOARD: ""}])
def test_where_there_is_no_step_ours_is_the_only_one(nothing: Any) -> None:
    assert merged(nothing) == {DASHBOARD: {"pipeline": [STEP], "fail_silently": True}}


def test_settings_without_any_filters_get_ours() -> None:
    module = SimpleNamespace()
    common.add_filter_steps(module)
    assert module.OPEN_EDX_FILTERS_CONFIG[DASHBOARD]["pipeline"] == [STEP]


@pytest.mark.parametrize(
    "theirs",
    [THEIRS, [THEIRS], (THEIRS,), {"pipeline": [THEIRS]}, {"pipeline": (THEIRS,)}],
    ids=["text", "list", "tuple", "dict", "dict with a tuple"],
)
def test_a_step_of_another_plugin_stays_before_ours_in_every_form(theirs: Any) -> None:
    assert merged({DASHBOARD: theirs}) == {DASHBOARD: {"pipeline": [THEIRS, STEP], "fail_silently": True}}


@pytest.mark.parametrize("name", [UNIT, TABS])
def test_in_every_filter_a_step_of_another_plugin_stays_before_ours(name: str) -> None:
    module = SimpleNamespace(OPEN_EDX_FILTERS_CONFIG={name: {"pipeline": [THEIRS], "fail_silently": False}})
    common.add_filter_steps(module)
    assert module.OPEN_EDX_FILTERS_CONFIG[name] == {"pipeline": [THEIRS, STEPS[name]], "fail_silently": False}


def test_other_filters_and_other_options_stay() -> None:
    config = {
        "another.filter.v1": {"pipeline": [THEIRS], "fail_silently": False},
        DASHBOARD: {"pipeline": [THEIRS], "fail_silently": False, "log_level": "debug"},
    }
    assert merged(copy.deepcopy(config)) == {
        "another.filter.v1": config["another.filter.v1"],
        DASHBOARD: {"pipeline": [THEIRS, STEP], "fail_silently": False, "log_level": "debug"},
    }


def test_merging_twice_changes_nothing_and_keeps_the_sites_order() -> None:
    once = merged({DASHBOARD: {"pipeline": [STEP, THEIRS]}})
    assert once[DASHBOARD]["pipeline"] == [STEP, THEIRS]
    assert merged(copy.deepcopy(once)) == once


def test_what_was_configured_is_not_changed_in_place() -> None:
    pipeline = [THEIRS]
    config = {DASHBOARD: {"pipeline": pipeline}}
    merged(config)
    assert (pipeline, config) == ([THEIRS], {DASHBOARD: {"pipeline": [THEIRS]}})


@pytest.mark.parametrize("later", [production, settings_of_tests])
def test_a_yaml_file_that_replaces_the_filters_is_merged_again(later: Any) -> None:
    module = SimpleNamespace(MAKO_TEMPLATE_DIRS_BASE=[])
    common.plugin_settings(module)
    module.OPEN_EDX_FILTERS_CONFIG = {DASHBOARD: {"pipeline": [THEIRS], "fail_silently": False}}
    module.PROCTORED_RESULTS_EXTRA_COLUMNS = ["track"]
    later.plugin_settings(module)
    found = without_other_steps(module.OPEN_EDX_FILTERS_CONFIG)
    assert found == {DASHBOARD: {"pipeline": [THEIRS, STEP], "fail_silently": False}}
    assert module.PROCTORED_RESULTS_EXTRA_COLUMNS == ["track"], "what the site has set stays"


# The settings as the LMS puts them together: common, plugins' common, YAML, plugins' production, Tutor's patches

SWITCHES = [
    "PROCTORED_RESULTS_PANEL",
    "PROCTORED_RESULTS_TAB",
    "PROCTORED_RESULTS_EXAM_PAGE",
    "PROCTORED_RESULTS_MAILS",
]

LMS_SETTINGS = """
from edx_django_utils.plugins import add_plugins
from pathlib import Path
ENV_ROOT = Path(__file__).parent
OPEN_EDX_FILTERS_CONFIG = {}
PIPELINE = {"JAVASCRIPT": {}, "STYLESHEETS": {}}
add_plugins(__name__, "lms.djangoapp", "common")
from yaml_of_the_site import *
add_plugins(__name__, "lms.djangoapp", "production")
from patches_of_tutor import *
"""


@pytest.fixture
def lms_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """A function that returns the settings of an LMS, with what its YAML and a later patch of Tutor set."""

    def lms_settings(*, yaml: str = "", patch: str = "") -> ModuleType:
        (tmp_path / "yaml_of_the_site.py").write_text(yaml)
        (tmp_path / "patches_of_tutor.py").write_text(patch)
        (tmp_path / "lms_settings.py").write_text(LMS_SETTINGS)
        for name in ("yaml_of_the_site", "patches_of_tutor", "lms_settings"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        return importlib.import_module("lms_settings")

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return lms_settings


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("where", ["yaml", "patch"])
def test_a_feature_that_the_site_switches_off_stays_off(
    switch: str, where: str, lms_settings: Callable[..., ModuleType]
) -> None:
    assert getattr(lms_settings(), switch) is True
    assert getattr(lms_settings(**{where: f"{switch} = False"}), switch) is False


def test_filters_from_the_yaml_file_keep_their_steps_and_get_ours_once(
    lms_settings: Callable[..., ModuleType],
) -> None:
    config = {TABS: {"pipeline": [THEIRS], "fail_silently": False}, "theirs.v1": [THEIRS]}
    found = lms_settings(yaml=f"OPEN_EDX_FILTERS_CONFIG = {config!r}").OPEN_EDX_FILTERS_CONFIG
    assert found == {
        "theirs.v1": [THEIRS],
        TABS: {"pipeline": [THEIRS, TABS_STEP], "fail_silently": False},
        DASHBOARD: {"pipeline": [STEP], "fail_silently": True},
        UNIT: {"pipeline": [UNIT_STEP], "fail_silently": True},
    }


def test_without_a_yaml_file_each_step_is_there_once(lms_settings: Callable[..., ModuleType]) -> None:
    found = lms_settings().OPEN_EDX_FILTERS_CONFIG
    assert found == {name: {"pipeline": [step], "fail_silently": True} for name, step in STEPS.items()}


# Templates and defaults


def test_the_mako_folder_is_appended_once_and_in_place() -> None:
    folders = ["/platform"]
    module = SimpleNamespace(MAKO_TEMPLATE_DIRS_BASE=folders)
    common.plugin_settings(module)
    common.plugin_settings(module)
    assert folders == ["/platform", common.MAKO_TEMPLATES]
    assert module.MAKO_TEMPLATE_DIRS_BASE is folders


def test_settings_without_mako_are_left_without_it() -> None:
    module = SimpleNamespace()
    common.plugin_settings(module)
    assert not hasattr(module, "MAKO_TEMPLATE_DIRS_BASE")


def test_every_setting_is_annotated_with_its_default_and_every_switch_as_a_toggle() -> None:
    module = SimpleNamespace()
    common.plugin_settings(module)
    defaults = {name: value for name, value in vars(module).items() if name.startswith("PROCTORED_RESULTS_")}
    annotation = (
        r"# \.\. (setting|toggle)_name: (\w+)\n"
        r"(?:\s+# \.\. toggle_implementation: DjangoSetting\n)?"
        r"\s+# \.\. \1_default: (.+)\n"
    )
    annotated = re.findall(annotation, Path(common.__file__).read_text("utf-8"))
    assert {name: ast.literal_eval(default) for _kind, name, default in annotated} == defaults
    switches = {name for name, default in defaults.items() if isinstance(default, bool)}
    assert {name for kind, name, _default in annotated if kind == "toggle"} == switches
