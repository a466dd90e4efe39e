"""
The databases of whole sites, on MariaDB or MySQL. A missing one is made, an existing one is used again.

`python -m benchmarks.sites KIND NUMBER…` makes the database that ``DATABASE_URL`` names:

- ``courses COURSES ATTEMPTS``: this number of courses with this number of attempts each, each attempt by another
  learner;
- ``users USERS``: this number of users, and as many old reports. A large course has a tenth as many attempts, and
  10,000 of the old reports. A small course has 20 attempts and 20 reports. Other courses have three times as many
  attempts as the large one.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks import figures

DATABASE_URL = "mysql://root:@127.0.0.1:3306/proctored_results_bench"
EXAMS, OLD_REPORTS, SMALL_COURSE, OTHER_COURSE = 20, 10_000, 20, 1_000


def environment(kind: str, *sizes: int) -> dict[str, str]:
    """Return the environment of processes that use the database of this kind and size, and make it if it is missing."""
    figures.FOLDER.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("DATABASE_URL") or DATABASE_URL
    if not url.startswith("mysql:"):
        sys.exit("Whole sites are measured on MariaDB or MySQL: DATABASE_URL=mysql://…")
    found = {
        **os.environ,
        "DATABASE_URL": "_".join([url, kind, *map(str, sizes)]),
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "LMS_SANDBOX_VAR": str(figures.FOLDER),
    }
    subprocess.run(
        [sys.executable, "-m", "benchmarks.sites", kind, *map(str, sizes)], env=found, check=True, stdout=sys.stderr
    )
    return found


def course_key(number: int) -> Any:
    """Return the key of a course of the site by its number. Course 0 is the small one."""
    from opaque_keys.edx.keys import CourseKey

    return CourseKey.from_string(f"course-v1:OtherX+PR{number:04}+2026")


def make_courses(courses: int, attempts: int) -> None:
    """Make this number of courses with this number of attempts each, each attempt by another learner."""
    from lms_sandbox.seed import bulk

    _unless_exists(
        course_key(courses), lambda: bulk.make_courses([*map(course_key, range(1, courses + 1))], attempts, exams=1)
    )


def make_users(users: int) -> None:
    """Make a site with this number of users."""
    from lms_sandbox.seed import bulk

    attempts = users // 10
    others = [course_key(number) for number in range(1, 3 * attempts // OTHER_COURSE + 1)]
    _unless_exists(others[-1], lambda: bulk.make_courses(others, OTHER_COURSE, exams=1))
    _unless_exists(course_key(0), lambda: bulk.make_courses([course_key(0)], SMALL_COURSE, exams=1))
    _unless_exists(bulk.LARGE, lambda: bulk.make_courses([bulk.LARGE], attempts, exams=EXAMS))
    _make_reports(bulk.LARGE, len(others), users)
    _make_idle_users(users)


def _unless_exists(key: Any, make: Callable[[], None]) -> None:
    """Make courses unless this one, which is made last, exists."""
    from edx_proctoring.models import ProctoredExam
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    if CourseOverview.objects.filter(id=key).exists():
        return
    if ProctoredExam.objects.filter(course_id=str(key)).exists():
        sys.exit(f"The database is half made: remove {os.environ['DATABASE_URL']}, and start again.")
    start = time.monotonic()
    make()
    sys.stdout.write(f"Courses up to {key} were made in {time.monotonic() - start:.0f} s.\n")


def _make_idle_users(users: int) -> None:
    """Make users without attempts until the site has this number of users."""
    from django.contrib.auth import get_user_model
    from django.db.models import Max

    last = get_user_model().objects.aggregate(last=Max("id"))["last"]
    row = get_user_model()(password="!")
    columns = {"username": "CONCAT('idle', n)", "email": "CONCAT('idle', n, '@example.com')"}
    _multiply(row, {"id": "n", **columns}, range(last + 1, users + 1))


def _make_reports(large: Any, others: int, number: int) -> None:
    """Make this number of old reports: a few of the small course, many of the large one, and the rest of the others."""
    from django.utils import timezone

    from proctored_results.models import ReportRun
    from proctored_results.reports.choice import choose
    from proctored_results.reports.kinds import PROCTORED_EXAM_RESULTS

    if ReportRun.objects.filter(course_key=large).count() >= OLD_REPORTS:
        return
    row = ReportRun(
        kind=PROCTORED_EXAM_RESULTS, choice=choose().as_json(), state="succeeded", rows=100, size=20_000, requester_id=1
    )
    newest = f"{timezone.now() - timedelta(days=2):%Y-%m-%d %H:%M:%S}"
    time = f"TIMESTAMPADD(MINUTE, -10 * ({number} - n), '{newest}')"
    other = f"CONCAT('course-v1:OtherX+PR', LPAD(IF(n <= {SMALL_COURSE}, 0, 1 + n % {others}), 4, '0'), '+2026')"
    columns = {
        "course_key": f"IF(n BETWEEN {SMALL_COURSE + 1} AND {SMALL_COURSE + OLD_REPORTS}, '{large}', {other})",
        "file_name": "CONCAT('report_', n, '.csv')",
        "task_id": "UUID()",
        "instructor_task_id": "n",
        **dict.fromkeys(("requested_at", "started_at", "finished_at"), time),
    }
    _multiply(row, columns, range(1, number + 1))


def _multiply(row: Any, expressions: dict[str, str], numbers: range) -> None:
    """Insert the row once for each number ``n``, with these SQL expressions for some of its columns."""
    from django.db import connection

    if not numbers:
        return
    fields = [field for field in row._meta.concrete_fields if field.column not in expressions and not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, [*expressions, *(field.column for field in fields)]))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
    powers = range(len(str(len(numbers) - 1)))
    n = " + ".join([str(numbers.start), *(f"{10**power} * t{power}.d" for power in powers)])
    tables = ", ".join(f"({digits}) t{power}" for power in powers)
    selected = ", ".join([*expressions.values(), *["%s"] * len(fields)]).replace(" % ", " %% ")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(row._meta.db_table)} ({columns}) "
            f"SELECT {selected} FROM (SELECT {n} AS n FROM {tables}) numbers WHERE n < {numbers.stop} ORDER BY n",
            values,
        )


def main() -> None:
    """Make the database that the settings name."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")
    call_command("migrate", verbosity=0, skip_checks=True)
    kind, *sizes = sys.argv[1:]
    {"courses": make_courses, "users": make_users}[kind](*map(int, sizes))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(connection.introspection.table_names(cursor))}")


if __name__ == "__main__":
    main()
