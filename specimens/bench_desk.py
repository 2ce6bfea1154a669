"""What the bench has before it: blocks to cut, slides to stain, runs without controls; a thing's history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from specimens import queries
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import (
    AssayVersion,
    Block,
    CompositionEstimate,
    Consent,
    ControlResult,
    ControlSlide,
    CustodyEvent,
    CuttingOrder,
    ReagentLot,
    ShipmentItem,
    Slide,
    SlideImage,
    Specimen,
    Staining,
    StainRun,
)
from specimens.receipts import held_back
from specimens.scope import Scope
from specimens.vocabulary import ControlKind, CustodyKind, ItemKind, SpecimenKind
from specimens.whereabouts import core_id

ON_THE_WAY = queries.NOT_THERE
HERE = (CustodyKind.RECEIVED, CustodyKind.FOUND)
CUT_WITHIN = timedelta(days=7)


def last_event(what: str, column: str) -> Subquery:
    return Subquery(CustodyEvent.objects.filter(**{what: OuterRef("pk")}).order_by("-id").values(column)[:1])


def ended(what: str, *kinds: CustodyKind) -> Exists:
    """That the last custody event of a block or slide is of one of these kinds, and leaves it at the core."""
    events = CustodyEvent.objects.filter(**{what: OuterRef(OuterRef("pk"))}).order_by("-id")
    last = CustodyEvent.objects.filter(pk=Subquery(events.values("pk")[:1]))
    return Exists(last.filter(kind__in=kinds, holder_id=Subquery(core_id())))


def withdrawn(path: str) -> Exists:
    """That the patient at `path` has withdrawn from this study."""
    about = Consent.objects.filter(patient=OuterRef(path), scope="this_study", withdrawal__isnull=False)
    return Exists(about)


def blocks_to_cut() -> QuerySet[Block]:
    """Blocks at the core, out of quarantine and not used up, of which the core has cut nothing; longest here first."""
    doubt = held_back().filter(item__block=OuterRef("pk"))
    return (
        Block.objects.annotate(
            here_since=last_event("block", "occurred_at"),
            cut=Exists(Slide.objects.filter(block=OuterRef("pk"), cut_at_core=True)),
        )
        .filter(~Exists(doubt), ~withdrawn("specimen__patient_id"), cut=False)
        .filter(ended("block", *HERE), exhaustion__isnull=True)
        .select_related("specimen__patient__trial", "specimen__holding_site")
        .order_by("here_since", "id")
    )


def slides_to_stain() -> QuerySet[Slide]:
    """Unstained tumour sections at the core, oldest cut first. A slide that came as H&E, or whose composition
    somebody has estimated, was stained elsewhere before."""
    came_stained = ShipmentItem.objects.filter(slide=OuterRef("pk"), kind=ItemKind.HE_SLIDE)
    seen = CompositionEstimate.objects.filter(slide=OuterRef("pk"))
    return (
        Slide.objects.filter(ended("slide", CustodyKind.SECTIONED, *HERE), unstained())
        .filter(~withdrawn("block__specimen__patient_id"), ~Exists(came_stained), ~Exists(seen))
        .exclude(block__specimen__kind=SpecimenKind.NORMAL)
        .select_related("block__specimen__patient__trial", "block__specimen__holding_site")
        .order_by("cut_on", "id")
    )


def unstained() -> Any:
    """That a slide has not been stained. An EXISTS, because PostgreSQL guesses an outer join's nulls as none."""
    return ~Exists(Staining.objects.filter(slide=OuterRef("pk")))


def without_controls(runs: QuerySet[StainRun]) -> QuerySet[StainRun]:
    """Runs of which the positive or the negative control has not been looked at."""
    seen = ControlResult.objects.filter(run=OuterRef("pk"))
    both = Q(Exists(seen.filter(kind=ControlKind.POSITIVE))) & Q(Exists(seen.filter(kind=ControlKind.NEGATIVE)))
    return runs.filter(~both)


