"""The sandbox finds and loads plugins as the LMS does."""

from importlib.metadata import entry_points

from django.apps import apps
from django.urls import reverse


def test_every_installed_plugin_app_is_loaded():
    for point in entry_points(group="lms.djangoapp"):
        assert apps.is_installed(point.load().name), point.name


def test_the_urls_and_settings_of_plugins_are_there(settings):
    assert reverse("edx_proctoring:anonymous.proctoring_review_callback").startswith("/api/")
    assert "proctoring" in settings.PIPELINE["JAVASCRIPT"]


def test_what_the_site_sets_wins_over_the_common_settings_of_plugins(settings):
    assert settings.PROCTORING_BACKENDS["DEFAULT"] == "software_secure"
    assert set(apps.get_app_config("edx_proctoring").backends) == {"software_secure", "rpnow4", "mock", "null"}
