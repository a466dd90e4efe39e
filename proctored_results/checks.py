"""
Django system checks: what is missing on this site, and how to correct it.

``manage.py lms check`` runs them, and so does nearly every management command before it begins. Therefore:

- None is an error: an error would stop the commands of a site only because a part of this plugin is missing.
- None raises. If there is no database or no table, as while an image is built, the checks that read it return nothing.
- Those that read the database ask a few small queries. They have no tag ``database``: Django runs checks with that tag
  only for ``check --database`` and ``migrate``, so a plain ``check`` would leave them out.
- Those that ask the workers take seconds, so only ``check --deploy`` runs them.

The app's ``ready`` imports this module, so the checks run where the app is installed: in the LMS, never in Studio. A
site that does not want a check names it in ``SILENCED_SYSTEM_CHECKS``.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django import db
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage
from openedx_filters.tooling import OpenEdxPublicFilter

from proctored_results import attempts
from proctored_results.edx_platform import instructor_tasks, proctoring, report_store
from proctored_results.edx_platform.private_storage import PrivateReportStorage
from proctored_results.settings.common import FILTER_STEPS

Check = Callable[[], Iterator[checks.CheckMessage]]

#: Filter type -> the settings that switch off the plugin's step in it. One that is off is enough.
SETTINGS_OF_STEPS = {
    "org.openedx.learning.instructor.dashboard.render.started.v1": ("PROCTORED_RESULTS_PANEL",),
    "org.openedx.learning.instructor.dashboard.tabs.requested.v1": ("PROCTORED_RESULTS_TAB",),
    "org.openedx.learning.vertical_block.render.completed.v1": (
        "PROCTORED_RESULTS_UNITS",
        "PROCTORED_RESULTS_EXAM_PAGE",
    ),
}

#: How long to wait for the answers of workers.
WORKER_TIMEOUT_SECONDS = 1.0


def check(*, deploy: bool = False) -> Callable[[Check], Check]:
    """
    Return a decorator that registers a generator of messages as a Django check.

    With `deploy`, only ``check --deploy`` runs the check.
    """

    def register(function: Check) -> Check:
        def run(app_configs: Any = None, **_kwargs: Any) -> list[checks.CheckMessage]:
            try:
                return list(function())
            except (db.Error, ImproperlyConfigured):
                return []
            except Exception as error:
                return [
                    checks.Warning(
                        f"proctored-results could not check {function.__name__}: {type(error).__name__}.",
                        hint="See whether this release of the platform is one that the plugin supports.",
                        id="proctored_results.W000",
                    )
                ]

        run.__name__ = function.__name__
        checks.register(run, deploy=deploy)
        return function

    return register


def is_enabled(setting: str) -> bool:
    """Return whether a feature is switched on. It is, unless the site's settings switch it off."""
    return bool(getattr(settings, setting, True))


@check()
def asides_are_shown() -> Iterator[checks.CheckMessage]:
    """Check that the LMS shows XBlock asides. One of them shows learners their result on the page of the exam."""
    if is_enabled("PROCTORED_RESULTS_EXAM_PAGE") and not proctoring.asides_of_sequences_are_shown():
        yield checks.Warning(
            "Learners do not see their result on the LMS's own page of an exam, which the mobile apps open: the LMS "
            "shows no XBlock asides there.",
            hint=(
                "In the Django admin, add a row to LMS XBlock > X block asides configs, with Enabled ticked and no "
                '"sequential" in Disabled blocks. A site that wants it so adds "proctored_results.W001" to '
                "SILENCED_SYSTEM_CHECKS."
            ),
            id="proctored_results.W001",
        )


@check()
def filter_steps_are_configured() -> Iterator[checks.CheckMessage]:
    """Check that the filter steps, which the plugin merges into the settings, are in the final settings."""
    for filter_type, step in FILTER_STEPS.items():
        switches = SETTINGS_OF_STEPS[filter_type]
        if all(map(is_enabled, switches)) and step not in _pipeline(filter_type):
            yield checks.Warning(
                f"OPEN_EDX_FILTERS_CONFIG has no step {step} for {filter_type}.",
                hint=(
                    "The plugin adds it, and settings that are read later have replaced it: let them add to the "
                    f"pipeline, or name the step there, too; or set {switches[0]} = False."
                ),
                id="proctored_results.W002",
            )


def _pipeline(filter_type: str) -> list[str]:
    """Return the steps of a filter as openedx-filters reads them from the settings."""
    if not getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None):
        return []
    public_filter: Any = type("Filter", (OpenEdxPublicFilter,), {"filter_type": filter_type})
    return public_filter.get_pipeline_configuration()[0] or []


