"""
Links to report files. A link works for five minutes, for one user and one file of one course.

The token does not contain the user, the course or the file, but its signature covers them. So a token reveals nothing,
and fits no other link.
"""

from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse
from opaque_keys.edx.keys import CourseKey

LIFETIME = timedelta(minutes=5)


class LinkExpired(Exception):
    """The link was valid, but it is older than `LIFETIME`."""


class LinkInvalid(Exception):
    """The link was made for another user, course or file, or it was not made here."""


def download_url(user: Any | None, course_key: CourseKey, file_name: str) -> str:
    """
    Return the path and query of a fresh link to the report file for the user.

    If nobody is logged in, the link has no token, and does not open the file.
    """
    path = reverse("proctored_results:report-download", args=[str(course_key), file_name])
    if user is None or user.pk is None:
        return path
    return f"{path}?token={_signer(user, course_key, file_name).sign('').lstrip(':')}"


def check(token: str, user: Any, course_key: CourseKey, file_name: str) -> None:
    """Check that the token opens the file for the user now. Raises LinkExpired and LinkInvalid."""
    try:
        _signer(user, course_key, file_name).unsign(f":{token}", max_age=LIFETIME)
    except SignatureExpired:
        raise LinkExpired from None
    except BadSignature:
        raise LinkInvalid from None


def _signer(user: Any, course_key: CourseKey, file_name: str) -> TimestampSigner:
    return TimestampSigner(salt=f"proctored_results.download:{user.pk}:{course_key}:{file_name}")
