"""The one place where the contract tests know which platform they run in."""

from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from celery import current_app
from django.db import connection
from django.test import TransactionTestCase
from django.urls import reverse
from edx_proctoring import runtime
from edx_proctoring.models import ProctoredExam
from opaque_keys.edx.keys import CourseKey, UsageKey

from tests import factories

try:
    from common.djangoapps.student.roles import (
        CourseDataResearcherRole,
        CourseInstructorRole,
        CourseStaffRole,
    )
    from xmodule.modulestore.tests.django_utils import ModuleStoreTestCase
    from xmodule.modulestore.tests.factories import BlockFactory, CourseFactory
except ImportError:
    IN_REAL_PLATFORM = False
    PlatformTestCase = TransactionTestCase
else:
    IN_REAL_PLATFORM = True
    PlatformTestCase = ModuleStoreTestCase

COURSE_KEY = CourseKey.from_string("course-v1:ContractX+PR1+2026")


@pytest.mark.edx_platform
class ContractTestCase(PlatformTestCase):
    """A course with proctored exams enabled and one such exam; tasks that run at once; a report store of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.course_key = make_course()
        self.exam = factories.exam(course_key=self.course_key, backend="null")
        # The platform's test case holds a transaction open, which REST framework would roll back on every refusal.
        patched = mock.patch.dict(connection.settings_dict, ATOMIC_REQUESTS=False)
        patched.start()
        self.addCleanup(patched.stop)
        for name in ("task_always_eager", "task_eager_propagates"):
            self.addCleanup(setattr, current_app.conf, name, getattr(current_app.conf, name))
        current_app.conf.task_always_eager = True
        current_app.conf.task_eager_propagates = False

    @pytest.fixture(autouse=True)
    def _own_report_store(self, tmp_path: Any, settings: Any) -> None:
        settings.GRADES_DOWNLOAD = {"STORAGE_TYPE": "localfs", "BUCKET": "reports", "ROOT_PATH": str(tmp_path)}
        settings.FEATURES = {**settings.FEATURES, "ENABLE_SPECIAL_EXAMS": True}
        self.report_directory = tmp_path

    def log_in(self, *roles: str, is_staff: bool = False) -> Any:
        """Log the test client in as a new user with these roles in the course."""
        user = factories.user(is_staff=is_staff)
        user.set_password("secret")
        user.save()
        grant(user, self.course_key, *roles)
        self.log_in_as(user)
        return user

    def log_in_as(self, user: Any) -> None:
        """Log the test client in as a user whom `log_in` made."""
        assert self.client.login(username=user.username, password="secret")

    def view_course_as(self, role: str, username: str | None = None) -> None:
        """Let the logged-in team member view the course as staff, as a student, or as the student of this name."""
        choice = {"role": role, "user_name": username}
        response = self.client.post(f"/courses/{self.course_key}/masquerade", choice, content_type="application/json")
        assert response.json() == {"success": True}

    def url(self, name: str, *args: Any) -> str:
        """Return one of the plugin's URLs for the course."""
        return reverse(f"proctored_results:{name}", args=[str(self.course_key), *args])


def make_course() -> CourseKey:
    """Make a course, in the platform that the tests run in."""
    if IN_REAL_PLATFORM:
        from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

        key = COURSE_KEY
        course = CourseFactory.create(
            org=key.org, number=key.course, run=key.run, enable_proctored_exams=True, display_name="Contract"
        )
        return CourseOverview.get_from_id(course.id).id
    return factories.course(COURSE_KEY, display_name="Contract").id


@dataclass(frozen=True)
class Sequence:
    """The usage keys of a sequence and of its two units."""

    usage_key: UsageKey
    units: list[UsageKey]

    @property
    def page(self) -> str:
        """The path of its page."""
        return reverse("render_xblock", kwargs={"usage_key_string": str(self.usage_key)})

    @property
    def unit_page(self) -> str:
        """The path of its first unit's page."""
        return reverse("render_xblock", kwargs={"usage_key_string": str(self.units[0])})


