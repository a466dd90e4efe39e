"""
`python -m benchmarks.explain`: every query of the plugin, and its plan in the database of a site of a million users.

Runs every use of the plugin, records each query with its caller, and lets the database explain it and count the rows
that it reads. With --write, writes docs/references/queries.rst. Exits with 1 if a query reads a whole table of the
site, or sorts or copies one.
"""

import argparse
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from benchmarks import figures, pages, sites, tables

PAGE = figures.REPOSITORY / "docs" / "references" / "queries.rst"
PLUGIN = f"{figures.REPOSITORY / 'proctored_results'}{os.sep}"
#: Code that stands in for the platform. Its queries count as the platform's.
PLATFORM = tuple(f"{figures.REPOSITORY / name}{os.sep}" for name in ("lms_sandbox", "benchmarks"))

#: A table with this many rows or more must not be read as a whole.
LARGE_TABLE = 1_000
WHOLE, SLOW = ("ALL", "index"), ("Using filesort", "Using temporary")
COLUMNS = ("table", "type", "key", "rows expected", "extra")


@dataclass
class Query:
    """A query of the plugin: its caller, its first text in each use, and the plan of the text that reads most rows."""

    caller: str
    texts: dict[str, str] = field(default_factory=dict)
    sql: str = ""
    plan: list[list[str]] = field(default_factory=list)
    rows_read: int = -1
    objections: list[str] = field(default_factory=list)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explain", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000, help="users of the site")
    parser.add_argument("--write", action="store_true", help="write the page of the documentation")
    options = parser.parse_args()
    os.environ.update(sites.environment("users", options.users))
    import django

    django.setup()
    with _without_side_effects(), _special_rows():
        queries = recorded(uses())
        for query in queries:
            explain(query)
    print("\n".join(lines(queries)))
    if options.write:
        PAGE.write_text("\n".join(page(queries, options.users)), "utf-8")
    sys.exit(any(query.objections for query in queries))


def uses() -> dict[str, Callable[[], Any]]:
    """Return the uses of the plugin: title -> a function that runs the use."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from lms_sandbox.seed import bulk
    from proctored_results import api
    from proctored_results.models import ReportBatch
    from proctored_results.reports.columns import EXTRA_COLUMN_NAMES
    from proctored_results.runs import batches

    large = pages.Course(bulk.LARGE)
    team = large.of_team("reports/")
    learner = get_user_model().objects.earliest("pk").username

    def ask_for_a_report() -> None:
        body = {"extra_columns": list(EXTRA_COLUMN_NAMES)}
        task = team.client.post(team.path, body, content_type="application/json").json()
        large.of_team(f"tasks/{task['task_id']}/").send()
        report = team.client.get(team.path).json()["results"][0]
        b"".join(team.client.get(report["download_url"]).streaming_content)
        team.client.get(report["download_url"].replace(report["name"], "gone.csv"))

    def make_all_reports() -> None:
        api.start_all_reports(api.choose(), since="1d")
        batch, _is_new = api.start_all_reports(api.choose())
        batches.make_next(batch.pk, batch.fencing_token)
        made_without = batch.runs.filter(state="queued").earliest("pk")
        api.store_report(made_without.course_key, api.choose())
        batches._take_next(batch.pk, batch.fencing_token)
        long_ago = batch.started_at - 2 * batches.STALE_AFTER
        batch.runs.filter(state="running").update(heartbeat_at=long_ago)
        api.supervise_all_reports(batch)
        api.start_all_reports(api.choose())
        ReportBatch.objects.update(heartbeat_at=long_ago)
        api.supervise_all_reports(batch)
        ReportBatch.objects.update(heartbeat_at=long_ago)
        api.start_all_reports(api.choose())
        list(batches.failures(batch))

    return {
        "A report is asked for, made, looked at and downloaded": ask_for_a_report,
        "The list of reports": team.send,
        "The last page of the list of reports": large.of_team("reports/?page=100&page_size=100").send,
        "The list of tasks": large.of_team("tasks/").send,
        "The panel": pages.Request(team.client, f"/proctored_results/courses/{large.key}/").send,
        "The platform's own list of files": lambda: team.client.post(
            f"/courses/{large.key}/instructor/api/list_report_downloads"
        ),
        "The page of an exam": large.exam("rejected")[1].send,
        "A unit of the exam": large.unit("started")[1].send,
        "A result in the API": large.result("verified").send,
        "The result of a learner for the course team": lambda: team.client.get(
            large.result("verified").path, {"username": learner}
        ),
        "The reports of all courses": make_all_reports,
        "manage.py check": lambda: call_command(
            "check", deploy=True, stderr=open(os.devnull, "w"), fail_level="CRITICAL"
        ),
    }


def recorded(uses: dict[str, Callable[[], Any]]) -> list[Query]:
    """Run the uses and return the plugin's queries. Queries that differ only in values count as one."""
    from django.db.backends.signals import connection_created

    found: dict[tuple[str, str], Query] = {}
    use = ""

    def record(execute: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, parameters, many, context)
        caller = _caller()
        if caller is not None:
            cursor = context["cursor"].cursor
            text = context["connection"].ops.last_executed_query(cursor, sql, parameters)
            if re.match(r"\s*(SELECT|UPDATE|DELETE)\b", text):
                query = found.setdefault((caller.split(":")[0], _shape(text)), Query(caller))
                query.texts.setdefault(use, text)
        return result

    def listen(connection: Any, **_kwargs: Any) -> None:
        if record not in connection.execute_wrappers:
            connection.execute_wrappers.append(record)

    from django.db import connection

    connection_created.connect(listen)
    listen(connection)
    for name, run in uses.items():
        use = name
        run()
    connection.execute_wrappers.remove(record)
    return list(found.values())


