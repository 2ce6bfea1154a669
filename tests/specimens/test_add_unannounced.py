"""Receiving what nobody announced: receipt never waits."""

from specimens.announcing import AnnouncedItem
from specimens.errors import Rejected
from specimens.models import Block, ItemReceipt, LedgerEntry, Patient, Shipment, Slide
from specimens.queries import latest_events
from specimens.receiving import add_unannounced, quarantined
from specimens.vocabulary import Condition, ItemKind
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_patient, an_announced_parcel, an_item


def add(by: object, parcel: Shipment, item: AnnouncedItem, **changes: object) -> ItemReceipt:
    return add_unannounced(by=by, at=AT, shipment=parcel, item=item, **changes)


def test_described_tissue_is_numbered_and_received(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    extra = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, label="u7", block_label="A1")
    receipt = add(cast.bench, parcel, extra, condition=Condition.BROKEN)
    slide = Slide.objects.get()
    assert (receipt.item.slide, receipt.item.block, receipt.item.announced) == (slide, None, False)
    assert (receipt.condition, receipt.note, quarantined(receipt)) == ("broken", "not announced", False)
    event = latest_events(slides=[slide.pk])["slide", slide.pk]
    assert (event.kind, event.holder) == ("received", house.core)
    assert list(LedgerEntry.objects.order_by("-number").values_list("deed", flat=True)[:2]) == [
        "receive item",
        "accession",
    ]


def test_what_nobody_can_place_is_kept_apart_with_its_label(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    for kind in (ItemKind.BLOCK, ItemKind.UNSTAINED_SLIDE, ItemKind.ALIQUOT):
        receipt = add(cast.bench, parcel, AnnouncedItem(kind=kind, label=f"smudged {kind}"))
        assert (receipt.item.block, receipt.item.slide, receipt.identifiers_agree) == (None, None, 0)
        assert quarantined(receipt)


def test_an_aliquot_of_a_patient_is_only_its_label(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    receipt = add(cast.bench, parcel, an_item(patient, kind=ItemKind.ALIQUOT, label="tube 7"))
    assert (receipt.item.block, receipt.item.slide) == (None, None)


def test_a_block_in_hand_that_the_core_knows(cast: Cast, house: House, patient: Patient) -> None:
    out = an_announced_parcel(cast, house, an_item(patient))
    other = an_announced_parcel(cast, house, an_item(patient, label="A2"))
    block = out.items.get().block
    with refused("receipt_refused", f"{block} is on its way in parcel {out}: receive it there.", Rejected):
        add(cast.bench, other, AnnouncedItem(kind=ItemKind.BLOCK, label="A1", block=block))


def test_who_may_receive_it(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    for name, person in cast.everybody().items():
        if name not in ("coordinator", "bench"):
            with forbidden("Only the core's coordinators and bench receive parcels"):
                add(person, parcel, an_item(patient, label="A9"))


def test_a_patient_nobody_knows(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    with refused("receipt_refused", "No patient CWG-9999 is enrolled in trial CWG.", Rejected) as refusal:
        add(cast.bench, parcel, an_item(patient, label="A9", study_id="CWG-9999"))
    assert refusal.places == [(1, "study_id")]


def test_no_label(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    with refused("receipt_refused", "Say what stands on the item.", Rejected):
        add(cast.bench, parcel, AnnouncedItem(kind=ItemKind.BLOCK, label=" "))


def test_what_was_announced_in_this_very_parcel(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    with refused("receipt_refused", f"is on its way in parcel {parcel}: receive it there.", Rejected):
        add(cast.bench, parcel, an_item(patient))


def test_the_tissue_of_another_patient(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    other = a_patient(cast, house, "CWG-0200")
    receipt = add(cast.bench, parcel, an_item(other))
    assert receipt.item.block == Block.objects.get(specimen__patient=other)
