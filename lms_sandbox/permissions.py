"""Who may do what in a course, by the platform's names of permissions."""

from common.djangoapps.student.models import CourseAccessRole, CourseEnrollment
from django.contrib.auth.backends import BaseBackend
from django.db.models import Q
from opaque_keys.edx.django.models import CourseKeyField
from opaque_keys.edx.keys import CourseKey

COURSE_STAFF = frozenset({"staff", "instructor"})
RESEARCHER = frozenset({"data_researcher"})

#: The permission to take a proctored exam (given as a dict), and the tracks that have it.
TAKE_EXAM = "edx_proctoring.can_take_proctored_exam"
PROCTORED_MODES = ("verified", "credit", "masters", "professional", "executive-education")

#: Permission -> course roles that have it. Global staff has all permissions.
ROLES = {
    "instructor.dashboard": COURSE_STAFF | RESEARCHER,
    "instructor.research": RESEARCHER,
    "instructor.show_tasks": COURSE_STAFF | RESEARCHER,
    "instructor.view_exam_results": COURSE_STAFF,
}


class CoursePermissionsBackend(BaseBackend):
    """Answers `user.has_perm(name, course key or course)` for the permissions above."""

    def has_perm(self, user_obj, perm, obj=None):
        """Return whether the user has the permission in the course."""
        if perm == TAKE_EXAM and obj is not None:
            enrollments = CourseEnrollment.objects.filter(
                user=user_obj, course_id=CourseKey.from_string(obj["course_id"])
            )
            return enrollments.filter(is_active=True, mode__in=PROCTORED_MODES).exists()
        if perm not in ROLES or obj is None or not user_obj.is_authenticated:
            return False
        return user_obj.is_staff or has_course_role(user_obj, obj, ROLES[perm])


def has_course_role(user, course, roles):
    """Return whether a user has one of the roles in a course (given as key or course), or in its whole organisation."""
    course_key = course if isinstance(course, CourseKey) else course.id
    own = CourseAccessRole.objects.filter(user=user, role__in=roles)
    return own.filter(Q(course_id=course_key) | Q(org=course_key.org, course_id=CourseKeyField.Empty)).exists()
