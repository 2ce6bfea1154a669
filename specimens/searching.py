"""What a scan may mean: which accession numbers exist within reach, which parcel travels under a courier's number."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import Replace, Upper

from specimens import queries
from specimens.identifiers import (
    BLOCK,
    CUTTING,
    DOWNTIME,
    LOAN,
    PARCEL,
    PLACE,
    QUERY,
    REQUEST,
    RUN,
    SLIDE,
    SPECIMEN,
    prefix_of,
)
from specimens.models import (
    Block,
    CuttingOrder,
    DowntimeForm,
    ItemQuery,
    Loan,
    Shipment,
    Slide,
    Specimen,
    StainRun,
    StoragePlace,
    TissueRequest,
)
from specimens.scope import Scope

FEWEST_TRACKED, LONG_CODE = 8, 20
LAST_DIGITS = (12, 14, 15, 20, 22)
"""How many of its last digits a long courier's bar code prints as the tracking number."""


def of_requests(scope: Scope) -> Q:
    held = Q() if scope.everything else Q(holding_site_id__in=scope.institutions)
    return held if scope.everything else held | scope.patients("patient__")


def of_loans(scope: Scope) -> Q:
    return Q() if scope.everything else Q(lender_id__in=scope.institutions)


def of_the_core(scope: Scope) -> Q:
    return Q() if scope.everything else Q(pk__in=[])


KINDS: dict[str, tuple[type[Model], Callable[[Scope], Q]]] = {
    SPECIMEN: (Specimen, lambda scope: scope.specimens()),
    BLOCK: (Block, lambda scope: scope.specimens("specimen__")),
    SLIDE: (Slide, lambda scope: scope.specimens("block__specimen__")),
    PARCEL: (Shipment, lambda scope: scope.shipments()),
    RUN: (StainRun, lambda scope: Q()),
    REQUEST: (TissueRequest, of_requests),
    LOAN: (Loan, of_loans),
    QUERY: (ItemQuery, lambda scope: scope.shipments("item__shipment__")),
    CUTTING: (CuttingOrder, lambda scope: scope.specimens("block__specimen__")),
    PLACE: (StoragePlace, of_the_core),
    DOWNTIME: (DowntimeForm, of_the_core),
}


def there(scope: Scope, accessions: Iterable[str]) -> set[str]:
    """Those of `accessions` that exist within reach. One query a kind."""
    asked: dict[str, list[str]] = defaultdict(list)
    for accession in accessions:
        asked[prefix_of(accession)].append(accession)
    found: set[str] = set()
    for prefix, wanted in asked.items():
        model, reach = KINDS[prefix]
        rows = model._default_manager.filter(reach(scope), accession__in=wanted)
        found.update(rows.values_list("accession", flat=True))
    return found


def tracked(scope: Scope, scanned: str, limit: int = 25) -> QuerySet[Shipment]:
    """Parcels under the courier's number `scanned` (capitals), spaces aside, last announced first.

    A long code that a courier's label carries ends in the number that is printed beneath it.
    """
    bare = scanned.replace(" ", "").replace("-", "")
    names = {bare}
    if len(bare) >= LONG_CODE and bare.isdigit():
        names |= {bare[-count:] for count in LAST_DIGITS}
    if len(bare) < FEWEST_TRACKED:
        return Shipment.objects.none()
    spaceless = Replace(Replace(Upper("tracking"), Value(" "), Value("")), Value("-"), Value(""))
    found = queries.shipments(scope).exclude(tracking="").annotate(travels_as=spaceless)
    return found.filter(travels_as__in=names).order_by("-id")[:limit]
