"""One transaction around many tests, as the test case's own: what must commit by itself may do so inside it."""

from django.db import transaction


def rolled_back() -> transaction.Atomic:
    around = transaction.atomic()
    around._from_testcase = True
    return around
