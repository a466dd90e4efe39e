"""
Stores a grade report of the platform in a running sandbox: `python -m tests.browser.store_grade_report`.

It prints the link to the report that the instructor would have got 301 seconds ago.
"""

import io
import os
import time
from types import SimpleNamespace
from unittest import mock

import django

NAME = "SandboxX_PR101_2026_grade_report_2026-11-22-2229.csv"


def main() -> None:
    """Store the report as the platform's own task does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
    django.setup()
    from crum import impersonate
    from django.contrib.auth import get_user_model
    from lms.djangoapps.instructor_task.models import ReportStore

    from lms_sandbox.seed.courses import MAIN

    store = ReportStore.from_config("GRADES_DOWNLOAD")
    if not store.storage.exists(store.path_to(MAIN, NAME)):
        store.store(MAIN, NAME, io.StringIO("username,grade\r\nlearner,0.9\r\n"))
    then = SimpleNamespace(time=lambda: time.time() - 301)
    with impersonate(get_user_model().objects.get(username="instructor")), mock.patch("django.core.signing.time", then):
        print(dict(store.links_for(MAIN))[NAME])  # noqa: T201


if __name__ == "__main__":
    main()
