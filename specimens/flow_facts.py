"""What decides how far a patient's tissue has come, each as one query over the whole house, a row a patient or
specimen. None is asked alone: `scoring.flow` joins them into one statement."""

from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce

from specimens.chasing import event_field, with_state
from specimens.models import (
    Block,
    BlockExhaustion,
    CompositionEstimate,
    Consent,
    CustodyEvent,
    Institution,
    RequestEvent,
    ShipmentItem,
    Slide,
    Staining,
    TissueRequest,
)
from specimens.queries import GONE
from specimens.receipts import ItemState, received, seen, standing
from specimens.vocabulary import (
    ConsentScope,
    CustodyKind,
    InstitutionRole,
    ItemKind,
    RequestEventKind,
    RequestState,
)

TUMOUR = ("primary", "metastasis")
REASONED = (RequestState.DECLINED, RequestState.NO_TISSUE)
DEPARTED = (*GONE, CustodyKind.LOST, CustodyKind.SHIPPED)


def number(*whens: When, default: int = 0) -> Case:
    return Case(*whens, default=Value(default), output_field=IntegerField())


def cores() -> QuerySet[Any]:
    return Institution.objects.filter(duties__role=InstitutionRole.CORE).values("pk")


def consents(given: int, withdrawn: int) -> QuerySet[Any]:
    """(patient_id, consent): the larger of the two numbers that apply, about this study."""
    level = number(When(withdrawal__isnull=True, then=Value(given)), default=withdrawn)
    about = Consent.objects.filter(scope=ConsentScope.THIS_STUDY)
    return about.order_by().values("patient_id").annotate(consent=Max(level))


def requests(numbers: dict[str, int], reasons: dict[str, int]) -> QuerySet[Any]:
    """(patient_id, asked, request): whether any request of the patient's was sent, and the largest number among
    the states of all of them; a “no tissue” or decline adds the number of its reason to its own."""
    state = number(*(When(state=state, then=Value(n)) for state, n in numbers.items()))
    because = number(*(When(reason=reason, then=Value(n)) for reason, n in reasons.items()))
    sent = Exists(RequestEvent.objects.filter(request_id=OuterRef("pk"), kind=RequestEventKind.ASKED))
    found = with_state(TissueRequest.objects.all()).annotate(
        reason=event_field("reason", (RequestEventKind.DECLINED, RequestEventKind.NO_TISSUE), TextField()), sent=sent
    )
    reasoned = number(When(state__in=REASONED, then=because))
    return (
        found.order_by()
        .values("patient_id")
        .annotate(asked=Max(number(When(sent=True, then=Value(1)))), request=Max(state + reasoned))
    )


# ---- parcels ----
def receipts(numbers: dict[str, int]) -> QuerySet[Any]:
    """(specimen, came): the best that was received of each specimen at a core, as it looks now. `numbers` gives one
    for rejected, quarantined and in_order."""
    came = number(
        When(state=ItemState.REJECTED, then=Value(numbers["rejected"])),
        When(state=ItemState.QUARANTINED, then=Value(numbers["quarantined"])),
        default=numbers["in_order"],
    )
    return (
        seen()
        .filter(Q(item__block__isnull=False) | Q(item__slide__isnull=False), item__shipment__receiver__in=cores())
        .order_by()
        .annotate(specimen=Coalesce("item__slide__block__specimen_id", "item__block__specimen_id"))
        .values("specimen")
        .annotate(came=Max(came))
    )


def announced(numbers: dict[str, int]) -> QuerySet[Any]:
    """(specimen, came): on_the_way or missing, of specimens of which something was announced to a core and is not
    received."""
    came = number(When(shipment__closure__isnull=False, then=Value(numbers["missing"])), default=numbers["on_the_way"])
    tissue = Q(block__isnull=False) | Q(slide__isnull=False)
    return (
        ShipmentItem.objects.filter(tissue, ~received(), announced=True, shipment__receiver__in=cores())
        .order_by()
        .annotate(specimen=Coalesce("slide__block__specimen_id", "block__specimen_id"))
        .values("specimen")
        .annotate(came=Max(came))
    )


def came_stained() -> QuerySet[Any]:
    """(specimen): of whom an H&E slide was received."""
    found = standing().filter(item__kind=ItemKind.HE_SLIDE, item__slide__isnull=False)
    return found.order_by().values(specimen=F("item__slide__block__specimen_id")).distinct()


# ---- what is here to stain from ----
def away(what: str) -> QuerySet[CustodyEvent]:
    """The last custody event of each block or slide (`what`) that is not at a core: sent, gone, or never there."""
    later = CustodyEvent.objects.filter(**{what: OuterRef(what)}, id__gt=OuterRef("id"))
    elsewhere = Q(kind__in=DEPARTED) | ~Q(holder__in=cores()) | Q(holder__isnull=True)
    return CustodyEvent.objects.filter(elsewhere, ~Exists(later), **{f"{what}__isnull": False})


def unstained() -> QuerySet[Slide]:
    """Sections that stand here unstained. What came as H&E, or was estimated by somebody, was stained elsewhere."""
    came = standing().filter(item__slide_id=OuterRef("pk"))
    here = Q(cut_at_core=True) | Exists(came.exclude(item__kind=ItemKind.HE_SLIDE))
    return Slide.objects.filter(
        here,
        ~Exists(came.filter(item__kind=ItemKind.HE_SLIDE)),
        ~Exists(Staining.objects.filter(slide_id=OuterRef("pk"))),
        ~Exists(CompositionEstimate.objects.filter(slide_id=OuterRef("pk"))),
        ~Exists(away("slide").filter(slide_id=OuterRef("pk"))),
    )


def blocks_here() -> QuerySet[Block]:
    """Blocks at a core."""
    came = standing().filter(item__block_id=OuterRef("pk"))
    return Block.objects.filter(Exists(came), ~Exists(away("block").filter(block_id=OuterRef("pk"))))


def newest_sections(unknown: date) -> QuerySet[Any]:
    """(block_id, cut_on): the youngest unstained section of each block; `unknown` stands for a day nobody knows."""
    found = unstained().order_by().values("block_id")
    return found.annotate(newest=Max(Coalesce("cut_on", Value(unknown))))


def blocks_left() -> QuerySet[Any]:
    """(id) of the blocks that still give sections."""
    cut_up = BlockExhaustion.objects.filter(block_id=OuterRef("pk"))
    return blocks_here().filter(~Exists(cut_up)).order_by().values("id")
