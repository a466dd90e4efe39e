"""An exam with its page in the sandbox, and people who look at it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from edx_proctoring.models import ProctoredExam
from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
from opaque_keys.edx.keys import UsageKey

from lms_sandbox.seed.courses import make_sequence
from tests import factories
from tests.factories import COURSE_KEY


@dataclass
class ExamPage:
    """An exam of edx-proctoring and its sequence in the course."""

    exam: ProctoredExam
    usage_key: UsageKey

    @property
    def path(self) -> str:
        """The page of the sequence."""
        return f"/xblock/{self.usage_key}"

    @property
    def unit_path(self) -> str:
        """The page of the sequence's first unit."""
        unit = self.usage_key.course_key.make_usage_key("vertical", f"{self.usage_key.block_id}_1")
        return f"/xblock/{unit}"

    @property
    def api(self) -> str:
        """The result in the API."""
        return f"/api/proctored_results/v1/courses/{self.usage_key.course_key}/exams/{self.usage_key}/result/"


@pytest.fixture
def course(db: None) -> Any:
    """A course, and asides switched on."""
    XBlockAsidesConfig.objects.create(enabled=True)
    return factories.course(proctoring_escalation_email="proctoring@example.com")


@pytest.fixture
def make_exam(course: Any) -> Callable[..., ExamPage]:
    """A function that makes an exam with its sequence; arguments are the exam's fields."""

    def make(name: str = "Final exam", **fields: Any) -> ExamPage:
        exam = factories.exam(name, **{"backend": "null", **fields})
        usage_key = UsageKey.from_string(exam.content_id)
        make_sequence(
            usage_key,
            display_name=name,
            is_time_limited=True,
            is_proctored_enabled=exam.is_proctored,
            is_practice_exam=exam.is_practice_exam,
            default_time_limit_minutes=90,
        )
        return ExamPage(exam, usage_key)

    return make


@pytest.fixture
def exam(make_exam: Callable[..., ExamPage]) -> ExamPage:
    """A proctored exam."""
    return make_exam()


@pytest.fixture
def learner(course: Any) -> Any:
    """A learner who may take proctored exams."""
    learner = factories.user("learner")
    factories.enrollment(learner, "verified")
    return learner


@pytest.fixture
def attempt(exam: ExamPage, learner: Any) -> Callable[..., Any]:
    """A function that makes an attempt of the learner at the exam."""
    return lambda status="submitted", **fields: factories.attempt(exam.exam, user=learner, status=status, **fields)


@pytest.fixture
def look() -> Callable[..., Client]:
    """A function that returns a client, logged in as the given user, if any."""

    def look(user: Any | None = None, *, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        if user is not None:
            client.force_login(user)
        return client

    return look


@pytest.fixture
def view_as() -> Callable[..., None]:
    """A function that lets a client's user view the course as staff, as a student, or as one student."""

    def view_as(client: Client, role: str, username: str | None = None) -> None:
        choice = {"role": role, "user_name": username}
        response = client.post(f"/courses/{COURSE_KEY}/masquerade", choice, content_type="application/json")
        assert response.json() == {"success": True}

    return view_as


@pytest.fixture
def waffle_flag(db: None) -> Callable[[str], None]:
    """A function that switches a waffle flag on for everybody."""
    from waffle import get_waffle_flag_model

    return lambda name: get_waffle_flag_model().objects.create(name=name, everyone=True)
