"""Moves the files of an earlier report store into the current one."""

import hashlib
import os
import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from proctored_results.edx_platform import report_store
from proctored_results.storage import PrivateReportStorage

#: A file that has not changed for this time is no longer being written.
MIN_AGE_SECONDS = 60


class Command(BaseCommand):
    """
    Moves the report files of a directory into the report store that ``GRADES_DOWNLOAD`` names now.

    Files keep their names, and in a store on a local disk also their times. Each file is always complete, in one of the
    stores or for a moment in both, so the LMS and its workers can run meanwhile. A file that may still be written is
    left for another run. If a run is killed, the next one completes its work.
    """

    help = (
        "Move the report files of a directory, where GRADES_DOWNLOAD said that they lie, into the report store that "
        "it names now."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("directory", type=Path, help="for example /openedx/media/grades")
        parser.add_argument(
            "--if-private", action="store_true", help="do nothing unless the report store is the plugin's private one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command. An error is one line, and an exit status other than 0."""
        directory: Path = options["directory"].resolve()
        nothing_to_move = _why_nothing_to_move(directory, if_private=options["if_private"])
        if nothing_to_move:
            self.stdout.write(nothing_to_move)
            return
        moved = left = 0
        for file in _report_files(directory):
            try:
                if file.stat().st_mtime > time.time() - MIN_AGE_SECONDS:
                    left += 1
                    continue
                _move(file, str(file.relative_to(directory)))
            except (OSError, report_store.ReportStoreRefused) as error:
                raise CommandError(
                    _("{path} could not be moved into the report store: {reason}. {count} files were moved.").format(
                        path=file, reason=_reason(error.__cause__ or error), count=moved
                    )
                ) from None
            moved += 1
        self.stdout.write(_("Files moved into the report store: {count}.").format(count=moved))
        if left:
            self.stdout.write(
                _("Files left where they are, because they may still be written: {count}. Run this again.").format(
                    count=left
                )
            )


def _why_nothing_to_move(directory: Path, *, if_private: bool) -> str | None:
    """Return why there is nothing to move, or None. Raises CommandError if there is no report store."""
    try:
        is_there_already = report_store.report_store_holds(directory)
        is_private = isinstance(report_store.report_storage(), PrivateReportStorage)
    except report_store.ReportStoreRefused:
        raise CommandError(
            _("There is no report store to move files into. See what {command} says.").format(
                command="./manage.py lms check"
            )
        ) from None
    if is_there_already:
        return _("The report store is in {path} itself: nothing to move.").format(path=directory)
    if if_private and not is_private:
        return _("The report store is not the private one: nothing is moved.")
    if not directory.is_dir():
        return _("There is no directory {path}: nothing to move.").format(path=directory)
    return None


def _report_files(directory: Path) -> list[Path]:
    """
    Return the files below the directory, without hidden ones, which are unfinished, and without symbolic links.

    Raises CommandError if a directory cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise CommandError(
            _("{path} cannot be read: {reason}. No file was moved.").format(path=error.filename, reason=error.strerror)
        )

    walk = os.walk(directory, onerror=refuse)
    found = (Path(folder) / name for folder, _folders, names in walk for name in names)
    return sorted(file for file in found if not file.name.startswith(".") and not file.is_symlink())


def _move(file: Path, path: str) -> None:
    """Copy the file to this path of the report store and then remove it. Raises OSError and ReportStoreRefused."""
    target = report_store.ReportFile.at(path)
    if not (target.exists() and _has_same_content(file, target)):
        with file.open("rb") as source, target.writing() as unsaved:
            shutil.copyfileobj(source, unsaved.file)
            unsaved.file.flush()
            times = os.fstat(source.fileno())
            os.utime(unsaved.file.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
            unsaved.save()
    file.unlink()


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _has_same_content(file: Path, target: report_store.ReportFile) -> bool:
    with file.open("rb") as source, target.open() as stored:
        return _digest(source) == _digest(stored)


def _digest(content: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    while block := content.read(1 << 20):
        digest.update(block)
    return digest.digest()
