"""The one place where the contract tests know which platform they run in."""

from typing import Any
from unittest import mock

import pytest
from celery import current_app
from django.db import connection
from django.test import TransactionTestCase
from django.urls import reverse
from edx_proctoring.models import ProctoredExam
from opaque_keys.edx.keys import CourseKey

from tests import factories

try:
    from common.djangoapps.student.roles import (
        CourseDataResearcherRole,
        CourseInstructorRole,
        CourseStaffRole,
    )
    from xmodule.modulestore.tests.django_utils import ModuleStoreTestCase
    from xmodule.modulestore.tests.factories import CourseFactory
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
        assert self.client.login(username=user.username, password="secret")
        return user

    def url(self, name: str, *args: Any) -> str:
        """Return one of the plugin's URLs for the course."""
        return reverse(f"proctored_results:{name}", args=[str(self.course_key), *args])


def make_course() -> CourseKey:
    """Make a course as the platform at hand does."""
    if IN_REAL_PLATFORM:
        from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

        key = COURSE_KEY
        course = CourseFactory.create(
            org=key.org, number=key.course, run=key.run, enable_proctored_exams=True, display_name="Contract"
        )
        return CourseOverview.get_from_id(course.id).id
    return factories.course(COURSE_KEY, display_name="Contract").id


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
    """Make so many attempts at the exam."""
    for _ in range(number):
        factories.attempt(exam)
