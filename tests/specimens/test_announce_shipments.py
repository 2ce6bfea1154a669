"""Announcing parcels: tissue gets its numbers here; every fault of every line is named, or all is kept."""

from dataclasses import replace
from datetime import date

import pytest

from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.errors import Rejected
from specimens.models import Block, HospitalNumber, LedgerEntry, Patient, Shipment, Slide, Specimen
from specimens.queries import latest_events
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.vocabulary import CustodyKind, ItemKind, SpecimenKind, Terms
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_received_block, an_announced_parcel, an_item


def announce(cast: Cast, house: House, *items: AnnouncedItem, **changes: object) -> Shipment:
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=items, sent_on=date(2026, 11, 5))
    parcel = replace(parcel, **changes)  # type: ignore[arg-type]
    return announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])[0]


def test_a_parcel_is_announced_and_its_tissue_numbered(cast: Cast, house: House, patient: Patient) -> None:
    block = an_item(patient, label=" A1 ")
    glass = an_item(patient, kind=ItemKind.HE_SLIDE, label="A1-1", block_label="A1", cut_on=date(2026, 8, 20))
    other = an_item(patient, label="M1-A", specimen_label="M1", specimen_kind=SpecimenKind.METASTASIS,
                    topography="C34.1", hospital_number="")  # fmt: skip
    aliquot = AnnouncedItem(kind=ItemKind.ALIQUOT, label="tube 7", study_id="CWG-0187", trial="CWG")
    shipment = announce(cast, house, block, glass, other, aliquot, courier=" FedEx ", sender_reference="M-1")

    assert shipment.accession.startswith("PX-000001-")
    assert (shipment.courier, shipment.sender_reference, shipment.announced_by) == (
        "FedEx",
        "M-1",
        cast.coordinator,
    )
    primary, metastasis = Specimen.objects.order_by("id")
    assert (primary.kind, primary.site_label, primary.holding_site) == ("primary", "S1", house.mercy)
    assert (metastasis.kind, metastasis.topography) == ("metastasis", "C34.1")
    assert HospitalNumber.objects.get().specimen == primary
    blocks = list(Block.objects.order_by("id"))
    assert [(b.specimen, b.site_label, b.terms) for b in blocks] == [
        (primary, "A1", "loan"),
        (metastasis, "M1-A", "loan"),
    ]
    slide = Slide.objects.get()
    assert (slide.block, slide.cut_on, slide.cut_at_core) == (blocks[0], date(2026, 8, 20), False)
    lines = list(shipment.items.order_by("line"))
    assert [(i.line, i.block, i.slide, i.label) for i in lines] == [
        (1, blocks[0], None, "A1"),
        (2, None, slide, "A1-1"),
        (3, blocks[1], None, "M1-A"),
        (4, None, None, "tube 7"),
    ]
    held = latest_events(blocks=[b.pk for b in blocks], slides=[slide.pk])
    assert {(event.kind, event.holder) for event in held.values()} == {("shipped", house.core)}
    said = list(LedgerEntry.objects.order_by("-number").values_list("deed", flat=True)[:6])
    assert said == ["announce parcel", *["accession"] * 5]


def test_a_second_parcel_of_the_same_tumour_numbers_only_what_is_new(
    cast: Cast, house: House, patient: Patient
) -> None:
    announce(cast, house, an_item(patient))
    announce(cast, house, an_item(patient, label="A2"))
    assert Specimen.objects.count() == 1
    assert list(Block.objects.order_by("id").values_list("site_label", flat=True)) == ["A1", "A2"]


def test_the_core_sends_a_block_back(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    home = AnnouncedItem(kind=ItemKind.BLOCK, label="A1", block=block, terms=Terms.LOAN)
    back = announce(cast, house, home, sender=house.core, receiver=house.mercy, sent_on=None)
    event = latest_events(blocks=[block.pk])["block", block.pk]
    assert (event.kind, event.holder, event.shipment) == (CustodyKind.SHIPPED, house.mercy, back)


def test_many_parcels_in_one_deed(cast: Cast, house: House, patient: Patient) -> None:
    parcels = [
        Parcel(sender=house.mercy, receiver=house.core, items=(an_item(patient, label=f"A{n}"),)) for n in range(5)
    ]
    shipments = announce_shipments(by=cast.coordinator, at=AT, parcels=parcels)
    assert [s.accession[:9] for s in shipments] == [f"PX-00000{n}" for n in range(1, 6)]


def test_what_never_came_is_sent_again(cast: Cast, house: House, patient: Patient) -> None:
    first = announce(cast, house, an_item(patient), an_item(patient, label="A2"))
    receive_items(by=cast.bench, at=AT, shipment=first, items=[ReceivedItem(line=2)])
    close_shipment(by=cast.bench, at=AT, shipment=first)
    again = announce(cast, house, an_item(patient), sent_on=None)
    assert again.items.get().block == first.items.get(line=1).block
    with refused("receipt_refused", f"A1 is not in parcel {first} any more: it was shipped since.", Rejected):
        receive_items(by=cast.bench, at=AT, shipment=first, items=[ReceivedItem(line=1)])
    receive_items(by=cast.bench, at=AT, shipment=again, items=[ReceivedItem(line=1)])


def test_only_coordinators_announce(cast: Cast, house: House, patient: Patient) -> None:
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=(an_item(patient),))
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators announce parcels"):
                announce_shipments(by=person, at=AT, parcels=[parcel])


