"""The instructor dashboard, rendered as the platform renders its Mako page."""

from common.djangoapps.student.models import CourseEnrollment
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from openedx_filters.learning.filters import InstructorDashboardRenderStarted
from waffle import flag_is_active

from lms_sandbox.edxmako import render_to_response
from lms_sandbox.permissions import COURSE_STAFF, has_course_role
from lms_sandbox.views import get_course_or_404

TEMPLATE = "instructor/instructor_dashboard_2/instructor_dashboard_2.html"
SECOND_LAYOUT_FLAG = "instructor.enable_data_download_v2"

#: Key of the Data Download section -> name of the URL behind it.
DATA_DOWNLOAD_URLS = {
    "get_problem_responses_url": "get_problem_responses",
    "get_grading_config_url": "get_grading_config",
    "get_students_features_url": "get_students_features",
    "get_issued_certificates_url": "get_issued_certificates",
    "get_students_who_may_enroll_url": "get_students_who_may_enroll",
    "get_anon_ids_url": "get_anon_ids",
    "list_proctored_results_url": "get_proctored_exam_results",
    "list_instructor_tasks_url": "list_instructor_tasks",
    "list_report_downloads_url": "list_report_downloads",
    "calculate_grades_csv_url": "calculate_grades_csv",
    "problem_grade_report_url": "problem_grade_report",
    "course_survey_results_url": "get_course_survey_results",
    "export_ora2_data_url": "export_ora2_data",
    "export_ora2_submission_files_url": "export_ora2_submission_files",
    "export_ora2_summary_url": "export_ora2_summary",
}


@ensure_csrf_cookie
@cache_control(no_cache=True, no_store=True, must_revalidate=True)
def instructor_dashboard(request, course_id):
    """Show the sections of a course that the user may see; 404 without access, and for ids of the old form."""
    course = get_course_or_404(course_id)
    if course.id.deprecated or not request.user.has_perm("instructor.dashboard", course.id):
        raise Http404(course_id)
    staff = request.user.is_staff or has_course_role(request.user, course.id, COURSE_STAFF)
    access = {
        "admin": request.user.is_staff,
        "instructor": request.user.is_staff or has_course_role(request.user, course.id, {"instructor"}),
        "staff": staff,
        "data_researcher": request.user.has_perm("instructor.research", course.id),
    }
    sections = []
    if access["staff"]:
        sections.append(_course_info(course, access))
    if access["data_researcher"]:
        sections.append(_data_download(request, course, access))
    context = {"course": course, "sections": sections, "disable_buttons": False}
    try:
        context, template = InstructorDashboardRenderStarted.run_filter(context=context, template_name=TEMPLATE)
    except InstructorDashboardRenderStarted.RenderInvalidDashboard as invalid:
        return render_to_response(invalid.instructor_template, invalid.template_context, request)
    except InstructorDashboardRenderStarted.RedirectToPage as elsewhere:
        return HttpResponseRedirect(elsewhere.redirect_to)
    except InstructorDashboardRenderStarted.RenderCustomResponse as custom:
        return custom.response
    return render_to_response(template, context, request)


def _course_info(course, access):
    """Return the section about the course."""
    enrollments = CourseEnrollment.objects.filter(course_id=course.id, is_active=True)
    return {
        "section_key": "course_info",
        "section_display_name": "Course Info",
        "access": access,
        "course": course,
        "enrollment_count": dict(enrollments.values_list("mode").annotate(Count("id")).order_by("mode")),
    }


def _data_download(request, course, access):
    """Return the section of reports, in one of its two layouts."""
    second_layout = flag_is_active(request, SECOND_LAYOUT_FLAG)
    return {
        "section_key": "data_download_2" if second_layout else "data_download",
        "section_display_name": "Data Download",
        "access": access,
        "show_generate_proctored_exam_report_button": (
            settings.FEATURES.get("ENABLE_SPECIAL_EXAMS", False) and course.enable_proctored_exams
        ),
        "course_has_survey": False,
        **{key: reverse(name, kwargs={"course_id": str(course.id)}) for key, name in DATA_DOWNLOAD_URLS.items()},
    }
