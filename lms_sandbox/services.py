"""The services that edx-proctoring calls back on, with the methods that its attempts and reviews use."""

from common.djangoapps.student.models import CourseEnrollment
from crum import get_current_request
from django.contrib.auth import get_user_model
from django.db.models import Q
from edx_django_utils.cache import RequestCache
from edx_proctoring.models import ProctoredExam
from edx_proctoring.runtime import set_runtime_service
from opaque_keys.edx.keys import CourseKey, UsageKey
from openedx.core.djangoapps.content.course_overviews.api import get_course_overview_or_none
from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from waffle import get_waffle_flag_model

from lms_sandbox.models import CreditRequirement, GradeOverride, InvalidCertificate
from lms_sandbox.permissions import COURSE_STAFF, PROCTORED_MODES, has_course_role

#: Waffle flag that a course or an organization can override: a rejected exam scores 0.
REJECTED_EXAM_FLAG = "grades.rejected_exam_overrides_grade"


def register():
    """Register one of each service with edx-proctoring."""
    set_runtime_service("certificates", Certificates())
    set_runtime_service("credit", Credit())
    set_runtime_service("enrollments", Enrollments())
    set_runtime_service("grades", Grades())
    set_runtime_service("instructor", Instructor())


def course_of_page(course_key):
    """Return the course with this key, or None. Like the platform, read it once in a request."""
    cache = RequestCache("lms_sandbox.courses")
    cached = cache.get_cached_response(course_key)
    if cached.is_found:
        return cached.value
    course = get_course_overview_or_none(course_key)
    if course is not None and get_current_request() is not None:
        cache.set(course_key, course)
    return course


def _course_key(key_or_id):
    """Return a course key, given as a key or as its text."""
    return key_or_id if isinstance(key_or_id, CourseKey) else CourseKey.from_string(key_or_id)


class Credit:
    """Requirements for academic credit."""

    def get_credit_state(self, user_id, course_key_or_id, return_course_info=False):
        """Return a dict about learner and requirements, with the course's name if asked; None without enrolment."""
        course_key = _course_key(course_key_or_id)
        enrollment = (
            CourseEnrollment.objects.filter(user_id=user_id, course_id=course_key)
            .select_related("user__profile", "course")
            .first()
        )
        if enrollment is None:
            return None
        state = {
            "enrollment_mode": enrollment.mode,
            "profile_fullname": enrollment.user.profile.name if hasattr(enrollment.user, "profile") else "",
            "student_email": enrollment.user.email,
            "is_credit_course": True,
            "credit_requirement_status": _requirements(user_id, course_key),
        }
        if return_course_info:
            state["course_name"] = enrollment.course.display_name_with_default
        return state

    def set_credit_requirement_status(  # noqa: PLR0917
        self, user_id, course_key_or_id, req_namespace, req_name, status="satisfied", reason=None
    ):
        """Store the status of a learner for a requirement."""
        CreditRequirement.objects.update_or_create(
            user_id=user_id,
            course_id=_course_key(course_key_or_id),
            namespace=req_namespace,
            name=req_name,
            defaults={"status": status, "reason": reason},
        )

    def remove_credit_requirement_status(self, user_id, course_key_or_id, req_namespace, req_name):
        """Delete the status of a learner for a requirement."""
        CreditRequirement.objects.filter(
            user_id=user_id, course_id=_course_key(course_key_or_id), namespace=req_namespace, name=req_name
        ).delete()


def _requirements(user_id, course_key):
    """
    Return the requirements of a course with the status of a learner, the earliest requirement first.

    As in the platform, these are the active proctored exams, in the order of their names. The status is None if the
    learner has not taken the exam.
    """
    exams = ProctoredExam.objects.filter(
        course_id=str(course_key), is_active=True, is_proctored=True, is_practice_exam=False
    )
    rows = CreditRequirement.objects.filter(user_id=user_id, course_id=course_key, namespace="proctored_exam")
    stands = {row.name: row for row in rows}
    return [
        {
            "namespace": "proctored_exam",
            "name": exam.content_id,
            "display_name": exam.exam_name,
            "status": stands[exam.content_id].status if exam.content_id in stands else None,
            "reason": stands[exam.content_id].reason if exam.content_id in stands else None,
            "order": order,
        }
        for order, exam in enumerate(exams.order_by("exam_name"))
    ]


