"""Settings of the worker and the command of `benchmarks.site`, with separate queues."""

import os

from benchmarks.settings import *  # noqa: F403

CELERY_TASK_DEFAULT_QUEUE = f"{os.environ['BENCH_QUEUE']}.default"
GRADES_DOWNLOAD_ROUTING_KEY = f"{os.environ['BENCH_QUEUE']}.reports"
