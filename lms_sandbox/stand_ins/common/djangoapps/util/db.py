"""Transactions that must not be nested."""

from django.db import DEFAULT_DB_ALIAS, transaction


class OuterAtomic(transaction.Atomic):
    """`transaction.atomic` that refuses to start inside another atomic block, so that its end is a commit."""

    def __enter__(self):
        connection = transaction.get_connection(self.using)
        if connection.in_atomic_block:
            raise transaction.TransactionManagementError("This block must not be inside another atomic block.")
        super().__enter__()
        if connection.vendor == "sqlite":
            _wait_for_other_writers(connection)


def _wait_for_other_writers(connection):
    """
    Take SQLite's write lock with a statement that changes nothing.

    On SQLite, a transaction that reads and then writes fails at once, without waiting, if another transaction wrote in
    between. The databases of a platform do not fail.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET id = id WHERE 0")


def outer_atomic(using=None, savepoint=True, name=None, durable=False):
    """
    Return the context manager, or decorate a function with it.

    Raises TransactionManagementError on entry inside an atomic block. Named blocks are not
    supported: `name` is ignored.
    """
    if callable(using):
        return OuterAtomic(DEFAULT_DB_ALIAS, savepoint, durable)(using)
    return OuterAtomic(using, savepoint, durable)
