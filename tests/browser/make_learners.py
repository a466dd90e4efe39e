"""Makes, in a running sandbox, a learner for every status of an attempt: `python -m tests.browser.make_learners`."""

import os

import django

#: Account -> the newest attempt's fields.
ATTEMPTS = {
    "created": {},
    "download_software_clicked": {},
    "ready_to_start": {},
    "started": {},
    "ready_to_submit": {},
    "submitted": {},
    "second_review_required": {},
    "verified": {},
    "rejected": {},
    "error": {},
    "error-resumable": {"is_resumable": True},
    "error-resumed": {"ready_to_resume": True},
    "timed_out": {},
    "declined": {},
    "expired": {},
}

EXAM = "block-v1:SandboxX+PR101+2026+type@sequential+block@untaken"


def main() -> None:
    """Make the learners, with a review if the status implies one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
    django.setup()
    from edx_proctoring.models import ProctoredExam

    from lms_sandbox.seed import people
    from lms_sandbox.seed.courses import MAIN
    from tests import factories

    password = people.make_password(people.PASSWORD)
    learners = [people.User(username=name, email=f"{name}@example.com", password=password) for name in ATTEMPTS]
    people.make_users(learners, [f"A learner whose attempt is {name}" for name in ATTEMPTS])
    exam = ProctoredExam.objects.get(content_id=EXAM)
    for learner in learners:
        factories.enrollment(learner, "verified", MAIN)
        attempt = factories.attempt(
            exam, user=learner, status=learner.username.split("-")[0], **ATTEMPTS[learner.username]
        )
        if attempt.status in ("verified", "rejected"):
            factories.review(attempt.attempt_code, {"verified": "Clean", "rejected": "Suspicious"}[attempt.status])


if __name__ == "__main__":
    main()
