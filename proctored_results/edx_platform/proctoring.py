"""Proctored exams: what the site and its courses have decided about them."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from edx_proctoring.runtime import get_runtime_service
from opaque_keys.edx.keys import CourseKey

REJECTED_EXAM_FLAG = "grades.rejected_exam_overrides_grade"
REJECTED_EXAM_FLAG_SECONDS = 60

#: What edx-proctoring calls back on when the status of an attempt changes.
PROCTORING_SERVICES = ("certificates", "credit", "grades", "instructor")


def special_exams_enabled() -> bool:
    """Tell whether the site has timed and proctored exams switched on."""
    return bool(settings.FEATURES.get("ENABLE_SPECIAL_EXAMS", False))


def exams_service_holds_attempts(course: Any) -> bool:
    """
    Tell whether the exams service (edx-exams) holds the attempts at a course's exams, and not edx-proctoring.

    That is so where an LTI tool proctors them. edx-proctoring may hold attempts from before.
    """
    return course.proctoring_provider == "lti_external"


def exam_dashboard_url(course_key: CourseKey) -> str | None:
    """Return where the exams service shows the attempts at a course's exams; None where the site has no such page."""
    site = getattr(settings, "EXAMS_DASHBOARD_MICROFRONTEND_URL", None)
    return f"{site}/course/{course_key}/exams" if site else None


def rejected_exams_score_zero(course_key: CourseKey) -> bool:
    """
    Tell whether the course gives the score 0 for a rejected exam, or gave it a minute ago.

    The platform asks the database twice each time, for a flag that hardly ever changes.
    """

    def ask() -> bool:
        grades = get_runtime_service("grades")
        return bool(grades and grades.should_override_grade_on_rejected_exam(str(course_key)))

    key = hashlib.sha256(f"proctored_results {REJECTED_EXAM_FLAG} {course_key}".encode()).hexdigest()
    return bool(cache.get_or_set(key, ask, REJECTED_EXAM_FLAG_SECONDS))


def rejected_exams_score_zero_anywhere() -> bool:
    """Tell whether the score 0 for a rejected exam is switched on for all courses, one course or one organization."""
    from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
    from waffle import get_waffle_flag_model

    if get_waffle_flag_model().objects.filter(name=REJECTED_EXAM_FLAG, everyone=True).exists():
        return True
    for model, key in ((WaffleFlagCourseOverrideModel, "course_id"), (WaffleFlagOrgOverrideModel, "org")):
        rows = model.objects.filter(waffle_flag=REJECTED_EXAM_FLAG).order_by("change_date", "pk")
        newest = {
            where: (enabled, choice) for where, enabled, choice in rows.values_list(key, "enabled", "override_choice")
        }
        if (True, "on") in newest.values():
            return True
    return False


def missing_proctoring_services() -> list[str]:
    """Return the names of the services that edx-proctoring needs of the platform and does not have."""
    return [name for name in PROCTORING_SERVICES if get_runtime_service(name) is None]


def proctoring_contact(course_key: CourseKey) -> str | None:
    """Return where learners of the course ask about proctoring: the course's own address, else the site's."""
    instructor = get_runtime_service("instructor")
    try:
        own = instructor and instructor.get_proctoring_escalation_email(str(course_key))
    except ObjectDoesNotExist:
        own = None
    return own or getattr(settings, "CONTACT_EMAIL", None)


def asides_of_sequences_are_shown() -> bool:
    """Tell whether the LMS shows XBlock asides on the pages of sequences, of which exams are some."""
    from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig

    newest = XBlockAsidesConfig.objects.order_by("-change_date").first()
    return newest is not None and newest.enabled and "sequential" not in newest.disabled_blocks.split()
