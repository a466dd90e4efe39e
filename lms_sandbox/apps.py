"""The sandbox's own app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class LmsSandboxConfig(AppConfig):
    """Pages, demonstration data, and the services that edx-proctoring expects of an LMS."""

    name = "lms_sandbox"
    verbose_name = "Sandbox LMS"

    def ready(self):
        """Register the services, load the celery app, and let processes share an SQLite file."""
        from lms_sandbox import celery, services  # noqa: F401

        services.register()
        connection_created.connect(_share_sqlite_file)


def _share_sqlite_file(connection, **_kwargs):
    """Let other processes read the file while one writes to it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
