"""Courses and exams."""

from datetime import UTC, datetime

from edx_proctoring.api import create_exam, update_exam
from opaque_keys.edx.keys import CourseKey
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

MAIN = CourseKey.from_string("course-v1:SandboxX+PR101+2026")
WITHOUT_EXAMS = CourseKey.from_string("course-v1:SandboxX+NEW100+2026")

#: Name in this package -> what edx-proctoring is told. `rpnow4` is a second provider of the same kind.
EXAMS = {
    "midterm": {"exam_name": "Midterm", "time_limit_mins": 90},
    "practice": {"exam_name": "Practice exam", "time_limit_mins": 20, "is_practice_exam": True},
    "final": {
        "exam_name": 'Final, part 2: "Läsen & schreiben" – 期末試験, итоговый',  # noqa: RUF001
        "time_limit_mins": 120,
        "backend": "rpnow4",
    },
    "quiz": {"exam_name": "Timed quiz", "time_limit_mins": 15, "is_proctored": False},
    "retired": {"exam_name": "Entrance exam (retired)", "time_limit_mins": 45},
}


def make_courses():
    """Make a course with exams, and one that has proctored exams enabled but none yet."""
    for key, name in ((MAIN, "Proctoring for everyone"), (WITHOUT_EXAMS, "A course without exams yet")):
        CourseOverview.objects.create(
            id=key,
            org=key.org,
            display_name=name,
            start=datetime(2026, 9, 1, tzinfo=UTC),
            end=datetime(2027, 1, 31, tzinfo=UTC),
            enable_proctored_exams=True,
            enable_timed_exams=True,
            proctoring_provider="software_secure",
        )


def content_id(name, course_key=MAIN):
    """Return the usage key of an exam, as a text."""
    return str(course_key.make_usage_key("sequential", name))


def make_exams():
    """Make the exams of the main course; return {name in EXAMS: exam id}."""
    return {name: create_exam(str(MAIN), content_id(name), **exam) for name, exam in EXAMS.items()}


def retire_exam(exams):
    """Take one exam out of use, after its attempts were made."""
    update_exam(exams["retired"], is_active=False)
