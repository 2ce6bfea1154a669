"""Rooms, cabinets and drawers: added, renamed, retired."""

import pytest

from lims.vocabulary import Role
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.models import LedgerEntry, Patient, StoragePlace
from specimens.placing import NewPlace, add_places, rename_place, retire_place
from specimens.storing import take_out
from specimens.vocabulary import PlaceKind
from tests.cast import AT, Cast, person
from tests.drawers import a_cabinet, a_drawer, put_away, some_slides
from tests.refusals import forbidden, refused
from tests.stories import House

ROOM, CABINET, DRAWER = PlaceKind.ROOM, PlaceKind.CABINET, PlaceKind.DRAWER


def add(cast: Cast, *places: NewPlace) -> list[StoragePlace]:
    return add_places(by=cast.bench, at=AT, places=places)


def test_a_cabinet_comes_with_its_drawers(cast: Cast, house: House) -> None:
    room = add(cast, NewPlace(ROOM, " Histology "))[0]
    made = add(cast, NewPlace(CABINET, "Slides", room, drawers=12, positions=144, columns=12))
    assert [place.accession[:9] for place in made[:2]] == ["ST-000002", "ST-000003"]
    assert len(made) == 13
    assert str(made[12]) == "Histology / Slides / Drawer 12"
    assert {(d.kind, d.positions, d.columns) for d in made[1:]} == {("drawer", 144, 12)}
    line = LedgerEntry.objects.latest("number")
    assert line.sentence == "Histology / Slides / Drawer 12 was added to the store, with 144 positions."


def test_a_drawer_is_added_by_itself(cast: Cast, house: House) -> None:
    _, cabinet, _ = a_cabinet(cast)
    added = add(cast, NewPlace(DRAWER, "Kept apart", cabinet, positions=20))[0]
    assert (added.parent, added.positions, added.name) == (cabinet, 20, "Kept apart")


def test_who_keeps_the_store(cast: Cast, house: House) -> None:
    for name, somebody in cast.everybody().items():
        if name not in ("bench", "coordinator"):
            with forbidden("Only the core's coordinators and bench keep the store"):
                add_places(by=somebody, at=AT, places=[NewPlace(ROOM, "R")])
    site = person("cora", "Cora Bell", Role.COORDINATOR, house.mercy)
    with refused("core_only", "for the core's own people", Forbidden):
        add_places(by=site, at=AT, places=[NewPlace(ROOM, "R")])


@pytest.mark.parametrize(
    ("field", "new", "words"),
    [
        ("name", {"name": " "}, "Give it a name."),
        ("name", {"name": "x" * 41}, "At most 40 characters"),
        ("name", {"name": "a\0b"}, "printable"),
        ("inside", {"kind": CABINET}, "A cabinet stands in a room: say which."),
        ("inside", {"kind": DRAWER, "positions": 5}, "A drawer stands in a cabinet: say which."),
        ("drawers", {"drawers": 3, "positions": 4}, "Only a cabinet comes with drawers."),
        ("drawers", {"kind": CABINET, "drawers": 101, "positions": 4}, "Give 0 to 100 drawers, not 101."),
        ("drawers", {"kind": CABINET, "drawers": -1}, "not -1."),
        ("positions", {"kind": CABINET, "drawers": 2}, "Give 1 to 1000 positions, not 0."),
        ("positions", {"kind": DRAWER, "positions": 1001}, "not 1001."),
        ("columns", {"columns": 0}, "Give 1 to 25 columns, not 0."),
    ],
)
def test_a_place_that_cannot_be(cast: Cast, house: House, field: str, new: dict[str, object], words: str) -> None:
    wrong = NewPlace(**({"kind": ROOM, "name": "Two"} | new))  # type: ignore[arg-type]
    with refused("place_refused", "", Rejected) as refusal:
        add(cast, NewPlace(ROOM, "One"), wrong)
    assert (2, field) in refusal.places
    assert words in next(p.sentence for p in refusal.problems if p.field == field)


def test_a_room_stands_in_nothing(cast: Cast, house: House) -> None:
    room = add(cast, NewPlace(ROOM, "One"))[0]
    with refused("place_refused", "A room stands in no other place.", Rejected):
        add(cast, NewPlace(ROOM, "Two", room))


def test_a_name_is_given_once_in_its_place(cast: Cast, house: House) -> None:
    room = add(cast, NewPlace(ROOM, "One"))[0]
    with refused("room_name_once", "There is a room of that name already."):
        add(cast, NewPlace(ROOM, "One"))
    add(cast, NewPlace(CABINET, "A", room))
    with refused("place_name_once", "There is a place of that name here already."):
        add(cast, NewPlace(CABINET, "A", room))


def test_a_place_is_renamed_and_keeps_its_number(cast: Cast, house: House) -> None:
    drawer = a_drawer(cast)
    renamed = rename_place(by=cast.coordinator, at=AT, place=drawer, name=" Kept apart ")
    assert (renamed.name, renamed.accession) == ("Kept apart", drawer.accession)
    assert "is called Kept apart from now on." in LedgerEntry.objects.latest("number").sentence
    with refused("invalid", "Give it a name.", Invalid):
        rename_place(by=cast.bench, at=AT, place=drawer, name="")
    with forbidden("keep the store"):
        rename_place(by=cast.statistician, at=AT, place=drawer, name="x")


def test_a_place_is_retired_once_it_is_empty(cast: Cast, house: House, patient: Patient) -> None:
    room, cabinet, drawer = a_cabinet(cast)
    slides = some_slides(cast, house, patient, 2)
    put_away(cast, drawer, slides)
    for place in (room, cabinet, drawer):
        with refused("not_empty", "still holds 2 things: take everything out first."):
            retire_place(by=cast.bench, at=AT, place=place, reason="broken")
    take_out(by=cast.bench, at=AT, things=slides, why="to the bench")
    with refused("reason_missing", "Say why", Invalid):
        retire_place(by=cast.bench, at=AT, place=cabinet, reason=" ")
    retire_place(by=cast.bench, at=AT, place=cabinet, reason="rusted through")
    assert {p.retired_at for p in StoragePlace.objects.filter(pk__in=[cabinet.pk, drawer.pk])} == {AT}
    assert StoragePlace.objects.get(pk=room.pk).retired_at is None
    with refused("retired", "was retired."):
        rename_place(by=cast.bench, at=AT, place=drawer, name="x")
    with refused("retired", "was retired."):
        retire_place(by=cast.bench, at=AT, place=drawer, reason="x")
    with refused("place_refused", "was retired.", Rejected):
        add(cast, NewPlace(DRAWER, "New", cabinet, positions=3))
    with forbidden("keep the store"):
        retire_place(by=cast.reader, at=AT, place=room, reason="x")
