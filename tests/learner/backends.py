"""Proctoring backends for tests."""

import uuid
from typing import Any

from edx_proctoring.backends.rest import BaseRestProctoringProvider


class RestBackend(BaseRestProctoringProvider):
    """edx-proctoring's REST backend, with a provider behind it that agrees to everything and is never called."""

    base_url = "https://provider.example.com"
    verbose_name = "REST provider"
    needs_oauth = False
    supports_onboarding = False

    def register_exam_attempt(self, exam: Any, context: Any) -> str:
        return str(uuid.uuid4())

    def on_exam_saved(self, exam: Any) -> str:
        return str(exam["external_id"] or uuid.uuid4())

    def get_javascript(self) -> str:
        return ""

    def get_proctoring_config(self) -> dict[str, Any]:
        return {}

    def _make_attempt_request(self, *_args: Any, **_fields: Any) -> dict[str, Any]:
        return {}