def _caller() -> str | None:
    """Return the plugin's module and functions that run the current query; None for a query of the platform."""
    frame, functions, module = sys._getframe(2), [], None
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(PLATFORM) and module is None:
            return None
        if path.startswith(PLUGIN):
            here = path.removeprefix(PLUGIN).removesuffix(".py").replace(os.sep, ".")
            if module is None:
                module = here
            if here == module and frame.f_code.co_name.isidentifier():
                functions.append(frame.f_code.co_name)
        frame = frame.f_back
    return None if module is None else f"{module}: {', '.join(dict.fromkeys(reversed(functions)))}"


def _shape(sql: str) -> str:
    """Return the query without its values."""
    text = re.sub(r"'(?:[^'\\]|\\.|'')*'|\b\d+(?:\.\d+)?\b", "?", sql)
    return re.sub(r"\?(?:\s*,\s*\?)+", "?, …", text)


@contextmanager
def _without_side_effects() -> Iterator[None]:
    """Make a requested report at once, and send no tasks of batches; delete all new rows and files at the end."""
    from django.test import override_settings
    from lms.djangoapps.instructor_task.models import InstructorTask

    from proctored_results import tasks
    from proctored_results.models import ReportBatch, ReportRun

    last = {
        model: model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for model in (ReportRun, InstructorTask)
    }
    tasks.generate_report.apply_async = tasks.generate_report.apply
    tasks.generate_next_report.apply_async = lambda *_args, **_kwargs: None
    with tempfile.TemporaryDirectory() as folder:
        store = {
            "STORAGE_CLASS": "proctored_results.storage.PrivateReportStorage",
            "STORAGE_KWARGS": {"location": folder},
        }
        caches = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        with override_settings(GRADES_DOWNLOAD=store, CACHES=caches):
            try:
                yield
            finally:
                for model, pk in last.items():
                    model.objects.filter(pk__gt=pk).delete()
                ReportBatch.objects.all().delete()


@contextmanager
def _special_rows() -> Iterator[None]:
    """Make the last exam of the large course and the only exam of another course timed, and clear a review's exam."""
    from edx_proctoring.models import ProctoredExam, ProctoredExamSoftwareSecureReview

    from lms_sandbox.seed import bulk

    keys = (bulk.LARGE, sites.course_key(1))
    exams = [ProctoredExam.objects.filter(course_id=str(key)).latest("pk") for key in keys]
    review = ProctoredExamSoftwareSecureReview.objects.latest("pk")
    timed = ProctoredExam.objects.filter(pk__in=[exam.pk for exam in exams])
    reviews = ProctoredExamSoftwareSecureReview.objects.filter(pk=review.pk)
    timed.update(is_proctored=False)
    reviews.update(exam=None, modified=datetime.now(UTC))
    try:
        yield
    finally:
        timed.update(is_proctored=True)
        reviews.update(exam=review.exam_id, modified=review.modified)


def explain(query: Query) -> None:
    """Record the plan of a query, how many rows it reads, and objections to the plan."""
    from django.db import connection

    with connection.cursor() as cursor:
        for sql in query.texts.values():
            rows_read = 0
            if sql.lstrip().startswith("SELECT"):
                before = _rows_read(cursor)
                cursor.execute(sql)
                cursor.fetchall()
                rows_read = _rows_read(cursor) - before
            if rows_read > query.rows_read:
                query.sql, query.rows_read = sql, rows_read
        sizes = _table_sizes(cursor)
        aliases = {alias: name for name, alias in re.findall(r"`?(\w+)`?\s+`?(\w+)`?", query.sql) if name in sizes}
        cursor.execute(f"EXPLAIN {query.sql}")
        names = [column[0].lower() for column in cursor.description]
        for row in (dict(zip(names, values, strict=True)) for values in cursor.fetchall()):
            name, extra = str(row["table"] or ""), row["extra"] or ""
            table = name if name in sizes else aliases.get(name, name)
            query.plan.append([table, row["type"] or "", row["key"] or "", str(row["rows"] or ""), extra])
            # A derived table can come from a table of any size.
            if sizes.get(table, LARGE_TABLE) >= LARGE_TABLE:
                query.objections += [f"{table} is read as a whole"] if row["type"] in WHOLE else []
                query.objections += [f"{table}: {slow}" for slow in SLOW if slow in extra]


