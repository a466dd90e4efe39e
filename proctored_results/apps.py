"""The Django app, and what the platform reads about it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProctoredResultsConfig(AppConfig):
    """The Django app, with the plugin configuration that edx-django-utils reads."""

    name = "proctored_results"
    verbose_name = _("Proctored exam results")
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app = {
        "url_config": {
            "lms.djangoapp": {
                "namespace": "proctored_results",
                "regex": r"^",
                "relative_path": "urls",
            },
        },
        "settings_config": {
            "lms.djangoapp": {
                "common": {"relative_path": "settings.common"},
                "production": {"relative_path": "settings.production"},
                "test": {"relative_path": "settings.test"},
            },
        },
    }

    def ready(self) -> None:
        """Register the checks."""
        from proctored_results import checks  # noqa: F401
