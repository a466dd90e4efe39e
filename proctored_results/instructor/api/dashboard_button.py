"""The endpoint of the button that the platform's own Data Download page has for this report."""

import logging

from django.core.signals import got_request_exception
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from proctored_results import api
from proctored_results.instructor.api.starting import StartView, start_report, started_sentence
from proctored_results.permissions import TO_GENERATE
from proctored_results.runs.errors import UNEXPECTED

log = logging.getLogger(__name__)


class DashboardButtonView(StartView):
    """
    Starts a report for the platform's own button.

    The page's script sends a POST without a body. If the answer is a success, the script prints its ``status``. If not,
    it prints the body as JSON, and only a JSON string reads well there.
    """

    course_permissions = {"POST": TO_GENERATE}
    serializer_class = serializers.Serializer

    @extend_schema(exclude=True)
    def post(self, request: Request, course_id: str) -> Response:
        """Start a report with the site's settings."""
        start_report(self, api.choose())
        return Response({"status": started_sentence()})

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with the sentence alone, also if Django would answer with a page."""
        try:
            response = super().handle_exception(exc)
        except Exception as error:
            got_request_exception.send(sender=type(self), request=self.request)
            log.error("The dashboard's button could not start a report: %s", type(error).__name__)
            return Response(_(UNEXPECTED), status=status.HTTP_500_INTERNAL_SERVER_ERROR)
        if isinstance(response.data, dict) and "detail" in response.data:
            response.data = str(response.data["detail"])
        return response