def test_every_fault_of_every_line_is_named(cast: Cast, house: House, patient: Patient) -> None:
    items = (
        an_item(patient),
        an_item(patient, label=" ", study_id="CWG-9999", specimen_label=""),
        an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, label="u1", cut_on=date(2026, 8, 13)),
        an_item(patient, label="A1 "),
        an_item(patient, label="A3", topography="kidney", due_back_on=date(2026, 11, 1)),
        AnnouncedItem(kind=ItemKind.ALIQUOT, label=""),
    )
    with refused("announcement_refused", "(9 more)", Rejected) as refusal:
        announce(cast, house, *items, sent_on=date(2026, 11, 24))
    assert refusal.places == [
        (0, "sent_on"),
        (2, "label"),
        (2, "study_id"),
        (2, "specimen_label"),
        (3, "block_label"),
        (3, "cut_on"),
        (4, "label"),
        (5, "topography"),
        (5, "due_back_on"),
        (6, "label"),
    ]
    sentences = {(p.row, p.field): p.sentence for p in refusal.problems}
    assert sentences[2, "study_id"] == "No patient CWG-9999 is enrolled in trial CWG."
    assert sentences[4, "label"] == "This line repeats line 1."
    assert sentences[5, "topography"] == "Topography is an ICD-O-3 site such as C64.9."


@pytest.mark.parametrize("study_id", ["CWG-\0", "CWG-\ud800", "x" * 500])
def test_a_study_id_that_nobody_can_have(cast: Cast, house: House, patient: Patient, study_id: str) -> None:
    with refused("announcement_refused", "is enrolled in trial CWG.", Rejected):
        announce(cast, house, an_item(patient, study_id=study_id))


def test_an_empty_parcel(cast: Cast, house: House) -> None:
    with refused("announcement_refused", "at least one item", Rejected):
        announce(cast, house)


def test_a_parcel_to_oneself(cast: Cast, house: House, patient: Patient) -> None:
    with refused("announcement_refused", "from one institution to another", Rejected):
        announce(cast, house, an_item(patient), receiver=house.mercy)


def test_a_loan_that_ends_before_it_begins(cast: Cast, house: House, patient: Patient) -> None:
    with refused("announcement_refused", "would end before the parcel was sent", Rejected):
        announce(cast, house, an_item(patient, due_back_on=date(2026, 11, 4)))


@pytest.mark.parametrize("field", ["label", "specimen_label", "block_label", "hospital_number", "procedure"])
@pytest.mark.parametrize("text", ["x" * 81, "A\x001", "A‮1", "A\ud800"])
def test_a_text_that_cannot_be_kept(cast: Cast, house: House, patient: Patient, field: str, text: str) -> None:
    with refused("announcement_refused", f"Row 1, {field}: ", Rejected) as refusal:
        announce(cast, house, an_item(patient, **{field: text}))
    assert set(refusal.places) == {(1, field)}


@pytest.mark.parametrize("field", ["courier", "tracking", "sender_reference"])
def test_a_parcel_s_text_too_long(cast: Cast, house: House, patient: Patient, field: str) -> None:
    with refused("announcement_refused", "At most 60 characters fit here, not 61.", Rejected) as refusal:
        announce(cast, house, an_item(patient), **{field: "x" * 61})
    assert refusal.places == [(0, field)]


def test_a_block_that_is_under_way_already(cast: Cast, house: House, patient: Patient) -> None:
    first = an_announced_parcel(cast, house, an_item(patient))
    with refused("announcement_refused", f"is on its way in parcel {first}: receive it there.", Rejected):
        announce(cast, house, an_item(patient))


def test_a_block_that_is_at_the_core(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    with refused("announcement_refused", f"{block} is not with Mercy General", Rejected):
        announce(cast, house, an_item(patient))
    known = AnnouncedItem(kind=ItemKind.BLOCK, label="A1", block=block)
    with refused("announcement_refused", f"{block} is not with Mercy General", Rejected):
        announce(cast, house, known)


def test_one_block_in_two_parcels_of_a_batch(cast: Cast, house: House, patient: Patient) -> None:
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=(an_item(patient),))
    with refused("announcement_refused", "A1 travels in parcel 1 of this batch already.", Rejected):
        announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel, parcel])


def test_the_same_reference_again(cast: Cast, house: House, patient: Patient) -> None:
    announce(cast, house, an_item(patient), sender_reference="M-1")
    with refused("shipment_reference_once", "This sender has announced a parcel with that reference already."):
        announce(cast, house, an_item(patient, label="A2"), sender_reference=" M-1")
