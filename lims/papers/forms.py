"""The paper of a numbered downtime form, as it stands now: what a parcel still awaits is on its receipt form."""

from typing import Any

from django.utils import timezone

from lims.papers.downtime import reads_form, receipt_form
from specimens import form_desk
from specimens.models import ShipmentItem
from specimens.vocabulary import DowntimeKind


def paper_of(found: Any) -> bytes:
    printed = timezone.localtime(found.printed_at)
    if found.kind == DowntimeKind.READS:
        return reads_form(found.accession, printed)
    if found.shipment is None:
        return receipt_form(found.accession, printed)
    items = [as_printed(item) for item in form_desk.lines_awaited(found.shipment)]
    return receipt_form(
        found.accession, printed, parcel=str(found.shipment), sender=found.shipment.sender.name, items=items
    )


def as_printed(item: ShipmentItem) -> tuple[str, str, str]:
    block = item.slide.block if item.slide else item.block
    thing = str(item.slide or item.block or "")
    return str(item.line), f"{thing}\n{item.label}".strip(), block.specimen.patient.study_id if block else ""
