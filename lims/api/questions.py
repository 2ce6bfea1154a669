"""Questions to senders, and downtime forms, as programs meet them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django_filters import rest_framework as by
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Detail, Door, Listing, valid
from lims.api.filters import Filters, code, exactly
from lims.api.receiving_bodies import (
    AnswerBody,
    AskBody,
    FormsBody,
    FormShown,
    HandoverBody,
    OutcomeBody,
    QueryShown,
)
from lims.api.told import check_receiver
from lims.papers.forms import paper_of
from lims.people import who_may_at
from specimens import form_desk, parcel_desk, queries, query_desk
from specimens.downtime import print_forms
from specimens.errors import Forbidden, Invalid
from specimens.identifiers import parsed
from specimens.query_desk import STATES, QueryState
from specimens.questioning import answer_query, ask_sender, close_query, hand_over
from specimens.scope import Scope
from specimens.second_looks import keep_apart_and_ask
from specimens.vocabulary import DowntimeKind

VIEW = {"GET": "specimens.view"}


class StateFilter(by.ChoiceFilter):
    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(STATES[QueryState(value)]) if value else qs


class QueryFilters(Filters):
    state = StateFilter(choices=[(state.value, state.value) for state in QueryState], label="State of the question")
    sender = code("item__shipment__sender__code", "Code of the sender")
    shipment = exactly("item__shipment__accession", "Accession number of the parcel")


def with_answers(scope: Scope) -> QuerySet[Any]:
    return query_desk.reached(scope).prefetch_related("answers__answered_by")


class Queries(Listing):
    needs = VIEW | {"POST": "specimens.receive"}
    serializer_class = QueryShown
    filterset_class = QueryFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return with_answers(scope)

    @extend_schema(request=AskBody, responses={201: QueryShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Ask the sender about one line of a parcel; a letter goes out."""
        sent = valid(AskBody, request)
        said = sent
        item = parcel_desk.item_in(self.scope, parsed(said["shipment"]), said["line"])
        check_receiver(self.scope, item.shipment)
        do = keep_apart_and_ask if said["apart"] else ask_sender
        query = do(by=self.person, at=timezone.now(), item=item, question=said["question"])
        return Response(QueryShown(with_answers(self.scope).get(pk=query.pk)).data, status=201)


class OneQuery(Detail):
    needs = VIEW
    serializer_class = QueryShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return with_answers(scope)


class Answers(OneQuery):
    needs = {"POST": "specimens.view"}
    http_method_names = ["post"]

    @extend_schema(request=AnswerBody, responses={201: QueryShown})
    def post(self, request: Request, accession: str) -> Response:
        """Answer a question: the sender's own people, or the core's for what they were told."""
        sent = valid(AnswerBody, request)
        answer_query(
            by=self.person,
            at=timezone.now(),
            query=self.get_object(),
            text=sent["text"],
            on_behalf=self.scope.everything,
        )
        return Response(self.get_serializer(self.get_object()).data, status=201)


class Closures(OneQuery):
    needs = {"POST": "specimens.receive"}
    http_method_names = ["post"]

    @extend_schema(request=OutcomeBody, responses={201: QueryShown})
    def post(self, request: Request, accession: str) -> Response:
        """Close a question with what came of it."""
        sent = valid(OutcomeBody, request)
        outcome = sent["outcome"]
        close_query(by=self.person, at=timezone.now(), query=self.get_object(), outcome=outcome)
        return Response(self.get_serializer(self.get_object()).data, status=201)


class Handovers(OneQuery):
    needs = {"POST": "specimens.receive"}
    http_method_names = ["post"]

    @extend_schema(request=HandoverBody, responses={201: QueryShown})
    def post(self, request: Request, accession: str) -> Response:
        """Hand an open question over to somebody who receives parcels where its parcel went."""
        said = valid(HandoverBody, request)
        query, named = self.get_object(), said["to"]
        check_receiver(self.scope, query.item.shipment)
        people = {user.username: user for user in who_may_at("specimens.receive", query.item.shipment.receiver_id)}
        if named not in people:
            raise Invalid("cannot_own", f"Nobody of the user name {named} receives parcels there.", field="to")
        reason = said["reason"]
        hand_over(by=self.person, at=timezone.now(), query=query, to=people[named], reason=reason)
        return Response(self.get_serializer(self.get_object()).data, status=201)


class DowntimeForms(Listing):
    """Forms within reach: who reads sees the reads forms printed by themselves."""

    serializer_class = FormShown

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return form_desk.forms_for(self.person)

    @extend_schema(request=FormsBody, responses={201: FormShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Number so many forms; with `shipment` one receipt form of what it announces."""
        sent = valid(FormsBody, request)
        said = sent
        if said["shipment"] and not self.person.has_perm("specimens.receive"):
            raise Forbidden("not_your_role", "Only who receives parcels prints forms for them.")
        shipment = queries.shipment(self.scope, parsed(said["shipment"])) if said["shipment"] else None
        forms = print_forms(
            by=self.person, at=timezone.now(), kind=DowntimeKind(said["kind"]), count=said["count"], shipment=shipment
        )
        printed = form_desk.forms_for(self.person).filter(pk__in=[form.pk for form in forms]).order_by("id")
        return Response(FormShown(printed, many=True).data, status=201)


class FormPaper(Door):
    remembers = False

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, accession: str) -> HttpResponse:
        """The form as a PDF to print."""
        found = form_desk.form_of(self.person, parsed(accession))
        answer = HttpResponse(paper_of(found), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="downtime-{found}.pdf"'
        return answer
