"""Settings of production: once more what the site's YAML may have replaced."""

from typing import Any

from proctored_results.settings.common import add_filter_steps


def plugin_settings(settings: Any) -> None:
    """Merge the filter steps again: the YAML replaces ``OPEN_EDX_FILTERS_CONFIG`` whole."""
    add_filter_steps(settings)
