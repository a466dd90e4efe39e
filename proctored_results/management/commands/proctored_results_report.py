"""Makes the report of a course from a command line, or the reports of all courses in the workers."""

import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import IO, Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from proctored_results import api
from proctored_results.edx_platform import courses
from proctored_results.models import ReportBatch
from proctored_results.reports import columns, formats
from proctored_results.runs import batches, making
from proctored_results.runs.since import InvalidSince

STANDARD_OUTPUT = "-"
PROGRESS_EVERY = 1000

#: How often to poll the progress of the reports of all courses, and how long to wait for a worker to begin one.
POLL_SECONDS, TIMEOUT_SECONDS = 1, 30 * 60


class Command(BaseCommand):
    """Makes the Proctored Exam Results report of a course in this process, or those of all courses in the workers."""

    help = (
        "Write the Proctored Exam Results report of a course to a file or to standard output (-). Without --output it "
        "goes into the report store, where the course team finds it, and its name is printed. With --all-courses the "
        "workers make the reports of all courses there."
    )

    # Messages of checks would disturb pipes and scheduled jobs.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("course_id", nargs="?", help="for example course-v1:edX+DemoX+2026")
        parser.add_argument("--output", metavar="PATH", help="a file to write, or - for standard output")
        parser.add_argument(
            "--all-courses", action="store_true", help="of every course with proctored attempts, made by the workers"
        )
        parser.add_argument(
            "--since",
            metavar="TIME",
            help="with --all-courses: only courses in which something changed since then, for example 2026-11-25, "
            "2026-11-25T14:30 (UTC), 7d or 24h",
        )
        parser.add_argument(
            "--concurrency",
            metavar="N",
            type=int,
            help="with --all-courses: how many tasks may exist at a time; about twice as many as there are "
            f"worker processes for reports (default: {batches.CONCURRENCY})",
        )
        parser.add_argument("--format", choices=list(formats.FORMATS), default=formats.CSV.key)
        parser.add_argument(
            "--extra-column",
            dest="extra_columns",
            action="append",
            default=[],
            choices=columns.EXTRA_COLUMN_NAMES,
            help="a column after the fixed ones; can be given more than once",
        )
        parser.add_argument(
            "--byte-order-mark", action="store_true", default=None, help="begin the file with one, for Excel"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command. An error is one line, and an exit status other than 0."""
        choice = api.choose(
            report_format=options["format"],
            extra_columns=options["extra_columns"],
            byte_order_mark=options["byte_order_mark"],
        )
        self._check_options(options)
        if options["all_courses"]:
            concurrency = options["concurrency"]
            self._all_courses(
                choice, options["since"] or "", batches.CONCURRENCY if concurrency is None else concurrency
            )
            return
        course_key = self._course_key(options["course_id"])
        output = options["output"]
        if output is None:
            self._store(course_key, choice)
        elif output == STANDARD_OUTPUT:
            self._print(course_key, choice)
        else:
            self._write(course_key, choice, Path(output))

    def _check_options(self, options: dict[str, Any]) -> None:
        """Raise CommandError for options that cannot be combined."""
        if options["all_courses"]:
            if options["course_id"] is not None:
                raise CommandError(_("Name a course or say --all-courses, not both."))
            if options["output"] is not None:
                raise CommandError(_("--all-courses puts the reports into the report store: it takes no --output."))
            if options["concurrency"] is not None and options["concurrency"] < 1:
                raise CommandError(_("--concurrency takes a number from 1."))
        elif options["course_id"] is None:
            raise CommandError(_("Name a course, or say --all-courses."))
        elif options["since"] is not None or options["concurrency"] is not None:
            raise CommandError(_("--since and --concurrency belong to --all-courses."))

    def _course_key(self, course_id: str) -> CourseKey:
        try:
            course_key = CourseKey.from_string(course_id)
        except InvalidKeyError:
            raise CommandError(_("{course_id} is not the ID of a course.").format(course_id=course_id)) from None
        if courses.course_overview(course_key) is None:
            raise CommandError(_("There is no course {course_id}.").format(course_id=course_id))
        return course_key

    def _store(self, course_key: CourseKey, choice: api.Choice) -> None:
        try:
            run = api.store_report(course_key, choice, on_row=self._progress(course_key))
        except api.ReportFailed as failure:
            raise CommandError(_(str(failure))) from None
        self.stdout.write(str(run.file_name))

    def _print(self, course_key: CourseKey, choice: api.Choice) -> None:
        try:
            api.write_report(course_key, choice, self.stdout.buffer, on_row=self._progress(course_key))
            self.stdout.buffer.flush()
        except OSError as error:
            # At exit, Python would flush the rest to standard output and fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                sentence = _("The reader of standard output went away before the report was complete.")
            else:
                sentence = _("Standard output cannot be written: {reason}.").format(reason=error.strerror)
            raise CommandError(sentence) from None

    def _write(self, course_key: CourseKey, choice: api.Choice, path: Path) -> None:
        try:
            with _atomic_file(path) as file:
                api.write_report(course_key, choice, file, on_row=self._progress(course_key))
        except OSError as error:
            raise CommandError(
                _("{path} cannot be written: {reason}.").format(path=path, reason=error.strerror)
            ) from None

    def _all_courses(self, choice: api.Choice, since: str, concurrency: int) -> None:
        """Let the workers make the reports, wait for them, and print the result."""
        try:
            batch, is_new = api.start_all_reports(choice, since=since, concurrency=concurrency)
            if not is_new:
                started = f"{batch.started_at.astimezone(UTC):%Y-%m-%d %H:%M}"
                self.stdout.write(
                    _("Resuming the reports of all courses that were started on {time} UTC.").format(time=started)
                )
            progress = self._wait_for(batch)
        except InvalidSince as error:
            raise CommandError(str(error)) from None
        except api.ReportFailed as failure:
            raise CommandError(_(str(failure))) from None
        except OperationalError:
            sentence = _("The database does not answer. Run the same command again to resume the reports.")
            raise CommandError(sentence) from None
        except KeyboardInterrupt:
            sentence = _("The workers continue without this command. Run it again to wait for the rest.")
            raise CommandError(sentence, returncode=130) from None
        for run in batches.failures(batch):
            self.stderr.write(f"{run.course_key}: {_(run.sentence)}")
        summary = _("{courses} courses: {made} reports made, {skipped} skipped, {failed} failed.").format(
            courses=progress.courses, made=progress.succeeded, skipped=progress.skipped, failed=progress.failed
        )
        if progress.failed:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _wait_for(self, batch: ReportBatch) -> batches.Progress:
        """Wait for the end of the batch and return its final progress. A terminal shows each change."""
        before, unchanged_since = None, time.monotonic()
        while (progress := api.supervise_all_reports(batch)).is_open:
            if progress != before:
                before, unchanged_since = progress, time.monotonic()
                if self.stderr.isatty():
                    done = progress.courses - progress.queued - progress.running
                    self.stderr.write(f"\r{done:,} / {progress.courses:,}", ending="")
            elif not progress.running and time.monotonic() - unchanged_since > TIMEOUT_SECONDS:
                raise CommandError(
                    _(
                        "No worker has begun any of the {number} queued reports in {minutes} minutes. Start a worker "
                        "for the queue of reports, then run the same command again."
                    ).format(number=progress.queued, minutes=TIMEOUT_SECONDS // 60)
                )
            time.sleep(POLL_SECONDS)
        if before is not None and self.stderr.isatty():
            self.stderr.write("")
        return progress

    def _progress(self, course_key: CourseKey) -> Callable[[int], None] | None:
        """Return a function that shows the progress on standard error, or None if that is no terminal."""
        if not self.stderr.isatty():
            return None
        total = making.count(course_key)

        def show(rows: int) -> None:
            if rows % PROGRESS_EVERY == 0 or rows == total:
                self.stderr.write(f"\r{rows:,} / {total:,}", ending="\n" if rows == total else "")

        return show


@contextmanager
def _atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """
    Yield a file that replaces the path once it is complete. Only its owner can read it.

    A device or a pipe is not replaced but written to.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    path = path.resolve()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as unfinished:
        try:
            yield unfinished
            unfinished.close()
            os.replace(unfinished.name, path)
        finally:
            Path(unfinished.name).unlink(missing_ok=True)