def _table_sizes(cursor: Any) -> dict[str, int]:
    """Return table -> its approximate number of rows."""
    cursor.execute("SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()")
    return {name: rows or 0 for name, rows in cursor.fetchall()}


def _rows_read(cursor: Any) -> int:
    cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(number) for name, number in cursor.fetchall() if "retry" not in name)


def lines(queries: list[Query]) -> list[str]:
    """Return a table of the queries for a terminal, and the objections to some."""
    rows = [["asked by", "read", *COLUMNS]]
    for query in queries:
        for number, step in enumerate(query.plan):
            first = [query.caller, f"{query.rows_read:,}"] if number == 0 else ["", ""]
            rows.append([*first, *step])
    objections = [
        f"{query.caller}: {objection}\n    {query.sql[:400]}" for query in queries for objection in query.objections
    ]
    return [*tables.aligned(rows), f"{len(queries)} queries, {len(objections)} objections.", *objections]


def page(queries: list[Query], users: int) -> list[str]:
    """Return the lines of the page of the documentation."""
    from django.db import connection

    machine = figures.machine()
    with connection.cursor() as cursor:
        row_counts = _table_sizes(cursor)
    names = sorted({step[0] for query in queries for step in query.plan} & row_counts.keys())
    sizes = [[name, f"{row_counts[name]:,}"] for name in names]
    text = [
        "..",
        "   Written by make bench-explain ARGS=--write: change the queries or benchmarks/explain.py, and run it again.",
        "",
        "Queries",
        "#######",
        "",
        *tables.paragraph(
            f"Every query of the plugin that reads, changes or removes rows, on {machine['vendor']} and a site of "
            f"{users:,} users: the plan of the database (``EXPLAIN``), and how many rows it read (``Handler_read``). "
            "Queries that differ only in values count as one. ``make bench-explain`` makes the site, runs every use of "
            "the plugin and prints all this. It fails if a query reads a whole table of more than a thousand rows, or "
            "sorts or copies such a table. With ``ARGS=--write``, it also writes this page."
        ),
        *tables.paragraph(
            "MySQL 8 was not tested. To test it, run ``make bench-explain "
            "DATABASE_URL=mysql://user:password@host:3306/name``. The account must be allowed to create a database "
            "whose name begins with the name in the URL."
        ),
        *tables.paragraph(figures.describe(machine)),
        *tables.as_rst([["table", "rows, about"], *sizes]),
    ]
    numbered = list(enumerate(queries, start=1))
    for use in dict.fromkeys(next(iter(query.texts)) for query in queries):
        text += [use, "*" * len(use), ""]
        for number, query in numbered:
            first, *others = query.texts
            if first != use:
                continue
            title = f"{number}. {query.caller}"
            text += [title, "=" * len(title), "", "::", "", *(f"    {line}" for line in _readable(query.sql)), ""]
            text += [f"Also: {'; '.join(others)}.", ""] if others else []
            text += tables.as_rst([list(COLUMNS), *([cell.replace("`", "") for cell in step] for step in query.plan)])
            text += [f"Rows read: {query.rows_read:,}.", ""] if query.sql.lstrip().startswith("SELECT") else []
    return text


def _readable(sql: str) -> list[str]:
    """Return a query in lines, without table names before column names and without long lists."""
    text = " ".join(sql.replace("`", "").split())
    text = re.sub(r"\b(?:proctoring|proctored_results|auth|student|instructor_task|course_overviews)_\w+\.", "", text)
    text = re.sub(r"(\bIN \((?:'[^']*'|\d+), ?(?:'[^']*'|\d+)), ?[^)]*\)", r"\1, …)", text)
    text = re.sub(r" (FROM|LEFT|INNER|WHERE|ORDER BY|GROUP BY|LIMIT|SET) ", r"\n\1 ", text).replace(
        "\nLEFT OUTER", "\nLEFT OUTER"
    )
    return [part for line in text.split("\n") for part in textwrap.wrap(line, 100, subsequent_indent="       ")]


if __name__ == "__main__":
    main()
