"""The page of an exam, or of any other sequence or unit of a course."""

from common.djangoapps.student.models import CourseEnrollment
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from edx_proctoring.models import ProctoredExam, ProctoredExamStudentAttempt
from lms.djangoapps.courseware.masquerade import is_masquerading_as_specific_student, setup_masquerade
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import UsageKey
from web_fragments.fragment import Fragment
from xblock.exceptions import NoSuchUsage

from lms_sandbox.courseware.runtime import CoursewareRuntime
from lms_sandbox.edxmako import render_to_response
from lms_sandbox.models import GradeOverride
from lms_sandbox.views import get_course_or_404
from lms_sandbox.views.proctoring import next_steps

NO_PAGE = "<p>edx-proctoring has no page for the status of your attempt: in a real LMS, this page fails.</p>"


@login_required
@ensure_csrf_cookie
def render_xblock(request, usage_key_string):
    """
    Show a sequence or a unit to the user, or to the person that the user views the course as.

    A unit of an exam redirects to the exam if its content must not be shown.
    """
    usage_key = _usage_key(usage_key_string)
    course = get_course_or_404(str(usage_key.context_key))
    staff_access = request.user.has_perm("instructor.view_exam_results", course.id)
    enrolled = CourseEnrollment.objects.filter(user=request.user, course_id=course.id, is_active=True).exists()
    if not (staff_access or enrolled):
        raise Http404(usage_key_string)

    masquerade, request.user = setup_masquerade(request, course.id, staff_access)
    runtime = CoursewareRuntime(request.user, course.id, is_staff=staff_access and not _as_learner(masquerade))
    try:
        block = runtime.get_block(usage_key)
    except NoSuchUsage:
        raise Http404(usage_key_string) from None

    sequence = block if usage_key.block_type == "sequential" else block.get_parent()
    gating = {"specific_masquerade": is_masquerading_as_specific_student(request.user, course.id)}
    try:
        if sequence is not block and sequence.descendants_are_gated(gating):
            return redirect("render_xblock", usage_key_string=str(sequence.scope_ids.usage_id))
        fragment = block.render("student_view", {})
    except NotImplementedError:
        # edx-proctoring has no page for the status timed_out. The platform's page breaks here.
        fragment = Fragment(NO_PAGE)
    return render_to_response(
        "exam.html",
        {
            "course": course,
            "block": block,
            "sequence": sequence,
            "fragment": fragment,
            "masquerade": masquerade,
            "may_masquerade": staff_access,
            **_proctoring(request.user, sequence),
        },
        request,
    )


def jump_to(request, course_id, location):
    """Redirect to a block."""
    return redirect("render_xblock", usage_key_string=location)


def _usage_key(text):
    try:
        usage_key = UsageKey.from_string(text)
    except InvalidKeyError:
        raise Http404(text) from None
    if usage_key.block_type not in ("sequential", "vertical"):
        raise Http404(text)
    return usage_key


def _as_learner(masquerade):
    return masquerade is not None and masquerade.role == "student"


def _proctoring(user, sequence):
    """Return what the sandbox's own box shows about the exam and the user's newest attempt at it."""
    usage_key = sequence.scope_ids.usage_id
    exam = ProctoredExam.objects.filter(course_id=str(usage_key.context_key), content_id=str(usage_key)).first()
    attempts = ProctoredExamStudentAttempt.objects.filter(proctored_exam=exam, user=user).order_by("-created", "-id")
    attempt = attempts.first() if exam else None
    return {
        "exam": exam,
        "walk_url": exam and reverse("walk", args=[exam.id]),
        "attempt": attempt,
        "steps": next_steps(attempt) if exam and not hasattr(user, "real_user") else [],
        "override": GradeOverride.objects.filter(user=user, usage_key=usage_key).first(),
    }
