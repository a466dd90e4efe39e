"""
Run by the test of memory in processes of their own: ``seed <courses…>`` or ``measure <course>``.

A course is named by the number of its attempts. ``measure`` writes the course's report to nowhere and prints the rows,
the bytes, and the peak of the memory that the process held, in KiB.
"""

import io
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
STATUS = Path("/proc/self/status")


def course_of(number):
    from opaque_keys.edx.keys import CourseKey

    return CourseKey.from_string(f"course-v1:MemoryX+PR{number}+2026")


class Nowhere(io.BytesIO):
    """An output that counts bytes and keeps none."""

    size = 0

    def write(self, data):
        self.size += len(data)
        return len(data)


def measure(number):
    """Write the report of the course and print what it took."""
    from proctored_results import runs
    from proctored_results.reports.building import Choice

    output = Nowhere()
    rows = runs.write(course_of(number), Choice(extra_columns=("track",)), output)
    peak = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text("utf-8")).group(1)
    sys.stdout.write(f"{rows} {output.size} {peak}\n")


if __name__ == "__main__":
    import django

    django.setup()
    act, *numbers = sys.argv[1:]
    if act == "seed":
        from django.core.management import call_command

        from lms_sandbox.seed import bulk

        call_command("migrate", verbosity=0)
        for number in map(int, numbers):
            bulk.make_courses([course_of(number)], number)
    else:
        measure(int(numbers[0]))
