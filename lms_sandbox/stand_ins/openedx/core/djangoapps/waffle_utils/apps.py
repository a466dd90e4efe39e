"""App `waffle_utils`."""

from django.apps import AppConfig


class WaffleUtilsConfig(AppConfig):
    """Flags that are on or off in one course, or in the courses of one organization."""

    name = "openedx.core.djangoapps.waffle_utils"
    verbose_name = "Waffle Utilities"
