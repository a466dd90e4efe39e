"""Finding the rows of runs, and the only function that changes them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import models
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from proctored_results.models import ReportRun
from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS

#: The states of a run that has not ended.
OPEN = (ReportRun.State.QUEUED, ReportRun.State.RUNNING)


def requested(course_key: CourseKey) -> "models.QuerySet[ReportRun]":
    """Return the course's runs that somebody requested on a page or through the API, unordered."""
    return _runs(course_key).filter(models.Q(requester__isnull=False) | models.Q(task_id__isnull=False))


def stored(course_key: CourseKey) -> "models.QuerySet[ReportRun]":
    """Return the course's runs whose file is in the report store, newest first."""
    # The order is that of an index. For the order of the primary key, MySQL would scan the runs of all courses.
    runs = _runs(course_key).filter(state=ReportRun.State.SUCCEEDED, file_name__isnull=False)
    return runs.order_by("-finished_at", "-file_name")


def forget_file(course_key: CourseKey, file_name: str) -> bool:
    """Record that the report store no longer has this file; return whether a run had it."""
    run = stored(course_key).filter(file_name=file_name).first()
    if run is None or (run.course_key, run.file_name) != (course_key, file_name):
        return False
    update(run, file_name=None)
    return True


def update(run: ReportRun, conditions: Mapping[str, Any] = MappingProxyType({}), /, **fields: Any) -> bool:
    """
    Set the fields in the database and in the object, if the row meets the conditions; return whether it does.

    The row is found by its primary key. All code that changes runs must do the same: two changes at the same moment end
    in a deadlock if they find the row by different indexes.
    """
    updated = bool(ReportRun.objects.filter(pk=run.pk, **conditions).update(**fields))
    if updated:
        for name, value in fields.items():
            setattr(run, name, value)
    return updated


def fail(run: ReportRun, sentence: str, **conditions: Any) -> None:
    """End the run as failed and release its lease, if it meets the conditions."""
    update(
        run,
        conditions,
        state=ReportRun.State.FAILED,
        sentence=sentence,
        file_name=None,
        finished_at=timezone.now(),
        lease_key=None,
    )


def _runs(course_key: CourseKey) -> "models.QuerySet[ReportRun]":
    return ReportRun.objects.filter(course_key=course_key, kind=PROCTORED_EXAM_RESULTS).select_related("requester")
