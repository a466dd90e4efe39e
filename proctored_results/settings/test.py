"""The settings of the platform's own test runs."""

from typing import Any

from proctored_results.settings import production


def plugin_settings(settings: Any) -> None:
    """Apply the production settings without the snapshot, which would not see what a test never commits."""
    production.plugin_settings(settings)
    settings.PROCTORED_RESULTS_SNAPSHOT = False
