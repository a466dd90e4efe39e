"""One moment for all that a report reads."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from proctored_results.attempts.databases import BEGIN_SNAPSHOT

_numbers = itertools.count(1)


@contextmanager
def snapshot(using: str) -> Iterator[str]:
    """
    Yield the alias of a new connection to a database, which shows all of it as it is now for as long as it lasts.

    It takes no locks, sees nothing of an open transaction, this thread's included, and is there for this thread alone.

    Arguments:
        using: the alias of the database in the settings.

    """
    alias = f"proctored_results_snapshot_{next(_numbers)}"
    connections[alias] = connection = connections.create_connection(using)
    try:
        with connection.cursor() as cursor:
            for statement in BEGIN_SNAPSHOT[connection.vendor]:
                cursor.execute(statement)
        yield alias
    finally:
        connection.close()
        del connections[alias]
