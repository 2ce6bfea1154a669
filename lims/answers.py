"""Writes that may be sent again: the answer is kept in the transaction of what it answers, for seven days.

Who sends the same key again gets the same answer and does nothing twice. Only what was done is remembered:
a refusal wrote nothing, so its key is free, also for a corrected request.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from lims.models import RememberedAnswer, User
from specimens import jobs
from specimens.errors import Refused

KEPT_FOR = timedelta(days=7)
LONGEST_KEY, TRIES = 200, 4
PATIENCE = "2s"
"""How long a second request waits for the first before it is told to come again."""
UNDER_WAY, DEADLOCK = "55P03", "40P01"
FORGET = "forget answers"


class UnderWay(Refused):
    """The first request of this key has not been answered yet."""

    def __init__(self) -> None:
        said = "The first request with this Idempotency-Key is still under way; ask again in a moment."
        super().__init__("still_under_way", said)


def fingerprint(method: str, address: str, body: bytes) -> str:
    """What tells one request from another. Keyed, because a body may hold a password."""
    told = b"\0".join((method.encode(), address.encode(), body))
    return salted_hmac("lims.answers", told, algorithm="sha256").hexdigest()


def once(person: User, key: str, request_hash: str, do: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes, bool]:
    """(status, body, was it there before) of `do`, which is done at most once for this person's key.

    `do` and the memory of its answer commit together or not at all; what `do` raises undoes both.
    """
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return in_turn(person, key, request_hash, do)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "")
            if state == UNDER_WAY:
                raise UnderWay from error
            if state != DEADLOCK or connection.in_atomic_block or attempt == TRIES - 1:
                raise
    assert False, "every try returns or raises"


def in_turn(person: User, key: str, request_hash: str, do: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes, bool]:
    wait_for_the_first(person, key)
    known = RememberedAnswer.objects.filter(person=person, key=key).first()
    if known is None:
        status, body = do()
        RememberedAnswer.objects.create(
            person=person, key=key, request_hash=request_hash, status=status, body=body, asked_at=timezone.now()
        )
        return status, body, False
    if known.request_hash != request_hash:
        said = "This Idempotency-Key was used for another request; give each request a key of its own."
        raise Refused("key_used", said)
    return known.status or 200, bytes(known.body), True


def wait_for_the_first(person: User, key: str) -> None:
    """Hold the key until the transaction ends, even if its process dies. SQLite has one writer at a time anyhow."""
    if connection.vendor != "postgresql":
        return
    lock = int.from_bytes(hashlib.sha256(f"{person.pk}:{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


# ---- what is old is forgotten ----
def look_for_old() -> None:
    """Ask for a sweep when an answer is past its days; at most one an hour."""
    if RememberedAnswer.objects.filter(asked_at__lt=timezone.now() - KEPT_FOR).exists():
        jobs.ask(FORGET, key=f"{timezone.now():%Y-%m-%dT%H}", arguments={}, queue="bulk")


def forget_old() -> None:
    RememberedAnswer.objects.filter(asked_at__lt=timezone.now() - KEPT_FOR).delete()


def register() -> None:
    jobs.does(FORGET, forget_old)
    jobs.finds(look_for_old)
