"""
The contestants: ways to make the report of one course, from the database into the report store.

`python -m benchmarks.contestants NAME` runs one of them in this process and prints what it cost, as JSON.
"""

import csv
import gc
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import figures

HEADER = (
    "course_id",
    "provider",
    "track",
    "exam_name",
    "username",
    "email",
    "attempt_code",
    "allowed_time_limit_mins",
    "is_sample_attempt",
    "started_at",
    "completed_at",
    "status",
    "review_status",
    "Suspicious Count",
    "Suspicious Comments",
    "Rules Violation Count",
    "Rules Violation Comments",
)

JOIN = """
    SELECT exam.course_id, exam.exam_name, learner.username, learner.email, attempt.attempt_code,
           attempt.allowed_time_limit_mins, attempt.is_sample_attempt, attempt.started_at, attempt.completed_at,
           attempt.status, review.review_status, comment.status, comment.comment
      FROM proctoring_proctoredexam exam
      JOIN proctoring_proctoredexamstudentattempt attempt ON attempt.proctored_exam_id = exam.id
      JOIN auth_user learner ON learner.id = attempt.user_id
      LEFT JOIN proctoring_proctoredexamsoftwaresecurereview review ON review.attempt_code = attempt.attempt_code
      LEFT JOIN proctoring_proctoredexamstudentattemptcomment comment ON comment.review_id = review.id
     WHERE exam.course_id = %s
"""


def built_in_rows(course_key: Any) -> list[list[Any]]:
    """Return the rows of the platform's built-in report: edx-proctoring's function, with the platform's part redone."""
    from common.djangoapps.student.models import CourseEnrollment
    from edx_proctoring.api import get_exam_violation_report

    found = get_exam_violation_report(str(course_key))
    learners = {attempt["user_id"] for attempt in found}
    enrollments = CourseEnrollment.objects.filter(course_id=course_key, user_id__in=learners)
    modes = dict(enrollments.values_list("user_id", "mode"))
    for attempt in found:
        for kind in ("Suspicious", "Rules Violation"):
            comments = attempt.get(f"{kind} Comments", [])
            attempt |= {f"{kind} Count": len(comments), f"{kind} Comments": "; ".join(comments)}
        attempt["track"] = modes.get(attempt["user_id"], "Unknown")
    return [list(HEADER), *([attempt[name] for name in HEADER] for attempt in found)]


def built_in(course_key: Any, name: str) -> None:
    """Make the platform's built-in report."""
    from lms.djangoapps.instructor_task.models import ReportStore

    from proctored_results.edx_platform import report_store

    ReportStore.from_config(report_store.REPORT_STORE).store_rows(course_key, name, built_in_rows(course_key))


def ours(course_key: Any, name: str, **options: Any) -> None:
    """Make the report of this plugin."""
    from proctored_results.edx_platform import report_store
    from proctored_results.reports.choice import choose
    from proctored_results.runs import making

    with report_store.ReportFile.of(course_key, name).writing() as report:
        making.write(course_key, choose(**options), report.file)
        report.save()


def without_snapshot(course_key: Any, name: str) -> None:
    """Make our report without a snapshot."""
    _set(PROCTORED_RESULTS_SNAPSHOT=False)
    ours(course_key, name)


def on_the_replica(course_key: Any, name: str) -> None:
    """Make our report through the alias of a read replica."""
    _set(PROCTORED_RESULTS_DATABASE="read_replica")
    ours(course_key, name)


def with_all_columns(course_key: Any, name: str) -> None:
    """Make our report with every extra column."""
    from proctored_results.reports.columns import EXTRA_COLUMN_NAMES

    ours(course_key, name, extra_columns=EXTRA_COLUMN_NAMES)


def floor(course_key: Any, name: str) -> None:
    """
    Make the lower bound of any report: one join, from a server-side cursor straight to a file, with a line per comment.

    Nothing is sorted, merged, normalised or escaped.
    """
    from django.db import connection

    from proctored_results.edx_platform import report_store

    sql = JOIN
    if connection.vendor == "mysql":
        from django.db.backends.mysql.base import Database

        cursor = connection.connection.cursor(Database.cursors.SSCursor)
    else:
        cursor, sql = connection.connection.cursor(), sql.replace("%s", "?")
    with report_store.ReportFile.of(course_key, name).writing() as report:
        text = io.TextIOWrapper(report.file, "utf-8", newline="")
        writer = csv.writer(text)
        cursor.execute(sql, [str(course_key)])
        while rows := cursor.fetchmany(2000):
            writer.writerows(rows)
        text.detach()
        cursor.close()
        report.save()


CONTESTANTS: dict[str, Callable[[Any, str], None]] = {
    "built-in": built_in,
    "ours": ours,
    "floor": floor,
    "without snapshot": without_snapshot,
    "on the replica": on_the_replica,
    "all columns": with_all_columns,
}


def _set(**values: Any) -> None:
    from django.conf import settings

    for name, value in values.items():
        setattr(settings, name, value)


def run(name: str) -> dict[str, Any]:
    """Run a contestant on the large course in this process and return its seconds, MiB and queries."""
    import django

    django.setup()
    from django.db import connection
    from django.db.backends.signals import connection_created

    from lms_sandbox.seed.bulk import LARGE
    from proctored_results.edx_platform import report_store
    from proctored_results.reports import choice  # noqa: F401  (so that no measurement includes the import)
    from proctored_results.runs import making  # noqa: F401  (so that no measurement includes the import)

    queries = [1 if name == "floor" else 0]

    def count(execute: Callable, *arguments: Any) -> Any:
        queries[0] += 1
        return execute(*arguments)

    connection_created.connect(lambda connection, **_: connection.execute_wrappers.append(count), weak=False)
    connection.ensure_connection()
    report_file = report_store.ReportFile.of(LARGE, f"{name.replace(' ', '-')}.csv")
    if report_file.exists():
        report_file.storage.delete(report_file.path)
    gc.collect()
    # This resets the peak of the memory.
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    idle, wall, cpu = figures.memory("VmRSS"), time.perf_counter(), time.process_time()
    CONTESTANTS[name](LARGE, report_file.name)
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "idle": idle,
        "peak": figures.memory("VmHWM"),
        "queries": queries[0],
        "bytes": report_file.storage.size(report_file.path),
        "machine": figures.machine(),
    }


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