def runs_waiting() -> QuerySet[StainRun]:
    return without_controls(run_rows()).order_by("stained_on", "id")


def run_rows() -> QuerySet[StainRun]:
    return StainRun.objects.select_related("lot", "assay", "recorded_by").annotate(count=Count("stainings"))


def run_list(before_id: int | None = None) -> Page[StainRun]:
    return paged(run_rows(), before_id)


def stainings_of(run: StainRun) -> list[Staining]:
    found = run.stainings.select_related("slide__block__specimen__patient__trial")
    return list(found.order_by("id"))


def lots() -> QuerySet[ReagentLot]:
    """Reagent lots, last recorded first."""
    return ReagentLot.objects.order_by("-id")


def assays(*, retired: bool = False) -> QuerySet[AssayVersion]:
    """Assay versions in use, last recorded first; with `retired` the others too."""
    found = AssayVersion.objects.select_related("recorded_by").order_by("-id")
    return found if retired else found.filter(retired_at__isnull=True)


def assay(pk: int) -> AssayVersion:
    found = AssayVersion.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_assay", "There is no such assay version.")
    return found


def slides_by_accession(accessions: list[str]) -> list[Slide]:
    """The slides in the order asked for; those unknown are left out."""
    found = queries.slides_named(accessions)
    return [found[accession] for accession in dict.fromkeys(accessions) if accession in found]


# ---- one thing and its history ----
@dataclass(frozen=True, slots=True)
class Happening:
    """One custody event as a page tells it."""

    word: str
    holder: str
    at: datetime
    by: str
    note: str
    synthetic: bool


def timeline(*, block: Block | None = None, slide: Slide | None = None) -> list[Happening]:
    """What happened to a block or slide, oldest first. One query."""
    found = CustodyEvent.objects.filter(block=block) if block else CustodyEvent.objects.filter(slide=slide)
    events = found.select_related("holder", "recorded_by", "shipment").order_by("id")
    return [
        Happening(
            event.get_kind_display(),
            event.holder.name if event.holder else "",
            event.occurred_at,
            str(event.recorded_by or ""),
            event.note or (f"parcel {event.shipment}" if event.shipment else ""),
            event.synthetic,
        )
        for event in events
    ]


def block_of(scope: Scope, accession: str) -> Block:
    return queries.block(scope, accession)


def slides_of(block: Block) -> list[Slide]:
    return list(block.slides.select_related("staining__run").order_by("id"))


def slides_of_order(order: CuttingOrder) -> list[Slide]:
    return list(order.slides.select_related("staining__run").order_by("id"))


def control_slides(run: StainRun) -> list[ControlSlide]:
    return list(run.control_slides.order_by("-kind", "id"))


def blocks_of(specimen: Specimen) -> list[Any]:
    return list(specimen.blocks.annotate(sections=Count("slides")).order_by("id"))


def blocks_beside(block: Block) -> QuerySet[Block]:
    """Other blocks of the same specimen, whose faces a section may show too."""
    return Block.objects.filter(specimen=block.specimen_id).exclude(pk=block.pk).order_by("id")


def hospital_number(specimen: Specimen) -> str:
    """Identifying: for coordinators alone."""
    found = getattr(specimen, "hospital_number", None)
    return found.number if found else ""


def images_of(slide: Slide) -> list[SlideImage]:
    return list(slide.images.select_related("attached_by").order_by("id"))


def image(scope: Scope, pk: int) -> SlideImage:
    found = SlideImage.objects.filter(scope.specimens("slide__block__specimen__"), pk=pk).first()
    if found is None:
        raise Unknown("unknown_image", "There is no such picture within your reach.")
    return found


def faces_of(slide: Slide) -> list[Any]:
    """Further blocks whose faces the slide shows."""
    return list(slide.faces.select_related("block").order_by("id"))
