"""The plugin's settings with their defaults, and its additions to settings of the platform."""

from pathlib import Path
from typing import Any

MAKO_TEMPLATES = str(Path(__file__).resolve().parent.parent / "mako_templates")

#: Filter type -> the plugin's step in it.
FILTER_STEPS = {
    "org.openedx.learning.instructor.dashboard.render.started.v1": "proctored_results.instructor.panel.AddPanel",
    "org.openedx.learning.instructor.dashboard.tabs.requested.v1": "proctored_results.instructor.tab.AddTab",
    "org.openedx.learning.vertical_block.render.completed.v1": "proctored_results.learner.units.AddResultToUnit",
}

MAIL_LOADER = "proctored_results.learner.mails.MailTemplateLoader"


def plugin_settings(settings: Any) -> None:
    """Add the plugin's defaults and additions to the settings module of the platform."""
    # .. setting_name: PROCTORED_RESULTS_EXTRA_COLUMNS
    # .. setting_default: []
    # .. setting_description: Columns that every report gets after its fifteen fixed ones, in this order. Known
    #   names: provider, track, result, reviewed_at, reviewed_by.
    settings.PROCTORED_RESULTS_EXTRA_COLUMNS = []

    # .. toggle_name: PROCTORED_RESULTS_BYTE_ORDER_MARK
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: False
    # .. toggle_description: Whether report files begin with a UTF-8 byte-order mark, which lets Excel open them
    #   correctly with a double click. A request can choose otherwise.
    # .. toggle_use_cases: opt_in
    # .. toggle_creation_date: 2026-11-23
    settings.PROCTORED_RESULTS_BYTE_ORDER_MARK = False

    # .. toggle_name: PROCTORED_RESULTS_ESCAPE_FORMULAS
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether a text that a spreadsheet would run as a formula gets a leading apostrophe.
    #   Turn it off only if nothing but programs reads the files.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-23
    # .. toggle_warning: Names and comments in the report come from learners and reviewers. Without the apostrophe, such
    #   a text can run commands on the computer of a person who opens the file in a spreadsheet.
    settings.PROCTORED_RESULTS_ESCAPE_FORMULAS = True

    # .. setting_name: PROCTORED_RESULTS_DATABASE
    # .. setting_default: None
    # .. setting_description: Alias of the database that reports read: attempts, reviews, users and enrolments. With
    #   None, it is the platform's read_replica if DATABASES has that alias, and default if not.
    settings.PROCTORED_RESULTS_DATABASE = None

    # .. toggle_name: PROCTORED_RESULTS_SNAPSHOT
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether a report shows the whole course at one moment. It then reads on a connection of
    #   its own, in one transaction that locks nothing. If off, each row shows the moment when it was read.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-25
    settings.PROCTORED_RESULTS_SNAPSHOT = True

    # .. setting_name: PROCTORED_RESULTS_REQUEST_RATE
    # .. setting_default: "60/hour"
    # .. setting_description: How many reports one user may ask for, in the notation of Django REST Framework's
    #   throttles.
    settings.PROCTORED_RESULTS_REQUEST_RATE = "60/hour"

    # .. toggle_name: PROCTORED_RESULTS_PANEL
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether the old instructor dashboard has the panel in Data Download, and whether the
    #   platform's own button there starts the plugin's report. The panel's own page does not depend on it.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-25
    settings.PROCTORED_RESULTS_PANEL = True

    # .. toggle_name: PROCTORED_RESULTS_TAB
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether the new instructor dashboard has a tab that leads to the panel's own page. Turn it
    #   off when the platform has a report of its own there again.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-25
    settings.PROCTORED_RESULTS_TAB = True

    # .. toggle_name: PROCTORED_RESULTS_EXAM_PAGE
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether learners see their result on the exam page. If off, the API gives learners no
    #   result either, so the web component shows nothing. Course teams can still ask the API for a learner by username.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-25
    settings.PROCTORED_RESULTS_EXAM_PAGE = True

    # .. toggle_name: PROCTORED_RESULTS_MAILS
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether the e-mails that edx-proctoring sends have the plugin's words: Pending,
    #   Satisfactory or Unsatisfactory, and what that means.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-23
    settings.PROCTORED_RESULTS_MAILS = True

    # .. setting_name: PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS
    # .. setting_default: []
    # .. setting_description: Names of proctoring backends whose e-mails the plugin does not change. None stands for
    #   exams that name no backend.
    settings.PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS = []

    # .. toggle_name: PROCTORED_RESULTS_UNITS
    # .. toggle_implementation: DjangoSetting
    # .. toggle_default: True
    # .. toggle_description: Whether a unit of an exam has the result above it when a page shows the unit alone. Turn
    #   it off if the learning micro-frontend has the widget: the widget shows the result above every part of the exam,
    #   units included.
    # .. toggle_use_cases: opt_out
    # .. toggle_creation_date: 2026-11-25
    settings.PROCTORED_RESULTS_UNITS = True

    if hasattr(settings, "MAKO_TEMPLATE_DIRS_BASE") and MAKO_TEMPLATES not in settings.MAKO_TEMPLATE_DIRS_BASE:
        settings.MAKO_TEMPLATE_DIRS_BASE.append(MAKO_TEMPLATES)
    add_filter_steps(settings)
    add_mail_loader(settings)


def add_filter_steps(settings: Any) -> None:
    """
    Append the plugin's steps to the pipelines in ``OPEN_EDX_FILTERS_CONFIG``, unless they are already there.

    An entry may be a dict, a list of steps or one step, as openedx-filters allows; it becomes a dict. ``fail_silently``
    becomes True unless the site sets it, so a step that fails never breaks a page of the platform.
    """
    filters = dict(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {})
    for filter_type, step in FILTER_STEPS.items():
        configured = filters.get(filter_type) or {}
        if isinstance(configured, str):
            configured = {"pipeline": [configured]}
        elif isinstance(configured, (list, tuple)):
            configured = {"pipeline": configured}
        pipeline = list(configured.get("pipeline") or [])
        if step not in pipeline:
            pipeline.append(step)
        filters[filter_type] = {"fail_silently": True, **configured, "pipeline": pipeline}
    settings.OPEN_EDX_FILTERS_CONFIG = filters


def add_mail_loader(settings: Any) -> None:
    """
    Insert the loader of the e-mail templates before the loader of the apps' templates, once.

    Loaders before this position, such as a site theme's, keep their precedence.
    """
    for engine in getattr(settings, "TEMPLATES", []):
        loaders = engine.get("OPTIONS", {}).get("loaders")
        if engine["BACKEND"] != "django.template.backends.django.DjangoTemplates" or not loaders:
            continue
        if MAIL_LOADER not in loaders:
            position = next(
                (
                    i
                    for i, loader in enumerate(loaders)
                    if "app_directories" in str(loader) or "AppDirectories" in str(loader)
                ),
                len(loaders),
            )
            engine["OPTIONS"]["loaders"] = [*loaders[:position], MAIL_LOADER, *loaders[position:]]
