"""
Viewing a course as somebody else.

The session of a course team member says, for each course, whom they view it as. The stand-in stores this as JSON;
requests get the same objects as in the platform.
"""

import json

from common.djangoapps.student.models import CourseEnrollment
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from opaque_keys.edx.keys import CourseKey

MASQUERADE_SETTINGS_KEY = "masquerade_settings"


class CourseMasquerade:
    """Whom somebody views a course as: a role (staff or student), or one student, by user name."""

    def __init__(self, course_key, role="student", user_partition_id=None, group_id=None, user_name=None):
        self.course_key = course_key
        self.role = role
        self.user_partition_id = user_partition_id
        self.group_id = group_id
        self.user_name = user_name


@method_decorator(login_required, name="dispatch")
class MasqueradeView(View):
    """Decides whom the user views a course as."""

    def post(self, request, course_key_string):
        """Take the choice, as JSON, and keep it in the session; answer whether it succeeded."""
        course_key = CourseKey.from_string(course_key_string)
        if not request.user.has_perm("instructor.view_exam_results", course_key):
            return JsonResponse({"success": False})
        choice = json.loads(request.body)
        username = choice.get("user_name")
        if username:
            learner = _enrolled(course_key).filter(Q(user__username=username) | Q(user__email=username)).first()
            if learner is None:
                return JsonResponse({"success": False, "error": f"No learner {username!r} is enrolled in this course."})
            username = learner.user.username
        chosen = request.session.setdefault(MASQUERADE_SETTINGS_KEY, {})
        chosen[str(course_key)] = {"role": choice.get("role", "student"), "user_name": username or None}
        request.session.modified = True
        return JsonResponse({"success": True})


def setup_masquerade(request, course_key, staff_access=False, reset_masquerade_data=False):
    """
    Return whom the request's user views the course as, and the user to show the course for.

    The first is a CourseMasquerade or None. The second is the request's user; if they view the course as one learner,
    it is that learner, with the request's user as `real_user`. Both users get `masquerade_settings`.
    """
    if not staff_access or not settings.FEATURES.get("ENABLE_MASQUERADE", False):
        return None, request.user
    chosen = request.session.get(MASQUERADE_SETTINGS_KEY, {})
    request.user.masquerade_settings = {
        CourseKey.from_string(course_id): CourseMasquerade(CourseKey.from_string(course_id), **choice)
        for course_id, choice in chosen.items()
    }
    masquerade = request.user.masquerade_settings.get(course_key)
    if masquerade is None or not masquerade.user_name:
        return masquerade, request.user
    enrollment = _enrolled(course_key).filter(user__username=masquerade.user_name).first()
    if enrollment is None:
        # The learner has left the course since.
        del chosen[str(course_key)], request.user.masquerade_settings[course_key]
        request.session.modified = True
        return None, request.user
    learner = enrollment.user
    learner.masquerade_settings = request.user.masquerade_settings
    learner.real_user = request.user
    return masquerade, learner


def get_course_masquerade(user, course_key):
    """Return whom the user views the course as, or None."""
    return getattr(user, "masquerade_settings", {}).get(course_key)


def is_masquerading_as_specific_student(user, course_key):
    """Return whether the user views the course as one learner."""
    masquerade = get_course_masquerade(user, course_key)
    return bool(masquerade and masquerade.user_name)


def _enrolled(course_key):
    """Return the active enrolments in a course, with their users."""
    return CourseEnrollment.objects.filter(course_id=course_key, is_active=True).select_related("user")
