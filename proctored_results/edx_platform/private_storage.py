"""
A private report store on a local disk, for the platform's whole ``GRADES_DOWNLOAD``.

The platform's own lists of reports ask the storage for the URL of each file, and pass neither the course nor the user.
The user is that of the current request. The directory of a file is a digest of its course's key, so the course is found
by its digest: first among the courses in the URL of the request, then among all courses of the site.
"""

import os
import time
from typing import Any

from crum import get_current_user
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from opaque_keys.edx.keys import CourseKey

from proctored_results.edx_platform import courses, report_links
from proctored_results.edx_platform.report_store import course_directory

#: How long the storage waits between two scans of all courses for an unknown directory.
RESCAN_SECONDS = 60


@deconstructible(path="proctored_results.storage.PrivateReportStorage")
class PrivateReportStorage(FileSystemStorage):
    """
    A storage of report files that can only be downloaded through the plugin's download view.

    Only the user that the LMS and its workers run as can read the files and directories, whatever the settings for
    uploads say. A URL works for five minutes, for the user of the request in which it was made.

    Arguments:
        location: the directory, which the web server must not serve. Raises ImproperlyConfigured without one, because
            Django's storages would then use the public MEDIA_ROOT.
        base_url: not used. It can stay in the settings if another storage needed it.
        file_permissions_mode: for an LMS and workers that run as different users: other permissions than 0o600.
        directory_permissions_mode: other permissions than 0o700.

    """

    base_url = None

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        base_url: str | None = None,
        file_permissions_mode: int = 0o600,
        directory_permissions_mode: int = 0o700,
        **options: Any,
    ) -> None:
        if not location:
            raise ImproperlyConfigured("PrivateReportStorage needs a location: a directory that no web server serves.")
        super().__init__(
            location=location,
            file_permissions_mode=file_permissions_mode,
            directory_permissions_mode=directory_permissions_mode,
            **options,
        )
        self._course_ids: dict[str, str] = {}
        self._scanned_at: float | None = None

    def url(self, name: str | None) -> str:
        """
        Return the path and query of a link to a course's file, for the user of the current request.

        Without a user, the link has no token. It leads to a page with a fresh link for those who may have the file.
        Every name gets a link, even a name that the view refuses, so one file cannot break a list. Raises ValueError
        for a path outside the directories of courses.
        """
        directory, file_name = os.path.split(name or "")
        course_key = self._course_key(directory)
        if course_key is None or not file_name:
            raise ValueError("This file is not accessible via a URL: it lies in no directory of a course.")
        # A file name that is not UTF-8 has characters that a URL cannot contain.
        return report_links.download_url(get_current_user(), course_key, file_name.encode(errors="replace").decode())

    def _course_key(self, directory: str) -> CourseKey | None:
        """Return the key of the course that the directory belongs to, or None."""
        if directory not in self._course_ids:
            self._find_course(directory)
        course_id = self._course_ids.get(directory)
        return None if course_id is None else CourseKey.from_string(course_id)

    def _find_course(self, directory: str) -> None:
        for course_key in courses.course_keys_of_request():
            if course_directory(course_key) == directory:
                self._course_ids[directory] = str(course_key)
                return
        now = time.monotonic()
        if self._scanned_at is None or now - self._scanned_at >= RESCAN_SECONDS:
            self._course_ids |= {course_directory(key): str(key) for key in courses.course_keys()}
            self._scanned_at = now
