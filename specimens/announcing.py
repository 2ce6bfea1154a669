"""Parcels as their senders announce them. Tissue not met before is accessioned here, so that it has a number
from the moment the core knows of it; what never comes keeps its number, and the ledger says why."""

from collections.abc import Sequence
from datetime import datetime

from specimens import custody, ledger
from specimens.accessions import take
from specimens.actors import Actor, person_id
from specimens.announced import (
    GLASS,
    AnnouncedItem,
    Known,
    Parcel,
    block_label,
    describes,
    faults_of,
    key_of,
    known_of,
    sent_twice,
)
from specimens.chasing import open_requests
from specimens.consenting import demand_consent
from specimens.deeds import deed, demand_reach, local_day, require
from specimens.errors import Rejected
from specimens.identifiers import BLOCK, PARCEL, SLIDE, SPECIMEN
from specimens.models import Block, HospitalNumber, Institution, Shipment, ShipmentItem, Slide, Specimen
from specimens.shelving import shelve
from specimens.vocabulary import CustodyKind, ItemKind

__all__ = ["AnnouncedItem", "Parcel", "announce_shipments"]


@deed
def announce_shipments(*, by: Actor, at: datetime, parcels: Sequence[Parcel]) -> list[Shipment]:
    """Announce all of `parcels` or, with every fault of every line named, none of them."""
    require(by, "specimens.announce", "Only coordinators announce parcels.")
    demand_reach(by, {parcel.sender for parcel in parcels}, "Announcing a parcel")
    known = known_of(parcels)
    problems = [p for parcel in parcels for p in faults_of(parcel, known, local_day(at))] + sent_twice(parcels)
    if problems:
        raise Rejected(problems, code="announcement_refused")
    demand_consent({known.patients[key_of(i)].pk for p in parcels for i in p.items if describes(i)}, "Shipping")
    accession_tissue(parcels, known, by=by, at=at)
    known.asked = open_requests(askable(parcels, known))
    shipments = [
        Shipment(
            accession=number,
            sender=parcel.sender,
            receiver=parcel.receiver,
            sent_on=parcel.sent_on,
            courier=parcel.courier.strip(),
            tracking=parcel.tracking.strip(),
            sender_reference=parcel.sender_reference.strip(),
            announced_at=at,
            announced_by_id=person_id(by),
            synthetic=parcel.synthetic,
        )
        for number, parcel in zip(take(PARCEL, len(parcels)), parcels, strict=True)
    ]
    Shipment.objects.bulk_create(shipments, batch_size=500)
    for shipment, parcel in zip(shipments, parcels, strict=True):
        add_items(shipment, parcel, known, by=by, at=at)
    custody.keep(known.events)
    ledger.write(known.lines, by=by, at=at)
    return shipments


def accession_tissue(parcels: Sequence[Parcel], known: Known, *, by: Actor, at: datetime) -> None:
    """Give a number to each specimen, block and slide that the parcels name and the core has not met."""
    described = [(p, i) for p in parcels for i in p.items if describes(i)]
    new_specimens(described, known, at)
    new_blocks(described, known, by, at)
    new_slides(described, known, by, at)


def new_specimens(described: list[tuple[Parcel, AnnouncedItem]], known: Known, at: datetime) -> None:
    wanted: dict[tuple[int, str], tuple[Parcel, AnnouncedItem]] = {}
    for parcel, item in described:
        key = (known.patients[key_of(item)].pk, item.specimen_label.strip())
        if key not in known.specimens:
            wanted.setdefault(key, (parcel, item))
    added = [
        Specimen(
            accession=number,
            patient_id=patient_id,
            kind=item.specimen_kind,
            topography=item.topography,
            laterality=item.laterality,
            procedure=item.procedure.strip(),
            procedure_on=item.procedure_on,
            preservation=item.preservation,
            holding_site=parcel.holding_site or parcel.sender,
            site_label=label,
            accessioned_at=at,
            synthetic=item.synthetic,
        )
        for number, ((patient_id, label), (parcel, item)) in zip(
            take(SPECIMEN, len(wanted)), wanted.items(), strict=True
        )
    ]
    shelve(added)
    HospitalNumber.objects.bulk_create(
        [
            HospitalNumber(specimen=s, number=item.hospital_number.strip(), recorded_at=at)
            for s, (_, item) in zip(added, wanted.values(), strict=True)
            if item.hospital_number.strip()
        ]
    )
    for specimen in added:
        known.specimens[specimen.patient_id, specimen.site_label] = specimen
        said = f"{specimen.get_kind_display()} specimen {specimen} was accessioned."
        known.lines.append(ledger.line("accession", specimen, said, patient_id=specimen.patient_id))


def specimen_of(item: AnnouncedItem, known: Known) -> Specimen:
    return known.specimens[known.patients[key_of(item)].pk, item.specimen_label.strip()]


