"""A loan begins with the receipt of what was sent on loan; an arrival at its owner is a return. Both follow from the
custody event itself, so that no way of receiving can forget them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from specimens.accessions import take
from specimens.identifiers import LOAN
from specimens.models import Block, CustodyEvent, InstitutionDuty, Loan, ShipmentItem, Slide, Specimen
from specimens.vocabulary import CustodyKind, InstitutionRole, Terms


def name_returns(events: Iterable[CustodyEvent]) -> None:
    """Call an arrival what it is: what a core sent to the site whose tissue it is was returned."""
    arrived = [e for e in events if e.kind == CustodyKind.RECEIVED and e.shipment]
    if not arrived:
        return
    cores = set(InstitutionDuty.objects.filter(role=InstitutionRole.CORE).values_list("institution_id", flat=True))
    back = [e for e in arrived if e.shipment and e.shipment.sender_id in cores and e.holder_id not in cores]
    owners = owners_of([(e.block_id, e.slide_id) for e in back])
    for event in back:
        if owners.get((event.block_id, event.slide_id)) == event.holder_id:
            event.kind = CustodyKind.RETURNED


def owners_of(things: Sequence[tuple[int | None, int | None]]) -> Mapping[tuple[int | None, int | None], int]:
    """The tissue-holding site of each (block id, slide id). Up to two queries."""
    blocks, slides = [b for b, _ in things if b], [s for _, s in things if s]
    found: dict[tuple[int | None, int | None], int] = {}
    if blocks:
        rows = Block.objects.filter(pk__among=blocks).values_list("pk", "specimen__holding_site_id")
        found |= {(pk, None): owner for pk, owner in rows}
    if slides:
        more = Slide.objects.filter(pk__among=slides).values_list("pk", "block__specimen__holding_site_id")
        found |= {(None, pk): owner for pk, owner in more}
    return found


def begin(events: Iterable[CustodyEvent]) -> list[Loan]:
    """A loan for each thing that these events receive on loan and that has none yet from this parcel."""
    arrived = {(e.shipment_id, e.block_id, e.slide_id): e for e in events if e.kind == CustodyKind.RECEIVED}
    parcels = {parcel for parcel, _, _ in arrived if parcel}
    if not parcels:
        return []
    items = (
        ShipmentItem.objects.filter(
            shipment_id__in=parcels, terms=Terms.LOAN, loan__isnull=True,
            shipment__receiver__duties__role=InstitutionRole.CORE,
        )
        .select_related("block__specimen__patient__trial", "block__specimen__holding_site",
                        "slide__block__specimen__patient__trial", "slide__block__specimen__holding_site")
        .order_by("shipment_id", "line")
    )  # fmt: skip
    begun = [(item, arrived[key]) for item in items if (key := key_of(item)) in arrived]
    loans = [loan_of(item, event, number) for number, (item, event) in zip(take(LOAN, len(begun)), begun, strict=True)]
    return Loan.objects.bulk_create(loans, batch_size=500)


def key_of(item: ShipmentItem) -> tuple[int, int | None, int | None]:
    return item.shipment_id, None if item.slide_id else item.block_id, item.slide_id


def specimen_of(item: ShipmentItem) -> Specimen:
    block = item.slide.block if item.slide else item.block
    assert block, "only tissue has custody"
    return block.specimen


def loan_of(item: ShipmentItem, event: CustodyEvent, number: str) -> Loan:
    """An unsaved loan; without an agreed date it lasts as long as its owner's loans do, else as the trial's."""
    specimen, thing = specimen_of(item), item.slide or item.block
    days = specimen.holding_site.loan_days or specimen.patient.trial.loan_days
    due = item.due_back_on or timezone.localtime(event.occurred_at).date() + timedelta(days=days)
    return Loan(
        accession=number,
        item=item,
        lender=specimen.holding_site,
        due_on=due,
        began_at=event.occurred_at,
        synthetic=bool(thing and thing.synthetic) or event.synthetic,
    )
