"""Template tags that take their words from the table of outcomes."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from proctored_results import outcomes

register = template.Library()


@register.simple_tag
def proctoring_outcome(status: str) -> dict[str, Any]:
    """Return the label and the message that belong to an attempt status, translated."""
    row = outcomes.attempt_status(status)
    return {"label": _(row.label), "message": _(row.message)} if row.result else {}
