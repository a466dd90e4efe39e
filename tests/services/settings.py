"""Settings of a sandbox in other processes: queues of its own, and a report store that can be told to wait."""

import os

from lms_sandbox.settings import *  # noqa: F403
from lms_sandbox.settings import VAR

CELERY_TASK_DEFAULT_QUEUE = f"{os.environ['TESTS_QUEUE']}.default"
GRADES_DOWNLOAD_ROUTING_KEY = f"{os.environ['TESTS_QUEUE']}.reports"
GRADES_DOWNLOAD = {
    "STORAGE_TYPE": "",
    "STORAGE_CLASS": "tests.services.storage.WaitingStorage",
    "STORAGE_KWARGS": {"location": str(VAR / "grades")},
}
