"""What the API lists of the bench; the number of queries does not grow with the number of rows."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from specimens import bench_desk, cutting_desk
from specimens.models import AssayVersion, ControlResult, ControlSlide, CuttingOrder, ReagentLot, Staining, StainRun
from specimens.scope import Scope


def cutting_orders(scope: Scope) -> QuerySet[CuttingOrder]:
    return cutting_desk.orders(scope)


def orders_named(scope: Scope, accessions: Iterable[str]) -> dict[str, CuttingOrder]:
    found = CuttingOrder.objects.filter(scope.specimens("block__specimen__"), accession__in=set(accessions))
    return {order.accession: order for order in found.select_related("block__specimen", "replaces")}


def lots() -> QuerySet[ReagentLot]:
    return bench_desk.lots()


def assays() -> QuerySet[AssayVersion]:
    return bench_desk.assays(retired=True)


def runs(scope: Scope) -> QuerySet[StainRun]:
    """Runs with their controls and, as `within_reach`, those of their slides the viewer may meet; a hospital's people
    see the runs that such slides were in."""
    own = Staining.objects.filter(scope.specimens("slide__block__specimen__"))
    found = StainRun.objects.select_related("lot", "assay").prefetch_related(
        Prefetch("control_slides", ControlSlide.objects.order_by("-kind", "id")),
        Prefetch("controls", ControlResult.objects.order_by("id")),
        Prefetch("stainings", own.select_related("slide").order_by("id"), to_attr="within_reach"),
    )
    return found if scope.everything else found.filter(Exists(own.filter(run=OuterRef("pk"))))
