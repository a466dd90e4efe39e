"""A course and the accounts of the sandbox, without its demonstration data."""

import pytest
from django.contrib.auth import get_user_model
from opaque_keys.edx.keys import CourseKey

COURSE = CourseKey.from_string("course-v1:TestX+SB1+2026")


@pytest.fixture
def course(db):
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    return CourseOverview.objects.create(id=COURSE, org=COURSE.org, display_name="Test", enable_proctored_exams=True)


@pytest.fixture
def make_user(db):
    """A function that makes a user, by role: `admin`, `learner`, or roles of the course joined by `+`."""
    from common.djangoapps.student.models import CourseAccessRole, UserProfile

    def make(roles):
        user = get_user_model().objects.create_user(f"user-{roles}", password="edx", is_staff=roles == "admin")
        UserProfile.objects.create(user=user, name="Test User")
        if roles not in ("admin", "learner"):
            for role in roles.split("+"):
                CourseAccessRole.objects.create(user=user, org=COURSE.org, course_id=COURSE, role=role)
        return user

    return make
