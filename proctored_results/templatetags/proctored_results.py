"""Template tags that take their words from the table of outcomes."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from proctored_results import outcomes

register = template.Library()


@register.simple_tag
def proctoring_outcome(status: str) -> dict[str, Any]:
    """Return the translated label and message of an attempt status; empty if learners see no result."""
    row = outcomes.attempt_status(status)
    return {"label": _(row.label), "message": _(row.message)} if row.result else {}
