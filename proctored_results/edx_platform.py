"""
The one room that knows the platform: every import from ``lms``, ``common`` and ``openedx`` stands in a function here.

The imports are lazy for two reasons: the platform's models can only be imported once Django's apps are loaded, and
this module has to be importable where there is no LMS at all (in Studio, or while documentation is built).
"""

import hashlib
import inspect
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from crum import get_current_request
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.core.files import File
from django.core.files.storage import Storage
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import content_disposition_header
from edx_proctoring.runtime import get_runtime_service
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

READ_REPLICA = "read_replica"
REPORT_STORE = "GRADES_DOWNLOAD"
REJECTED_EXAM_FLAG = "grades.rejected_exam_overrides_grade"
REJECTED_EXAM_FLAG_SECONDS = 60

#: What edx-proctoring calls back on when the status of an attempt changes.
PROCTORING_SERVICES = ("certificates", "credit", "grades", "instructor")

UNFINISHED_FILE_PREFIX = ".proctored-results-"
UNFINISHED_FILE_MAX_AGE = 24 * 60 * 60


class QueueUnavailable(Exception):
    """The platform could not hand the task to its queue."""


class ReportStoreRefused(Exception):
    """The report store did not take, or did not give, a file; the cause is what it raised."""


# Courses


def course_overview(course_key: CourseKey) -> Any | None:
    """Return the course's ``CourseOverview``, or None for a course that does not exist."""
    from openedx.core.djangoapps.content.course_overviews.api import get_course_overview_or_none

    return get_course_overview_or_none(course_key)


def course_keys() -> Iterator[CourseKey]:
    """Return the keys of all courses of the site. One query."""
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    return CourseOverview.objects.values_list("id", flat=True).iterator()


def course_keys_of_request() -> Iterator[CourseKey]:
    """Return the keys of the courses that the URL of the current request names, whatever it calls them."""
    match = getattr(get_current_request(), "resolver_match", None)
    for value in match.kwargs.values() if match else ():
        with suppress(InvalidKeyError):
            yield CourseKey.from_string(str(value))


def special_exams_enabled() -> bool:
    """Tell whether the site has timed and proctored exams switched on."""
    return bool(settings.FEATURES.get("ENABLE_SPECIAL_EXAMS", False))


def exams_service_holds_attempts(course: Any) -> bool:
    """
    Tell whether the exams service (edx-exams) holds the attempts at a course's exams, and not edx-proctoring.

    That is so where an LTI tool proctors them. edx-proctoring may hold attempts from before.
    """
    return course.proctoring_provider == "lti_external"


def exam_dashboard_url(course_key: CourseKey) -> str | None:
    """Return where the exams service shows the attempts at a course's exams; None where the site has no such page."""
    site = getattr(settings, "EXAMS_DASHBOARD_MICROFRONTEND_URL", None)
    return f"{site}/course/{course_key}/exams" if site else None


def instructor_dashboard_url(course_key: CourseKey) -> str | None:
    """
    Return the path of a course's instructor dashboard, which leads on to the new one where the site has that.

    None for a course with an id of the old form: it has no dashboard.
    """
    return None if course_key.deprecated else reverse("instructor_dashboard", kwargs={"course_id": str(course_key)})


def lms_url(path: str) -> str:
    """Return the whole URL of a path of the LMS, as the site of the current request is called."""
    from openedx.core.djangoapps.site_configuration import helpers

    return f"{helpers.get_value('LMS_ROOT_URL', settings.LMS_ROOT_URL)}{path}"


def rejected_exams_score_zero(course_key: CourseKey) -> bool:
    """
    Tell whether the course gives the score 0 for a rejected exam, or gave it a minute ago.

    The platform asks the database twice each time, for a flag that hardly ever changes.
    """

    def ask() -> bool:
        grades = get_runtime_service("grades")
        return bool(grades and grades.should_override_grade_on_rejected_exam(str(course_key)))

    key = hashlib.sha256(f"proctored_results {REJECTED_EXAM_FLAG} {course_key}".encode()).hexdigest()
    return bool(cache.get_or_set(key, ask, REJECTED_EXAM_FLAG_SECONDS))


