"""
`python -m benchmarks.checking SIZE`: compare a report row by row with what plain SQL says about the same attempts.

The expected rows are built without the plugin's code, from the streamed rows of three plain queries that the database
sorts.
"""

import csv
import functools
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import databases, figures
from tests.reports.rules import in_our_words, neutralised, replaced

EXAMS = "SELECT id, exam_name FROM proctoring_proctoredexam WHERE course_id = %s"
ATTEMPTS = """
    SELECT attempt.id, learner.username, learner.email, attempt.attempt_code, attempt.allowed_time_limit_mins,
           attempt.is_sample_attempt, attempt.started_at, attempt.completed_at, attempt.status
      FROM proctoring_proctoredexamstudentattempt attempt JOIN auth_user learner ON learner.id = attempt.user_id
     WHERE attempt.proctored_exam_id = %s
     ORDER BY attempt.id
"""
REVIEWS = """
    SELECT attempt.id, review.review_status, comment.status, comment.comment
      FROM proctoring_proctoredexamstudentattempt attempt
      JOIN proctoring_proctoredexamsoftwaresecurereview review ON review.attempt_code = attempt.attempt_code
      LEFT JOIN proctoring_proctoredexamstudentattemptcomment comment ON comment.review_id = review.id
     WHERE attempt.proctored_exam_id = %s
     ORDER BY attempt.id, comment.start_time, comment.id
"""


def main() -> None:
    """Run the check in a process with the database of this size, and save its figures."""
    size = int(sys.argv[1])
    command = [sys.executable, "-c", "from benchmarks import checking; checking.check()"]
    done = subprocess.run(command, env=databases.environment(size), check=True, stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    figures.save(f"checking-{found['machine']['vendor'].lower()}-{size:08}", found)
    print(summary(found))
    if found["wrong"]:
        sys.exit(1)


def summary(found: dict[str, Any]) -> str:
    """Return the result of a check in a sentence."""
    said = "every row is as the database has it" if not found["wrong"] else f"wrong rows: {found['wrong']}"
    return f"{found['rows']:,} rows on {found['machine']['vendor']}, {found['bytes'] / 2**20:,.0f} MiB: {said}."


def check() -> None:
    """Make the report, compare it, and print as JSON how many rows it has and which are wrong (the first ten)."""
    import django

    django.setup()
    from lms_sandbox.seed.bulk import LARGE
    from proctored_results.edx_platform import report_store
    from proctored_results.reports.choice import choose
    from proctored_results.runs import making

    start = time.monotonic()
    with report_store.ReportFile.of(LARGE, "checking.csv").writing() as report:
        making.write(LARGE, choose(), report.file)
        report.file.flush()
        rows, wrong = 0, []
        with open(report.file.name, encoding="utf-8", newline="") as file:
            found = csv.reader(file, strict=True)
            next(found)
            for row, expected in itertools.zip_longest(found, _expected(str(LARGE))):
                rows += 1
                if row != expected and len(wrong) < 10:
                    wrong.append(rows)
        size = report.file.seek(0, 2)
    print(
        json.dumps(
            {
                "rows": rows,
                "wrong": wrong,
                "bytes": size,
                "seconds": time.monotonic() - start,
                "machine": figures.machine(),
            }
        )
    )


def _expected(course_id: str) -> Iterator[list[str]]:
    for exam_id, exam_name in sorted(_rows(EXAMS, course_id), key=lambda exam: (exam[1], exam[0])):
        reviews = itertools.groupby(_rows(REVIEWS, exam_id), key=lambda row: row[0])
        reviewed, incidents = next(reviews, (None, None))
        for attempt_id, username, email, code, limit, is_sample, *times, status in _rows(ATTEMPTS, exam_id):
            review_status, comments = "Not Reviewed", {"Suspicious": [], "Rules Violation": []}
            if reviewed == attempt_id:
                for _id, word, kind, comment in incidents:
                    review_status = in_our_words(word)
                    if kind is not None and in_our_words(kind) in comments:
                        comments[in_our_words(kind)].append(comment)
                reviewed, incidents = next(reviews, (None, None))
            yield [
                course_id,
                _text(exam_name),
                _text(username),
                _text(email),
                _text(code),
                str(limit),
                str(bool(is_sample)),
                *(f"{at:%Y-%m-%d %H:%M:%S}" for at in times),
                _text(status),
                _text(review_status),
                *itertools.chain.from_iterable((str(len(each)), _text("; ".join(each))) for each in comments.values()),
            ]


@functools.lru_cache(maxsize=10_000)
def _text(text: str) -> str:
    return neutralised(replaced(text))


def _rows(sql: str, parameter: Any) -> Iterator[tuple]:
    """Yield the rows of a query one by one, on a connection of its own."""
    from django.db import connections

    connection = connections.create_connection("default")
    connection.ensure_connection()
    if connection.vendor == "mysql":
        from django.db.backends.mysql.base import Database

        cursor = connection.connection.cursor(Database.cursors.SSCursor)
    else:
        cursor, sql = connection.connection.cursor(), sql.replace("%s", "?")
    cursor.execute(sql, [parameter])
    while rows := cursor.fetchmany(1000):
        yield from rows
    cursor.close()
    connection.close()


if __name__ == "__main__":
    main()
