"""Downtime forms as the desk lists them, and what has come of each."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from specimens.actors import Actor
from specimens.desk import Page, paged
from specimens.errors import Invalid, Unknown
from specimens.identifiers import DOWNTIME, parsed, prefix_of
from specimens.models import DowntimeForm, Shipment, ShipmentItem
from specimens.receipts import received
from specimens.vocabulary import DowntimeKind

MOST_LINES = 200


def forms_for(viewer: Actor) -> QuerySet[Any]:
    """Forms that the viewer may see: who receives those of parcels within reach and blank ones; who reads only
    reads forms they printed themselves. Each with how many receipts were `entered` from it."""
    own = Q(kind=DowntimeKind.READS, printed_by_id=viewer.pk)
    blank = Q(shipment__isnull=True)
    if viewer.has_perm("specimens.receive"):
        reach = viewer.scope.shipments("shipment__") & Q(shipment__isnull=False) | blank
    else:
        reach = own if viewer.has_perm("scoring.sign_read") or viewer.has_perm("scoring.adjudicate") else Q(pk__in=[])
    found = DowntimeForm.objects.filter(reach).select_related("shipment__sender", "printed_by")
    return found.annotate(entered=Count("receipts"))


def form_list(viewer: Actor, before_id: int | None = None) -> Page[Any]:
    return paged(forms_for(viewer), before_id)


def form_of(viewer: Actor, accession: str) -> Any:
    found = forms_for(viewer).filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_form", f"There is no downtime form {accession} within your reach.")
    return found


def form_numbered(written: str, field: str) -> DowntimeForm:
    """The form of a number copied from paper, whoever printed it; Invalid beside `field` when there is none."""
    try:
        number = parsed(written)
    except Invalid as refused:
        raise Invalid(refused.code, refused.sentence, field=field) from refused
    found = DowntimeForm.objects.select_related("shipment").filter(accession=number).first()
    if prefix_of(number) != DOWNTIME or found is None:
        raise Invalid("unknown_form", f"No downtime form {number} was printed here.", field=field)
    return found


def lines_awaited(shipment: Shipment, limit: int = MOST_LINES, begin: int = 1) -> list[ShipmentItem]:
    """Announced lines without a receipt from line `begin` on, in order: what a form lists. One query."""
    of = ShipmentItem.objects.filter(shipment=shipment, announced=True, line__gte=begin)
    found = of.filter(~received()).order_by("line")
    return list(found.select_related("block__specimen__patient", "slide__block__specimen__patient")[:limit])
