"""
Links to report files: each works for five minutes, for the user it was made for, for one file of one course.

The user, the course and the file are not in the token but in what is signed, so that a token says nothing and fits
nowhere else.
"""

from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse
from opaque_keys.edx.keys import CourseKey

LIFETIME = timedelta(minutes=5)


class LinkExpired(Exception):
    """The link was right, but it is older than its lifetime."""


class LinkInvalid(Exception):
    """The link was not made for this user, course and file, or not made here at all."""


def download_url(user: Any | None, course_key: CourseKey, file_name: str) -> str:
    """
    Return the path and query of a fresh link to the report file for the user.

    Where nobody is logged in there is no token, and the link opens nothing.
    """
    path = reverse("proctored_results:report-download", args=[str(course_key), file_name])
    if user is None or user.pk is None:
        return path
    return f"{path}?token={_signer(user, course_key, file_name).sign('').lstrip(':')}"


def check(token: str, user: Any, course_key: CourseKey, file_name: str) -> None:
    """Return if the token opens the file for the user now. Raises LinkExpired and LinkInvalid."""
    try:
        _signer(user, course_key, file_name).unsign(f":{token}", max_age=LIFETIME)
    except SignatureExpired:
        raise LinkExpired from None
    except BadSignature:
        raise LinkInvalid from None


def _signer(user: Any, course_key: CourseKey, file_name: str) -> TimestampSigner:
    return TimestampSigner(salt=f"proctored_results.download:{user.pk}:{course_key}:{file_name}")
