"""The law of custody, pure: every block and slide has exactly one holder at every instant, from the moment it is
known until it is destroyed or used up. `replay` reads a thing's events in the order they were recorded and names
every gap, overlap and impossible step; what each event means is told in docs/custody.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from specimens.vocabulary import CustodyKind, Whereabouts

BEGINNINGS = (CustodyKind.COLLECTED, CustodyKind.SECTIONED)
ENDS = {CustodyKind.CONSUMED: Whereabouts.CONSUMED, CustodyKind.DESTROYED: Whereabouts.DESTROYED}
LEADS_TO = {
    CustodyKind.SHIPPED: Whereabouts.ON_ITS_WAY,
    CustodyKind.RETURNED: Whereabouts.RETURNED,
    CustodyKind.LOST: Whereabouts.LOST,
    **ENDS,
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """The parcel of a step: between which institutions (ids), and when it was closed if it was."""

    id: int
    sender: int
    receiver: int
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One custody event: `holder` is the institution that answers for the thing from here on.

    `vague` of a beginning or a shipment whose day nobody knows: `at` is then only when it was recorded, and what
    follows on it may have happened earlier.
    """

    kind: str
    holder: int | None
    at: datetime
    parcel: Parcel | None = None
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at one step (counted from 1; 0 is the whole)."""

    step: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Leg:
    """Who held the thing from when until when (None: since then) and how."""

    since: datetime
    until: datetime | None
    holder: int | None
    where: Whereabouts


@dataclass(slots=True)
class Replayed:
    """Where the thing stands after its events, how it came there, and what cannot be true of them."""

    where: Whereabouts | None = None
    holder: int | None = None
    parcel: Parcel | None = None
    at: datetime | None = None
    legs: list[Leg] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    stained: bool = False
    vague: bool = False
    certain: datetime | None = None
    parcels: set[int] = field(default_factory=set)


def replay(steps: Iterable[Step]) -> Replayed:
    """Play `steps` in order. An impossible step is named, then believed, so that one fault is told once."""
    now = Replayed()
    for number, step in enumerate(steps, start=1):
        if too_early(now, step):
            said = f"It was {step.kind} before the step recorded before that."
            now.findings.append(Finding(number, "time_order", said))
        missed(now, step)
        if wrong := fault(now, step):
            now.findings.append(Finding(number, *wrong))
        take(now, step)
    missed(now, None)
    if now.where is None:
        now.findings.append(Finding(0, "no_beginning", "Nothing says who held it first."))
    return now


def too_early(now: Replayed, step: Step) -> bool:
    """Did `step` happen before what is recorded before it? What happened on an unknown day makes way for it."""
    if now.at is None or step.at >= now.at:
        return False
    if now.vague and (now.certain is None or step.at >= now.certain):
        now.at = step.at
        now.legs = [
            replace(leg, since=min(leg.since, step.at), until=min(leg.until, step.at) if leg.until else None)
            for leg in now.legs
        ]
        return False
    return True


def missed(now: Replayed, step: Step | None) -> None:
    """What a closed parcel missed is with its sender from the closing on, until it turns up or is given up."""
    if now.where is not Whereabouts.ON_ITS_WAY or now.parcel is None or now.parcel.closed_at is None:
        return
    if step is None or step.at >= now.parcel.closed_at:
        stand(now, max(now.parcel.closed_at, now.at or now.parcel.closed_at), now.parcel.sender, Whereabouts.MISSING)


def stand(now: Replayed, at: datetime, holder: int | None, where: Whereabouts) -> None:
    """From `at` on the thing is held by `holder`; the leg before ends there."""
    if now.legs and now.legs[-1].until is None:
        last = now.legs[-1]
        now.legs[-1] = replace(last, until=max(at, last.since))
    now.legs.append(Leg(at, None, holder, where))
    now.holder, now.where, now.at = holder, where, at


def take(now: Replayed, step: Step) -> None:
    """Believe the step."""
    at = max(step.at, now.at) if now.at else step.at
    where = LEADS_TO.get(CustodyKind(step.kind), Whereabouts.HELD)
    now.parcel, now.vague = step.parcel or now.parcel, step.vague
    if not step.vague:
        now.certain = at
    if step.parcel:
        now.parcels.add(step.parcel.id)
    now.stained = now.stained or step.kind == CustodyKind.STAINED
    stand(now, at, step.holder if step.holder is not None else now.holder, where)


Wrong = tuple[str, str] | None


def fault(now: Replayed, step: Step) -> Wrong:
    """(code, sentence) of why `step` cannot follow on what was; None when it can."""
    kind = CustodyKind(step.kind)
    if now.where is None:
        return None if kind in BEGINNINGS else ("no_beginning", f"It was {kind} before anybody held it.")
    if kind in BEGINNINGS:
        return "begun_twice", f"It was {kind} a second time: it was made twice."
    if now.where in ENDS.values():
        return "after_the_end", f"It was {kind} after it was {now.where}."
    return RULES[kind](now, step)


def shipped(now: Replayed, step: Step) -> Wrong:
    if step.parcel is None:
        return "no_parcel", "It was shipped in no parcel."
    if step.holder != step.parcel.receiver:
        return "wrong_holder", "It was shipped to somebody else than its parcel."
    put_back = same_way(now, step) and step.parcel.id in now.parcels and now.holder == step.parcel.receiver
    if put_back and now.where is not Whereabouts.ON_ITS_WAY:
        return None  # its receipt was taken back: it is on its way in the same parcel again
    if now.where is Whereabouts.ON_ITS_WAY:
        return "on_its_way", "It was shipped while it was on its way already."
    if now.where is Whereabouts.LOST:
        return "lost", "It was shipped while it was lost: find it first."
    if now.holder != step.parcel.sender:
        return "not_the_holder", "It was shipped by somebody who did not hold it."
    return None


def same_way(now: Replayed, step: Step) -> bool:
    """Does the step's parcel go from and to where the last one went? A sender may put a thing in another of its
    parcels than it announced."""
    if now.parcel is None or step.parcel is None:
        return False
    return (now.parcel.sender, now.parcel.receiver) == (step.parcel.sender, step.parcel.receiver)


def arrived(now: Replayed, step: Step) -> Wrong:
    """A receipt follows on a shipment the same way, or on the sender's custody when it was not announced."""
    if step.parcel is None:
        return "no_parcel", f"It was {step.kind} in no parcel."
    if step.holder != step.parcel.receiver:
        return "wrong_holder", f"It was {step.kind} by somebody its parcel was not sent to."
    if now.where in (Whereabouts.ON_ITS_WAY, Whereabouts.MISSING, Whereabouts.LOST):
        return (
            None if same_way(now, step) else ("other_parcel", f"It was {step.kind} in a parcel it was not shipped in.")
        )
    if now.holder != step.parcel.sender:
        return "not_shipped", f"It was {step.kind} without a shipment from its holder."
    return None


