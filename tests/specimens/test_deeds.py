"""What holds of every deed: keywords, a zoned moment, one transaction, refusals and no database errors."""

from datetime import datetime

import pytest
from django.db import connection

from specimens.accessions import take
from specimens.actors import Actor, Automaton
from specimens.deeds import checked, deed, unfit
from specimens.enrolling import add_institution
from specimens.errors import Forbidden, Invalid, Refused, Rejected, RowProblem
from specimens.models import Counter, Institution, LedgerEntry, Patient, Trial
from specimens.receiving import ReceivedItem, receive_items
from specimens.vocabulary import InstitutionRole
from tests.cast import AT, FOUNDER, Cast
from tests.refusals import refused
from tests.stories import House, a_received_block, a_stained_slide, an_announced_parcel, an_item

CORE = [InstitutionRole.CORE]


def test_a_deed_takes_keywords_only(db: None) -> None:
    with pytest.raises(AssertionError, match="keywords only"):
        add_institution(FOUNDER, AT, code="A", name="A", roles=CORE)  # type: ignore[misc]


@pytest.mark.parametrize("moment", [datetime(2026, 11, 23), "2026-11-23"])  # noqa: DTZ001
def test_a_deed_demands_a_moment_with_its_zone(db: None, moment: object) -> None:
    with pytest.raises(AssertionError, match=r"at= (is a moment|has its zone)"):
        add_institution(by=FOUNDER, at=moment, code="A", name="A", roles=CORE)  # type: ignore[arg-type]


def test_an_automaton_does_what_it_was_made_for_under_its_own_name(db: None) -> None:
    added = add_institution(by=FOUNDER, at=AT, code="A", name="A", roles=CORE)
    line = LedgerEntry.objects.latest("number")
    assert (line.actor_id, line.actor_name, line.thing_id) == (None, "test founder", str(added.pk))
    with refused("not_your_role", "Only an administrator adds institutions.", Forbidden):
        add_institution(by=Automaton("sweeper", frozenset()), at=AT, code="B", name="B", roles=CORE)


@deed
def take_numbers_and_think_better_of_it(*, by: Actor, at: datetime) -> None:
    take("SL", 40)
    raise Refused("no", "Not today.")


def test_numbers_taken_by_a_refused_deed_are_given_again(db: None) -> None:
    first = take("SL")
    with refused("no", "Not today."):
        take_numbers_and_think_better_of_it(by=FOUNDER, at=AT)
    assert [first, take("SL")] == [["SL-000001-4"], ["SL-000002-2"]]
    assert Counter.objects.get(prefix="SL").last == 2
    assert take("SL", 0) == []


@deed
def break_constraint(*, by: Actor, at: datetime, sql: str, values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "alter",
    [
        "UPDATE specimens_itemreceipt SET note = 'better'",
        "DELETE FROM specimens_itemreceipt",
        "UPDATE specimens_staining SET section_age_days = 1",
        "DELETE FROM specimens_ledgerentry",
    ],
)
def test_altering_what_is_recorded_becomes_a_refusal(cast: Cast, house: House, patient: Patient, alter: str) -> None:
    a_stained_slide(cast, a_received_block(cast, house, patient))
    with refused("append_only", "cannot be altered; record a correction instead."):
        break_constraint(by=cast.coordinator, at=AT, sql=alter, values=[])


def test_a_broken_constraint_says_what_its_model_says(cast: Cast, house: House, patient: Patient) -> None:
    """Through raw SQL, as a race would break it: a unique column, a unique pair, a check."""
    slide = a_stained_slide(cast, a_received_block(cast, house, patient))
    with refused("already_recorded", "Somebody recorded this a moment ago"):
        break_constraint(
            by=FOUNDER, at=AT, values=[],
            sql="INSERT INTO specimens_hospitalnumber (specimen_id, number, recorded_at) "
            "SELECT specimen_id, number, recorded_at FROM specimens_hospitalnumber",
        )  # fmt: skip
    with refused("duty_once", "This institution has that role already."):
        break_constraint(
            by=FOUNDER, at=AT, values=[house.core.pk],
            sql="INSERT INTO specimens_institutionduty (institution_id, role, since) "
            "SELECT institution_id, role, since FROM specimens_institutionduty WHERE institution_id = %s",
        )  # fmt: skip
    with refused("run_stain_known", "stain must be one of: he, caix."):
        break_constraint(
            by=FOUNDER, at=AT, sql="UPDATE specimens_stainrun SET stain = 'blue' WHERE id = %s",
            values=[slide.staining.run_id],
        )  # fmt: skip


def test_what_no_column_can_hold_becomes_a_refusal(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    items = [ReceivedItem(line=1, note="a lone surrogate \ud800")]
    with refused("does_not_fit", "a character cannot be stored: shorten or retype it.", Invalid):
        receive_items(by=cast.bench, at=AT, shipment=parcel, items=items)


def test_a_thing_is_held_to_its_columns(db: None) -> None:
    whole = Institution(code="A", name="A")
    assert checked(whole) is whole
    for name in ("x" * 201, "", "A\0", "A\ud800"):
        with pytest.raises(Invalid, match=r"^name: ") as caught:
            checked(Institution(code="A", name=name))
        assert caught.value.field == "name"
    with pytest.raises(Invalid, match=r"^readers per case: "):
        checked(Trial(code="A", title="A", opened_at=AT, readers_per_case=-1))


def test_a_text_that_fits_and_one_that_does_not() -> None:
    assert unfit(" Größe 7 µm ", 10) == ""
    assert unfit("x" * 11, 10) == "At most 10 characters fit here, not 11."
    for text in ("a\0b", "a\nb", "a\u202eb", "a\u200bb", "a\ud800b"):
        assert unfit(text, 10) == "Only printable characters can be kept here: type it anew."


def test_a_rejection_names_the_first_fault_and_counts_the_rest() -> None:
    faults = [RowProblem(2, "label", "It is blank."), RowProblem(0, "items", "None.")]
    assert str(Rejected(faults)) == "Row 2, label: It is blank. (1 more)"
    assert Rejected(faults[1:]).sentence == "None."
    assert (Rejected(faults).status, Rejected(faults).field) == (400, "label")
