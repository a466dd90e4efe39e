"""The sandbox's own URLs, and those of the plugins."""

from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from edx_django_utils.plugins import get_plugin_url_patterns
from lms.djangoapps.courseware.masquerade import MasqueradeView

from lms_sandbox.views import courseware, instructor_api, instructor_tabs, mailbox, pages, proctoring
from lms_sandbox.views.instructor_dashboard import DATA_DOWNLOAD_URLS, instructor_dashboard

COURSE = rf"^courses/{settings.COURSE_ID_PATTERN}"
ENDPOINTS = {
    "list_instructor_tasks": instructor_api.ListInstructorTasks,
    "list_report_downloads": instructor_api.ListReportDownloads,
    "get_proctored_exam_results": instructor_api.BuiltInProctoredExamResults,
}

urlpatterns = [
    path("", pages.start, name="start"),
    path("login", pages.log_in, name="signin_user"),
    path("logout", pages.log_out, name="logout"),
    path("log_in_as", pages.log_in_as, name="log_in_as"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("media/<path:path>", pages.media_file),
    path("static/<path:path>", serve, {"insecure": True}),
    path("password_assistance", RedirectView.as_view(url="/login"), name="password_assistance"),
    path("mailbox", mailbox.mailbox, name="mailbox"),
    path("exams/<int:exam_id>/walk", proctoring.walk, name="walk"),
    re_path(rf"^xblock/{settings.USAGE_KEY_PATTERN}$", courseware.render_xblock, name="render_xblock"),
    re_path(rf"{COURSE}/course/$", pages.course, name="course_root"),
    re_path(rf"{COURSE}/progress$", pages.course, name="progress"),
    re_path(rf"{COURSE}/jump_to/(?P<location>.*)$", courseware.jump_to, name="jump_to"),
    re_path(rf"{COURSE}/review_arrives$", proctoring.review_arrives, name="review_arrives"),
    re_path(rf"^courses/{settings.COURSE_KEY_PATTERN}/masquerade$", MasqueradeView.as_view(), name="masquerade_update"),
    re_path(rf"^learning/course/{settings.COURSE_ID_PATTERN}/home$", pages.course),
    re_path(rf"^learning/course/{settings.COURSE_ID_PATTERN}/(?P<location>[^/]+)$", courseware.jump_to),
    re_path(rf"{COURSE}/instructor$", instructor_dashboard, name="instructor_dashboard"),
    re_path(rf"^api/instructor/v2/courses/{settings.COURSE_ID_PATTERN}$", instructor_tabs.CourseMetadata.as_view()),
    re_path(
        rf"^instructor-dashboard/{settings.COURSE_ID_PATTERN}/(?P<tab_id>\w+)$",
        instructor_tabs.new_dashboard,
        name="new_instructor_dashboard",
    ),
    *(
        re_path(
            rf"{COURSE}/instructor/api/{name}$",
            ENDPOINTS.get(name, instructor_api.BuiltInReport).as_view(),
            name=name,
        )
        for name in DATA_DOWNLOAD_URLS.values()
    ),
    *get_plugin_url_patterns(settings.PROJECT_TYPE),
]
