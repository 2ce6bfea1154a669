"""Downtime forms: numbered, printed, and entered later as what they are."""

from datetime import datetime, timedelta

import pytest

from specimens.downtime import FromForm, print_forms
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.form_desk import form_list, form_numbered, lines_awaited
from specimens.models import CustodyEvent, DowntimeForm, ItemReceipt, LedgerEntry, Patient, Shipment
from specimens.receiving import ReceivedItem, receive_items
from specimens.vocabulary import DowntimeKind
from tests.cast import AT, Cast
from tests.refusals import refused
from tests.stories import House, an_announced_parcel, an_item

PRINTED, HAPPENED = AT - timedelta(days=3), AT - timedelta(days=1)
RECEIPT, READS = DowntimeKind.RECEIPT, DowntimeKind.READS


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2)])


def printed(cast: Cast, kind: DowntimeKind = RECEIPT, **about: object) -> DowntimeForm:
    return print_forms(by=cast.bench, at=PRINTED, kind=kind, **about)[0]  # type: ignore[arg-type]


def enter(
    cast: Cast, parcel: Shipment, form: DowntimeForm, happened: datetime = HAPPENED, who: str = "R. Achebe"
) -> ItemReceipt:
    written = FromForm(form, happened, who)
    return receive_items(by=cast.coordinator, at=AT, shipment=parcel, items=[ReceivedItem(line=1)], written=written)[0]


def test_an_entry_says_when_it_happened_whose_hand_it_was_and_which_form(cast: Cast, parcel: Shipment) -> None:
    form = printed(cast, shipment=parcel)
    receipt = enter(cast, parcel, form)
    assert (receipt.received_at, receipt.entered_at, receipt.written_by) == (HAPPENED, AT, "R. Achebe")
    assert CustodyEvent.objects.get(kind="received").occurred_at == HAPPENED
    line = LedgerEntry.objects.get(deed="receive item")
    assert f"Entered later from form {form}, written by R. Achebe." in line.sentence
    assert line.happened_at == HAPPENED
    assert [item.line for item in lines_awaited(parcel)] == [2]


@pytest.mark.parametrize(
    ("happened", "who", "field", "words"),
    [
        (AT + timedelta(minutes=1), "R", "happened_at", "still to come"),
        (PRINTED - timedelta(minutes=1), "R", "happened_at", "was printed only at"),
        (AT - timedelta(days=60), "R", "happened_at", "was sent on 2026-11-05"),
        (HAPPENED, " ", "written_by", "Say who filled in the form"),
    ],
)
def test_what_is_not_believed(
    cast: Cast, parcel: Shipment, happened: datetime, who: str, field: str, words: str
) -> None:
    form = printed(cast)
    with refused("form_refused", "", Rejected) as refusal:
        enter(cast, parcel, form, happened, who)
    assert any(problem.field == field and words in problem.sentence for problem in refusal.problems)


def test_the_wrong_form(cast: Cast, house: House, patient: Patient, parcel: Shipment) -> None:
    other = an_announced_parcel(cast, house, an_item(patient, label="Z1"))
    theirs, reads = printed(cast, shipment=other), printed(cast, READS)
    with refused("form_refused", f"for parcel {other}, not for {parcel}.", Rejected):
        enter(cast, parcel, theirs)
    with refused("form_refused", "is for reads, not for receipt.", Rejected):
        enter(cast, parcel, reads)


def test_who_prints_what(cast: Cast) -> None:
    own = print_forms(by=cast.reader, at=AT, kind=READS)[0]
    with refused("not_your_role", "printed by those who do them.", Forbidden):
        print_forms(by=cast.reader, at=AT, kind=RECEIPT)
    with refused("not_your_role", "printed by those who do them.", Forbidden):
        print_forms(by=cast.statistician, at=AT, kind=READS)
    assert print_forms(by=cast.bench, at=AT, kind=RECEIPT, count=3)[2].accession.startswith("DF-000004-")
    assert form_list(cast.reader).rows == [own]
    assert form_list(cast.second_reader).rows == []
    assert len(form_list(cast.bench).rows) == 4
    for count in (0, 51):
        with refused("count", "Print 1 to 50 forms at a time.", Invalid):
            print_forms(by=cast.bench, at=AT, kind=RECEIPT, count=count)


def test_a_number_copied_from_paper(cast: Cast) -> None:
    form = printed(cast)
    assert form_numbered(form.accession.lower(), "form") == form
    for wrong in ("DF-1", "SL-004417-W", form.accession[:-1] + ("A" if form.accession[-1] != "A" else "B")):
        with pytest.raises(Invalid) as caught:
            form_numbered(wrong, "form")
        assert caught.value.field == "form"
