"""The parts that the REST APIs for course teams and for learners share."""

from functools import cached_property
from typing import ClassVar

from django.db import transaction
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import SessionAuthenticationAllowInactiveUser
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated

from proctored_results.edx_platform import courses
from proctored_results.models import ReportRun
from proctored_results.permissions import HasCoursePermissions


class Unavailable(APIException):
    """The task queue or the report store does not answer."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE


class RefusalSerializer(serializers.Serializer):
    """Why a request was refused, in a sentence."""

    detail = serializers.CharField()


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class CourseView(GenericAPIView):
    """
    The base of every view of a course: authentication, permissions on the course, and 404 for an unknown course.

    The views are not atomic, because the platform submits instructor tasks only outside of transactions.
    """

    authentication_classes = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
    permission_classes: ClassVar[tuple[type, ...]] = (IsAuthenticated, HasCoursePermissions)
    queryset = ReportRun.objects.none()
    course_permissions: ClassVar[dict[str, tuple[str, ...]]] = {}

    @cached_property
    def course_key(self) -> CourseKey:
        """The key of the course in the URL. Raises NotFound."""
        try:
            course_key = CourseKey.from_string(self.kwargs["course_id"])
        except InvalidKeyError:
            raise NotFound(_("This is not the ID of a course.")) from None
        if courses.course_overview(course_key) is None:
            raise NotFound(_("There is no such course."))
        return course_key