class Grades:
    """Scores of subsections."""

    def should_override_grade_on_rejected_exam(self, course_key_or_id):
        """Return whether a rejected exam scores 0: the course decides, else its organization, else the site."""
        course_key = _course_key(course_key_or_id)
        for model, place in (
            (WaffleFlagCourseOverrideModel, course_key),
            (WaffleFlagOrgOverrideModel, course_key.org),
        ):
            choice = model.override_value(REJECTED_EXAM_FLAG, place)
            if choice != "unset":
                return choice == "on"
        return bool(get_waffle_flag_model().get(REJECTED_EXAM_FLAG).everyone)

    def override_subsection_grade(  # noqa: PLR0917
        self,
        user_id,
        course_key_or_id,
        usage_key_or_id,
        earned_all=None,
        earned_graded=None,
        overrider=None,
        comment="",
    ):
        """Replace a learner's own points in a subsection."""
        GradeOverride.objects.update_or_create(
            user_id=user_id,
            course_id=_course_key(course_key_or_id),
            usage_key=UsageKey.from_string(str(usage_key_or_id)),
            defaults={"earned_all": earned_all, "earned_graded": earned_graded, "comment": comment},
        )

    def undo_override_subsection_grade(self, user_id, course_key_or_id, usage_key_or_id, feature=""):
        """Restore the learner's own points."""
        GradeOverride.objects.filter(
            user_id=user_id,
            course_id=_course_key(course_key_or_id),
            usage_key=UsageKey.from_string(str(usage_key_or_id)),
        ).delete()


class Certificates:
    """Certificates of courses."""

    def invalidate_certificate(self, user_id, course_key_or_id):
        """Make a learner's certificate invalid."""
        InvalidCertificate.objects.get_or_create(user_id=user_id, course_id=_course_key(course_key_or_id))


class Instructor:
    """What course teams do with learners, and whom to contact."""

    def delete_student_attempt(self, student_identifier, course_id, content_id, requesting_user):
        """Reset the learner's answers in an exam; the sandbox has none."""

    def complete_student_attempt(self, user_identifier, content_id):
        """Mark an exam as completed by the learner; the sandbox does not keep this."""

    def is_course_staff(self, user, course_id):
        """Return whether a user belongs to the staff of a course."""
        return user.is_staff or has_course_role(user, _course_key(course_id), COURSE_STAFF)

    def send_support_notification(self, course_id, exam_name, student_username, review_status, review_url=None):
        """Tell the support team of a suspicious review; the sandbox has no support team."""

    def get_proctoring_escalation_email(self, course_key):
        """Return where to write about proctoring in a course, or None."""
        course = course_of_page(_course_key(course_key))
        return course.proctoring_escalation_email if course else None


class Enrollments:
    """Who is enrolled."""

    def get_active_enrollments_by_course(self, course_id):
        """Return a query of the active enrolments in a course."""
        return CourseEnrollment.objects.filter(course_id=_course_key(course_id), is_active=True)

    def get_enrollments_can_take_proctored_exams(self, course_id, text_search=None):
        """Return a query of those whose track has proctored exams; filter by part of user name or e-mail if given."""
        enrollments = self.get_active_enrollments_by_course(course_id).filter(mode__in=PROCTORED_MODES)
        if text_search:
            users = get_user_model().objects.filter(
                Q(username__icontains=text_search) | Q(email__icontains=text_search)
            )
            enrollments = enrollments.filter(user__in=users)
        return enrollments.select_related("user")
