"""
Settings of a sandbox in other processes: its own queues, and a report store that tests can make wait.

`TESTS_REPLICA_URL` names a database in the role of the platform's read replica.
"""

import os

import dj_database_url

from lms_sandbox.settings import *  # noqa: F403
from lms_sandbox.settings import DATABASES, VAR

if os.environ.get("TESTS_REPLICA_URL"):
    DATABASES["read_replica"] = {**DATABASES["default"], **dj_database_url.parse(os.environ["TESTS_REPLICA_URL"])}

CELERY_TASK_DEFAULT_QUEUE = f"{os.environ['TESTS_QUEUE']}.default"
GRADES_DOWNLOAD_ROUTING_KEY = f"{os.environ['TESTS_QUEUE']}.reports"
GRADES_DOWNLOAD = {
    "STORAGE_TYPE": "",
    "STORAGE_CLASS": "tests.services.storage.WaitingStorage",
    "STORAGE_KWARGS": {"location": str(VAR / "grades")},
}
