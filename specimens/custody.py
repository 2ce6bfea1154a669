"""Writes custody events, for the deeds of this floor only, and holds each to the law of custody as it is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone

from specimens import loan_starts
from specimens.custody_law import Parcel, Replayed, Step, fault, missed, replay, take, too_early
from specimens.errors import Refused
from specimens.models import Block, CustodyEvent, Shipment, Slide
from specimens.shelving import shelve
from specimens.standing import key_of_row, leave_the_store
from specimens.vocabulary import CustodyKind

Thing = tuple[str, int]
UNKNOWN_DAY = "day not known"
DAY_OF = {CustodyKind.SHIPPED: "sent_on", CustodyKind.STAINED: "stained_on", CustodyKind.SECTIONED: "cut_on"}
STEP = (
    "block_id", "slide_id", "kind", "holder_id", "occurred_at", "note", "shipment_id", "shipment__sender_id",
    "shipment__receiver_id", "shipment__closure__closed_at",
)  # fmt: skip


def event(kind: str, thing: Any, holder: Any, at: datetime, by_id: int | None, **kwargs: Any) -> CustodyEvent:
    """An unsaved event about a Block or Slide; `at` is when it happened."""
    which = thing._meta.model_name
    holder_id = holder.pk if holder else None
    return CustodyEvent(
        kind=kind, holder_id=holder_id, occurred_at=at, recorded_by_id=by_id, **{f"{which}_id": thing.pk}, **kwargs
    )


def noon(day: date | None, otherwise: datetime) -> datetime:
    """A moment for a fact of which only the day is known, and never one that is still to come."""
    return min(datetime.combine(day, time(12), UTC), otherwise) if day else otherwise


def begun(kind: str, thing: Any, holder: Any, day: date | None, at: datetime, by_id: int | None,
          **kwargs: Any) -> CustodyEvent:  # fmt: skip
    """An unsaved first event: collected or cut on `day`; where nobody wrote the day down, known since `at`."""
    return event(kind, thing, holder, noon(day, at), by_id, note="" if day else UNKNOWN_DAY, **kwargs)


def shipped(thing: Any, shipment: Shipment, at: datetime, by_id: int | None) -> CustodyEvent:
    """An unsaved event: sent on the parcel's day; where nobody gave one, announced at `at` and sent who knows when."""
    day = shipment.sent_on
    return event(CustodyKind.SHIPPED, thing, shipment.receiver, noon(day, at), by_id, shipment=shipment,
                 note="" if day else UNKNOWN_DAY)  # fmt: skip


def keep(events: list[CustodyEvent]) -> None:
    """Append `events`, in order, to what is on record of their things; refused where the law of custody is broken.
    Whatever leaves the house by one of them leaves its place in the store with it.

    The things' rows stay locked until commit, so two deeds never both follow on the same last event.
    """
    known = {key_of_row(event) for event in events} - {
        key_of_row(event) for event in events if event.kind in (CustodyKind.COLLECTED, CustodyKind.SECTIONED)
    }
    hold(known)
    now = {thing: replay(steps) for thing, steps in steps_of(known).items()}
    loan_starts.name_returns(events)
    for each in events:
        follow(now.setdefault(key_of_row(each), Replayed()), each)
    shelve(events)
    leave_the_store(events)
    loan_starts.begin(events)


def hold(things: Collection[Thing]) -> None:
    """Lock these things until commit, blocks before slides, by id."""
    for model, word in ((Block, "block"), (Slide, "slide")):
        ids = [pk for which, pk in things if which == word]
        if ids:
            list(model.objects.select_for_update(no_key=True).filter(pk__among=ids).order_by("pk").values_list("pk"))


def steps_of(things: Collection[Thing]) -> dict[Thing, list[Step]]:
    """The steps on record of each thing, in order. Two queries."""
    steps: dict[Thing, list[Step]] = defaultdict(list)
    for word in ("block", "slide"):
        ids = [pk for which, pk in things if which == word]
        if ids:
            found = CustodyEvent.objects.filter(**{f"{word}_id__among": ids}).order_by("id")
            for row in found.values_list(*STEP):
                steps[word, row[0] or row[1]].append(step_of(row))
    return steps


def step_of(row: Iterable[Any]) -> Step:
    """The step that a row of STEP tells."""
    _, _, kind, holder, at, note, parcel, sender, receiver, closed_at = row
    carried = Parcel(parcel, sender, receiver, closed_at) if parcel else None
    return Step(kind, holder, at, carried, note == UNKNOWN_DAY)


def follow(now: Replayed, event: CustodyEvent) -> None:
    """Put `event` after what happened before; refused when it cannot follow on that."""
    parcel = event.shipment
    carried = Parcel(parcel.pk, parcel.sender_id, parcel.receiver_id) if parcel else None
    step = Step(event.kind, event.holder_id, event.occurred_at, carried, event.note == UNKNOWN_DAY)
    missed(now, step)
    if too_early(now, step):
        event.occurred_at = moved_up((now.certain if now.vague else now.at) or event.occurred_at, event)
    if wrong := fault(now, step):
        raise Refused("custody_broken", f"{event.slide or event.block}: {wrong[1][0].lower()}{wrong[1][1:]}")
    take(now, step)


def moved_up(last: datetime, event: CustodyEvent) -> datetime:
    """A fact known by its day alone stands after what happened earlier that day; an earlier day is refused."""
    if local(event.occurred_at) < local(last):
        said = f"{event.slide or event.block} cannot have been {event.kind} on {local(event.occurred_at)}: the last "
        field = DAY_OF.get(CustodyKind(event.kind), "")
        raise Refused("custody_order", said + f"thing recorded of it happened on {local(last)}.", field=field)
    return last


def local(moment: datetime) -> date:
    return timezone.localtime(moment).date()
