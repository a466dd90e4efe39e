"""
The XBlock aside that adds the result to the page of a proctored exam.

Studio, which has no LMS, loads this module too. So it imports nothing from the LMS.
"""

from typing import Any

from web_fragments.fragment import Fragment
from xblock.core import XBlock, XBlockAside


@XBlock.needs("user")
class ProctoredExamResultAside(XBlockAside):
    """Adds the learner's result to the student view of proctored exams. It has no fields, so nothing is stored."""

    @classmethod
    def should_apply_to_block(cls, block: Any) -> bool:
        """Return whether the block is a sequence. Only sequences can be exams."""
        return block.scope_ids.block_type == "sequential"

    @XBlockAside.aside_for("student_view")
    def student_view_aside(self, block: Any, _context: dict[str, Any] | None = None) -> Fragment:
        """Return the result, or an empty fragment."""
        if getattr(self.runtime, "is_author_mode", False) or not getattr(block, "is_proctored_enabled", False):
            return Fragment()
        from proctored_results.learner import page

        return page.exam_fragment(self, block)