@check()
def report_store_is_private() -> Iterator[checks.CheckMessage]:
    """Check that there is a report store, and that nobody can get its files without the permissions."""
    if not getattr(settings, report_store.REPORT_STORE, None):
        yield checks.Warning(
            f"The platform has no report store: {report_store.REPORT_STORE} is not set.",
            hint='Say in the settings where reports are kept; see "Keep report files private" in the documentation.',
            id="proctored_results.W003",
        )
        return
    try:
        storage = report_store.report_storage()
    except report_store.ReportStoreRefused as refusal:
        yield checks.Warning(
            f"The report store cannot be opened: {type(refusal.__cause__).__name__}: {refusal.__cause__}",
            hint=(
                f'Correct {report_store.REPORT_STORE}. Its STORAGE_TYPE is "s3" or "localfs" (with BUCKET and '
                "ROOT_PATH), or else left out or empty (with STORAGE_CLASS and STORAGE_KWARGS)."
            ),
            id="proctored_results.W003",
        )
        return
    why = _why_public(storage)
    if why:
        yield checks.Warning(
            f"Report files can be downloaded by everybody who knows their address: {why}.",
            hint=(
                "On a local disk, use proctored_results.storage.PrivateReportStorage with a location that no web "
                "server serves; on S3, have querystring_auth on and no custom_domain."
            ),
            id="proctored_results.W004",
        )


def _why_public(storage: Storage) -> str | None:
    """Return why the files of a storage are public; None if they are not, or if it is not known."""
    if isinstance(storage, FileSystemStorage):
        media = settings.MEDIA_ROOT
        if media and Path(storage.location).resolve().is_relative_to(Path(media).resolve()):
            return f"{storage.location} lies below MEDIA_ROOT"
        if not isinstance(storage, PrivateReportStorage) and storage.base_url != settings.MEDIA_URL:
            return f"{storage.location} is served below {storage.base_url}"
    elif getattr(storage, "querystring_auth", None) is False:
        return "querystring_auth is off"
    elif getattr(storage, "custom_domain", None) and not getattr(storage, "cloudfront_signer", None):
        return f"links to {storage.custom_domain} do not expire"
    return None


@check()
def special_exams_are_enabled() -> Iterator[checks.CheckMessage]:
    """Check that the site has proctored exams, and that edx-proctoring has the platform services it needs."""
    if not proctoring.special_exams_enabled():
        yield checks.Warning(
            "The site has no proctored exams: ENABLE_SPECIAL_EXAMS is off.",
            hint='Set FEATURES["ENABLE_SPECIAL_EXAMS"] = True for the LMS and for Studio.',
            id="proctored_results.W005",
        )
        return
    missing = proctoring.missing_proctoring_services()
    if missing:
        yield checks.Warning(
            f"Attempts cannot change their status: edx-proctoring lacks platform services: {', '.join(missing)}.",
            hint=(
                "The LMS hands them over when its apps are loaded, if ENABLE_SPECIAL_EXAMS is on by then: set it in a "
                "settings file or the YAML, and see that no app of those names was taken out of INSTALLED_APPS."
            ),
            id="proctored_results.W006",
        )


@check()
def rejected_exams_score_zero() -> Iterator[checks.CheckMessage]:
    """Check that a rejected exam scores 0, as the platform's documentation of proctoring results promises."""
    if proctoring.special_exams_enabled() and not proctoring.rejected_exams_score_zero_anywhere():
        yield checks.Info(
            "A rejected exam keeps its score in every course. The documentation of proctoring results says that it "
            "scores 0.",
            hint=(
                f"If it should: ./manage.py lms waffle_flag {proctoring.REJECTED_EXAM_FLAG} --everyone --create; for "
                "single courses, add rows to Waffle_Utils > Waffle flag course overrides in the Django admin."
            ),
            id="proctored_results.I007",
        )


@check()
def database_of_reports_exists() -> Iterator[checks.CheckMessage]:
    """Check that the database that reports read exists."""
    alias = attempts.report_database()
    if alias not in settings.DATABASES:
        yield checks.Warning(
            f"Every report fails: PROCTORED_RESULTS_DATABASE is {alias!r}, and DATABASES has no such alias.",
            hint="Name an alias of DATABASES, or None for the read replica if there is one.",
            id="proctored_results.W010",
        )


@check(deploy=True)
def queue_of_reports_is_consumed() -> Iterator[checks.CheckMessage]:
    """Check that a worker consumes the queue of the tasks that make reports."""
    queue = instructor_tasks.report_queue() or "the default queue"
    try:
        consumed = instructor_tasks.queue_of_reports_is_consumed(seconds=WORKER_TIMEOUT_SECONDS)
    except instructor_tasks.QueueUnavailable as error:
        yield checks.Warning(
            f"The task queue does not answer ({type(error.__cause__).__name__}), and no report can be started.",
            hint="Start the broker, or correct the settings of celery that say where it is.",
            id="proctored_results.W008",
        )
        return
    if consumed is False:
        yield checks.Warning(
            f"No running worker says that it takes tasks from {queue}: reports stay in Pending Tasks.",
            hint=(
                "Start a worker that consumes this queue (GRADES_DOWNLOAD_ROUTING_KEY), for example with "
                "--queues or without --exclude-queues for it. A worker that is too busy to answer is not heard either."
            ),
            id="proctored_results.W009",
        )
