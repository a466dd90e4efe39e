"""Transactions that must not be nested."""

from django.db import DEFAULT_DB_ALIAS, transaction


class OuterAtomic(transaction.Atomic):
    """`transaction.atomic` that refuses to start inside another atomic block, so that its end is a commit."""

    def __enter__(self):
        if transaction.get_connection(self.using).in_atomic_block:
            raise transaction.TransactionManagementError("This block must not be inside another atomic block.")
        super().__enter__()


def outer_atomic(using=None, savepoint=True, name=None, durable=False):
    """
    Return the context manager, or decorate a function with it.

    Raises TransactionManagementError on entry inside an atomic block. Named blocks are not stood in for: `name` is
    only accepted.
    """
    if callable(using):
        return OuterAtomic(DEFAULT_DB_ALIAS, savepoint, durable)(using)
    return OuterAtomic(using, savepoint, durable)
