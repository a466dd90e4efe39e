"""
The databases of the benchmarks: one for each size of the course, made if it is missing.

`python -m benchmarks.databases SIZE REST` makes the database that ``DATABASE_URL`` names: a course with SIZE attempts,
and REST other courses of that size, whose rows are mixed with those of the first.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import figures

#: How many other courses of the same size there are.
REST = 2

#: A course without exams that is made last: if it exists, the database is complete.
COMPLETE = "course-v1:BenchX+WHOLE+2026"


def environment(size: int, rest: int = REST) -> dict[str, str]:
    """Return the environment of processes that use the database of this size, and make it if it is missing."""
    figures.FOLDER.mkdir(parents=True, exist_ok=True)
    url, suffix = os.path.splitext(os.environ.get("DATABASE_URL") or f"sqlite:///{figures.FOLDER / 'lms.sqlite3'}")
    found = {
        **os.environ,
        "DATABASE_URL": f"{url}_{size}{'' if rest == REST else f'_rest{rest}'}{suffix}",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "LMS_SANDBOX_VAR": str(figures.FOLDER),
    }
    command = [sys.executable, "-m", "benchmarks.databases", str(size), str(rest)]
    subprocess.run(command, env=found, check=True, stdout=sys.stderr)
    return found


def make(size: int, rest: int) -> None:
    """Make the database that the settings name, unless it exists."""
    import django
    from django.core.management import call_command
    from django.db import connection
    from opaque_keys.edx.keys import CourseKey

    django.setup()
    from edx_proctoring.models import ProctoredExamStudentAttempt
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    from lms_sandbox.seed import bulk

    if connection.vendor == "mysql":
        with connection._nodb_cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")
    call_command("migrate", verbosity=0)
    complete = CourseKey.from_string(COMPLETE)
    if CourseOverview.objects.filter(id=complete).exists():
        return
    if ProctoredExamStudentAttempt.objects.exists():
        sys.exit(f"{connection.settings_dict['NAME']} is half made: remove it, and start again.")
    print(f"Making a course with {size:,} attempts, and {rest} more of that size …", flush=True)
    start = time.monotonic()
    others = [CourseKey.from_string(f"course-v1:OtherX+PR{number}+2026") for number in range(1, rest + 1)]
    with _without_indexes_of_codes():
        bulk.make_courses([bulk.LARGE, *others], size)
    CourseOverview.objects.create(id=complete, org=complete.org, display_name="Nothing is missing")
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            tables = ", ".join(connection.introspection.table_names(cursor))
            cursor.execute(f"ANALYZE TABLE {tables}")
        else:
            cursor.execute("ANALYZE")
    print(f"Made in {time.monotonic() - start:.0f} s.", flush=True)


@contextmanager
def _without_indexes_of_codes() -> Iterator[None]:
    """Drop the indexes of codes and create them again at the end, which is faster than to update them for each row."""
    from django.db import connection
    from edx_proctoring.models import ProctoredExamSoftwareSecureReview, ProctoredExamStudentAttempt

    create_again = []
    with connection.cursor() as cursor:
        for model in (ProctoredExamStudentAttempt, ProctoredExamSoftwareSecureReview):
            table = model._meta.db_table
            of_table = f" ON {table}" if connection.vendor == "mysql" else ""
            for name, index in connection.introspection.get_constraints(cursor, table).items():
                # An index that SQLite makes for a column's own constraint has no such name, and cannot be dropped.
                if index["columns"] in (["attempt_code"], ["external_id"]) and name.startswith("proctoring_"):
                    unique = "UNIQUE" if index["unique"] else ""
                    create_again.append(f"CREATE {unique} INDEX {name} ON {table} ({index['columns'][0]})")
                    cursor.execute(f"DROP INDEX {name}{of_table}")
        yield
        for sql in create_again:
            cursor.execute(sql)


if __name__ == "__main__":
    make(int(sys.argv[1]), int(sys.argv[2]))
