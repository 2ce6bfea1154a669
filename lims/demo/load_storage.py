"""The demo's store: one room, a cabinet for blocks and one for slides, everything at the core in its drawer;
and two broken sections, one disposed of by two people, one that still waits for the second."""

from itertools import islice
from typing import Any

from django.db.models import QuerySet

from lims.demo.stage import Stage, Step, Tick, at
from scoring.models import ReadingCase
from specimens import store_desk
from specimens.disposing import answer_disposals, propose_disposal
from specimens.models import Block, Disposal, Slide, StoragePlace
from specimens.placing import MOST_DRAWERS, NewPlace, add_places
from specimens.storing import Put, put_things
from specimens.vocabulary import DisposalKind, PlaceKind

ROOM = "Tissue store"
CABINETS = {"block": ("Blocks", 100, 10), "slide": ("Slides", 150, 10)}
SPARE = 2
BROKEN = "Synthetic: the glass broke in the drawer, nothing of it can be read."


def steps(stage: Stage) -> list[Step]:
    return [
        Step("store", 1, lambda tick: furnish(stage, tick)),
        Step("disposals", 1, lambda tick: dispose(stage, tick)),
    ]


def at_the_core(kind: str) -> list[Any]:
    """What stands nowhere yet, in the order it was accessioned."""
    model = Block if kind == "block" else Slide
    return list(store_desk.unplaced(model, kind).order_by("pk"))


def furnish(stage: Stage, tick: Tick) -> None:
    """The room, its cabinets with drawers to spare, and everything at the core put away."""
    if not StoragePlace.objects.exists():
        who, when = stage.people["bench"], at(stage.as_of, 7)
        room = add_places(by=who, at=when, places=[NewPlace(PlaceKind.ROOM, ROOM)])[0]
        for kind, (name, positions, columns) in CABINETS.items():
            things = at_the_core(kind)
            drawers = min(MOST_DRAWERS, -(-len(things) // positions) + SPARE)
            cabinet = NewPlace(PlaceKind.CABINET, name, room, drawers=drawers, positions=positions, columns=columns)
            made = add_places(by=who, at=when, places=[cabinet])[1:]
            room_for = (drawer for drawer in made for _ in range(drawer.positions))
            puts = [Put(thing, drawer) for thing, drawer in zip(things, room_for, strict=False)]
            if puts:
                put_things(by=who, at=when, puts=puts, note="synthetic")
    tick(1)


def unread(stage: Stage) -> QuerySet[Slide]:
    """Synthetic sections at the core on which no case was opened."""
    cases = ReadingCase.objects.values("slide_id")
    found = Slide.objects.filter(synthetic=True, cut_at_core=True, standing__isnull=False)
    return found.exclude(pk__in=cases).filter(block__specimen__patient__trial=stage.trial).order_by("pk")


def dispose(stage: Stage, tick: Tick) -> None:
    broken = list(islice(unread(stage), 2))
    if broken and not Disposal.objects.exists():
        proposals = propose_disposal(
            by=stage.people["bench"], at=at(stage.as_of, 9), things=broken, kind=DisposalKind.DESTROYED, reason=BROKEN
        )
        if len(proposals) > 1:
            done = proposals[:1]
            answer_disposals(by=stage.people["coordinator"], at=at(stage.as_of, 10), disposals=done, confirmed=True)
    tick(1)
