"""Custody of a thing, loans, returns, and consents."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as by
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api import filters, shown
from lims.api.bodies import MOST_ROWS, day, text, words
from lims.api.door import Body, Detail, Door, Listing, valid
from lims.api.loan_shown import ConsentShown, CustodyShown, LoanShown, NodeShown
from specimens import consenting, custody_desk, lending, listings, loan_desk, queries
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import BLOCK, parsed, prefix_of
from specimens.models import Block, Consent, Slide
from specimens.returning import Return, confirm_return, send_back
from specimens.scope import Scope
from specimens.standing import key_of
from specimens.vocabulary import ConsentScope, LoanState


def today() -> date:
    return timezone.localdate()


# ---- custody ----
class Story(Door):
    """What happened to a block or slide and who held it when: every instant has exactly one holder."""

    needs = {"GET": "specimens.view"}
    serializer_class = CustodyShown

    def story_of(self, accession: str) -> custody_desk.Story:
        raise NotImplementedError

    @extend_schema(responses=CustodyShown)
    def get(self, request: Request, accession: str) -> Response:
        told = self.story_of(accession)
        legs = [dict(zip(("since", "until", "holder", "where"), leg, strict=True)) for leg in told.legs]
        said = {"thing": accession, "where": told.where, "holder": told.holder, "findings": told.findings}
        return Response(CustodyShown(said | {"steps": told.lines, "legs": legs}).data)


class BlockStory(Story):
    def story_of(self, accession: str) -> custody_desk.Story:
        return custody_desk.story(block=queries.block(self.scope, accession))


class SlideStory(Story):
    def story_of(self, accession: str) -> custody_desk.Story:
        return custody_desk.story(slide=queries.slide(self.scope, accession))


class BlockLineage(Door):
    """The tree from the patient down to the stains."""

    needs = {"GET": "specimens.view"}

    @extend_schema(responses=NodeShown)
    def get(self, request: Request, accession: str) -> Response:
        block = queries.block(self.scope, accession)
        return Response(NodeShown(custody_desk.lineage(self.scope, block.specimen, block=block)).data)


class SlideLineage(Door):
    """The tree from the patient down to the stains."""

    needs = {"GET": "specimens.view"}

    @extend_schema(responses=NodeShown)
    def get(self, request: Request, accession: str) -> Response:
        slide = queries.slide(self.scope, accession)
        return Response(NodeShown(custody_desk.lineage(self.scope, slide.block.specimen, slide=slide)).data)


# ---- loans ----
class LoanFilters(filters.Filters):
    lender = filters.code("lender__code", "Code of the institution that lent it")
    state = filters.one_of("state", LoanState, "State of the loan")
    due_by = by.DateFilter(field_name="due_now", lookup_expr="lte", input_formats=["%Y-%m-%d"], label="Due by this day")


class Loans(Listing):
    needs = {"GET": "specimens.view"}
    serializer_class = LoanShown
    filterset_class = LoanFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return loan_desk.loans(scope, today())


class LoanBody(Body):
    until = day()
    granted = s.BooleanField(default=True)
    reason = text(500)


class OneLoan(Detail):
    needs = {"GET": "specimens.view"}
    serializer_class = LoanShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return loan_desk.loans(scope, today())


class Said(OneLoan):
    """Something said of a loan; the loan as it stands since."""

    needs = {"POST": "specimens.lend"}
    http_method_names = ["post"]
    takes: tuple[str, ...] = ("reason",)
    deed: Callable[..., object]

    @extend_schema(request=LoanBody, responses={201: LoanShown})
    def post(self, request: Request, accession: str) -> Response:
        sent = valid(LoanBody, request)
        told = {name: sent[name] for name in self.takes}
        type(self).deed(by=self.person, at=timezone.now(), loan=self.get_object(), **told)
        return Response(self.get_serializer(self.get_object()).data, status=201)


class AskExtension(Said):
    """The core asks the owner for more time."""

    takes = ("until", "reason")
    deed = staticmethod(lending.ask_extension)


class AnswerExtension(Said):
    """The owner extends the loan, or does not."""

    takes = ("until", "granted", "reason")
    deed = staticmethod(lending.answer_extension)


class Recall(Said):
    """The owner wants it back, at any moment."""

    deed = staticmethod(lending.recall)


class WithdrawRecall(Said):
    deed = staticmethod(lending.withdraw_recall)


class Donate(Said):
    """The owner gives it for good."""

    deed = staticmethod(lending.donate)


# ---- returns ----
class ReturnedThing(Body):
    thing = s.CharField(max_length=24, help_text="Accession number of a block or slide")
    reason = s.CharField(max_length=500, default="", allow_blank=True, help_text="Where it should still wait")


class ReturnBody(Body):
    things = ReturnedThing(many=True, min_length=1, max_length=200)  # type: ignore[call-arg]
    sent_on = day()
    courier = text(60)
    tracking = text(60)


class Returns(Door):
    """Return parcels, one for each owner of what is sent back."""

    needs = {"POST": "specimens.lend"}

    @extend_schema(request=ReturnBody, responses={201: shown.ShipmentShown(many=True)})
    def post(self, request: Request) -> Response:
        told = valid(ReturnBody, request)
        things = named_things(self.scope, [row["thing"] for row in told["things"]])
        why = {key_of(thing): row["reason"] for thing, row in zip(things, told["things"], strict=True)}
        what = Return(things, told["sent_on"], told["courier"], told["tracking"], why)
        parcels = send_back(by=self.person, at=timezone.now(), what=what)
        found = listings.shipments(self.scope).filter(pk__in=[p.pk for p in parcels]).order_by("id")
        return Response(shown.ShipmentShown(found, many=True).data, status=201)


def named_things(scope: Scope, numbers: list[str]) -> list[Block | Slide]:
    """The blocks and slides of these numbers, every unknown one named."""
    found, problems = list[Block | Slide](), []
    for row, number in enumerate(numbers, start=1):
        try:
            accession = parsed(number)
            block = prefix_of(accession) == BLOCK
            found.append(queries.block(scope, accession) if block else queries.slide(scope, accession))
        except Refused as refused:
            problems.append(RowProblem(row, "thing", refused.sentence, number, refused.code))
    if problems:
        raise Rejected(problems, code="return_refused")
    return found


class ConfirmBody(Body):
    lines = s.ListField(
        child=s.IntegerField(min_value=1, max_value=100_000), required=False, allow_null=True, default=None,
        max_length=MOST_ROWS, help_text="Lines that came; null or left out: all of them",
    )  # fmt: skip
    broken = s.ListField(child=s.IntegerField(min_value=1, max_value=100_000), default=list, max_length=MOST_ROWS)
    note = text(500)


class ConfirmReturn(Detail):
    """The owner confirms what came back."""

    needs = {"POST": "specimens.receive"}
    serializer_class = shown.ShipmentShown
    named = {"accession": "accession"}
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.shipments(scope)

    @extend_schema(request=ConfirmBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str) -> Response:
        sent = valid(ConfirmBody, request)
        confirm_return(by=self.person, at=timezone.now(), shipment=self.get_object(), **sent)
        return Response(self.get_serializer(self.get_object()).data, status=201)


# ---- consents ----
class ConsentFilters(filters.Filters):
    trial = filters.code("patient__trial__code", filters.TRIAL)
    study_id = filters.code("patient__study_id", filters.STUDY_ID)
    scope = filters.one_of("scope", ConsentScope, "What was agreed to")
    withdrawn = filters.Absent("withdrawal", "Consents that were withdrawn, or not")


class ConsentBody(Body):
    trial = s.CharField(max_length=24)
    study_id = text(40, blank=False)
    scope = words(ConsentScope)
    version = text(40, blank=False)
    given_on = s.DateField()


class Consents(Listing):
    needs = {"GET": "specimens.consent", "POST": "specimens.consent"}
    serializer_class = ConsentShown
    filterset_class = ConsentFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.consents(scope)

    @extend_schema(request=ConsentBody, responses={201: ConsentShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Record a consent."""
        told = valid(ConsentBody, request)
        try:
            patient = queries.patient(self.scope, told.pop("trial"), told.pop("study_id"))
        except Refused as refused:
            raise Invalid(refused.code, refused.sentence, field="study_id") from refused
        told["scope"] = ConsentScope(told["scope"])
        given = consenting.give_consent(by=self.person, at=timezone.now(), patient=patient, **told)
        return Response(self.get_serializer(listings.consents(self.scope).get(pk=given.pk)).data, status=201)


class WithdrawalBody(Body):
    withdrawn_on = s.DateField()
    reason = text(500)


class Withdrawals(Detail):
    """A consent withdrawn: cutting, staining, reading and export stop at once."""

    needs = {"POST": "specimens.consent"}
    serializer_class = ConsentShown
    named = {"pk": "pk"}
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.consents(scope)

    @extend_schema(request=WithdrawalBody, responses={201: ConsentShown})
    def post(self, request: Request, pk: int) -> Response:
        consent: Consent = self.get_object()
        sent = valid(WithdrawalBody, request)
        consenting.withdraw_consent(by=self.person, at=timezone.now(), consent=consent, **sent)
        return Response(self.get_serializer(self.get_object()).data, status=201)
