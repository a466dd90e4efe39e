"""The report from a command line: to a file, to standard output, or into the report store."""

import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from proctored_results import edx_platform, runs
from proctored_results.reports import columns, formats

STANDARD_OUTPUT = "-"
PROGRESS_EVERY = 1000


class Command(BaseCommand):
    """Makes the Proctored Exam Results report of a course at once, in this process."""

    help = (
        "Write the Proctored Exam Results report of a course to a file or to standard output (-). Without --output it "
        "goes into the report store, where the course team finds it, and its name is printed."
    )

    # Who pipes the report on, or has it made at night, wants nothing else said.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("course_id", help="for example course-v1:edX+DemoX+2026")
        parser.add_argument("--output", metavar="PATH", help="a file to write, or - for standard output")
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
        """Run the command. What goes wrong is one line, and an exit status that is not 0."""
        course_key = self._course_key(options["course_id"])
        choice = runs.choose(
            report_format=options["format"],
            extra_columns=options["extra_columns"],
            byte_order_mark=options["byte_order_mark"],
        )
        output = options["output"]
        if output is None:
            self._store(course_key, choice)
        elif output == STANDARD_OUTPUT:
            self._print(course_key, choice)
        else:
            self._write(course_key, choice, Path(output))

    def _course_key(self, course_id: str) -> CourseKey:
        try:
            course_key = CourseKey.from_string(course_id)
        except InvalidKeyError:
            raise CommandError(_("{course_id} is not the ID of a course.").format(course_id=course_id)) from None
        if edx_platform.course_overview(course_key) is None:
            raise CommandError(_("There is no course {course_id}.").format(course_id=course_id))
        return course_key

    def _store(self, course_key: CourseKey, choice: runs.Choice) -> None:
        try:
            run = runs.store(course_key, choice, on_row=self._progress(course_key))
        except runs.ReportFailed as failure:
            raise CommandError(_(str(failure))) from None
        self.stdout.write(str(run.file_name))

    def _print(self, course_key: CourseKey, choice: runs.Choice) -> None:
        try:
            runs.write(course_key, choice, self.stdout.buffer, on_row=self._progress(course_key))
            self.stdout.buffer.flush()
        except OSError as error:
            # What Python still holds for standard output would fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                sentence = _("The reader of standard output went away before the report was complete.")
            else:
                sentence = _("Standard output cannot be written: {reason}.").format(reason=error.strerror)
            raise CommandError(sentence) from None

    def _write(self, course_key: CourseKey, choice: runs.Choice, path: Path) -> None:
        try:
            with _whole_file(path) as file:
                runs.write(course_key, choice, file, on_row=self._progress(course_key))
        except OSError as error:
            raise CommandError(
                _("{path} cannot be written: {reason}.").format(path=path, reason=error.strerror)
            ) from None

    def _progress(self, course_key: CourseKey) -> Callable[[int], None] | None:
        """Return what shows the progress on standard error, where that is a terminal."""
        if not self.stderr.isatty():
            return None
        total = runs.count(course_key)

        def show(rows: int) -> None:
            if rows % PROGRESS_EVERY == 0 or rows == total:
                self.stderr.write(f"\r{rows:,} / {total:,}", ending="\n" if rows == total else "")

        return show


@contextmanager
def _whole_file(path: Path) -> Iterator[IO[bytes]]:
    """
    Yield a file that takes its place at the path once it is whole, for its owner alone to read.

    A device or a pipe keeps its place and is written to.
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
