"""Writing a report and reading it back."""

import csv
import io
from typing import Any

from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts
from proctored_results.reports.building import build
from proctored_results.reports.choice import Choice
from proctored_results.runs import making
from tests import factories

HEADER = [
    "course_id",
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
]


def report_of_course(course_key: CourseKey = factories.COURSE_KEY, **choice: Any) -> bytes:
    """The file of the course's report, from the database."""
    output = io.BytesIO()
    making.write(course_key, Choice(**choice), output)
    return output.getvalue()


def report_of(*records: attempts.Attempt, **choice: Any) -> bytes:
    """The file of a report of these attempts, without a database."""
    output = io.BytesIO()
    build(records, Choice(**choice), output)
    return output.getvalue()


def table(file: bytes) -> list[list[str]]:
    """The cells of a report, the header's too, as Python's own reader of CSV finds them."""
    return list(csv.reader(io.StringIO(file.decode("utf-8"), newline=""), strict=True))


def rows(file: bytes) -> list[dict[str, str]]:
    """The rows of a report below its header, as dicts."""
    header, *lines = table(file)
    assert all(len(line) == len(header) for line in lines)
    return [dict(zip(header, line, strict=True)) for line in lines]


def only_row(file: bytes) -> dict[str, str]:
    """The one row of a report."""
    (row,) = rows(file)
    return row
