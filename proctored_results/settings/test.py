"""Settings of the platform's own test runs."""

from typing import Any

from proctored_results.settings import production


def plugin_settings(settings: Any) -> None:
    """Do as in production, and let reports see what a test has not committed, and never will."""
    production.plugin_settings(settings)
    settings.PROCTORED_RESULTS_SNAPSHOT = False
