"""Proctored exams: the settings of the site and of its courses."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from edx_proctoring.runtime import get_runtime_service
from opaque_keys.edx.keys import CourseKey

REJECTED_EXAM_FLAG = "grades.rejected_exam_overrides_grade"
REJECTED_EXAM_FLAG_CACHE_SECONDS = 60

#: The services that edx-proctoring calls when the status of an attempt changes.
PROCTORING_SERVICES = ("certificates", "credit", "grades", "instructor")


def special_exams_enabled() -> bool:
    """Return whether the site has timed and proctored exams enabled."""
    return bool(settings.FEATURES.get("ENABLE_SPECIAL_EXAMS", False))


def exams_service_holds_attempts(course: Any) -> bool:
    """
    Return whether the exams service (edx-exams), not edx-proctoring, holds the attempts at a course's exams.

    It does if an LTI tool proctors the exams. edx-proctoring may still hold older attempts.
    """
    return course.proctoring_provider == "lti_external"


def exam_dashboard_url(course_key: CourseKey) -> str | None:
    """Return the URL of the exams service's page of the attempts at a course's exams; None if the site has none."""
    site = getattr(settings, "EXAMS_DASHBOARD_MICROFRONTEND_URL", None)
    return f"{site}/course/{course_key}/exams" if site else None


def rejected_exams_score_zero(course_key: CourseKey) -> bool:
    """
    Return whether the course gives the score 0 for a rejected exam, as it was at most a minute ago.

    The answer is cached, because the platform takes two queries for a flag that hardly ever changes.
    """

    def read() -> bool:
        grades = get_runtime_service("grades")
        return bool(grades and grades.should_override_grade_on_rejected_exam(str(course_key)))

    key = hashlib.sha256(f"proctored_results {REJECTED_EXAM_FLAG} {course_key}".encode()).hexdigest()
    return bool(cache.get_or_set(key, read, REJECTED_EXAM_FLAG_CACHE_SECONDS))


def rejected_exams_score_zero_anywhere() -> bool:
    """Return whether a rejected exam scores 0 in all courses, in any one course or in any one organization."""
    from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
    from waffle import get_waffle_flag_model

    if get_waffle_flag_model().objects.filter(name=REJECTED_EXAM_FLAG, everyone=True).exists():
        return True
    for model, key in ((WaffleFlagCourseOverrideModel, "course_id"), (WaffleFlagOrgOverrideModel, "org")):
        rows = model.objects.filter(waffle_flag=REJECTED_EXAM_FLAG).order_by("change_date", "pk")
        newest = {
            scope: (enabled, choice) for scope, enabled, choice in rows.values_list(key, "enabled", "override_choice")
        }
        if (True, "on") in newest.values():
            return True
    return False


def missing_proctoring_services() -> list[str]:
    """Return the names of the services that edx-proctoring needs from the platform but does not have."""
    return [name for name in PROCTORING_SERVICES if get_runtime_service(name) is None]


def proctoring_contact(course_key: CourseKey) -> str | None:
    """Return where learners ask about proctoring: the address of the course, or that of the site, or None."""
    instructor = get_runtime_service("instructor")
    try:
        own = instructor and instructor.get_proctoring_escalation_email(str(course_key))
    except ObjectDoesNotExist:
        own = None
    return own or getattr(settings, "CONTACT_EMAIL", None)


def asides_of_sequences_are_shown() -> bool:
    """Return whether the LMS shows XBlock asides on the pages of sequences. Exams are sequences."""
    from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig

    newest = XBlockAsidesConfig.objects.order_by("-change_date").first()
    return newest is not None and newest.enabled and "sequential" not in newest.disabled_blocks.split()
