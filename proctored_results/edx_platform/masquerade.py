"""Masquerading, which is viewing a course as somebody else: whose results a page or the API shows."""

from dataclasses import dataclass
from typing import Any

from crum import get_current_request
from django.http import HttpRequest
from opaque_keys.edx.keys import CourseKey


def learner_in_view(request: HttpRequest, course_key: CourseKey) -> Any | None:
    """
    Return the learner whose results the request's user sees in the course.

    This is the user. For a course team member, it is the learner whom they view the course as, or None if they view it
    as themselves or as a generic learner.
    """
    from lms.djangoapps.courseware.masquerade import setup_masquerade

    staff_access = request.user.has_perm("instructor.view_exam_results", course_key)
    _masquerade, learner = setup_masquerade(request, course_key, staff_access, reset_masquerade_data=False)
    return None if staff_access and learner == request.user else learner


@dataclass(frozen=True)
class LearnerOfPage:
    """The learner for whom a page of the course is rendered, and whether somebody else views it as this learner."""

    id: int
    username: str
    is_masquerade: bool


def learner_of_page(block: Any, course_key: CourseKey) -> LearnerOfPage | None:
    """
    Return the learner for whom the block (or an aside) is rendered.

    None for a course team member who views the course as themselves or as a generic learner, and for a visitor who is
    not logged in. If a team member views the course as a certain learner, the platform makes that learner the request's
    user, with the team member as ``real_user``.
    """
    user = block.runtime.service(block, "user").get_current_user().opt_attrs
    user_id = user.get("edx-platform.user_id")
    request_user = getattr(get_current_request(), "user", None)
    if user_id is None or user.get("edx-platform.user_is_staff") or _views_as_generic_learner(request_user, course_key):
        return None
    return LearnerOfPage(
        id=user_id, username=user.get("edx-platform.username"), is_masquerade=hasattr(request_user, "real_user")
    )


def _views_as_generic_learner(user: Any, course_key: CourseKey) -> bool:
    masquerade = getattr(user, "masquerade_settings", {}).get(course_key)
    return masquerade is not None and masquerade.role == "student" and not masquerade.user_name