def rejected_exams_score_zero_anywhere() -> bool:
    """Tell whether the score 0 for a rejected exam is switched on for all courses, one course or one organization."""
    from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
    from waffle import get_waffle_flag_model

    if get_waffle_flag_model().objects.filter(name=REJECTED_EXAM_FLAG, everyone=True).exists():
        return True
    for model, key in ((WaffleFlagCourseOverrideModel, "course_id"), (WaffleFlagOrgOverrideModel, "org")):
        rows = model.objects.filter(waffle_flag=REJECTED_EXAM_FLAG).order_by("change_date", "pk")
        newest = {
            where: (enabled, choice) for where, enabled, choice in rows.values_list(key, "enabled", "override_choice")
        }
        if (True, "on") in newest.values():
            return True
    return False


def missing_proctoring_services() -> list[str]:
    """Return the names of the services that edx-proctoring needs of the platform and does not have."""
    return [name for name in PROCTORING_SERVICES if get_runtime_service(name) is None]


def proctoring_contact(course_key: CourseKey) -> str | None:
    """Return where learners of the course ask about proctoring: the course's own address, else the site's."""
    instructor = get_runtime_service("instructor")
    try:
        own = instructor and instructor.get_proctoring_escalation_email(str(course_key))
    except ObjectDoesNotExist:
        own = None
    return own or getattr(settings, "CONTACT_EMAIL", None)


def enrollment_modes(
    course_key: CourseKey, user_ids: Collection[int], *, using: str = DEFAULT_DB_ALIAS
) -> dict[int, str]:
    """Return user id -> enrolment mode ("track") for those of the users who have or had an enrolment. One query."""
    from common.djangoapps.student.models import CourseEnrollment

    enrollments = CourseEnrollment.objects.using(using).filter(course_id=course_key, user_id__in=user_ids)
    # Compared as texts, because to make a course key of each takes longer than all else.
    rows = enrollments.values_list("user_id", "mode", Cast("course_id", CharField()))
    expected = str(course_key)
    return {user_id: mode for user_id, mode, course_id in rows if course_id == expected}


def report_database() -> str:
    """Return the alias of the database that reports read: the platform's read replica, unless the site says another."""
    return settings.PROCTORED_RESULTS_DATABASE or (
        READ_REPLICA if READ_REPLICA in settings.DATABASES else DEFAULT_DB_ALIAS
    )


def asides_of_sequences_are_shown() -> bool:
    """Tell whether the LMS shows XBlock asides on the pages of sequences, of which exams are some."""
    from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig

    newest = XBlockAsidesConfig.objects.order_by("-change_date").first()
    return newest is not None and newest.enabled and "sequential" not in newest.disabled_blocks.split()


# Viewing the course as somebody else


def learner_in_view(request: HttpRequest, course_key: CourseKey) -> Any | None:
    """
    Return the learner whose results the request's user sees in the course.

    That is the user, and for a course team member the learner whom they view the course as. None for a team member who
    views it as themselves or as a learner in general.
    """
    from lms.djangoapps.courseware.masquerade import setup_masquerade

    staff_access = request.user.has_perm("instructor.view_exam_results", course_key)
    _masquerade, learner = setup_masquerade(request, course_key, staff_access, reset_masquerade_data=False)
    return None if staff_access and learner == request.user else learner


@dataclass(frozen=True)
class LearnerOfPage:
    """The learner that a page of the course is rendered for, and whether somebody else is looking at it."""

    id: int
    username: str
    is_looked_at: bool


