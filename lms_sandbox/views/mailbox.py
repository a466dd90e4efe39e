"""The e-mails that the sandbox has sent."""

from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

from lms_sandbox.edxmako import render_to_response

MAILS_SHOWN = 50
SEPARATOR = b"\n" + b"-" * 79 + b"\n"


def mailbox(request):
    """Show the newest e-mails, or those to one address (`?to=`)."""
    address = request.GET.get("to")
    mails = [mail for mail in sent_mails() if address in (None, "", mail["to"])]
    return render_to_response("mailbox.html", {"mails": mails[:MAILS_SHOWN], "address": address or ""}, request)


def sent_mails():
    """Return the e-mails in the folder, newest first, each as a dict of its texts."""
    mails = []
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.log"):
        messages = [text for text in path.read_bytes().split(SEPARATOR) if text.strip()]
        # The name of a file tells the second alone.
        mails += [(path.stat().st_mtime_ns, number, text) for number, text in enumerate(messages)]
    return [_read(text) for _time, _number, text in sorted(mails, reverse=True)]


def _read(text):
    message = message_from_bytes(text, policy=policy.default)
    return {
        "to": message["To"],
        "from": message["From"],
        "subject": message["Subject"],
        "date": message["Date"],
        "is_html": message.get_content_subtype() == "html",
        "body": message.get_content(),
    }
