"""What cannot be found: declared lost by who answers for it, and found again."""

from datetime import datetime

from specimens import custody, ledger
from specimens.actors import Actor
from specimens.custody_law import Replayed, replay
from specimens.deeds import deed, demand_reach, require
from specimens.errors import Invalid, Refused
from specimens.models import Block, Institution, Shipment, Slide
from specimens.returning import specimen_of
from specimens.standing import key_of
from specimens.vocabulary import CustodyKind, Whereabouts

NOT_YOURS = "Only coordinators and the bench say that tissue is lost or found."


def whereabouts(thing: Block | Slide) -> Replayed:
    """Where the thing stands by the law of custody."""
    return replay(custody.steps_of({key_of(thing)}).get(key_of(thing), []))


def holder_of(now: Replayed) -> Institution:
    return Institution.objects.get(pk=now.holder or 0)


@deed
def declare_lost(*, by: Actor, at: datetime, thing: Block | Slide, reason: str) -> Replayed:
    """Say that a thing is lost: one that a closed parcel missed, or one that its holder cannot find."""
    require(by, "specimens.receive", NOT_YOURS)
    if not reason.strip():
        raise Invalid("reason_missing", "Say where it was looked for.", field="reason")
    custody.hold({key_of(thing)})
    now = whereabouts(thing)
    if now.where is Whereabouts.ON_ITS_WAY:
        said = f"{thing} is on its way: close its parcel without it first."
        raise Refused("on_its_way", said)
    if now.where not in (Whereabouts.HELD, Whereabouts.MISSING):
        raise Refused("not_here", f"{thing} is {worded(now)}: it cannot be lost.")
    holder = holder_of(now)
    parcel = parcel_of(now) if now.where is Whereabouts.MISSING else None
    demand_reach(by, [parcel.receiver if parcel and by.scope.holds(parcel.receiver_id) else holder], "Giving up tissue")
    lost = custody.event(CustodyKind.LOST, thing, holder, at, by.pk, shipment=parcel, note=reason.strip()[:200])
    custody.keep([lost])
    sentence = f"{thing} was declared lost by {holder}."
    line = ledger.line("declare lost", thing, sentence, patient_id=specimen_of(thing).patient_id, reason=reason.strip())
    ledger.write([line], by=by, at=at)
    return whereabouts(thing)


@deed
def declare_found(*, by: Actor, at: datetime, thing: Block | Slide, reason: str) -> Replayed:
    """Say that a lost or missing thing turned up with who answers for it. One that comes late in its parcel is
    received there instead."""
    require(by, "specimens.receive", NOT_YOURS)
    if not reason.strip():
        raise Invalid("reason_missing", "Say where it was found.", field="reason")
    custody.hold({key_of(thing)})
    now = whereabouts(thing)
    if now.where not in (Whereabouts.LOST, Whereabouts.MISSING):
        raise Refused("not_lost", f"{thing} is {worded(now)}: nobody misses it.")
    holder = holder_of(now)
    demand_reach(by, [holder], "Finding tissue")
    custody.keep([custody.event(CustodyKind.FOUND, thing, holder, at, by.pk, note=reason.strip()[:200])])
    sentence = f"{thing} was found again at {holder}."
    line = ledger.line("find again", thing, sentence, patient_id=specimen_of(thing).patient_id, reason=reason.strip())
    ledger.write([line], by=by, at=at)
    return whereabouts(thing)


def parcel_of(now: Replayed) -> Shipment | None:
    return Shipment.objects.select_related("receiver").filter(pk=now.parcel.id).first() if now.parcel else None


def worded(now: Replayed) -> str:
    return str(now.where or "unknown").replace("_", " ")