def learner_of_page(block: Any, course_key: CourseKey) -> LearnerOfPage | None:
    """
    Return the learner whose page of the course the block (or an aside) is rendered for.

    None for a course team member who views the course as themselves or as a learner in general, and for a visitor who
    is not logged in. A learner whom a team member views the course as has the request's user as ``real_user``.
    """
    user = block.runtime.service(block, "user").get_current_user().opt_attrs
    user_id = user.get("edx-platform.user_id")
    request_user = getattr(get_current_request(), "user", None)
    if user_id is None or user.get("edx-platform.user_is_staff") or _views_as_generic_learner(request_user, course_key):
        return None
    return LearnerOfPage(
        id=user_id, username=user.get("edx-platform.username"), is_looked_at=hasattr(request_user, "real_user")
    )


def _views_as_generic_learner(user: Any, course_key: CourseKey) -> bool:
    masquerade = getattr(user, "masquerade_settings", {}).get(course_key)
    return masquerade is not None and masquerade.role == "student" and not masquerade.user_name


# Instructor tasks


def instructor_task_class() -> type:
    """Return the base class of the platform's instructor tasks."""
    from lms.djangoapps.instructor_task.tasks_base import BaseInstructorTask

    return BaseInstructorTask


def submit_task(
    request: HttpRequest, course_key: CourseKey, *, task_type: str, task: Any, task_input: dict, task_key: str
) -> Any:
    """
    Hand a celery task to the platform's instructor-task machinery and return its ``InstructorTask``.

    Must not be called inside a database transaction. Raises QueueUnavailable.
    """
    from lms.djangoapps.instructor_task import api_helper

    try:
        return api_helper.submit_task(request, task_type, task, course_key, task_input, task_key)
    except api_helper.QueueConnectionError as error:
        raise QueueUnavailable from error


def run_main_task(entry_id: int, task_function: Any, action_name: str) -> dict:
    """Run the function under the platform's bookkeeping; see ``run_main_task`` there for the arguments."""
    from lms.djangoapps.instructor_task.tasks_helper.runner import run_main_task as run

    return run(entry_id, task_function, action_name)


class TaskProgress:
    """
    How far an instructor task has come: rows attempted, succeeded, total.

    The platform's own progress object tells celery's result backend alone, while its Pending Tasks table reads
    ``InstructorTask.task_output``: this one tells both, about once a second. `count` is asked for the total once, when
    the first row is done.
    """

    INTERVAL = 1.0

    def __init__(self, entry_id: int, action_name: str, count: Callable[[], int]) -> None:
        from lms.djangoapps.instructor_task.tasks_helper.runner import TaskProgress as PlatformProgress

        self._entry_id = entry_id
        self._progress = PlatformProgress(action_name, None, time.time())
        self._count = count
        self._next_write = time.monotonic()

    def update(self, rows: int) -> None:
        """Write down that so many rows are done, where the last time is long enough ago."""
        if time.monotonic() >= self._next_write:
            self._progress.attempted = self._progress.succeeded = rows
            if self._progress.total is None:
                self._progress.total = self._count()
            self._write()
            self._next_write = time.monotonic() + self.INTERVAL

    def finish(self, rows: int) -> dict:
        """Note the final number of rows and return the dict that an instructor task returns."""
        self._progress.attempted = self._progress.succeeded = self._progress.total = rows
        return self._progress.state

    def _write(self) -> None:
        from lms.djangoapps.instructor_task.models import InstructorTask

        state = self._progress.update_task_state()
        InstructorTask.objects.filter(pk=self._entry_id).update(
            task_output=InstructorTask.create_output_for_success(state)
        )


def unfinished_task(instructor_task_id: int) -> bool:
    """Tell whether the instructor task exists and has not come to an end."""
    from celery.states import READY_STATES
    from lms.djangoapps.instructor_task.models import InstructorTask

    return InstructorTask.objects.filter(pk=instructor_task_id).exclude(task_state__in=READY_STATES).exists()


