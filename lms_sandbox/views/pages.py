"""The start page with its "log in as", the login form, and the page of a course."""

from common.djangoapps.student.models import CourseAccessRole, CourseEnrollment
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model, login, logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST
from django.views.static import serve
from edx_proctoring.models import ProctoredExam, ProctoredExamStudentAttempt
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from lms_sandbox.edxmako import render_to_response
from lms_sandbox.models import Block, GradeOverride
from lms_sandbox.seed.people import ACCOUNTS
from lms_sandbox.views import get_course_or_404

#: Seeded learners offered by "log in as"; the form takes every other user name too.
LEARNERS_SHOWN = 40
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLE_NAMES = {"staff": "course staff", "instructor": "course admin", "data_researcher": "data researcher"}


@ensure_csrf_cookie
def start(request):
    """Show the courses, and the accounts to log in as."""
    users = get_user_model().objects.select_related("profile")
    accounts = {user.username: user for user in users.filter(username__in=ACCOUNTS)}
    context = {
        "courses": CourseOverview.objects.order_by("created"),
        "attempts": dict(
            ProctoredExamStudentAttempt.objects.values_list("proctored_exam__course_id").annotate(Count("id"))
        ),
        "accounts": [(accounts[name], _roles_of(accounts[name])) for name in ACCOUNTS if name in accounts],
        "learners": users.exclude(username__in=ACCOUNTS).order_by("id")[:LEARNERS_SHOWN],
    }
    return render_to_response("start.html", context, request)


def _roles_of(user):
    """Say in words what an account may do."""
    roles = CourseAccessRole.objects.filter(user=user).order_by("-role").values_list("role", flat=True)
    names = ["global staff"] if user.is_staff else [ROLE_NAMES[role] for role in dict.fromkeys(roles)]
    return " and ".join(names) or "learner"


@transaction.non_atomic_requests
@require_POST
def log_in_as(request):
    """Log in as another user, without a password."""
    user = get_object_or_404(get_user_model(), username=request.POST.get("username", ""))
    login(request, user, backend=MODEL_BACKEND)
    return redirect(_next_page(request))


@transaction.non_atomic_requests
@ensure_csrf_cookie
def log_in(request):
    """Show the login form, or log in."""
    failed = False
    if request.method == "POST":
        user = authenticate(request, username=request.POST.get("username"), password=request.POST.get("password"))
        if user is not None:
            login(request, user)
            return redirect(_next_page(request))
        failed = True
    context = {"failed": failed, "next_page": _next_page(request)}
    return render_to_response("login.html", context, request, status=403 if failed else 200)


@require_POST
def log_out(request):
    """Log out."""
    logout(request)
    return redirect("start")


def _next_page(request):
    """Return the next page that the form names, if it is on this site."""
    page = request.POST.get("next") or request.GET.get("next") or "/"
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}) else "/"


@login_required
@ensure_csrf_cookie
def course(request, course_id):
    """Show a course and its exams."""
    overview = get_course_or_404(course_id)
    exams = ProctoredExam.objects.filter(course_id=str(overview.id)).annotate(
        attempts=Count("proctoredexamstudentattempt")
    )
    enrollment = CourseEnrollment.objects.filter(user=request.user, course_id=overview.id, is_active=True).first()
    blocks = Block.objects.filter(course_id=overview.id, parent=None)
    if not (enrollment or request.user.has_perm("instructor.view_exam_results", overview.id)):
        blocks = blocks.none()
    sequences = {str(block.usage_key): block for block in blocks if block.usage_key.block_type == "sequential"}
    overrides = GradeOverride.objects.filter(user=request.user, course_id=overview.id)
    context = {
        "course": overview,
        "pages": sequences,
        "other_sequences": [
            sequences[key] for key in sequences.keys() - set(exams.values_list("content_id", flat=True))
        ],
        "scores": {str(override.usage_key): f"{override.earned_graded or 0:g}" for override in overrides},
        "exams": exams.order_by("id"),
        "enrollment": enrollment,
        "own_attempts": ProctoredExamStudentAttempt.objects.filter(
            user=request.user, proctored_exam__course_id=str(overview.id)
        ).select_related("proctored_exam"),
    }
    return render_to_response("course.html", context, request)


def media_file(request, path):
    """Serve a file below MEDIA_ROOT as a site's web server does: to everybody who knows its URL."""
    return serve(request, path, document_root=settings.MEDIA_ROOT)
