"""
`python -m tests.services.replica seed SIZE`, or `report`: make a course, or its report.

`report` prints, as JSON, `with` and `without` PROCTORED_RESULTS_SNAPSHOT:

- `rows`: how many rows the report has;
- `counted`: how many rows it should have;
- `statements`: alias of a database -> SQL of all statements that it received, for the report and for the plan of all
  courses.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.services.settings")


def main() -> None:
    import django

    django.setup()
    act, *size = sys.argv[1:]
    if act == "seed":
        from lms_sandbox.seed import bulk

        bulk.make_courses([bulk.LARGE], int(*size), exams=1)
    else:
        print(json.dumps({word: _report(word == "with") for word in ("with", "without")}))  # noqa: T201


def _report(snapshot: bool) -> dict[str, Any]:
    from django.db import connections
    from django.db.backends.signals import connection_created
    from django.test import override_settings

    from lms_sandbox.seed.bulk import LARGE
    from proctored_results.reports.choice import choose
    from proctored_results.reports.columns import EXTRA_COLUMN_NAMES
    from proctored_results.runs import batches, making
    from proctored_results.runs.since import parse_since

    statements: dict[str, list[str]] = defaultdict(list)

    def watch(connection: Any, **_: Any) -> None:
        def note(execute: Callable, sql: str, *arguments: Any) -> Any:
            statements[connection.alias].append(" ".join(sql.split()))
            return execute(sql, *arguments)

        connection.execute_wrappers.append(note)

    connections.close_all()
    connection_created.connect(watch)
    with override_settings(PROCTORED_RESULTS_SNAPSHOT=snapshot):
        run = making.store(LARGE, choose(extra_columns=EXTRA_COLUMN_NAMES))
        counted = making.count(LARGE)
        for since in ("", "2026-01-01"):
            batches._courses(parse_since(since), set())
    connection_created.disconnect(watch)
    for connection in connections.all():
        connection.execute_wrappers.clear()
    return {"rows": run.rows, "counted": counted, "statements": statements}


if __name__ == "__main__":
    main()
