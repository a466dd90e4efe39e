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
    """The report store did not take, or did not give, a file; the cause is what it raised."""


def report_storage() -> Storage:
    """Return the storage of the platform's report store. Raises ReportStoreRefused where it cannot be made."""
    return _report_store().storage


def course_file_prefix(course_key: CourseKey) -> str:
    """Return what the names of the course's report files begin with."""
    from common.djangoapps.util.file import course_filename_prefix_generator

    return course_filename_prefix_generator(course_key)


def course_directory(course_key: CourseKey) -> str:
    """Return the name of the directory in the report store that holds the course's files."""
    return hashlib.sha1(str(course_key).encode(), usedforsecurity=False).hexdigest()


def report_store_holds(directory: Path) -> bool:
    """Tell whether the directory is that of the report store, or lies in it or around it."""
    own = _local_directory(report_storage())
    if own is None:
        return False
    resolved = Path(own).resolve()
    return resolved.is_relative_to(directory) or directory.is_relative_to(resolved)


@dataclass(frozen=True)
class ReportFile:
    """A place for a file in the platform's report store: the storage, and the path in it."""

    storage: Storage
    path: str

    @classmethod
    def of(cls, course_key: CourseKey, name: str) -> "ReportFile":
        """
        Return the place of the course's report of that name, whether there is a file or not.

        Raises ReportStoreRefused where the site has set up no report store, or one that cannot be made.
        """
        store = _report_store()
        return cls(store.storage, store.path_to(course_key, name))

    @classmethod
    def at(cls, path: str) -> "ReportFile":
        """Return the place of that path, whether there is a file or not."""
        return cls(report_storage(), path)

    @property
    def name(self) -> str:
        """The name of the file, without directories."""
        return os.path.basename(self.path)

    @property
    def saved_as(self) -> str:
        """The name under which a browser saves the file: control characters, which no header takes, as "_"."""
        return re.sub(r"[\x00-\x1f\x7f]", "_", self.name)

    def exists(self) -> bool:
        """Tell whether there is a file in this place. Raises ReportStoreRefused."""
        with _store_errors():
            return self.storage.exists(self.path)

    def delete(self) -> None:
        """Delete the file in this place, if there is one. Raises ReportStoreRefused."""
        with _store_errors():
            self.storage.delete(self.path)

    def open(self) -> IO[bytes]:
        """Open the file for reading. Raises FileNotFoundError where there is none, and ReportStoreRefused."""
        with _store_errors(FileNotFoundError):
            try:
                return self.storage.open(self.path, "rb")
            except IsADirectoryError:
                raise FileNotFoundError(self.path) from None

    @contextmanager
    def writing(self) -> Iterator["UnsavedReport"]:
        """
        Open a temporary file for a report, which is gone at the end unless it was saved.

        For a storage on a local disk the file lies on that disk, outside the directories that the platform lists, so
        that saving it is one rename: the report is there whole or not at all. Raises ReportStoreRefused where the
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

    def short_lived_url(self, *, seconds: int) -> str | None:
        """Return a URL of the storage's own that downloads the file and dies by then; None where it has none."""
        signs = getattr(self.storage, "querystring_auth", False) and not getattr(self.storage, "custom_domain", None)
        if not signs or "expire" not in inspect.signature(self.storage.url).parameters:
            return None
        parameters = {
            "ResponseContentDisposition": content_disposition_header(True, self.saved_as),
            "ResponseCacheControl": "no-store",
        }
        with _store_errors():
            return self.storage.url(self.path, parameters=parameters, expire=seconds)


@dataclass(frozen=True)
class UnsavedReport:
    """A report that is being written: the binary file to write to, and the place that it is meant for."""

    place: ReportFile
    file: IO[bytes]
    movable: bool

    def save(self) -> tuple[str, int]:
        """
        Hand the whole file to the report store; return the name that it got there, and its size in bytes.

        The storage may choose another name than the one asked for. Raises ReportStoreRefused.
        """
        with _store_errors():
            self.file.flush()
            size = self.file.seek(0, os.SEEK_END)
            self.file.seek(0)
            content = File(self.file)
            if self.movable:
                content.temporary_file_path = lambda: self.file.name
            return os.path.basename(self.place.storage.save(self.place.path, content)), size


def _report_store() -> Any:
    from lms.djangoapps.instructor_task.models import ReportStore

    with _store_errors():
        return ReportStore.from_config(REPORT_STORE)


@contextmanager
def _store_errors(*but: type[Exception]) -> Iterator[None]:
    """Turn every error of the storage into one, but those named: storages raise what they like."""
    try:
        yield
    except but:
        raise
    except Exception as error:
        raise ReportStoreRefused from error


def _make_directory(directory: str, mode: int | None) -> None:
    """Make the directory and those around it where they are missing, with these permissions whatever the umask is."""
    umask = None if mode is None else os.umask(0o777 & ~mode)
    try:
        os.makedirs(directory, 0o777 if mode is None else mode, exist_ok=True)
    finally:
        if umask is not None:
            os.umask(umask)


def _local_directory(storage: Storage) -> str | None:
    """Return the root directory of a storage on a local disk, else None."""
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
        except OSError:  # another run was faster, or the file is not ours
            continue
