"""Rows of edx-proctoring and the platform for tests, made by the models."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.test import RequestFactory
from edx_proctoring.models import (
    ProctoredExam,
    ProctoredExamSoftwareSecureComment,
    ProctoredExamSoftwareSecureReview,
    ProctoredExamStudentAttempt,
)
from opaque_keys.edx.keys import CourseKey

from proctored_results import attempts

COURSE_KEY = CourseKey.from_string("course-v1:TestX+PR1+2026")

_numbers = itertools.count(1)


def course(course_key: CourseKey = COURSE_KEY, **fields: Any) -> Any:
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    return CourseOverview.objects.create(
        id=course_key, **{"display_name": "A course", "enable_proctored_exams": True, **fields}
    )


def user(username: str | None = None, **fields: Any) -> Any:
    username = username or f"user{next(_numbers)}"
    return get_user_model().objects.create(username=username, **{"email": f"{username}@example.com", **fields})


def team_member(*roles: str, course_key: CourseKey = COURSE_KEY, **fields: Any) -> Any:
    """A user with these roles in the course: staff, instructor, data_researcher."""
    from common.djangoapps.student.models import CourseAccessRole

    member = user(**fields)
    for role in roles:
        CourseAccessRole.objects.create(user=member, course_id=course_key, org=course_key.org, role=role)
    return member


def exam(name: str = "Final exam", course_key: CourseKey = COURSE_KEY, **fields: Any) -> ProctoredExam:
    number = next(_numbers)
    defaults = {
        "content_id": f"{course_key.make_usage_key('sequential', f'exam{number}')}",
        "time_limit_mins": 90,
        "is_proctored": True,
        "is_active": True,
        "backend": "software_secure",
    }
    return ProctoredExam.objects.create(course_id=str(course_key), exam_name=name, **{**defaults, **fields})


def attempt(of: ProctoredExam, **fields: Any) -> ProctoredExamStudentAttempt:
    defaults = {
        "attempt_code": f"CODE-{next(_numbers)}",
        "allowed_time_limit_mins": 90,
        "status": "submitted",
        "taking_as_proctored": True,
    }
    if "user" not in fields:
        fields["user"] = user()
    return ProctoredExamStudentAttempt.objects.create(proctored_exam=of, **{**defaults, **fields})


def review(code: str, status: str = "Clean", **fields: Any) -> ProctoredExamSoftwareSecureReview:
    """A review, inserted without signals: saving it would make edx-proctoring change the attempt."""
    row = ProctoredExamSoftwareSecureReview(attempt_code=code, review_status=status, raw_data="{}", **fields)
    ProctoredExamSoftwareSecureReview.objects.bulk_create([row])
    return ProctoredExamSoftwareSecureReview.objects.get(attempt_code=code)


def comment(
    of: ProctoredExamSoftwareSecureReview, text: str, status: str = "Suspicious", start_time: int = 0
) -> ProctoredExamSoftwareSecureComment:
    return ProctoredExamSoftwareSecureComment.objects.create(
        review=of, comment=text, status=status, start_time=start_time, stop_time=start_time + 10, duration=10
    )


def request_of(user: Any) -> HttpRequest:
    """A request that this user sends."""
    request = RequestFactory().post("/")
    request.user = user
    return request


def enrollment(learner: Any, mode: str, course_key: CourseKey = COURSE_KEY, **fields: Any) -> Any:
    """An enrolment in a course; the course is made if it does not exist."""
    from common.djangoapps.student.models import CourseEnrollment
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    if not CourseOverview.objects.filter(id=course_key).exists():
        course(course_key)
    return CourseEnrollment.objects.create(user=learner, course_id=course_key, mode=mode, **fields)


def record(**fields: Any) -> attempts.Attempt:
    """An attempt as the plugin reads it, made without a database. Fields of the exam are named ``exam_<field>``."""
    exam_fields = {name.removeprefix("exam_"): fields.pop(name) for name in list(fields) if name.startswith("exam_")}
    of = {
        "id": 1,
        "course_id": str(COURSE_KEY),
        "name": "Final exam",
        "provider": "software_secure",
        "is_proctored": True,
        "is_practice": False,
        **exam_fields,
    }
    defaults = {
        "id": 1,
        "user_id": 1,
        "username": "learner",
        "email": "learner@example.com",
        "code": "CODE",
        "allowed_time_limit_mins": 90,
        "is_sample": False,
        "started_at": None,
        "completed_at": None,
        "status": "submitted",
    }
    return attempts.Attempt(exam=attempts.Exam(**of), **{**defaults, **fields})


def review_record(status: str = "Clean", *incidents: tuple[str, str], **fields: Any) -> attempts.Review:
    """A review as the plugin reads it, made without a database; incidents are pairs of status and comment."""
    defaults = {"id": 1, "modified": "2026-05-04 03:02:01", "reviewer": None}
    return attempts.Review(
        status=status, incidents=tuple(attempts.Incident(*pair) for pair in incidents), **{**defaults, **fields}
    )
