"""Settings of the platform's own test runs."""

from proctored_results.settings.production import plugin_settings

__all__ = ["plugin_settings"]