def worked_on(now: Replayed, step: Step) -> Wrong:
    """Embedding and staining are done by the holder to a thing that is there."""
    if now.where is not Whereabouts.HELD or now.holder != step.holder:
        return "not_there", f"It was {step.kind} while it was {worded(now)}."
    if step.kind == CustodyKind.STAINED and now.stained:
        return "stained_twice", "It was stained a second time."
    return None


def ended(now: Replayed, step: Step) -> Wrong:
    here = now.where in (Whereabouts.HELD, Whereabouts.RETURNED)
    if not here or step.holder not in (None, now.holder):
        return "not_there", f"It was {step.kind} while it was {worded(now)}."
    return None


def lost(now: Replayed, step: Step) -> Wrong:
    if now.where is Whereabouts.LOST:
        return "lost_twice", "It was lost a second time."
    if step.holder != now.holder:
        return "wrong_holder", "It was lost by somebody who did not hold it."
    return None


def found(now: Replayed, step: Step) -> Wrong:
    if now.where not in (Whereabouts.LOST, Whereabouts.MISSING):
        return "not_lost", "It was found and had not been lost."
    return None if step.holder is not None else ("wrong_holder", "It was found with nobody.")


def worded(now: Replayed) -> str:
    if now.where is Whereabouts.HELD:
        return "elsewhere"
    return str(now.where or "").replace("_", " ")


RULES: dict[CustodyKind, Callable[[Replayed, Step], Wrong]] = {
    CustodyKind.SHIPPED: shipped,
    CustodyKind.RECEIVED: arrived,
    CustodyKind.RETURNED: arrived,
    CustodyKind.EMBEDDED: worked_on,
    CustodyKind.STAINED: worked_on,
    CustodyKind.CONSUMED: ended,
    CustodyKind.DESTROYED: ended,
    CustodyKind.LOST: lost,
    CustodyKind.FOUND: found,
}
