"""
Run by the test of memory in processes of their own: ``seed <courses…>`` or ``measure <course>``.

A course is named by the number of its attempts. ``measure`` writes the course's report to nowhere and prints the rows,
the bytes, and the peak of the memory that the process held, in KiB.
"""

import io
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
STATUS = Path("/proc/self/status")


def course_of(number):
    from opaque_keys.edx.keys import CourseKey

    return CourseKey.from_string(f"course-v1:MemoryX+PR{number}+2026")


def seed(number, first_id):
    """Make a course with so many attempts, each of a learner of its own, with an enrolment, a review and a comment."""
    from common.djangoapps.student.models import CourseEnrollment
    from django.contrib.auth import get_user_model
    from edx_proctoring import models

    key, user_model = course_of(number), get_user_model()
    code, username = f"'CODE-{number}-' || n", f"'learner-{number}-' || n"
    exam = models.ProctoredExam(
        course_id=str(key), content_id="exam", exam_name="Exam", time_limit_mins=1, is_proctored=True
    )
    models.ProctoredExam.objects.bulk_create([exam])
    for row, columns in (
        (user_model(), {"username": username, "email": f"{username} || '@example.com'"}),
        (CourseEnrollment(course_id=key, mode="verified"), {"user_id": "n"}),
        (
            models.ProctoredExamStudentAttempt(proctored_exam=exam, status="rejected", taking_as_proctored=True),
            {"user_id": "n", "attempt_code": code},
        ),
        (models.ProctoredExamSoftwareSecureReview(review_status="Suspicious"), {"attempt_code": code}),
        (
            models.ProctoredExamSoftwareSecureComment(
                comment="looked away " * 40, status="Suspicious", start_time=1, stop_time=2, duration=1
            ),
            {"review_id": "n"},
        ),
    ):
        _insert(row, {"id": "n", **columns}, first_id, number)


def _insert(row, expressions, first_id, number):
    """Insert the row so many times, with ``n`` counting from the first id. Model by model this would take a minute."""
    from django.db import connection

    fields = [field for field in row._meta.concrete_fields if field.column not in expressions]
    names = ", ".join(f'"{name}"' for name in [*expressions, *(field.column for field in fields)])
    values = ", ".join([*expressions.values(), *["%s"] * len(fields)])
    parameters = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({names}) WITH RECURSIVE numbers(n) AS "
            f"(SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) SELECT {values} FROM numbers",
            [first_id, first_id + number - 1, *parameters],
        )


class Nowhere(io.BytesIO):
    """An output that counts bytes and keeps none."""

    size = 0

    def write(self, data):
        self.size += len(data)
        return len(data)


def measure(number):
    """Write the report of the course and print what it took."""
    from proctored_results import runs
    from proctored_results.reports.building import Choice

    output = Nowhere()
    rows = runs.write(course_of(number), Choice(extra_columns=("track",)), output)
    peak = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text("utf-8")).group(1)
    sys.stdout.write(f"{rows} {output.size} {peak}\n")


if __name__ == "__main__":
    import django

    django.setup()
    act, *numbers = sys.argv[1:]
    if act == "seed":
        from django.core.management import call_command
        from django.db import transaction

        call_command("migrate", verbosity=0)
        with transaction.atomic():
            for place, course in enumerate(numbers, start=1):
                seed(int(course), first_id=place * 1_000_000)
    else:
        measure(int(numbers[0]))
