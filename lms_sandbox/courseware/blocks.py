"""The block types of the sandbox. They handle proctoring as the platform's blocks of the same names do."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from openedx_filters.learning.filters import VerticalBlockRenderCompleted
from web_fragments.fragment import Fragment
from xblock.core import XBlock
from xblock.fields import Boolean, Integer, Scope, String

STUDENT_VIEW = "student_view"
USER_ID, IS_STAFF = "edx-platform.user_id", "edx-platform.user_is_staff"


class NamedBlock(XBlock):
    """A block with a name."""

    display_name = String(scope=Scope.settings)

    @property
    def display_name_with_default(self):
        """The name, or the block id if there is no name."""
        return self.display_name or self.scope_ids.usage_id.block_id


@XBlock.needs("user", "proctoring", "credit")
class Sequence(NamedBlock):
    """A sequence of units; some sequences are timed or proctored exams."""

    has_children = True

    is_time_limited = Boolean(default=False, scope=Scope.settings)
    is_proctored_enabled = Boolean(default=False, scope=Scope.settings)
    is_practice_exam = Boolean(default=False, scope=Scope.settings)
    default_time_limit_minutes = Integer(scope=Scope.settings)

    def student_view(self, context):
        """Return the units, or what edx-proctoring shows instead of them."""
        instead = self.special_exam_view()
        if instead:
            return Fragment(instead)
        fragment = Fragment()
        units = [(unit, unit.render(STUDENT_VIEW, context)) for unit in self.get_children()]
        for _unit, rendered in units:
            fragment.add_fragment_resources(rendered)
        fragment.add_content(
            format_html_join(
                "",
                '<section class="unit"><h2><a href="/xblock/{}">{}</a></h2>{}</section>',
                (
                    (unit.scope_ids.usage_id, unit.display_name_with_default, mark_safe(rendered.content))
                    for unit, rendered in units
                ),
            )
        )
        return fragment

    def descendants_are_gated(self, context):
        """Return whether the sequence has to be shown instead of one of its units."""
        user = self.runtime.service(self, "user").get_current_user()
        if user.opt_attrs.get(IS_STAFF) or context.get("specific_masquerade"):
            return False
        return bool(self.special_exam_view())

    def special_exam_view(self):
        """Return the HTML that edx-proctoring shows to the user instead of the units, or None."""
        if not self.is_time_limited:
            return None
        user = self.runtime.service(self, "user").get_current_user()
        usage_key = self.scope_ids.usage_id
        context = {
            "display_name": self.display_name_with_default,
            "default_time_limit_mins": self.default_time_limit_minutes or 0,
            "is_practice_exam": self.is_practice_exam,
            "allow_proctoring_opt_out": True,
            "due_date": None,
            "grace_period": None,
        }
        credit = self.runtime.service(self, "credit").get_credit_state(
            user.opt_attrs.get(USER_ID), usage_key.context_key
        )
        if credit:
            # Visitors of the sandbox take its exams in any order: none is a prerequisite of another.
            context["credit_state"] = {**credit, "credit_requirement_status": []}
        return self.runtime.service(self, "proctoring").get_student_view(
            user_id=user.opt_attrs.get(USER_ID),
            course_id=usage_key.context_key,
            content_id=usage_key,
            context=context,
            user_role="staff" if user.opt_attrs.get(IS_STAFF) else "student",
        )


@XBlock.needs("user")
class Vertical(NamedBlock):
    """A unit: shows its blocks one below the other."""

    has_children = True

    def student_view(self, context):
        """Return the content of the unit, after the filters."""
        fragment = Fragment()
        for child in self.get_children():
            rendered = child.render(STUDENT_VIEW, context)
            fragment.add_content(rendered.content)
            fragment.add_fragment_resources(rendered)
        try:
            _block, fragment, _context, _view = VerticalBlockRenderCompleted.run_filter(
                block=self, fragment=fragment, context=context, view=STUDENT_VIEW
            )
        except VerticalBlockRenderCompleted.PreventVerticalBlockRender as prevented:
            fragment.content = prevented.message
        return fragment


class Html(NamedBlock):
    """A piece of text."""

    data = String(default="", scope=Scope.content)

    def student_view(self, _context):
        """Return the text."""
        return Fragment(format_html('<div class="html-block">{}</div>', mark_safe(self.data)))


CLASSES = {"sequential": Sequence, "vertical": Vertical, "html": Html}
