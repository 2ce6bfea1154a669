"""Labels as the desk sees them: what a list of numbers names, what lies in a parcel or run, what was printed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from specimens import queries
from specimens.errors import Rejected, RowProblem, Unknown
from specimens.identifiers import BLOCK, SLIDE, prefix_of
from specimens.models import Block, LabelPrint, Slide
from specimens.scope import Scope

LATELY, NEWEST = timedelta(days=7), 2000
Thing = Block | Slide


def things(scope: Scope, accessions: Sequence[str]) -> list[Thing]:
    """The blocks and slides of these accession numbers in this order; Rejected with each that is not within reach."""
    found: dict[str, Thing] = {}
    of_kind = {kind: [each for each in accessions if prefix_of(each) == kind] for kind in (BLOCK, SLIDE)}
    blocks = Block.objects.filter(scope.specimens("specimen__")).select_related("specimen__patient__trial")
    slides = queries.slides(scope).select_related("order")
    found |= {each.accession: each for each in blocks.filter(accession__in=of_kind[BLOCK])}
    found |= {each.accession: each for each in slides.filter(accession__in=of_kind[SLIDE])}
    problems = [
        RowProblem(row, "items", f"{each} is no block or slide within your reach.", each, "unknown")
        for row, each in enumerate(accessions, start=1)
        if each not in found
    ]
    if problems:
        raise Rejected(problems, code="unknown_items")
    return [found[each] for each in accessions]


def in_parcel(scope: Scope, accession: str) -> list[str]:
    """Blocks and slides of a parcel, in the order of its lines."""
    items = queries.shipment(scope, accession).items.order_by("line")
    named = items.values_list("block__accession", "slide__accession")
    return list(dict.fromkeys(block or slide for block, slide in named if block or slide))


def in_run(scope: Scope, accession: str) -> list[str]:
    reach = queries.slides(scope).filter(staining__run=queries.stain_run(accession))
    return list(reach.order_by("staining__id").values_list("accession", flat=True))


def of_block(scope: Scope, accession: str) -> list[str]:
    """The block's slides that never had a label; the block and all its slides when each has had one."""
    block = queries.block(scope, accession)
    slides = block.slides.order_by("id")
    fresh = list(slides.filter(labels__isnull=True).values_list("accession", flat=True))
    return fresh or [block.accession, *slides.values_list("accession", flat=True)]


def prints_of(thing: Thing) -> list[LabelPrint]:
    return list(thing.labels.select_related("printed_by").order_by("copy"))


def last_prints(wanted: Collection[Thing]) -> dict[str, LabelPrint]:
    """The last print of each by accession number; what never had a label is left out. One query."""
    blocks = [thing.pk for thing in wanted if isinstance(thing, Block)]
    slides = [thing.pk for thing in wanted if isinstance(thing, Slide)]
    found = LabelPrint.objects.filter(Q(block__in=blocks) | Q(slide__in=slides)).order_by("copy")
    return {str(each.block or each.slide): each for each in found.select_related("printed_by", "block", "slide")}


def prints(scope: Scope) -> QuerySet[LabelPrint]:
    """Every print within reach."""
    reach = (
        Q() if scope.everything else scope.specimens("block__specimen__") | scope.specimens("slide__block__specimen__")
    )
    return LabelPrint.objects.filter(reach).select_related("block", "slide", "printed_by")


def batch(scope: Scope, name: UUID, person_id: int) -> list[LabelPrint]:
    """What this person printed under this name, in the order of its places."""
    found = list(prints(scope).filter(batch=name, printed_by=person_id).order_by("place"))
    if not found:
        raise Unknown("unknown_batch", "You printed no labels under this name.")
    return found


def last_place(person_id: int, stock: str) -> int | None:
    """The place of the last label this person printed on this stock; None when there was none."""
    found = LabelPrint.objects.filter(printed_by=person_id, stock=stock).order_by("-id").values_list("place", flat=True)
    return found.first()


def unlabelled(now: datetime, limit: int) -> list[dict[str, Any]]:
    """Blocks of which sections were cut here in the last days that have no label yet, oldest first: `of_block`,
    `study_id`, `site` that holds it, `made_up`, `count` of sections, `since`. Looks at the newest sections alone:
    one query however large the store."""
    newest = Slide.objects.order_by("-id").values("pk")[:NEWEST]
    bare = Slide.objects.filter(
        ~Exists(LabelPrint.objects.filter(slide=OuterRef("pk"))),
        pk__in=newest,
        cut_at_core=True,
        site_label="",
        accessioned_at__gte=now - LATELY,
    )
    grouped = bare.values(
        of_block=F("block__accession"),
        study_id=F("block__specimen__patient__study_id"),
        site=F("block__specimen__holding_site__name"),
        made_up=F("block__synthetic"),
    )
    counted = grouped.annotate(count=Count("id"), since=Min("accessioned_at"))
    return [dict(row) for row in counted.order_by("since", "of_block")[:limit]]
