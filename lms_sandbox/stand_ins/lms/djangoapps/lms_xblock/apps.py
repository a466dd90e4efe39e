"""App `lms_xblock`."""

from django.apps import AppConfig


class LMSXBlockConfig(AppConfig):
    """How XBlocks run in the LMS."""

    name = "lms.djangoapps.lms_xblock"
    verbose_name = "LMS XBlock"
