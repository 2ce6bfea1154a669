"""A store to put things into, and things to put away, for tests of storage and disposal."""

from collections.abc import Sequence

from specimens.models import Block, Move, Patient, Slide, StoragePlace
from specimens.placing import NewPlace, add_places
from specimens.sectioning import Cut, cut_sections
from specimens.storing import Put, put_things
from specimens.vocabulary import PlaceKind
from tests.cast import AT, Cast
from tests.stories import CUT_ON, House, a_received_block


def a_cabinet(cast: Cast, drawers: int = 1, positions: int = 10, room: str = "Histology") -> list[StoragePlace]:
    """A room, a cabinet in it, and its drawers: [room, cabinet, drawer, …]."""
    top = StoragePlace.objects.filter(name=room, kind=PlaceKind.ROOM).first()
    top = top or add_places(by=cast.bench, at=AT, places=[NewPlace(PlaceKind.ROOM, room)])[0]
    name = f"Cabinet {StoragePlace.objects.filter(kind=PlaceKind.CABINET).count() + 1}"
    cabinet = NewPlace(PlaceKind.CABINET, name, top, drawers=drawers, positions=positions, columns=5)
    return [top, *add_places(by=cast.bench, at=AT, places=[cabinet])]


def a_drawer(cast: Cast, positions: int = 10) -> StoragePlace:
    return a_cabinet(cast, positions=positions)[-1]


def some_slides(cast: Cast, house: House, patient: Patient, count: int = 3, label: str = "A1") -> list[Slide]:
    """Sections of one block at the core; the block is slides[0].block."""
    block = Block.objects.filter(specimen__patient=patient, site_label=label).first()
    block = block or a_received_block(cast, house, patient, label=label, terms="donated")
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=count, cut_on=CUT_ON)])


def put_away(cast: Cast, place: StoragePlace, things: Sequence[Block | Slide]) -> list[Move]:
    return put_things(by=cast.bench, at=AT, puts=[Put(thing, place) for thing in things])
