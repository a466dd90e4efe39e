"""
`python -m tests.services.moments`: a course changes, in one transaction, while its report is read.

Prints, as JSON, for each moment of the change (`between pages`, `within a page`), and there `with` and `without`
PROCTORED_RESULTS_SNAPSHOT:

- `first`, `last`: what the report says about the first and the last attempt of the course, which both change;
- `state`: the state of the run that another connection saw after the change.
"""

import csv
import io
import json
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.services.settings")

WHEN = ("between pages", "within a page")


def main() -> None:
    import django

    django.setup()
    from opaque_keys.edx.keys import CourseKey

    from lms_sandbox.seed import bulk
    from proctored_results import attempts

    found: dict[str, Any] = {when: {} for when in WHEN}
    for number, (when, snapshot) in enumerate((when, snapshot) for when in WHEN for snapshot in (True, False)):
        course_key = CourseKey.from_string(f"course-v1:MomentX+PR{number}+2026")
        bulk.make_courses([course_key], 2 * attempts.PAGE_SIZE + 101, exams=1)
        found[when]["with" if snapshot else "without"] = _report(course_key, when, snapshot)
    print(json.dumps(found))  # noqa: T201


def _report(course_key: Any, when: str, snapshot: bool) -> dict[str, Any]:
    from django.db import connection
    from django.db.backends.signals import connection_created
    from django.test import override_settings

    from proctored_results.edx_platform.report_store import ReportFile
    from proctored_results.models import ReportRun
    from proctored_results.reports.choice import choose
    from proctored_results.runs import making

    states, left = [], [1]

    def change_once() -> None:
        if left and left.pop():
            _change(course_key)
            states.append(_seen_by_another_connection(ReportRun.objects.filter(course_key=course_key)))

    def between_pages(_rows: int) -> None:
        if when == "between pages":
            change_once()

    def within_a_page(execute: Callable, sql: str, *arguments: Any) -> Any:
        """Change the course after its attempts and reviews are read, and before the comments are."""
        if when == "within a page" and sql.startswith("SELECT review_id"):
            change_once()
        return execute(sql, *arguments)

    def watch(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(within_a_page)

    connection_created.connect(watch)
    connection.close()
    with override_settings(PROCTORED_RESULTS_SNAPSHOT=snapshot):
        run = making.store(course_key, choose(extra_columns=["track"]), on_row=between_pages)
    connection_created.disconnect(watch)
    connection.close()
    file = ReportFile.of(course_key, run.file_name).open().read().decode()
    rows = list(csv.DictReader(io.StringIO(file, newline="")))
    assert not left
    return {"first": _gist(rows[0]), "last": _gist(rows[-1]), "state": states}


def _change(course_key: Any) -> None:
    from common.djangoapps.student.models import CourseEnrollment
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from edx_proctoring import models

    of_course = models.ProctoredExamStudentAttempt.objects.filter(proctored_exam__course_id=str(course_key))
    with transaction.atomic():
        for attempt in (of_course.earliest("id"), of_course.latest("id")):
            of_course.filter(id=attempt.id).update(status="rejected")
            reviews = models.ProctoredExamSoftwareSecureReview.objects.filter(attempt_code=attempt.attempt_code)
            assert reviews.update(review_status="Suspicious") == 1
            models.ProctoredExamSoftwareSecureComment.objects.create(
                review=reviews.get(), comment="new", status="Suspicious", start_time=0, stop_time=1, duration=1
            )
            get_user_model().objects.filter(id=attempt.user_id).update(email="new")
            assert CourseEnrollment.objects.filter(course_id=course_key, user=attempt.user_id).update(mode="new") == 1


def _seen_by_another_connection(runs: Any) -> str:
    from django.db import connections

    another = connections.create_connection("default")
    try:
        sql, parameters = runs.values_list("state").query.get_compiler(connection=another).as_sql()
        with another.cursor() as cursor:
            cursor.execute(sql, parameters)
            ((state,),) = cursor.fetchall()
            return state
    finally:
        another.close()


def _gist(row: dict[str, str]) -> str:
    """Return whether the columns of a row show the time before or after the change."""
    new = {
        "status": row["status"] == "rejected",
        "review": row["review_status"] == "Suspicious",
        "comments": row["Suspicious Count"] != "0",
        "learner": row["email"] == "new",
        "track": row["track"] == "new",
    }
    if len(set(new.values())) == 1:
        return "after" if new["status"] else "before"
    return "torn: " + ", ".join(name for name in new if new[name])


if __name__ == "__main__":
    main()
