"""Attempts, made by edx-proctoring's own API."""

import random
import uuid
from contextlib import contextmanager
from unittest import mock

from django.conf import settings
from django.test import override_settings
from edx_proctoring import api
from edx_proctoring.models import ProctoredExamStudentAttempt

from lms_sandbox import provider
from lms_sandbox.seed import reviews
from lms_sandbox.seed.reviews import CLEAN, NOT_REVIEWED, REVIEWER, SUSPICIOUS, VIOLATION

#: Last status of an attempt -> the statuses after `created` that lead to it; no more than necessary, for speed.
WAYS = {
    "created": (),
    "started": ("started",),
    "ready_to_submit": ("started", "ready_to_submit"),
    "submitted": ("started", "submitted"),
    "timed_out": ("started", "timed_out"),
    "error": ("started", "error"),
}

#: (Where an attempt stops, review, number of comments) -> how many of a hundred attempts end this way.
MIX = {
    ("submitted", CLEAN, 0): 28,
    ("submitted", CLEAN, 1): 10,
    ("submitted", VIOLATION, 1): 8,
    ("submitted", VIOLATION, 3): 5,
    ("submitted", SUSPICIOUS, 2): 5,
    ("submitted", SUSPICIOUS, 5): 3,
    ("submitted", "rejected", 2): 5,
    ("submitted", "rejected", 4): 2,
    ("submitted", NOT_REVIEWED, 0): 2,
    ("submitted", None, 0): 10,
    ("ready_to_start", CLEAN, 0): 1,
    ("created", None, 0): 3,
    ("download_software_clicked", None, 0): 2,
    ("ready_to_start", None, 0): 2,
    ("started", None, 0): 3,
    ("ready_to_submit", None, 0): 2,
    ("timed_out", None, 0): 2,
    ("declined", None, 0): 2,
    ("error", None, 0): 2,
    ("resumed", CLEAN, 0): 2,
    ("onboarding_missing", None, 0): 1,
}

#: Exam -> which learners take it.
TAKERS = {"midterm": slice(0, 200), "practice": slice(0, 60), "final": slice(40, 130), "retired": slice(100, 130)}
TIMED_TAKERS = slice(0, 40)

#: The account `learner`: exam -> how the attempt ends.
OWN = {
    "midterm": ("submitted", CLEAN, 1),
    "practice": ("submitted", CLEAN, 0),
    "final": ("submitted", None, 0),
    "retired": ("submitted", "rejected", 2),
}


def make_attempts(exams, learners):
    """Let the learners take the exams ({name: exam id}), then remove some of the attempts."""
    # The API sets the status `timed_out` only if the site's settings allow it.
    timed_out = {**settings.PROCTORING_SETTINGS, "ALLOW_TIMED_OUT_STATE": True}
    with (
        provider.running(),
        repeatable_codes(),
        override_settings(PROCTORING_SETTINGS=timed_out, EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"),
    ):
        for name, ending in OWN.items():
            take(exams[name], learners[0], *ending)
        for name, takers in TAKERS.items():
            others = learners[1:][takers]
            for learner, ending in zip(others, endings(len(others), seed=name), strict=True):
                if not ProctoredExamStudentAttempt.objects.filter(proctored_exam=exams[name], user=learner).exists():
                    take(exams[name], learner, *ending)
        for learner in learners[TIMED_TAKERS]:
            take(exams["quiz"], learner, "submitted", None, 0, taking_as_proctored=False)
        for learner in learners[201:204]:
            attempt = take(exams["midterm"], learner, "submitted", VIOLATION, 1)
            api.remove_exam_attempt(attempt.id, requesting_user=learners[0])


def endings(count, seed):
    """Return `count` endings of attempts, shuffled: each of MIX once, the rest drawn at random by its shares."""
    chance = random.Random(seed)
    chosen = [*MIX, *chance.choices(list(MIX), weights=list(MIX.values()), k=count - len(MIX))]
    chance.shuffle(chosen)
    return chosen


def take(exam_id, learner, stop, review, comments, *, taking_as_proctored=True):
    """
    Let a learner take an exam up to the status `stop`, and send a review if there is one; return the attempt.

    `resumed` means an attempt with an error, and a second attempt that is submitted. The review `rejected` is a
    suspicious review by a person who may decide.
    """
    attempt_id = api.create_exam_attempt(exam_id, learner.id, taking_as_proctored=taking_as_proctored)
    for status in WAYS.get("error" if stop == "resumed" else stop, (stop,)):
        api.update_attempt_status(attempt_id, status)
    if stop == "resumed":
        api.mark_exam_attempt_as_ready_to_resume(attempt_id)
        return take(exam_id, learner, "submitted", review, comments)
    attempt = ProctoredExamStudentAttempt.objects.get(id=attempt_id)
    if review is not None:
        status = SUSPICIOUS if review == "rejected" else review
        kinds = [status if number % 2 == 0 else VIOLATION for number in range(comments)]
        reviews.post(
            attempt,
            status,
            [reviews.comment(attempt_id + number, kind) for number, kind in enumerate(kinds)],
            reviewed_by=REVIEWER if review == "rejected" else None,
        )
    return attempt


@contextmanager
def repeatable_codes():
    """Let edx-proctoring draw the same attempt codes every time."""
    numbers = random.Random("attempt codes")
    with mock.patch.object(uuid, "uuid4", lambda: uuid.UUID(int=numbers.getrandbits(128), version=4)):
        yield
