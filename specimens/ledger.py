"""The only writer of the ledger, and its verifier."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.models import Model
from django.utils import timezone

from specimens.actors import Actor, name_of
from specimens.models.ledger import LedgerEntry, LedgerHead
from specimens.shelving import put_rows

FIRST_HASH = "0" * 64
COLUMNS = (
    "number", "recorded_at", "happened_at", "actor_id", "actor_name", "deed", "thing", "thing_id", "label",
    "patient_id", "sentence", "was", "became", "reason", "previous_hash", "hash",
)  # fmt: skip
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """What one deed did to one thing. `was` and `became` hold only what changed, as JSON values."""

    deed: str
    thing: str
    thing_id: int | str
    label: str
    sentence: str
    patient_id: int | None = None
    was: Facts | None = None
    became: Facts | None = None
    reason: str = ""


def line(deed: str, thing: Model, sentence: str, **kwargs: Any) -> Line:
    """A Line about a stored thing: its kind, id and printed label come from the thing itself."""
    return Line(deed, thing._meta.label_lower, thing.pk, str(thing)[:120], sentence, **kwargs)


def write(lines: Sequence[Line], *, by: Actor, at: datetime) -> None:
    """Append `lines` in order. Call it last in a deed: it locks the head until commit."""
    if not lines:
        return
    head, _ = LedgerHead.objects.select_for_update().get_or_create(pk=1, defaults={"number": 0, "hash": FIRST_HASH})
    number, previous, now = head.number, head.hash, timezone.now()
    clocks, actor = (now.astimezone(UTC).isoformat(), at.astimezone(UTC).isoformat()), (by.pk, name_of(by))
    rows = []
    for said in lines:
        number += 1
        words = (
            said.deed, said.thing, str(said.thing_id), said.label, said.patient_id, said.sentence,
            said.was, said.became, said.reason,
        )  # fmt: skip
        before, previous = previous, sealed(number, *clocks, *actor, *words, previous)
        rows.append((number, now, at, *actor, *words, before, previous))
    put_rows(LedgerEntry, COLUMNS, rows)
    LedgerHead.objects.filter(pk=1).update(number=number, hash=previous)


def hash_of(entry: LedgerEntry) -> str:
    """SHA-256 over everything the entry says and the hash before it."""
    clocks = [each.astimezone(UTC).isoformat() for each in (entry.recorded_at, entry.happened_at)]
    return sealed(entry.number, *clocks, *(getattr(entry, name) for name in COLUMNS[3:-1]))


def sealed(*said: object) -> str:
    """SHA-256 over values in the order of COLUMNS, moments in ISO 8601, UTC."""
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def verify() -> Iterator[str]:
    """A sentence for each entry that is changed, missing or out of order; none when the ledger is whole."""
    expected, previous = 1, FIRST_HASH
    for entry in LedgerEntry.objects.order_by("number").iterator(2000):
        if entry.number != expected:
            yield f"Entry {expected} is missing: the next one is {entry.number}."
        elif entry.previous_hash != previous:
            yield f"Entry {entry.number} does not follow from entry {entry.number - 1}."
        if hash_of(entry) != entry.hash:
            yield f"Entry {entry.number} ({entry.deed} {entry.label}) was changed after it was written."
        expected, previous = entry.number + 1, entry.hash
    head = LedgerHead.objects.filter(pk=1).first()
    if ((head.number, head.hash) if head else (0, FIRST_HASH)) != (expected - 1, previous):
        yield f"The ledger's head says {head.number if head else 0} entries; {expected - 1} are there."
