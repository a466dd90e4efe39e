"""A snapshot of a database, in which all queries of a report see the same moment."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from proctored_results.attempts.databases import BEGIN_SNAPSHOT

_numbers = itertools.count(1)


@contextmanager
def snapshot(using: str) -> Iterator[str]:
    """
    Yield the alias of a new connection to a database, which shows the database as it is now until the end.

    It takes no locks, sees no open transaction (not even this thread's), and works in this thread only.

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
