"""The ledger: gapless, in the deed's own transaction, and it says which row was tampered with."""

from collections.abc import Callable

import pytest
from django.db import connection

from specimens import guards, ledger
from specimens.actors import Actor, acting
from specimens.models import LedgerEntry, LedgerHead, Patient
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from tests.cast import AT, FOUNDER, Cast
from tests.refusals import everything_written, refused
from tests.stories import House, a_received_block, a_stained_slide, an_announced_parcel, an_item


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def history(cast: Cast, house: House, patient: Patient) -> int:
    """A trial's first days; the number of lines they left."""
    a_stained_slide(cast, a_received_block(cast, house, patient))
    return LedgerEntry.objects.count()


def test_numbers_have_no_gap_and_the_chain_holds(history: int) -> None:
    numbers = list(LedgerEntry.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, history + 1))
    assert LedgerHead.objects.get().number == history
    assert LedgerEntry.objects.get(number=1).previous_hash == ledger.FIRST_HASH
    assert list(ledger.verify()) == []


def test_an_empty_ledger_is_whole(db: None) -> None:
    assert list(ledger.verify()) == []


def test_each_line_says_who_what_when_and_why(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    close_shipment(by=cast.bench, at=AT, shipment=parcel, note="never came")
    line = LedgerEntry.objects.latest("number")
    assert (line.actor_id, line.actor_name) == (cast.bench.pk, "Rose Achebe")
    assert (line.deed, line.thing, line.thing_id) == ("close parcel", "specimens.shipment", str(parcel.pk))
    assert (line.happened_at, line.label, line.reason) == (AT, str(parcel), "never came")
    assert line.recorded_at != AT


def test_a_rolled_back_deed_leaves_no_line(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    with refused("receipt_condition_known", "condition must be one of"):
        receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1, condition="melted")])  # type: ignore[arg-type]
    assert list(ledger.verify()) == []


def a_line_in_the_way() -> None:
    """Somebody wrote the ledger's next number past its only writer."""
    last = LedgerEntry.objects.latest("number")
    last.number += 1
    with acting(FOUNDER):
        LedgerEntry.objects.bulk_create([last])


def no_room_for_the_line() -> None:
    """The ledger's table will not take a line of this deed."""
    guards.remove()
    if connection.vendor == "postgresql":
        run("ALTER TABLE specimens_ledgerentry ADD CONSTRAINT no_room CHECK (deed <> 'receive item')")
    else:
        run("CREATE TRIGGER no_room BEFORE INSERT ON specimens_ledgerentry WHEN NEW.deed = 'receive item' "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END")  # fmt: skip


@pytest.mark.parametrize("break_it", [a_line_in_the_way, no_room_for_the_line])
def test_a_broken_ledger_write_undoes_the_deed(
    cast: Cast, house: House, patient: Patient, break_it: Callable[[], None]
) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    break_it()
    with refused("already_recorded", "look again before you repeat it."):
        receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])
    assert not parcel.items.filter(receipts__isnull=False).exists()


def test_a_changed_row_is_named(history: int) -> None:
    guards.remove()
    for number, column in ((3, "sentence"), (5, "actor_name"), (7, "reason"), (8, "label")):
        run(f"UPDATE specimens_ledgerentry SET {column} = 'forged' WHERE number = %s", number)
    said = list(ledger.verify())
    assert [sentence.split(" ")[1] for sentence in said] == ["3", "5", "7", "8"]
    assert said[0].endswith("was changed after it was written.")


def test_a_changed_row_with_its_hash_made_new_breaks_the_next(history: int) -> None:
    guards.remove()
    forged = LedgerEntry.objects.get(number=4)
    forged.sentence = "Nothing happened."
    run(
        "UPDATE specimens_ledgerentry SET sentence = %s, hash = %s WHERE number = 4",
        forged.sentence,
        ledger.hash_of(forged),
    )
    assert list(ledger.verify()) == ["Entry 5 does not follow from entry 4."]


def test_a_removed_row_is_named(history: int) -> None:
    guards.remove()
    run("DELETE FROM specimens_ledgerentry WHERE number = 6")
    assert list(ledger.verify()) == ["Entry 6 is missing: the next one is 7."]


def test_the_last_rows_removed(history: int) -> None:
    guards.remove()
    run("DELETE FROM specimens_ledgerentry WHERE number > %s", history - 2)
    assert list(ledger.verify()) == [f"The ledger's head says {history} entries; {history - 2} are there."]


def test_the_whole_ledger_or_its_head_removed(history: int) -> None:
    guards.remove()
    run("DELETE FROM specimens_ledgerhead")
    assert list(ledger.verify()) == [f"The ledger's head says 0 entries; {history} are there."]
    run("DELETE FROM specimens_ledgerentry")
    assert list(ledger.verify()) == []


def test_two_rows_in_each_other_s_place_are_named(history: int) -> None:
    guards.remove()
    for old, new in ((4, -1), (5, 4), (-1, 5)):
        run("UPDATE specimens_ledgerentry SET number = %s WHERE number = %s", new, old)
    said = list(ledger.verify())
    assert said[0] == "Entry 4 does not follow from entry 3."
    assert any(sentence.startswith("Entry 5 (") for sentence in said)


def test_writing_nothing_is_nothing(history: int, cast: Cast) -> None:
    before = everything_written()
    ledger.write([], by=cast.bench, at=AT)
    assert everything_written() == before


def test_two_people_s_names_and_an_automaton_s(cast: Cast) -> None:
    actors: list[Actor] = [cast.bench, FOUNDER]
    lines = [ledger.Line("look", "specimens.slide", 4, "SL-1", "Somebody looked.")]
    for actor in actors:
        with acting(actor):
            ledger.write(lines, by=actor, at=AT)
    names = LedgerEntry.objects.order_by("-number").values_list("actor_name", "actor_id")[:2]
    assert list(names) == [("test founder", None), ("Rose Achebe", cast.bench.pk)]
