"""
The result on the exam page, as a web fragment: for a whole sequence, or above one unit of it.

The public functions never raise, because an exception would break the learner's exam page. An error is logged, once for
each type, and nothing is shown.
"""

import functools
import logging
import traceback
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.templatetags.static import static
from web_fragments.fragment import Fragment

from proctored_results.edx_platform import masquerade
from proctored_results.learner import results

log = logging.getLogger(__name__)

Show = Callable[..., Fragment]

_logged: set[str] = set()


def _never_raises(show: Show) -> Show:
    @functools.wraps(show)
    def guarded(*args: Any) -> Fragment:
        try:
            return show(*args)
        except Exception as error:
            _log_once(error)
            return Fragment()

    return guarded


def _log_once(error: Exception) -> None:
    """Log each type of error once, with its traceback but not its text, which may contain a learner's data."""
    kind = type(error).__name__
    if kind not in _logged:
        _logged.add(kind)
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("The result of a proctored exam could not be shown: %s\n%s", kind, frames)


@_never_raises
def exam_fragment(aside: Any, exam: Any) -> Fragment:
    """
    Return the learner's result for the page of an exam; an empty fragment if there is nothing to show.

    Arguments:
        aside: the aside that is being rendered.
        exam: the sequence block that the aside belongs to.

    """
    return _result_fragment(aside, exam)


@_never_raises
def unit_fragment(unit: Any) -> Fragment:
    """Return the learner's result for the page of one unit; empty if its sequence is no proctored exam."""
    sequence = unit.get_parent()
    return _result_fragment(unit, sequence) if results.is_exam_block(sequence) else Fragment()


def _result_fragment(block: Any, exam: Any) -> Fragment:
    if not settings.PROCTORED_RESULTS_EXAM_PAGE:
        return Fragment()
    usage_key = exam.scope_ids.usage_id
    learner = masquerade.learner_of_page(block, usage_key.context_key)
    if learner is None:
        return Fragment()
    result = results.result_of(
        learner.id,
        usage_key.context_key,
        usage_key,
        exam_name=exam.display_name or "",
        viewing_as=learner.username if learner.is_masquerade else None,
    )
    if result is None:
        return Fragment()
    fragment = Fragment(_template().render({"result": result}))
    fragment.add_css_url(static("proctored_results/result.css"))
    return fragment


@functools.cache
def _template() -> Any:
    """Return the template of a result, compiled once. The platform's loaders would compile it for each page."""
    return get_template("proctored_results/result.html")