def new_blocks(described: list[tuple[Parcel, AnnouncedItem]], known: Known, by: Actor, at: datetime) -> None:
    wanted: dict[tuple[int, str], tuple[Specimen, AnnouncedItem, Institution]] = {}
    for parcel, item in described:
        specimen = specimen_of(item, known)
        key = (specimen.pk, block_label(item))
        if key not in known.blocks:
            wanted.setdefault(key, (specimen, item, parcel.sender))
    added = [
        Block(
            accession=number,
            specimen=specimen,
            site_label=label,
            terms=item.terms if item.kind is ItemKind.BLOCK else "",
            accessioned_at=at,
            synthetic=item.synthetic,
        )
        for number, ((_, label), (specimen, item, _)) in zip(take(BLOCK, len(wanted)), wanted.items(), strict=True)
    ]
    shelve(added)
    senders = {block.pk: sender for block, (_, _, sender) in zip(added, wanted.values(), strict=True)}
    for block in added:
        specimen = block.specimen
        known.blocks[specimen.pk, block.site_label] = block
        known.events.append(
            custody.begun(CustodyKind.COLLECTED, block, senders[block.pk], specimen.procedure_on, at, by.pk)
        )
        said = f"Block {block} of specimen {specimen} was accessioned."
        known.lines.append(ledger.line("accession", block, said, patient_id=specimen.patient_id))


def block_of(item: AnnouncedItem, known: Known) -> Block:
    return known.blocks[specimen_of(item, known).pk, block_label(item)]


def new_slides(described: list[tuple[Parcel, AnnouncedItem]], known: Known, by: Actor, at: datetime) -> None:
    wanted: dict[tuple[int, str], tuple[Block, AnnouncedItem, Institution]] = {}
    for parcel, item in described:
        if item.kind in GLASS:
            block = block_of(item, known)
            if (block.pk, item.label.strip()) not in known.slides:
                wanted.setdefault((block.pk, item.label.strip()), (block, item, parcel.sender))
    added = [
        Slide(
            accession=number,
            block=block,
            site_label=label,
            cut_on=item.cut_on,
            accessioned_at=at,
            synthetic=item.synthetic,
        )
        for number, ((_, label), (block, item, _)) in zip(take(SLIDE, len(wanted)), wanted.items(), strict=True)
    ]
    shelve(added)
    senders = {slide.pk: sender for slide, (_, _, sender) in zip(added, wanted.values(), strict=True)}
    for slide in added:
        known.slides[slide.block_id, slide.site_label] = slide
        specimen = slide.block.specimen
        known.events.append(custody.begun(CustodyKind.SECTIONED, slide, senders[slide.pk], slide.cut_on, at, by.pk))
        said = f"Slide {slide} of block {slide.block} was accessioned."
        known.lines.append(ledger.line("accession", slide, said, patient_id=specimen.patient_id))


def askable(parcels: Sequence[Parcel], known: Known) -> set[int]:
    """Ids of the institutions whose open requests these parcels may answer."""
    return {parcel.sender.pk for parcel in parcels} | {each.holding_site_id for each in known.specimens.values()}


def answered(thing: Slide | Block | None, parcel: Parcel, known: Known) -> int | None:
    """The open request that this item answers: for its patient, to who holds the specimen or to the sender."""
    if thing is None or not known.asked:
        return None
    specimen = thing.block.specimen if isinstance(thing, Slide) else thing.specimen
    held, sent = ((specimen.patient_id, site) for site in (specimen.holding_site_id, parcel.sender.pk))
    return known.asked.get(held) or known.asked.get(sent)


def add_items(shipment: Shipment, parcel: Parcel, known: Known, *, by: Actor, at: datetime) -> None:
    """The parcel's lines, and the custody of what travels in it."""
    items = []
    for number, item in enumerate(parcel.items, start=1):
        block, slide = item.block, item.slide
        if describes(item):
            block = block_of(item, known)
            slide = known.slides[block.pk, item.label.strip()] if item.kind in GLASS else None
        items.append(
            ShipmentItem(
                shipment=shipment,
                line=number,
                kind=item.kind,
                block=None if slide else block,
                slide=slide,
                label=item.label.strip(),
                terms=item.terms,
                due_back_on=item.due_back_on,
                request_id=answered(slide or block, parcel, known),
            )
        )
        if thing := slide or block:
            known.events.append(custody.shipped(thing, shipment, at, by.pk))
    shelve(items)
    count = f"{len(items)} item{'s' if len(items) != 1 else ''}"
    said = f"Parcel {shipment} from {parcel.sender.name} was announced with {count}."
    became = {"items": len(items), "courier": shipment.courier, "tracking": shipment.tracking}
    known.lines.append(ledger.line("announce parcel", shipment, said, became=became))