def make_sequence(course_key: CourseKey, name: str, **settings: Any) -> Sequence:
    """Make a sequence with two units, in the platform that the tests run in; `settings` are fields of its block."""
    block_id = name.replace(" ", "_")
    if not IN_REAL_PLATFORM:
        from lms_sandbox.seed import courses

        block = courses.make_sequence(course_key.make_usage_key("sequential", block_id), display_name=name, **settings)
        return Sequence(block.usage_key, [unit.usage_key for unit in block.children.all()])
    from xmodule.modulestore.django import modulestore

    chapter = BlockFactory.create(parent=modulestore().get_course(course_key), category="chapter")
    block = BlockFactory.create(parent=chapter, category="sequential", display_name=name, **settings)
    units = [BlockFactory.create(parent=block, category="vertical", display_name=f"{name}, unit {i}") for i in (1, 2)]
    for number, unit in enumerate(units, 1):
        BlockFactory.create(parent=unit, category="html", data=f"<p>This is the content of unit {number}.</p>")
    return Sequence(block.location, [unit.location for unit in units])


def make_exam_sequence(
    course_key: CourseKey, name: str = "Final exam", **fields: Any
) -> tuple[Sequence, ProctoredExam]:
    """Make a sequence that is a proctored exam, and edx-proctoring's exam for it, with these `fields`."""
    sequence = make_sequence(
        course_key,
        name,
        is_time_limited=True,
        is_proctored_enabled=fields.get("is_proctored", True),
        is_practice_exam=fields.get("is_practice_exam", False),
        default_time_limit_minutes=90,
    )
    return sequence, factories.exam(
        name, course_key=course_key, content_id=str(sequence.usage_key), **{"backend": "null", **fields}
    )


def enable_asides() -> None:
    """Switch on XBlock asides."""
    from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig

    XBlockAsidesConfig.objects.create(enabled=True, disabled_blocks="")


def proctoring_services() -> dict[str, Any]:
    """
    Return the services that the platform gives edx-proctoring if special exams are on: name -> service.

    The platform's test settings switch special exams off when its apps are loaded, so the platform gives none.
    """
    if not IN_REAL_PLATFORM:
        return dict(runtime._RUNTIME_SERVICES)
    from lms.djangoapps.certificates.services import CertificateService
    from lms.djangoapps.grades.services import GradesService
    from lms.djangoapps.instructor.services import InstructorService
    from openedx.core.djangoapps.credit.services import CreditService

    return {
        "certificates": CertificateService(),
        "credit": CreditService(),
        "grades": GradesService(),
        "instructor": InstructorService(),
    }


def enroll(user: Any, course_key: CourseKey, mode: str = "verified") -> None:
    """Enrol a user in the course, in a track that may take proctored exams. The user gets a profile."""
    from common.djangoapps.student.models import CourseEnrollment, UserProfile

    UserProfile.objects.get_or_create(user=user)

    CourseEnrollment.objects.create(user=user, course_id=course_key, mode=mode)


def grant(user: Any, course_key: CourseKey, *roles: str) -> None:
    """Give the user these roles in the course: staff, instructor, data_researcher."""
    if IN_REAL_PLATFORM:
        role_classes = {
            "staff": CourseStaffRole,
            "instructor": CourseInstructorRole,
            "data_researcher": CourseDataResearcherRole,
        }
        for role in roles:
            role_classes[role](course_key).add_users(user)
        return
    from common.djangoapps.student.models import CourseAccessRole

    for role in roles:
        CourseAccessRole.objects.create(user=user, course_id=course_key, org=course_key.org, role=role)


def attempts_in(exam: ProctoredExam, number: int) -> None:
    """Make this number of attempts at the exam."""
    for _ in range(number):
        factories.attempt(exam)
