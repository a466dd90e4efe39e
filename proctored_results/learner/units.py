"""The result above a unit of a proctored exam, for pages that show one unit alone."""

from typing import Any

from crum import get_current_request
from django.conf import settings
from openedx_filters import PipelineStep
from web_fragments.fragment import Fragment

from proctored_results.learner import page


class AddResultToUnit(PipelineStep):
    """
    Puts the learner's result before the content of a unit of a proctored exam.

    Purpose and trigger: a step of ``org.openedx.learning.vertical_block.render.completed.v1``, which runs whenever a
    unit has been rendered. Only a unit that was requested alone gets the result. If the whole sequence is rendered, the
    aside of the sequence shows it.
    """

    def run_filter(self, block: Any, fragment: Fragment, context: Any, view: str) -> dict[str, Any]:
        """Return the unit, with the result before it if there is one to show."""
        if settings.PROCTORED_RESULTS_UNITS and view == "student_view" and _rendered_alone(block):
            result = page.unit_fragment(block)
            if result.content:
                fragment.content = result.content + fragment.content
                fragment.add_fragment_resources(result)
        return {"block": block, "fragment": fragment, "context": context, "view": view}


def _rendered_alone(block: Any) -> bool:
    match = getattr(get_current_request(), "resolver_match", None)
    return match is not None and match.kwargs.get("usage_key_string") == str(block.scope_ids.usage_id)
