"""The settings of production, in which the site's YAML may have replaced the plugin's additions."""

from typing import Any

from proctored_results.settings.common import add_filter_steps, add_mail_loader


def plugin_settings(settings: Any) -> None:
    """Add the plugin's steps and loader again: a YAML replaces the whole ``OPEN_EDX_FILTERS_CONFIG``, for example."""
    add_filter_steps(settings)
    add_mail_loader(settings)
