"""The XBlock runtime: the real one, with the blocks of the database, the services of the LMS, and asides."""

from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from edx_proctoring.services import ProctoringService
from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
from opaque_keys.edx.asides import AsideDefinitionKeyV2, AsideUsageKeyV2
from web_fragments.fragment import Fragment
from xblock.exceptions import NoSuchUsage
from xblock.field_data import DictFieldData
from xblock.fields import ScopeIds
from xblock.reference.user_service import UserService, XBlockUser
from xblock.runtime import IdGenerator, IdReader, Runtime

from lms_sandbox import services
from lms_sandbox.courseware.blocks import CLASSES
from lms_sandbox.models import Block


class CoursewareRuntime(Runtime):
    """Renders the blocks of a course for one user."""

    def __init__(self, user, course_key, *, is_staff):
        keys = Keys()
        super().__init__(
            id_reader=keys,
            id_generator=keys,
            services={
                "credit": services.Credit(),
                "field-data": DictFieldData({}),
                "proctoring": ProctoringService(),
                "user": DjangoUserService(user, is_staff),
            },
        )
        self._user_id = user.id
        self._course_key = course_key

    user_id = property(lambda self: self._user_id)

    @cached_property
    def _rows(self):
        """The blocks of the course by key. One query."""
        return {row.usage_key: row for row in Block.objects.filter(course_id=self._course_key).select_related("parent")}

    def get_block(self, usage_id, for_parent=None):
        """Return a block; NoSuchUsage if there is none."""
        row = self._rows.get(usage_id)
        if row is None:
            raise NoSuchUsage(usage_id)
        children = [child.usage_key for child in self._rows.values() if child.parent_id == row.id]
        fields = {**row.settings, "children": children, "parent": row.parent and row.parent.usage_key}
        scope_ids = ScopeIds(self._user_id, usage_id.block_type, usage_id, usage_id)
        return self.construct_xblock(usage_id.block_type, scope_ids, DictFieldData(fields), for_parent=for_parent)

    def load_block_type(self, block_type):
        """Return the class of a block type."""
        return CLASSES[block_type]

    def applicable_aside_types(self, block):
        """Return the installed asides, if the configuration shows asides on blocks of this type."""
        config = XBlockAsidesConfig.current()
        if not config.enabled or block.scope_ids.block_type in config.disabled_blocks.split():
            return []
        return super().applicable_aside_types(block)

    def wrap_aside(self, block, aside, view, frag, context):
        """Wrap the content of an aside in an element; an aside without content stays empty."""
        if not frag.content:
            return frag
        wrapped = Fragment(
            format_html(
                '<div class="xblock_asides xblock_asides-v1 xblock_asides-{}-{}" data-block-type="{}">{}</div>',
                view,
                aside.scope_ids.block_type,
                aside.scope_ids.block_type,
                mark_safe(frag.content),
            )
        )
        wrapped.add_fragment_resources(frag)
        return wrapped

    def handler_url(self, block, handler_name, suffix="", query="", thirdparty=False):
        """No block of the sandbox has handlers."""
        raise NotImplementedError

    def resource_url(self, resource):
        """No block of the sandbox has resources."""
        raise NotImplementedError

    def local_resource_url(self, block, uri):
        """No block of the sandbox has resources."""
        raise NotImplementedError

    def publish(self, block, event_type, event_data):
        """Nobody listens to events of blocks."""


class DjangoUserService(UserService):
    """Tells blocks which user they are rendered for."""

    def __init__(self, user, is_staff):
        super().__init__()
        self._user = user
        self._is_staff = is_staff

    def get_current_user(self):
        """Return the user with the attributes that the platform sets; an anonymous user has almost none."""
        xblock_user = XBlockUser(is_current_user=True)
        xblock_user.opt_attrs["edx-platform.is_authenticated"] = self._user.is_authenticated
        if self._user.is_authenticated:
            xblock_user.emails = [self._user.email]
            xblock_user.opt_attrs |= {
                "edx-platform.user_id": self._user.id,
                "edx-platform.username": self._user.username,
                "edx-platform.user_is_staff": self._is_staff,
                "edx-platform.user_role": "staff" if self._is_staff else "student",
            }
        return xblock_user


class Keys(IdReader, IdGenerator):
    """Opaque keys. The definition key of a block is its usage key; the keys of its asides are made from them."""

    def get_usage_id_from_aside(self, aside_id):
        """Return the key of the block that an aside belongs to."""
        return aside_id.usage_key

    def get_definition_id_from_aside(self, aside_id):
        """Return the definition of the block that an aside's definition belongs to."""
        return aside_id.definition_key

    def get_definition_id(self, usage_id):
        """Return the definition of a block."""
        return usage_id

    def get_block_type(self, def_id):
        """Return the type of a block."""
        return def_id.block_type

    def get_aside_type_from_usage(self, aside_id):
        """Return the type of an aside."""
        return aside_id.aside_type

    def get_aside_type_from_definition(self, aside_id):
        """Return the type of an aside."""
        return aside_id.aside_type

    def create_aside(self, definition_id, usage_id, aside_type):
        """Return the keys of an aside of a block."""
        return AsideDefinitionKeyV2(definition_id, aside_type), AsideUsageKeyV2(usage_id, aside_type)

    def create_usage(self, def_id):
        """Blocks are made in the database."""
        raise NotImplementedError

    def create_definition(self, block_type, slug=None):
        """Blocks are made in the database."""
        raise NotImplementedError
