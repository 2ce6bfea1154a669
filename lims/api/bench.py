"""The bench for programs: cutting orders, cuts, lots, assay versions, stain runs and their controls."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api import bench_bodies as bodies
from lims.api import bench_shown as shown
from lims.api import bench_told as told
from lims.api import filters
from lims.api.door import Detail, Listing, valid
from lims.api.shown import SlideShown
from specimens import bench_listings as listings
from specimens.assays import record_assay_version, retire_assay_version
from specimens.listings import blocks, slides
from specimens.ordering import cancel_order, exhaust_block, order_sections, order_usual
from specimens.scope import Scope
from specimens.sectioning import cut_sections
from specimens.staining import record_controls, record_lot, stain_run
from specimens.vocabulary import ControlKind, Stain

VIEW = {"GET": "specimens.view"}
ORDER = "specimens.order_cutting"


# ---- cutting ----
class CuttingOrders(Listing):
    needs = VIEW | {"POST": ORDER}
    serializer_class = shown.OrderShown
    filterset_class = filters.OrderFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.cutting_orders(scope)

    @extend_schema(request=bodies.Orders, responses={201: shown.OrderShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Order sections, all lines of them or, with every fault named, none."""
        asked = valid(bodies.Orders, request)["orders"]
        orders = told.orders_of(self.scope, asked)
        made = order_sections(by=self.person, at=timezone.now(), orders=orders)
        return self.placed(made)

    def placed(self, made: list[Any]) -> Response:
        found = self.get_queryset().filter(pk__in=[order.pk for order in made]).order_by("id")
        return Response(self.get_serializer(found, many=True).data, status=201)


class UsualOrders(CuttingOrders):
    """The usual of a block: one H&E and two CA-IX."""

    http_method_names = ["post"]

    @extend_schema(request=bodies.UsualOrders, responses={201: shown.OrderShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Order one H&E and two CA-IX of each block of which nothing is cut or ordered."""
        asked = valid(bodies.UsualOrders, request)
        chosen = told.blocks_of(self.scope, asked["blocks"])
        made = order_usual(by=self.person, at=timezone.now(), blocks=chosen, wanted_by=asked["wanted_by"])
        return self.placed(made)


class OneCuttingOrder(Detail):
    needs = VIEW
    serializer_class = shown.OrderShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.cutting_orders(scope)


class CancelledOrder(OneCuttingOrder):
    needs = {"POST": ORDER}
    http_method_names = ["post"]

    @extend_schema(request=bodies.Reason, responses={201: shown.OrderShown})
    def post(self, request: Request, accession: str) -> Response:
        """Cancel an open order."""
        order, reason = self.get_object(), valid(bodies.Reason, request)["reason"]
        cancel_order(by=self.person, at=timezone.now(), order=order, reason=reason)
        return Response(self.get_serializer(self.get_object()).data, status=201)


class Cuts(Listing):
    needs = {"POST": "specimens.cut"}
    serializer_class = SlideShown
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return slides(scope)

    @extend_schema(request=bodies.Cuts, responses={201: SlideShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Cut sections, all of them or, with every fault named, none; a cut ends the order it names."""
        cuts = told.cuts_of(self.scope, valid(bodies.Cuts, request)["cuts"])
        made = cut_sections(by=self.person, at=timezone.now(), cuts=cuts)
        found = self.get_queryset().filter(pk__in=[slide.pk for slide in made]).order_by("id")
        return Response(self.get_serializer(found, many=True).data, status=201)


class Exhaustion(Detail):
    """That nothing more can be cut from a block."""

    needs = {"POST": "specimens.cut"}
    serializer_class = shown.ExhaustionShown
    named = {"accession": "accession"}
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return blocks(scope)

    @extend_schema(request=bodies.Note, responses={201: shown.ExhaustionShown})
    def post(self, request: Request, accession: str) -> Response:
        """Record that a block is used up; its open orders are cancelled with it."""
        block, note = self.get_object(), valid(bodies.Note, request)["note"]
        made = exhaust_block(by=self.person, at=timezone.now(), block=block, note=note)
        return Response(self.get_serializer(made).data, status=201)


# ---- lots and assay versions ----
class Lots(Listing):
    needs = VIEW | {"POST": "specimens.stain"}
    serializer_class = shown.LotShown
    filterset_class = filters.LotFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.lots()

    @extend_schema(request=bodies.LotBody, responses={201: shown.LotShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Record a reagent lot."""
        asked = valid(bodies.LotBody, request)
        made = record_lot(by=self.person, at=timezone.now(), **asked | {"stain": Stain(asked["stain"])})
        return Response(self.get_serializer(made).data, status=201)


class AssayVersions(Listing):
    needs = VIEW | {"POST": "specimens.stain"}
    serializer_class = shown.AssayShown
    filterset_class = filters.AssayFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.assays()

    @extend_schema(request=bodies.AssayBody, responses={201: shown.AssayShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Record an assay version. It is never edited: a new one takes its place."""
        asked = valid(bodies.AssayBody, request)
        made = record_assay_version(by=self.person, at=timezone.now(), **asked | {"stain": Stain(asked["stain"])})
        return Response(self.get_serializer(made).data, status=201)


class RetiredAssay(Detail):
    needs = {"POST": "specimens.stain"}
    serializer_class = shown.AssayShown
    named = {"pk": "pk"}
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.assays()

    @extend_schema(request=bodies.Reason, responses={201: shown.AssayShown})
    def post(self, request: Request, pk: int) -> Response:
        """Retire an assay version: no later run is stained by it."""
        assay, reason = self.get_object(), valid(bodies.Reason, request)["reason"]
        retired = retire_assay_version(by=self.person, at=timezone.now(), assay=assay, reason=reason)
        return Response(self.get_serializer(retired).data, status=201)


# ---- runs ----
class Runs(Listing):
    needs = VIEW | {"POST": "specimens.stain"}
    serializer_class = shown.RunShown
    filterset_class = filters.RunFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.runs(scope)

    @extend_schema(request=bodies.RunBody, responses={201: shown.RunShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Stain a run, all its slides or, with every fault named, none."""
        run = told.run_of(valid(bodies.RunBody, request))
        made = stain_run(by=self.person, at=timezone.now(), run=run)
        return Response(self.get_serializer(self.get_queryset().get(pk=made.pk)).data, status=201)


class OneRun(Detail):
    needs = VIEW
    serializer_class = shown.RunShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.runs(scope)


class Controls(OneRun):
    needs = {"POST": "specimens.control"}
    http_method_names = ["post"]

    @extend_schema(request=bodies.ControlsBody, responses={201: shown.RunShown})
    def post(self, request: Request, accession: str) -> Response:
        """Record what the control slides showed; overruling an earlier result needs a reason."""
        run, asked = self.get_object(), valid(bodies.ControlsBody, request)
        record_controls(
            by=self.person,
            at=timezone.now(),
            run=run,
            results={kind: asked[kind.value] for kind in ControlKind if kind.value in asked},
            observed_on=asked["observed_on"],
            reason=asked["reason"],
        )
        return Response(self.get_serializer(self.get_object()).data, status=201)
