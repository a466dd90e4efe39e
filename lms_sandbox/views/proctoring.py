"""What learners, the proctoring software and reviewers do, at the press of a button."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST
from edx_proctoring import api
from edx_proctoring.exceptions import ProctoredBaseException
from edx_proctoring.models import ProctoredExam, ProctoredExamStudentAttempt

from lms_sandbox.edxmako import render_to_response
from lms_sandbox.seed import reviews
from lms_sandbox.views import get_course_or_404

#: Status of the newest attempt -> possible next steps.
STEPS = {
    None: ("take", "decline"),
    "created": ("ready_to_start", "declined"),
    "download_software_clicked": ("ready_to_start",),
    "ready_to_start": ("started",),
    "started": ("ready_to_submit", "submitted", "error"),
    "ready_to_submit": ("submitted", "started"),
    "error": ("resume",),
    "ready_to_resume": ("take",),
}

#: Step -> label of its button. A step named like a status moves the attempt to that status.
LABELS = {
    "take": "Begin an attempt",
    "decline": "Take it without proctoring",
    "declined": "Take it without proctoring",
    "ready_to_start": "The proctoring software is set up",
    "started": "Start the exam",
    "ready_to_submit": "End the exam",
    "submitted": "Submit the exam",
    "error": "Let something go wrong",
    "resume": "Let the learner resume (course team)",
}

REVIEW_STATUSES = (reviews.CLEAN, reviews.VIOLATION, reviews.SUSPICIOUS, reviews.NOT_REVIEWED)
WAITING = ("submitted", "second_review_required")
ATTEMPTS_SHOWN = 200


def next_steps(attempt):
    """Return (step, label) of each possible next step; `attempt` is the newest attempt, or None."""
    status = attempt and ("ready_to_resume" if attempt.ready_to_resume else attempt.status)
    return [(step, LABELS[step]) for step in STEPS.get(status, ())]


@login_required
@require_POST
@transaction.non_atomic_requests
def walk(request, exam_id):
    """Take one step of the user's way through an exam, with edx-proctoring's own functions."""
    exam = get_object_or_404(ProctoredExam, id=exam_id)
    newest = ProctoredExamStudentAttempt.objects.filter(proctored_exam=exam, user=request.user).order_by(
        "created", "id"
    )
    attempt, step = newest.last(), request.POST.get("step")
    if step not in dict(next_steps(attempt)):
        raise Http404(step)
    if step in ("take", "decline"):
        attempt_id = api.create_exam_attempt(exam.id, request.user.id, taking_as_proctored=exam.is_proctored)
        if step == "decline":
            api.update_attempt_status(attempt_id, "declined")
        elif not exam.is_proctored:
            api.update_attempt_status(attempt_id, "started")
    elif step == "resume":
        api.mark_exam_attempt_as_ready_to_resume(attempt.id)
    else:
        api.update_attempt_status(attempt.id, step)
    return redirect("render_xblock", usage_key_string=exam.content_id)


@login_required
@ensure_csrf_cookie
@transaction.non_atomic_requests
def review_arrives(request, course_id):
    """Let a review of an attempt arrive: post it to edx-proctoring's callback, as the provider does."""
    course = get_course_or_404(course_id)
    if not request.user.has_perm("instructor.view_exam_results", course.id):
        raise Http404(course_id)
    attempts = (
        ProctoredExamStudentAttempt.objects.filter(proctored_exam__course_id=str(course.id), taking_as_proctored=True)
        .exclude(attempt_code=None)
        .select_related("proctored_exam", "user")
        .order_by("-modified", "-id")
    )
    said, failed = "", False
    if request.method == "POST":
        attempt = get_object_or_404(attempts, id=request.POST.get("attempt"))
        try:
            _post_review(attempt, request.POST)
        except (ProctoredBaseException, RuntimeError) as error:
            said, failed = str(error), True
        else:
            attempt.refresh_from_db()
            said = f"The review of {attempt.user.username}'s attempt has arrived; its status is now {attempt.status}."
    context = {
        "course": course,
        "groups": {
            "Waiting for a review": attempts.filter(status__in=WAITING),
            "Others": attempts.exclude(status__in=WAITING)[:ATTEMPTS_SHOWN],
        },
        "chosen": request.POST.get("attempt") or request.GET.get("attempt"),
        "statuses": REVIEW_STATUSES,
        "said": said,
        "failed": failed,
        "action": reverse("review_arrives", args=[str(course.id)]),
    }
    return render_to_response("review_arrives.html", context, request)


def _post_review(attempt, form):
    """Post the review that a form describes. A suspicious review with a reviewer rejects the attempt at once."""
    status = form.get("status")
    lines = [line.strip() for line in form.get("comments", "").splitlines() if line.strip()]
    comments = [{**reviews.comment(number, status), "comments": line} for number, line in enumerate(lines)]
    reviews.post(attempt, status, comments, reviewed_by=reviews.REVIEWER if form.get("reviewer") else None)
