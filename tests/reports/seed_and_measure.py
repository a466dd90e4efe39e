"""
The tests of memory run this in separate processes, which print numbers of bytes and the growth of their memory in KiB.

``seed <courses…>`` makes courses, each named by the number of its attempts. ``measure <course>`` writes the course's
report to nowhere, and prints the rows, the bytes, and the growth of the process until the report was complete.
``store <MiB> <endpoint>`` puts a file of that size into a report store on S3, and prints the growth of the process.
"""

import gc
import io
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
STATUS = Path("/proc/self/status")
KEYS = {"access_key": "testing", "secret_key": "testing", "region_name": "us-east-1"}


def course_of(number):
    from opaque_keys.edx.keys import CourseKey

    return CourseKey.from_string(f"course-v1:MemoryX+PR{number}+2026")


class Nowhere(io.BytesIO):
    """An output that counts bytes and keeps none."""

    size = 0

    def write(self, data):
        self.size += len(data)
        return len(data)


class Growth:
    """How far the process's memory has grown, at its peak, since this object was made, in KiB."""

    def __init__(self):
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        self.idle = self._memory("VmRSS")

    def __str__(self):
        return str(self._memory("VmHWM") - self.idle)

    def _memory(self, what):
        return int(re.search(rf"{what}:\s+(\d+) kB", STATUS.read_text("utf-8")).group(1))


def seed(*numbers):
    """Make the courses."""
    from lms_sandbox.seed import bulk

    for number in map(int, numbers):
        bulk.make_courses([course_of(number)], number)


def measure(number):
    """Write the report of the course, with all columns, and print what it took."""
    from django.db import connection

    from proctored_results.reports.choice import choose
    from proctored_results.reports.columns import EXTRA_COLUMN_NAMES
    from proctored_results.runs import making

    connection.ensure_connection()
    output, growth = Nowhere(), Growth()
    rows = making.write(course_of(int(number)), choose(extra_columns=EXTRA_COLUMN_NAMES), output)
    sys.stdout.write(f"{rows} {output.size} {growth}\n")


def store(mebibytes, endpoint, threads):
    """Store a file with S3's client, with or without its threads, and print what it took."""
    from boto3.s3.transfer import TransferConfig
    from django.conf import settings

    from proctored_results.edx_platform.report_store import ReportFile

    config = TransferConfig(use_threads=threads == "threads")
    settings.GRADES_DOWNLOAD = {
        "STORAGE_CLASS": "storages.backends.s3.S3Storage",
        "STORAGE_KWARGS": {"bucket_name": "reports", "endpoint_url": endpoint, "transfer_config": config, **KEYS},
    }
    place = ReportFile.of(course_of(0), f"{mebibytes}.csv")
    place.exists()
    growth = Growth()
    with place.writing() as report:
        for _ in range(int(mebibytes)):
            report.file.write(os.urandom(1024 * 1024))
        _name, size = report.save()
    sys.stdout.write(f"{size} {growth}\n")


if __name__ == "__main__":
    import django

    django.setup()
    act, *arguments = sys.argv[1:]
    {"seed": seed, "measure": measure, "store": store}[act](*arguments)
