"""Settings of production: once more what the site's YAML may have replaced."""

from typing import Any

from proctored_results.settings.common import add_filter_steps, add_mail_loader


def plugin_settings(settings: Any) -> None:
    """Add again what a YAML may have taken away: it replaces ``OPEN_EDX_FILTERS_CONFIG`` whole, for one."""
    add_filter_steps(settings)
    add_mail_loader(settings)