def task_progress(instructor_task_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return instructor task id -> ``{"attempted", "succeeded", "total"}``; tasks that have not begun are left out."""
    from lms.djangoapps.instructor_task.models import InstructorTask

    outputs = InstructorTask.objects.filter(pk__in=list(instructor_task_ids)).values_list("pk", "task_output")
    progress = {}
    for pk, output in outputs:
        counts = json.loads(output) if output else {}
        if "total" in counts:
            progress[pk] = {name: counts.get(name, 0) for name in ("attempted", "succeeded", "total")}
    return progress


def report_queue() -> str | None:
    """Return the name of the queue that the platform's reports run in."""
    return getattr(settings, "GRADES_DOWNLOAD_ROUTING_KEY", None)


def queue_of_reports_is_consumed(*, seconds: float) -> bool | None:
    """
    Tell whether a running worker says that it takes messages of the reports' queue.

    None where that cannot be known: workers do not answer questions, or tasks run without a queue. Takes so many
    seconds, in which workers can answer. Raises QueueUnavailable where the broker does not answer.
    """
    from celery import current_app

    if current_app.conf.task_always_eager or not current_app.conf.worker_enable_remote_control:
        return None
    try:
        with current_app.connection_for_write() as connection:
            # Without this, celery would try for ever.
            connection.ensure_connection(max_retries=1, interval_start=0)
            answers = current_app.control.inspect(timeout=seconds, connection=connection).active_queues() or {}
    except Exception as error:  # every transport has errors of its own
        raise QueueUnavailable from error
    queue = report_queue() or current_app.conf.task_default_queue
    return any(consumed["name"] == queue for queues in answers.values() for consumed in queues)


# The report store


def report_storage() -> Storage:
    """Return the storage of the platform's report store. Raises ReportStoreRefused where it cannot be made."""
    return _report_store().storage


def _report_store() -> Any:
    from lms.djangoapps.instructor_task.models import ReportStore

    with _store_errors():
        return ReportStore.from_config(REPORT_STORE)


def emit_report_requested(report_type: str) -> None:
    """Emit the platform's tracking event for a new report."""
    from lms.djangoapps.instructor_task.tasks_helper.utils import tracker_emit

    tracker_emit(report_type)


def course_file_prefix(course_key: CourseKey) -> str:
    """Return what the names of the course's report files begin with."""
    from common.djangoapps.util.file import course_filename_prefix_generator

    return course_filename_prefix_generator(course_key)


def course_directory(course_key: CourseKey) -> str:
    """Return the name of the directory in the report store that holds the course's files."""
    return hashlib.sha1(str(course_key).encode(), usedforsecurity=False).hexdigest()


def report_store_holds(directory: Path) -> bool:
    """Tell whether the directory is that of the report store, or lies in it or around it."""
    own = _local_directory(report_storage())
    if own is None:
        return False
    resolved = Path(own).resolve()
    return resolved.is_relative_to(directory) or directory.is_relative_to(resolved)


@dataclass(frozen=True)
class ReportFile:
    """A place for a file in the platform's report store: the storage, and the path in it."""

    storage: Storage
    path: str

    @classmethod
    def of(cls, course_key: CourseKey, name: str) -> "ReportFile":
        """
        Return the place of the course's report of that name, whether there is a file or not.

        Raises ReportStoreRefused where the site has set up no report store, or one that cannot be made.
        """
        store = _report_store()
        return cls(store.storage, store.path_to(course_key, name))

    @classmethod
    def at(cls, path: str) -> "ReportFile":
        """Return the place of that path, whether there is a file or not."""
        return cls(report_storage(), path)

    @property
    def name(self) -> str:
        """The name of the file, without directories."""
        return os.path.basename(self.path)

    @property
    def saved_as(self) -> str:
        """The name under which a browser saves the file: control characters, which no header takes, as "_"."""
        return re.sub(r"[\x00-\x1f\x7f]", "_", self.name)

    def exists(self) -> bool:
        """Tell whether there is a file in this place. Raises ReportStoreRefused."""
        with _store_errors():
            return self.storage.exists(self.path)

    def delete(self) -> None:
        """Delete the file in this place, if there is one. Raises ReportStoreRefused."""
        with _store_errors():
            self.storage.delete(self.path)

    def open(self) -> IO[bytes]:
        """Open the file for reading. Raises FileNotFoundError where there is none, and ReportStoreRefused."""
        with _store_errors(FileNotFoundError):
            try:
                return self.storage.open(self.path, "rb")
            except IsADirectoryError:
                raise FileNotFoundError(self.path) from None

    @contextmanager
    def writing(self) -> Iterator["UnsavedReport"]:
        """
        Open a temporary file for a report, which is gone at the end unless it was saved.

        For a storage on a local disk the file lies on that disk, outside the directories that the platform lists, so
        that saving it is one rename: the report is there whole or not at all. Raises ReportStoreRefused where the
        disk does not take the file.
        """
        with _store_errors():
            storage_directory = _local_directory(self.storage)
            directory = storage_directory or tempfile.gettempdir()
            _make_directory(directory, getattr(self.storage, "directory_permissions_mode", None))
            _remove_leftovers(directory)
            temporary = tempfile.NamedTemporaryFile(  # noqa: SIM115
                prefix=UNFINISHED_FILE_PREFIX, dir=directory, delete=False
            )
        try:
            with temporary:
                yield UnsavedReport(self, temporary, movable=storage_directory is not None)
        except OSError as error:
            raise ReportStoreRefused from error
        finally:
            Path(temporary.name).unlink(missing_ok=True)

    def short_lived_url(self, *, seconds: int) -> str | None:
        """Return a URL of the storage's own that downloads the file and dies by then; None where it has none."""
        signs = getattr(self.storage, "querystring_auth", False) and not getattr(self.storage, "custom_domain", None)
        if not signs or "expire" not in inspect.signature(self.storage.url).parameters:
            return None
        parameters = {
            "ResponseContentDisposition": content_disposition_header(True, self.saved_as),
            "ResponseCacheControl": "no-store",
        }
        with _store_errors():
            return self.storage.url(self.path, parameters=parameters, expire=seconds)


@dataclass(frozen=True)
class UnsavedReport:
    """A report that is being written: the binary file to write to, and the place that it is meant for."""

    place: ReportFile
    file: IO[bytes]
    movable: bool

    def save(self) -> tuple[str, int]:
        """
        Hand the whole file to the report store; return the name that it got there, and its size in bytes.

        The storage may choose another name than the one asked for. Raises ReportStoreRefused.
        """
        with _store_errors():
            self.file.flush()
            size = self.file.seek(0, os.SEEK_END)
            self.file.seek(0)
            content = File(self.file)
            if self.movable:
                content.temporary_file_path = lambda: self.file.name
            return os.path.basename(self.place.storage.save(self.place.path, content)), size


@contextmanager
def _store_errors(*but: type[Exception]) -> Iterator[None]:
    """Turn every error of the storage into one, but those named: storages raise what they like."""
    try:
        yield
    except but:
        raise
    except Exception as error:
        raise ReportStoreRefused from error


def _make_directory(directory: str, mode: int | None) -> None:
    """Make the directory and those around it where they are missing, with these permissions whatever the umask is."""
    umask = None if mode is None else os.umask(0o777 & ~mode)
    try:
        os.makedirs(directory, 0o777 if mode is None else mode, exist_ok=True)
    finally:
        if umask is not None:
            os.umask(umask)


def _local_directory(storage: Storage) -> str | None:
    """Return the root directory of a storage on a local disk, else None."""
    try:
        return storage.path("")
    except NotImplementedError:
        return None


def _remove_leftovers(directory: str) -> None:
    """Delete the unfinished files of runs that were killed."""
    for path in Path(directory).glob(f"{UNFINISHED_FILE_PREFIX}*"):
        try:
            if path.stat().st_mtime < time.time() - UNFINISHED_FILE_MAX_AGE:
                path.unlink()
        except OSError:  # another run was faster, or the file is not ours
            continue
