"""Things put away, moved, taken out, put back: all of a batch or none, and nothing in two places."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lims.vocabulary import Role
from specimens import store_desk
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.deeds import deed
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.models import ItemReceipt, LedgerEntry, Move, Patient, Slide, Standing, StoragePlace
from specimens.placing import retire_place
from specimens.receiving import ReceivedItem, receive_items
from specimens.second_looks import void_receipt
from specimens.storing import Put, put_things, take_out, undo_move
from specimens.vocabulary import Condition, ItemKind
from tests.cast import AT, Cast, person
from tests.drawers import a_cabinet, a_drawer, put_away, some_slides
from tests.refusals import forbidden, refused
from tests.stories import House, a_received_block, an_announced_parcel, an_item


@pytest.fixture
def drawer(cast: Cast, house: House) -> StoragePlace:
    return a_drawer(cast)


@pytest.fixture
def slides(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    return some_slides(cast, house, patient, 4)


def put(cast: Cast, *puts: Put) -> list[Move]:
    return put_things(by=cast.bench, at=AT, puts=puts)


def positions(drawer: StoragePlace) -> dict[int, str]:
    return {row.position: str(row.slide or row.block) for row in Standing.objects.filter(place=drawer)}


def test_things_go_to_the_next_free_positions(cast: Cast, drawer: StoragePlace, slides: list[Slide]) -> None:
    one, two, three, four = slides
    put(cast, Put(one, drawer), Put(two, drawer, 2), Put(three, drawer), Put(one.block, drawer))
    assert positions(drawer) == {1: str(one), 2: str(two), 3: str(three), 4: str(one.block)}
    line = LedgerEntry.objects.filter(deed="put away").order_by("number")[0]
    assert line.sentence == f"{one} stands at position 1 of {drawer}."
    assert (line.patient_id, line.became) == (one.block.specimen.patient_id, {"place": str(drawer), "position": 1})
    take_out(by=cast.bench, at=AT, things=[two], why="to the bench")
    assert put(cast, Put(four, drawer))[0].position == 2, "the gap is filled"


def test_a_thing_moves_in_one_deed(cast: Cast, slides: list[Slide]) -> None:
    *_, first, second = a_cabinet(cast, drawers=2)
    put(cast, Put(slides[0], first, 7))
    put(cast, Put(slides[0], second))
    put(cast, Put(slides[0], second, 5))
    assert (positions(first), positions(second)) == ({}, {5: str(slides[0])})
    moves = Move.objects.filter(slide=slides[0]).order_by("id")
    assert [(m.place, m.position) for m in moves] == [(first, 7), (second, 1), (second, 5)]
    was = LedgerEntry.objects.latest("number").was
    assert was == {"place": str(second), "position": 1}


@pytest.mark.parametrize(
    ("field", "wrong", "words"),
    [
        ("position", {"position": 3}, "Position 3 of Histology / Cabinet 1 / Drawer 1 holds {held}: take that out"),
        ("position", {"position": 11}, "has positions 1 to 10, not 11."),
        ("position", {"position": 0}, "not 0."),
        ("thing", {"thing": "held"}, "{held} stands at position 3 of"),
        ("thing", {"thing": "held", "position": 3}, "already."),
        ("thing", {"thing": "first"}, "stands twice in the list."),
    ],
)
def test_one_fault_keeps_all_out(
    cast: Cast, drawer: StoragePlace, slides: list[Slide], field: str, wrong: dict[str, object], words: str
) -> None:
    first, second, held, _ = slides
    put(cast, Put(held, drawer, 3))
    thing = {"held": held, "first": first, None: second}[wrong.get("thing")]  # type: ignore[index]
    with refused("putting_refused", "", Rejected) as refusal:
        put(cast, Put(first, drawer), Put(thing, drawer, wrong.get("position")))  # type: ignore[arg-type]
    assert (2, field) in refusal.places
    assert words.format(held=held) in refusal.problems[-1].sentence


def test_a_swap_is_refused_politely(cast: Cast, drawer: StoragePlace, slides: list[Slide]) -> None:
    put_away(cast, drawer, slides[:2])
    with refused("putting_refused", f"holds {slides[1]}: take that out first.", Rejected):
        put(cast, Put(slides[0], drawer, 2), Put(slides[1], drawer, 1))


def test_one_position_asked_for_twice(cast: Cast, drawer: StoragePlace, slides: list[Slide]) -> None:
    with refused("putting_refused", "is asked for twice.", Rejected) as refusal:
        put(cast, Put(slides[0], drawer, 2), Put(slides[1], drawer, 2))
    assert refusal.places == [(1, "position"), (2, "position")]


def test_only_a_drawer_in_use_has_room(cast: Cast, house: House, slides: list[Slide]) -> None:
    _, cabinet, drawer = a_cabinet(cast, positions=3)
    with refused("putting_refused", "is a cabinet and has no positions: choose a drawer.", Rejected):
        put(cast, Put(slides[0], cabinet))
    put_away(cast, drawer, slides[:3])
    with refused("putting_refused", "has no free position left: choose another drawer.", Rejected):
        put(cast, Put(slides[3], drawer))
    take_out(by=cast.bench, at=AT, things=slides[:3], why="moved house")
    retire_place(by=cast.bench, at=AT, place=drawer, reason="rusted")
    with refused("putting_refused", "was retired: choose a drawer.", Rejected):
        put(cast, Put(slides[3], drawer))


def test_what_is_not_here_stands_nowhere(cast: Cast, house: House, patient: Patient, drawer: StoragePlace) -> None:
    coming = an_announced_parcel(cast, house, an_item(patient, label="Z1")).items.get().block
    with refused("putting_refused", f"{coming} is on its way: receive it first.", Rejected):
        put(cast, Put(coming, drawer))


def test_what_is_kept_apart_stands_somewhere_too(
    cast: Cast, house: House, patient: Patient, drawer: StoragePlace
) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    hand = [ReceivedItem(line=1, condition=Condition.LABEL_MISMATCH)]
    block = receive_items(by=cast.bench, at=AT, shipment=parcel, items=hand)[0].item.block
    put(cast, Put(block, drawer, 4))
    cell = store_desk.map_of(drawer).rows[0][3]
    assert (cell.thing, cell.apart, cell.patient) == (str(block), True, patient.study_id)


def test_taking_out(cast: Cast, drawer: StoragePlace, slides: list[Slide]) -> None:
    put_away(cast, drawer, slides)
    take_out(by=cast.bench, at=AT, things=slides[:2], why=" to the scanner ")
    assert positions(drawer) == {3: str(slides[2]), 4: str(slides[3])}
    line = LedgerEntry.objects.latest("number")
    assert (line.sentence, line.reason) == (f"{slides[1]} was taken from position 2 of {drawer}.", "to the scanner")
    with refused("taking_refused", f"{slides[0]} stands in no drawer.", Rejected) as refusal:
        take_out(by=cast.bench, at=AT, things=[slides[2], slides[0]], why="x")
    assert refusal.places == [(2, "thing")]
    with refused("taking_refused", "stands twice in the list.", Rejected):
        take_out(by=cast.bench, at=AT, things=[slides[2], slides[2]], why="x")
    for why, words in ((" ", "Say where it goes"), ("x" * 201, "At most 200"), ("a\0", "printable")):
        with refused("why_missing" if why == " " else "invalid", words, Invalid):
            take_out(by=cast.bench, at=AT, things=[slides[2]], why=why)


def test_nothing_is_nothing(cast: Cast, house: House) -> None:
    with refused("nothing_to_put", "Scan at least one", Invalid):
        put_things(by=cast.bench, at=AT, puts=[])
    with refused("nothing_to_take", "Scan at least one", Invalid):
        take_out(by=cast.bench, at=AT, things=[], why="x")


def test_who_puts_away_and_takes_out(cast: Cast, house: House, drawer: StoragePlace, slides: list[Slide]) -> None:
    site = person("cora", "Cora Bell", Role.COORDINATOR, house.mercy)
    with refused("core_only", "for the core's own people", Forbidden):
        put_things(by=site, at=AT, puts=[Put(slides[0], drawer)])
    move = put_away(cast, drawer, slides)[0]
    with refused("core_only", "for the core's own people", Forbidden):
        take_out(by=site, at=AT, things=slides, why="x")
    for name, somebody in cast.everybody().items():
        if name not in ("bench", "coordinator"):
            with forbidden("keep the store"):
                put_things(by=somebody, at=AT, puts=[Put(slides[0], drawer, 9)])
            with forbidden("keep the store"):
                take_out(by=somebody, at=AT, things=slides, why="x")
            with forbidden("keep the store"):
                undo_move(by=somebody, at=AT, move=move)


# ---- undo ----
def test_the_last_move_is_undone(cast: Cast, slides: list[Slide]) -> None:
    *_, first, second = a_cabinet(cast, drawers=2)
    slide = slides[0]
    moves = put(cast, Put(slide, first, 3))
    undo_move(by=cast.bench, at=AT, move=moves[0])
    assert positions(first) == {}
    put(cast, Put(slide, first, 3))
    moved = put(cast, Put(slide, second))
    undo_move(by=cast.bench, at=AT, move=moved[0])
    assert positions(first) == {3: str(slide)}
    out = take_out(by=cast.bench, at=AT, things=[slide], why="to the bench")
    back = undo_move(by=cast.bench, at=AT, move=out[0])
    assert (back.place, back.position, back.note) == (first, 3, "undone")
    with refused("moved_since", "was moved again since"):
        undo_move(by=cast.bench, at=AT, move=out[0])
    with refused("not_your_move", "only who made a move undoes it."):
        undo_move(by=cast.coordinator, at=AT, move=back)


def test_an_undo_whose_place_is_taken(cast: Cast, drawer: StoragePlace, slides: list[Slide]) -> None:
    put(cast, Put(slides[0], drawer))
    out = take_out(by=cast.bench, at=AT, things=[slides[0]], why="to the bench")
    put(cast, Put(slides[1], drawer, 1))
    with refused("putting_refused", f"holds {slides[1]}", Rejected):
        undo_move(by=cast.bench, at=AT, move=out[0])


# ---- what leaves the house leaves its drawer ----
def test_a_shipped_thing_leaves_its_drawer(cast: Cast, house: House, drawer: StoragePlace, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    put_away(cast, drawer, [block])
    item = AnnouncedItem(kind=ItemKind.BLOCK, label="A1", block=block)
    parcel = Parcel(sender=house.core, receiver=house.mercy, items=(item,))
    sent = announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])[0]
    assert positions(drawer) == {}
    last = store_desk.moves_of(block)[0]
    assert (last.place, last.moved_by) == (None, cast.coordinator)
    assert last.note == f"shipped in parcel {sent}: day not known"
    with refused("putting_refused", "is on its way", Rejected):
        put_away(cast, drawer, [block])
    with refused("putting_refused", "is on its way", Rejected):
        undo_move(by=cast.coordinator, at=AT, move=last)


def test_a_receipt_taken_back_empties_the_position(
    cast: Cast, house: House, drawer: StoragePlace, patient: Patient
) -> None:
    block = a_received_block(cast, house, patient)
    put_away(cast, drawer, [block])
    receipt = ItemReceipt.objects.get()
    void_receipt(by=cast.coordinator, at=AT, receipt=receipt, reason="wrong block scanned")
    assert positions(drawer) == {}
    assert store_desk.moves_of(block)[0].note.endswith(": its receipt was taken back")
    assert list(store_desk.astray()) == []


def test_the_query_count_is_fixed(cast: Cast, house: House, patient: Patient, slides: list[Slide]) -> None:
    *_, first, second = a_cabinet(cast, drawers=2, positions=60)

    def asked(things: list[Slide], drawer: StoragePlace) -> int:
        with CaptureQueriesContext(connection) as found:
            put_away(cast, drawer, things)
        return len(found)

    few = asked(slides[:1], first)
    assert asked(some_slides(cast, house, patient, 50), second) == few <= 30
    with CaptureQueriesContext(connection) as found:
        store_desk.map_of(second)
    assert len(found) == 2


# ---- the law beneath the sentences ----
def test_the_database_keeps_two_things_out_of_one_place(cast: Cast, drawer: StoragePlace, slides: list[Slide]) -> None:
    put(cast, Put(slides[0], drawer, 1))

    @deed
    def race(*, by: object, at: object, thing: Slide, position: int) -> None:
        Standing.objects.create(place=drawer, position=position, slide=thing, since=AT)

    with refused("position_holds_one", "Something stands at that position already."):
        race(by=cast.bench, at=AT, thing=slides[1], position=1)
    with refused("already_recorded", "Somebody recorded this a moment ago"):
        race(by=cast.bench, at=AT, thing=slides[0], position=2)
