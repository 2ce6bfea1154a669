"""What many tests of one file begin from, written once: each of them works in a savepoint that is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from tests.rolled_back import rolled_back


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Hold a transaction open around the tests of a module; what is written before `yield` is there for each.

    No test that commits may run meanwhile: those stand in a file of their own.
    """
    with blocker.unblock():
        around = rolled_back()
        around.__enter__()
        # A test case closes its connections when it ends, and would take this transaction with them.
        connection.close = lambda: None  # type: ignore[method-assign]
        try:
            yield
        finally:
            del connection.close
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            connection.close()
