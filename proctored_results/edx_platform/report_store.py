"""The report store: the storage that holds the report files of all courses."""

import hashlib
import inspect
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import Storage
from django.utils.http import content_disposition_header
from opaque_keys.edx.keys import CourseKey

REPORT_STORE = "GRADES_DOWNLOAD"

UNFINISHED_FILE_PREFIX = ".proctored-results-"
UNFINISHED_FILE_MAX_AGE = 24 * 60 * 60


class ReportStoreRefused(Exception):
    """The report store did not store or return a file. ``__cause__`` is the error of the storage."""


def report_storage() -> Storage:
    """Return the storage of the platform's report store. Raises ReportStoreRefused if it cannot be set up."""
    return _report_store().storage


def course_file_prefix(course_key: CourseKey) -> str:
    """Return the prefix of the names of the course's report files."""
    from common.djangoapps.util.file import course_filename_prefix_generator

    return course_filename_prefix_generator(course_key)


def course_directory(course_key: CourseKey) -> str:
    """Return the name of the directory in the report store that holds the course's files."""
    return hashlib.sha1(str(course_key).encode(), usedforsecurity=False).hexdigest()


def report_store_holds(directory: Path) -> bool:
    """Return whether the directory is that of the report store, is inside it, or contains it."""
    own = _local_directory(report_storage())
    if own is None:
        return False
    resolved = Path(own).resolve()
    return resolved.is_relative_to(directory) or directory.is_relative_to(resolved)


@dataclass(frozen=True)
class ReportFile:
    """A file in the platform's report store, which may not exist yet: the storage, and the path in it."""

    storage: Storage
    path: str

    @classmethod
    def of(cls, course_key: CourseKey, name: str) -> "ReportFile":
        """
        Return the course's report file of that name, whether it exists or not.

        Raises ReportStoreRefused if the site has no report store, or if the report store cannot be set up.
        """
        store = _report_store()
        return cls(store.storage, store.path_to(course_key, name))

    @classmethod
    def at(cls, path: str) -> "ReportFile":
        """Return the file at that path, whether it exists or not. Raises ReportStoreRefused."""
        return cls(report_storage(), path)

    @property
    def name(self) -> str:
        """The name of the file, without directories."""
        return os.path.basename(self.path)

    @property
    def download_name(self) -> str:
        """The name under which a browser saves the file. Control characters, not valid in a header, become "_"."""
        return re.sub(r"[\x00-\x1f\x7f]", "_", self.name)

    def exists(self) -> bool:
        """Return whether the file exists. Raises ReportStoreRefused."""
        with _store_errors():
            return self.storage.exists(self.path)

    def delete(self) -> None:
        """Delete the file, if it exists. Raises ReportStoreRefused."""
        with _store_errors():
            self.storage.delete(self.path)

    def open(self) -> IO[bytes]:
        """Open the file for reading. Raises FileNotFoundError if it does not exist, and ReportStoreRefused."""
        with _store_errors(FileNotFoundError):
            try:
                return self.storage.open(self.path, "rb")
            except IsADirectoryError:
                raise FileNotFoundError(self.path) from None

    @contextmanager
    def writing(self) -> Iterator["UnsavedReport"]:
        """
        Open a temporary file for a report. It is deleted at the end, unless it was saved.

        For a storage on a local disk, the file is on the same disk, outside the directories that the platform lists.
        Saving is then one rename, so the report is stored completely or not at all. Raises ReportStoreRefused if the
        disk does not take the file.
        """
        with _store_errors():
            storage_directory = _local_directory(self.storage)
            directory = storage_directory or tempfile.gettempdir()
            _make_directory(directory, getattr(self.storage, "directory_permissions_mode", None))
            _remove_leftovers(directory)
            temporary = tempfile.NamedTemporaryFile(  # noqa: SIM115
                prefix=UNFINISHED_FILE_PREFIX, dir=directory, delete=False
            )
        try:
            with temporary:
                yield UnsavedReport(self, temporary, movable=storage_directory is not None)
        except OSError as error:
            raise ReportStoreRefused from error
        finally:
            Path(temporary.name).unlink(missing_ok=True)

    def presigned_url(self, *, seconds: int) -> str | None:
        """Return a presigned URL of the storage that expires after these seconds; None if the storage has none."""
        signs = getattr(self.storage, "querystring_auth", False) and not getattr(self.storage, "custom_domain", None)
        if not signs or "expire" not in inspect.signature(self.storage.url).parameters:
            return None
        parameters = {
            "ResponseContentDisposition": content_disposition_header(True, self.download_name),
            "ResponseCacheControl": "no-store",
        }
        with _store_errors():
            return self.storage.url(self.path, parameters=parameters, expire=seconds)


@dataclass(frozen=True)
class UnsavedReport:
    """A report that is being written: the binary file to write to, and its target in the report store."""

    target: ReportFile
    file: IO[bytes]
    movable: bool

    def save(self) -> tuple[str, int]:
        """
        Save the complete file in the report store; return its name there, and its size in bytes.

        The storage may choose another name than the requested one. Raises ReportStoreRefused.
        """
        with _store_errors():
            self.file.flush()
            size = self.file.seek(0, os.SEEK_END)
            self.file.seek(0)
            content = File(self.file)
            if self.movable:
                content.temporary_file_path = lambda: self.file.name
            return os.path.basename(self.target.storage.save(self.target.path, content)), size


def _report_store() -> Any:
    from lms.djangoapps.instructor_task.models import ReportStore

    with _store_errors():
        return ReportStore.from_config(REPORT_STORE)


@contextmanager
def _store_errors(*reraised: type[Exception]) -> Iterator[None]:
    """Turn every error except those given into ReportStoreRefused, because a storage can raise any error."""
    try:
        yield
    except reraised:
        raise
    except Exception as error:
        raise ReportStoreRefused from error


def _make_directory(directory: str, mode: int | None) -> None:
    """Make the directory and its missing parents with these permissions, whatever the umask is."""
    umask = None if mode is None else os.umask(0o777 & ~mode)
    try:
        os.makedirs(directory, 0o777 if mode is None else mode, exist_ok=True)
    finally:
        if umask is not None:
            os.umask(umask)


def _local_directory(storage: Storage) -> str | None:
    """Return the root directory of a storage on a local disk, or None for any other storage."""
    try:
        return storage.path("")
    except NotImplementedError:
        return None


def _remove_leftovers(directory: str) -> None:
    """Delete the unfinished files of runs that were killed."""
    for path in Path(directory).glob(f"{UNFINISHED_FILE_PREFIX}*"):
        try:
            if path.stat().st_mtime < time.time() - UNFINISHED_FILE_MAX_AGE:
                path.unlink()
        except OSError:  # another run has deleted the file, or this process may not delete it
            continue
