"""Synthetic parcels of real blocks and slides: announced, received, closed; one of them in trouble."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.db import transaction

from lims.demo import parcels as generated
from lims.demo.load_tissue import references
from lims.demo.sections import workday
from lims.demo.stage import KIRC, Stage, Step, Tick, at, coded
from lims.demo.synthetic import first_tumour_portions
from specimens.announced import AnnouncedItem, Parcel
from specimens.announcing import announce_shipments
from specimens.models import ItemReceipt, Shipment
from specimens.receiving import (
    ReceivedItem,
    add_unannounced,
    close_shipment,
    receive_items,
    settle_quarantine,
)
from specimens.vocabulary import Condition, ItemKind, Preservation, QuarantineOutcome, Terms

FORMALIN = "-SYN-A1"


def steps(stage: Stage) -> list[Step]:
    wanted = (*stage.plan.parcels, *formalin_blocks(stage))
    arrived = [parcel for parcel in wanted if parcel.received]
    return [
        Step("parcels", len(wanted), lambda tick: announce(stage, wanted, tick)),
        Step("receipts", len(arrived), lambda tick: receive(stage, arrived, tick)),
    ]


def formalin_blocks(stage: Stage) -> list[generated.Parcel]:
    """A synthetic formalin-fixed block of each patient whose tissue is received and waits to be cut."""
    sites = {row.barcode: row.site for row in stage.cohort.patients}
    waiting = sorted((sites[p.patient], p.patient) for p in stage.plan.patients if p.stage == "received")
    shipped = workday(stage.as_of - timedelta(days=7), -1)
    return [
        generated.Parcel(
            reference=f"SYN-{site}-{shipped:%Y%m%d}-FFPE",
            site=site,
            courier=generated.COURIERS[0],
            tracking=f"SYN{shipped:%Y%m%d}{site}",
            announced=shipped - timedelta(days=1),
            shipped=shipped,
            received=workday(shipped + timedelta(days=2)),
            items=tuple(
                generated.ParcelItem("block", patient + FORMALIN.lower(), patient, generated.INTACT)
                for _, patient in group
            ),
        )
        for site, group in groupby(waiting, key=lambda pair: pair[0])
    ]


def announce(stage: Stage, wanted: Sequence[generated.Parcel], tick: Tick) -> None:
    here = references()
    lines = Lines(stage)
    ordered = sorted(wanted, key=lambda parcel: parcel.shipped)
    for day, group in groupby(ordered, key=lambda parcel: parcel.shipped):
        of_day = list(group)
        parcels = [as_announced(stage, parcel, lines) for parcel in of_day if parcel.reference not in here]
        if parcels:
            announce_shipments(by=stage.people["coordinator"], at=at(day, 8), parcels=parcels)
        tick(len(of_day))


class Lines:
    """Describes an item of a generated parcel as its sender would."""

    def __init__(self, stage: Stage) -> None:
        self.samples = {portion.barcode: portion.sample for portion in stage.cohort.portions}
        self.primary = {p.patient: p.sample for p in first_tumour_portions(stage.cohort)}

    def of(self, item: generated.ParcelItem) -> AnnouncedItem:
        """A diagnostic slide is of the patient's first primary; its block is known as the diagnostic one."""
        slide = item.kind == "he_slide"
        sample = self.samples.get(item.label, self.primary[item.patient])
        return AnnouncedItem(
            kind=ItemKind(item.kind),
            label=item.label if slide else coded(item.label),
            trial=KIRC,
            study_id=coded(item.patient),
            specimen_label=coded(sample),
            block_label=f"{coded(item.patient)}-DX" if slide else coded(item.label),
            preservation=Preservation.FFPE,
            terms="" if slide else Terms.DONATED,
            synthetic=coded(item.label).endswith(FORMALIN),
        )


def as_announced(stage: Stage, parcel: generated.Parcel, lines: Lines) -> Parcel:
    return Parcel(
        sender=stage.sites[parcel.site],
        receiver=stage.core,
        items=tuple(lines.of(item) for item in parcel.items if item.announced),
        sent_on=parcel.shipped,
        courier=parcel.courier,
        tracking=parcel.tracking,
        sender_reference=parcel.reference,
        synthetic=True,
    )


def receive(stage: Stage, arrived: Sequence[generated.Parcel], tick: Tick) -> None:
    """Each parcel as it came, in one transaction: what is received of it tells that all of it was."""
    done = set(ItemReceipt.objects.values_list("item__shipment__sender_reference", flat=True).distinct())
    shipments = {s.sender_reference: s for s in Shipment.objects.select_related("sender", "receiver")}
    settled = {i.label for p in arrived for i in p.items if i.condition == Condition.LABEL_MISMATCH}
    lines = Lines(stage)
    for parcel in sorted(arrived, key=lambda parcel: (parcel.received, parcel.reference)):
        if parcel.reference not in done:
            with transaction.atomic():
                take_in(stage, parcel, shipments[parcel.reference], lines, settled)
        tick(1)


def take_in(stage: Stage, parcel: generated.Parcel, shipment: Shipment, lines: Lines, settled: set[str]) -> None:
    """Receive what came. A parcel that holds something nobody announced stays open: somebody has to ask."""
    assert parcel.received, "only parcels that arrived"
    bench, coordinator, day = stage.people["bench"], stage.people["coordinator"], parcel.received
    announced = [item for item in parcel.items if item.announced]
    items = [
        ReceivedItem(line, Condition(item.condition), agree(item), synthetic=True)
        for line, item in enumerate(announced, start=1)
        if item.condition
    ]
    receipts = receive_items(by=bench, at=at(day, 10), shipment=shipment, items=items)
    for receipt in receipts:
        if receipt.item.label in settled:
            said = "Synthetic: the sender confirmed the label by telephone."
            settle_quarantine(
                by=coordinator,
                at=at(day, 15),
                receipt=receipt,
                outcome=QuarantineOutcome.ACCEPTED,
                reason=said,
            )
    extra = [item for item in parcel.items if not item.announced]
    for item in extra:
        add_unannounced(
            by=bench, at=at(day, 11), shipment=shipment, item=lines.of(item), note="synthetic: not announced"
        )
    if not extra:
        close_shipment(by=bench, at=at(day, 16), shipment=shipment, note="synthetic receipt")


def agree(item: generated.ParcelItem) -> int:
    """How many of two identifiers agree."""
    return 1 if item.condition == Condition.LABEL_MISMATCH else 2
