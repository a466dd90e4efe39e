"""The database that reports read, the names of its tables in plain SQL, and the differences between databases."""

from datetime import datetime, timezone

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connections
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)

#: The alias that the platform gives its read replica.
READ_REPLICA = "read_replica"

#: The names of the tables in plain SQL.
TABLES = {
    "attempts": ProctoredExamStudentAttempt._meta.db_table,
    "comments": ProctoredExamSoftwareSecureComment._meta.db_table,
    "exams": ProctoredExam._meta.db_table,
    "reviews": ProctoredExamSoftwareSecureReview._meta.db_table,
    "users": get_user_model()._meta.db_table,
}

#: Vendor -> the statements that begin a transaction in which all queries see the same moment. On MySQL, the second
#: statement takes the snapshot. On SQLite, the first query takes it; with a write-ahead log, others can still write.
BEGIN_SNAPSHOT = {
    "mysql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "sqlite": ("BEGIN DEFERRED",),
}


def report_database() -> str:
    """Return the alias of the database that reports read: the site's choice, or the read replica, or the default."""
    return settings.PROCTORED_RESULTS_DATABASE or (
        READ_REPLICA if READ_REPLICA in settings.DATABASES else DEFAULT_DB_ALIAS
    )


def parse_time(text: str, using: str) -> datetime:
    """Return the time that a database gave as a text, in the time zone in which that database stores times."""
    return datetime.fromisoformat(text).replace(tzinfo=connections[using].timezone)


def stores_utc(using: str) -> bool:
    """Return whether a database stores times in UTC."""
    return connections[using].timezone is timezone.utc


def in_utc(text: str, using: str) -> str:
    """Return a time, given as a text by a database, as ISO 8601 in UTC without an offset."""
    return str(parse_time(text, using).astimezone(timezone.utc).replace(tzinfo=None))
