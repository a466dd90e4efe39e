"""Courses and exams."""

from datetime import UTC, datetime

from edx_proctoring.api import create_exam, update_exam
from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
from opaque_keys.edx.keys import CourseKey
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from waffle import get_waffle_flag_model

from lms_sandbox.models import Block
from lms_sandbox.services import REJECTED_EXAM_FLAG

MAIN = CourseKey.from_string("course-v1:SandboxX+PR101+2026")
WITHOUT_EXAMS = CourseKey.from_string("course-v1:SandboxX+NEW100+2026")

#: Name in this package -> the fields that edx-proctoring gets. `rpnow4` is a second provider of the same kind.
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
    "untaken": {"exam_name": "Exam that nobody has taken", "time_limit_mins": 60},
}


def make_courses():
    """Make a course with exams, and a course that enables proctored exams but has none yet."""
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


def make_content():
    """
    Make the sequences of the main course, including the exams, with their units.

    Also enable asides, and the flag that makes a rejected exam score 0.
    """
    for name, exam in EXAMS.items():
        make_sequence(
            MAIN.make_usage_key("sequential", name),
            display_name=exam["exam_name"],
            is_time_limited=name != "retired",
            is_proctored_enabled=exam.get("is_proctored", True) and name != "retired",
            is_practice_exam=exam.get("is_practice_exam", False),
            default_time_limit_minutes=exam["time_limit_mins"],
        )
    make_sequence(MAIN.make_usage_key("sequential", "reading"), display_name="Reading before the exams")
    XBlockAsidesConfig.objects.create(enabled=True)
    get_waffle_flag_model().objects.create(name=REJECTED_EXAM_FLAG, everyone=True)


def make_sequence(usage_key, *, units=2, **settings):
    """Make a sequence with units, each with a text in it; return the sequence."""
    course_key = usage_key.course_key
    sequence = Block.objects.create(usage_key=usage_key, course_id=course_key, settings=settings)
    for number in range(1, units + 1):
        name = f"{usage_key.block_id}_{number}"
        unit = Block.objects.create(
            usage_key=course_key.make_usage_key("vertical", name),
            course_id=course_key,
            parent=sequence,
            settings={"display_name": f"Unit {number}"},
        )
        Block.objects.create(
            usage_key=course_key.make_usage_key("html", name),
            course_id=course_key,
            parent=unit,
            settings={"data": f"<p>This is the content of unit {number}.</p>"},
        )
    return sequence
