"""
`python -m tests.services.locks`: what a report on MariaDB keeps open and locked between two pages.

Prints, as JSON, `with` and `without` PROCTORED_RESULTS_SNAPSHOT:

- `open`: how many transactions other connections have open;
- `locked`: how many rows and tables these transactions have locked;
- `changed`: how many rows can be changed without waiting.
"""

import json
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.services.settings")


def main() -> None:
    import django

    django.setup()
    from django.test import override_settings
    from opaque_keys.edx.keys import CourseKey

    from lms_sandbox.seed import bulk
    from proctored_results import attempts
    from proctored_results.reports.choice import choose
    from proctored_results.runs import making

    course_key = CourseKey.from_string("course-v1:LocksX+PR1+2026")
    bulk.make_courses([course_key], 2 * attempts.PAGE_SIZE, exams=1)
    found = {}
    for name, snapshot in (("with", True), ("without", False)):
        seen: list[dict[str, int]] = []

        def look(rows: int, seen: list[dict[str, int]] = seen) -> None:
            if rows == 1:
                seen.append(_look(course_key))

        with override_settings(PROCTORED_RESULTS_SNAPSHOT=snapshot), open(os.devnull, "wb") as nowhere:
            making.write(course_key, choose(), nowhere, on_row=look)
        (found[name],) = seen
    print(json.dumps(found))  # noqa: T201


def _look(course_key: Any) -> dict[str, int]:
    from django.db import connections
    from edx_proctoring.models import (
        ProctoredExam,
        ProctoredExamSoftwareSecureComment,
        ProctoredExamSoftwareSecureReview,
        ProctoredExamStudentAttempt,
    )

    exam = ProctoredExam.objects.get(course_id=str(course_key))
    tables = {
        ProctoredExam: {"id": exam.id},
        ProctoredExamStudentAttempt: {"proctored_exam_id": exam.id},
        ProctoredExamSoftwareSecureReview: {"exam_id": exam.id},
        ProctoredExamSoftwareSecureComment: {},
    }
    connections["other"] = connections.create_connection("default")
    try:
        with connections["other"].cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*), COALESCE(SUM(trx_rows_locked + trx_tables_locked), 0) "
                "FROM information_schema.innodb_trx "
                "JOIN information_schema.processlist process ON process.id = trx_mysql_thread_id "
                "WHERE process.db = DATABASE() AND process.id <> CONNECTION_ID()"
            )
            transactions, locked = map(int, cursor.fetchone())
            # A change that waits longer for a lock fails (in seconds).
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
        changed = sum(
            model.objects.using("other").filter(**conditions).update(modified="2030-01-01T00:00:00Z")
            for model, conditions in tables.items()
        )
    finally:
        connections["other"].close()
        del connections["other"]
    return {"open": transactions, "locked": locked, "changed": changed}


if __name__ == "__main__":
    main()
