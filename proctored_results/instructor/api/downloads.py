"""The download of a report file."""

from typing import Any

from django.http import FileResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from proctored_results.edx_platform import report_links, report_store
from proctored_results.permissions import TO_SEE_REPORTS
from proctored_results.reports import formats
from proctored_results.rest import CourseView, RefusalSerializer, Unavailable
from proctored_results.runs import records

#: How long the storage's own link works. The browser follows it at once.
REDIRECT_LIFETIME_SECONDS = 60

#: In characters. File systems allow no more.
MAX_NAME_LENGTH = 255


class Gone(APIException):
    """The link has expired."""

    status_code = status.HTTP_410_GONE


class DownloadRefusalSerializer(RefusalSerializer):
    """Why a link does not work, and a fresh link if there is one."""

    download_url = serializers.CharField(allow_null=True)


class RefusalPage(TemplateHTMLRenderer):
    """Renders every refusal with one template. Django REST Framework looks for one for each status code."""

    exception_template_names = ["proctored_results/download_refused.html"]


class DownloadView(CourseView):
    """
    Sends a report file to the user for whom the link was made, for five minutes, if the user still has the permission.

    It can be any file in the course's directory of the report store, including the platform's own reports: the same
    people may see both lists.

    An error is answered with a page if the client prefers HTML (somebody clicked), and with JSON if not. Both offer a
    fresh link to users who may have the file.
    """

    course_permissions = {"GET": TO_SEE_REPORTS}
    fresh_url: str | None = None
    renderer_classes = (JSONRenderer, RefusalPage)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Choose JSON if the client accepts neither JSON nor HTML: it wants the file."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "name", str, OpenApiParameter.PATH, description="The name of a file, without directories."
            ),
            OpenApiParameter("token", str, required=True, description="From the link in the list of reports."),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, "The file, with the content type of its extension: `text/csv` for a report."
            ),
            302: OpenApiResponse(description="A redirect to the storage's own link, which works for a minute."),
            403: DownloadRefusalSerializer,
            404: DownloadRefusalSerializer,
            410: DownloadRefusalSerializer,
            503: DownloadRefusalSerializer,
        },
        operation_id="reports_download",
    )
    def get(self, request: Request, course_id: str, name: str) -> HttpResponseBase:
        """Download the report file."""
        if not _is_report_name(name):
            raise _no_such_report()
        self.fresh_url = report_links.download_url(request.user, self.course_key, name)
        try:
            report_file = report_store.ReportFile.of(self.course_key, name)
            if not report_file.exists():
                raise FileNotFoundError
            self._check_token(request, name)
            return self._file(report_file)
        except FileNotFoundError:
            self.fresh_url = None
            if records.forget_file(self.course_key, name):
                raise NotFound(_("The file of this report is no longer in the report store.")) from None
            raise _no_such_report() from None
        except report_store.ReportStoreRefused:
            raise Unavailable(_("The report store did not answer. Try again in a few minutes.")) from None

    def _check_token(self, request: Request, name: str) -> None:
        try:
            report_links.check(request.GET.get("token", ""), request.user, self.course_key, name)
        except report_links.LinkExpired:
            raise Gone(_("This link has expired: links to reports work for 5 minutes.")) from None
        except report_links.LinkInvalid:
            raise PermissionDenied(_("This link was not made for you, or it is damaged.")) from None

    def _file(self, report_file: report_store.ReportFile) -> HttpResponseBase:
        url = report_file.presigned_url(seconds=REDIRECT_LIFETIME_SECONDS)
        response: HttpResponseBase = HttpResponseRedirect(url) if url is not None else _stream(report_file)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def handle_exception(self, exc: Exception) -> Response:
        """Add the fresh link, and forbid caching."""
        response = super().handle_exception(exc)
        response.data = {"detail": str(response.data.get("detail", "")), "download_url": self.fresh_url}
        response["Cache-Control"] = "no-store"
        return response


def _is_report_name(name: str) -> bool:
    """
    Return whether a report can have this file name: it is no path on any storage, not hidden and not unfinished.

    Storages over a network treat a backslash as a slash.
    """
    return not name.startswith(".") and not {"/", "\\", "\0"} & set(name) and len(name) <= MAX_NAME_LENGTH


def _no_such_report() -> NotFound:
    return NotFound(_("There is no such report in this course. It may have been deleted."))


def _stream(report_file: report_store.ReportFile) -> FileResponse:
    extension = report_file.name.rpartition(".")[2]
    report_format = next((known for known in formats.FORMATS.values() if known.extension == extension), None)
    return FileResponse(
        report_file.open(),
        as_attachment=True,
        filename=report_file.download_name,
        content_type=report_format.content_type if report_format else None,
    )
