"""What the API lists of this floor: each takes a scope and gives rows with all they need beside them.

The number of queries does not grow with the number of rows.
"""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from specimens.models import (
    Block,
    Consent,
    Institution,
    Patient,
    Shipment,
    ShipmentItem,
    Slide,
    SlideFace,
    Specimen,
    Trial,
)
from specimens.receipts import seen
from specimens.scope import Scope
from specimens.whereabouts import placed


def institutions(scope: Scope) -> QuerySet[Institution]:
    """Institutions with their roles: all for the core's people, else the viewer's own and the cores."""
    found = Institution.objects.prefetch_related("duties")
    if scope.everything:
        return found
    own = found.filter(pk__in=scope.institutions or ())
    return (own | found.filter(duties__role="core")).distinct()


def trials(scope: Scope) -> QuerySet[Trial]:
    """Trials: all for the core's people, else those with a patient within reach."""
    if scope.everything:
        return Trial.objects.all()
    return Trial.objects.filter(Exists(Patient.objects.filter(scope.patients(), trial_id=OuterRef("pk"))))


def patients(scope: Scope) -> QuerySet[Patient]:
    """Patients, without those merged into another record; `withdrawn` says that consent to this study was."""
    gone = Consent.objects.filter(patient_id=OuterRef("pk"), scope="this_study", withdrawal__isnull=False)
    tissue = Specimen.objects.filter(scope.specimens(), patient_id=OuterRef("pk"))
    found = Patient.objects.filter(merge__isnull=True).select_related("trial", "treating_site")
    if not scope.everything:
        found = found.filter(scope.patients() | Exists(tissue))
    return found.annotate(withdrawn=Exists(gone))


def consents(scope: Scope) -> QuerySet[Consent]:
    """What patients agreed to, and what of it they withdrew."""
    return Consent.objects.filter(scope.patients("patient__")).select_related("patient__trial", "withdrawal")


def specimens(scope: Scope) -> QuerySet[Specimen]:
    return Specimen.objects.filter(scope.specimens()).select_related("patient__trial", "holding_site")


def blocks(scope: Scope) -> QuerySet[Block]:
    return Block.objects.filter(scope.specimens("specimen__")).select_related("specimen__patient__trial")


def slides(scope: Scope) -> QuerySet[Slide]:
    """Slides with their block, stain and further faces."""
    faces = Prefetch("faces", SlideFace.objects.select_related("block").order_by("id"))
    return placed(
        Slide.objects.filter(scope.specimens("block__specimen__"))
        .select_related("block__specimen__patient__trial", "staining__run", "order")
        .prefetch_related(faces)
    )


def shipments(scope: Scope) -> QuerySet[Shipment]:
    """Parcels with their items and the receipts that stand."""
    standing = Prefetch("receipts", seen().select_related("decision", "downtime_form"), to_attr="standing")
    items = ShipmentItem.objects.select_related("block", "slide").prefetch_related(standing).order_by("line")
    return (
        Shipment.objects.filter(scope.shipments())
        .select_related("sender", "receiver", "closure")
        .prefetch_related(Prefetch("items", items))
    )
