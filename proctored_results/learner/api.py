"""The REST API of the learner: their result of one exam."""

from dataclasses import asdict
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import UsageKey
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from proctored_results import attempts, outcomes
from proctored_results.edx_platform import masquerade
from proctored_results.learner.results import LearnerResult, result_of
from proctored_results.permissions import TO_SEE_REPORTS, missing
from proctored_results.rest import CourseView


class ResultSerializer(serializers.Serializer):
    """A learner's result of an exam. If there is nothing to show, the fields about it are null, empty or false."""

    title = serializers.CharField(allow_null=True, help_text="A heading for the result.")
    exam_name = serializers.CharField(allow_null=True, help_text="Null for a block that is no exam.")
    result = serializers.ChoiceField(choices=[result.value for result in outcomes.Result], allow_null=True)
    tone = serializers.ChoiceField(
        choices=[tone.value for tone in outcomes.Tone], allow_null=True, help_text="The look of the result."
    )
    label = serializers.CharField(allow_null=True, help_text="The result in a word.")
    message = serializers.CharField(allow_null=True, help_text="The result in a sentence.")
    consequences = serializers.ListField(child=serializers.CharField(), help_text="What follows from the result.")
    remarks = serializers.ListField(child=serializers.CharField(), help_text="More sentences about the result.")
    decided_at = serializers.DateTimeField(allow_null=True)
    attempt_status = serializers.CharField(allow_null=True, help_text="The status that edx-proctoring has stored.")
    practice = serializers.BooleanField()
    viewing_as = serializers.CharField(
        allow_null=True, help_text="The learner's username, if somebody else sees the result."
    )
    contact_label = serializers.CharField(allow_null=True, help_text="The text before the contact.")
    contact = serializers.CharField(allow_null=True, help_text="Where to ask questions.")
    contact_url = serializers.CharField(allow_null=True)


NO_RESULT: dict[str, Any] = {
    "title": None,
    "result": None,
    "tone": None,
    "label": None,
    "message": None,
    "consequences": [],
    "remarks": [],
    "decided_at": None,
    "attempt_status": None,
    "practice": False,
    "contact_label": None,
    "contact": None,
    "contact_url": None,
}


class ResultView(CourseView):
    """What a learner sees of the proctoring review of an exam."""

    permission_classes = (IsAuthenticated,)
    serializer_class = ResultSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("username", str, description="Another learner; needs the permission to see reports.")
        ],
        operation_id="exams_result_retrieve",
    )
    def get(self, request: Request, course_id: str, usage_key: str) -> HttpResponseBase:
        """
        Return the result of the learner in view: the user, or the learner whom they view the course as.

        For a block that is no exam, all fields are null, empty or false, so pages can ask for any block.
        """
        exam = attempts.exam(self.course_key, self.usage_key)
        if exam is None:
            return _answer(request, _as_dict(None, None, None))
        learner = self._learner(request)
        viewing_as = learner.username if learner is not None and learner.pk != request.user.pk else None
        result = learner and result_of(
            learner.pk, self.course_key, self.usage_key, exam_name=exam.name, viewing_as=viewing_as
        )
        return _answer(request, _as_dict(result, exam.name, viewing_as))

    @cached_property
    def usage_key(self) -> UsageKey:
        """The key of the exam in the URL. Raises NotFound."""
        try:
            return UsageKey.from_string(self.kwargs["usage_key"])
        except InvalidKeyError:
            raise NotFound(_("This is not the ID of an exam.")) from None

    def _learner(self, request: Request) -> Any | None:
        username = request.query_params.get("username")
        if username is None:
            shown = settings.PROCTORED_RESULTS_EXAM_PAGE
            return masquerade.learner_in_view(request._request, self.course_key) if shown else None
        refusal = missing(request.user, self.course_key, TO_SEE_REPORTS)
        if refusal is not None:
            raise PermissionDenied(refusal)
        learner = get_user_model().objects.filter(username=username).first()
        if learner is None:
            raise NotFound(_("There is no such learner."))
        return learner


def _as_dict(result: LearnerResult | None, exam_name: str | None, viewing_as: str | None) -> dict[str, Any]:
    if result is None:
        return {**NO_RESULT, "exam_name": exam_name, "viewing_as": viewing_as}
    return {**asdict(result), "contact_url": result.contact_url}


def _answer(request: Request, result: dict[str, Any]) -> HttpResponseBase:
    """Return the response for a result, with an ETag: the client may cache it, and must revalidate it."""
    response = Response(ResultSerializer(result).data)
    etag = f'"{sha256(repr(response.data).encode()).hexdigest()[:32]}"'
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return get_conditional_response(request._request, etag=etag, response=response)
