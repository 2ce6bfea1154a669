"""The chase for programs: requests and their answers, letters, contacts, courier accounts."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as by
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api import requests_shown as shown
from lims.api.door import Detail, Door, Listing, valid
from lims.api.filters import STUDY_ID, TRIAL, Asked, Filters, YesNo, code, one_of
from specimens import letter_desk, listings, queries
from specimens.contacting import add_contact, add_courier_account, end_contact, end_courier_account
from specimens.errors import Invalid, Rejected, RowProblem, Unknown
from specimens.models import Institution, Letter, TissueRequest
from specimens.request_desk import within
from specimens.request_listings import due_by, in_state, requests_told
from specimens.requesting import (
    NewRequest,
    cancel,
    decline,
    no_tissue,
    open_requests,
    promise,
    record_call,
    remind,
    send_requests,
)
from specimens.scope import Scope
from specimens.vocabulary import ContactDuty, LetterPurpose, NoTissueReason, RequestEventKind, RequestState, Wanted

VIEW = {"GET": "specimens.view"}
KEEP = {"GET": "specimens.keep_contacts", "POST": "specimens.keep_contacts"}
Kind = RequestEventKind


class RequestFilters(Filters):
    trial = code("patient__trial__code", TRIAL)
    study_id = code("patient__study_id", STUDY_ID)
    holding_site = code("holding_site__code", "Code of the institution that was asked")
    state = Asked(
        [state.value for state in RequestState],
        "Where the request stands",
        lambda rows, word: in_state(rows, RequestState(word)),
    )
    due_to = by.DateFilter(method="due_by", input_formats=["%Y-%m-%d"], label="Due on this day or earlier")
    synthetic = YesNo("synthetic", "Requests that are synthetic, or not")

    def due_by(self, rows: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        return due_by(rows, day)


class LetterFilters(Filters):
    institution = code("institution__code", "Code of the institution written to")
    purpose = one_of("purpose", LetterPurpose, "What it is about")
    request = code("request__accession", "Accession number of the request")


class Requests(Listing):
    """Requests for tissue. A hospital sees those that were sent to it."""

    needs = {"GET": "specimens.view", "POST": "specimens.request"}
    serializer_class = shown.RequestShown
    filterset_class = RequestFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return within(scope)

    def paginate_queryset(self, queryset: Any) -> Any:
        """The page's requests alone are told in full: the rest of a long table costs nothing."""
        page = super().paginate_queryset(queryset)
        told = {each.pk: each for each in requests_told(self.scope, page or [])}
        return [told[each.pk] for each in page or []]

    @extend_schema(request=shown.RequestsBody, responses={201: shown.RequestShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Open requests, all of them or, with every fault named, none; `send` sends the letters."""
        sent = valid(shown.RequestsBody, request)
        wanted = wishes(self.scope, sent["requests"])
        opened = open_requests(by=self.person, at=timezone.now(), wanted=wanted, send=sent["send"])
        return Response(self.get_serializer(requests_told(self.scope, opened), many=True).data, status=201)


def wishes(scope: Scope, rows: Sequence[dict[str, Any]]) -> list[NewRequest]:
    """The patients and institutions that the rows name; every one that is not there is said."""
    names = {(row["trial"].upper(), row["study_id"].upper()) for row in rows}
    patients = {
        (p.trial.code, p.study_id): p
        for p in listings.patients(scope).filter(
            trial__code__in={trial for trial, _ in names}, study_id__in={study_id for _, study_id in names}
        )
    }
    sites = {site.code: site for site in queries.institutions()}
    problems, wanted = [], []
    for number, row in enumerate(rows, start=1):
        patient = patients.get((row["trial"].upper(), row["study_id"].upper()))
        site = sites.get(row["holding_site"].upper())
        if patient is None:
            said = f"There is no patient {row['study_id']} in trial {row['trial']} within your reach."
            problems.append(RowProblem(number, "study_id", said, row["study_id"]))
        if site is None:
            said = f"No institution has the code “{row['holding_site']}”."
            problems.append(RowProblem(number, "holding_site", said, row["holding_site"]))
        if patient and site:
            wanted.append(NewRequest(patient, site, Wanted(row["wanted"]), row["sections"], row["note"]))
    if problems:
        raise Rejected(problems, code="requests_refused")
    return wanted


class OneRequest(Detail):
    needs = VIEW
    serializer_class = shown.RequestShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return requests_told(scope, accession=self.kwargs["accession"])


class RequestEvents(Detail):
    """What happens to a request: an answer, a call, a reminder."""

    needs = {"POST": "specimens.request"}
    serializer_class = shown.RequestShown
    named = {"accession": "accession"}
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return requests_told(scope, accession=self.kwargs["accession"])

    @extend_schema(request=shown.EventBody, responses={201: shown.RequestShown})
    def post(self, request: Request, accession: str) -> Response:
        """Record what happened. A hospital answers with promised, declined or no_tissue."""
        found = self.get_object()
        told = valid(shown.EventBody, request)
        refuse_strays(told)
        DEEDS[Kind(told["kind"])]({"by": self.person, "at": timezone.now()}, found, told)
        return Response(self.get_serializer(self.get_object()).data, status=201)


BELONGS = {
    "promised_for": (Kind.PROMISED,),
    "reason": (Kind.DECLINED, Kind.NO_TISSUE),
    "on": (Kind.CALLED,),
    "note": (Kind.CALLED, Kind.PROMISED, Kind.DECLINED, Kind.NO_TISSUE, Kind.REMINDED, Kind.CANCELLED),
}


def refuse_strays(told: dict[str, Any]) -> None:
    """A field that means nothing for this kind is refused, never ignored."""
    for field, kinds in BELONGS.items():
        if told[field] and told["kind"] not in kinds:
            raise Invalid("stray_field", f"{field} does not go with {told['kind']}.", field=field)
    if told["kind"] == Kind.PROMISED and told["promised_for"] is None:
        raise Invalid("missing", "Say by which day it will be sent.", field="promised_for")


def with_reason(deed: Callable[..., Any]) -> Callable[..., Any]:
    return lambda who, found, told: deed(**who, request=found, reason=NoTissueReason(told["reason"]), note=told["note"])


DEEDS: dict[Kind, Callable[[dict[str, Any], TissueRequest, dict[str, Any]], Any]] = {
    Kind.ASKED: lambda who, found, told: send_requests(**who, requests=[found]),
    Kind.REMINDED: lambda who, found, told: remind(**who, requests=[found], note=told["note"]),
    Kind.CALLED: lambda who, found, told: record_call(**who, request=found, note=told["note"], on=told["on"]),
    Kind.PROMISED: lambda who, found, told: promise(
        **who, request=found, promised_for=told["promised_for"], note=told["note"]
    ),
    Kind.DECLINED: with_reason(decline),
    Kind.NO_TISSUE: with_reason(no_tissue),
    Kind.CANCELLED: lambda who, found, told: cancel(**who, requests=[found], reason=told["note"]),
}


class Letters(Listing):
    """Letters and what became of them, without their text."""

    needs = {"GET": "specimens.request"}
    serializer_class = shown.LetterShown
    filterset_class = LetterFilters

    def listing(self, scope: Scope) -> QuerySet[Letter]:
        return letter_desk.within(scope)

    def paginate_queryset(self, queryset: Any) -> Any:
        return letter_desk.letter_rows(super().paginate_queryset(queryset) or [])


class AtInstitution(Door):
    """Something an institution keeps; out of reach, the institution is not there."""

    needs = KEEP

    def institution(self, code: str) -> Institution:
        try:
            found = queries.institution(code)
        except Unknown as error:
            raise Http404 from error
        if not self.scope.holds(found.pk):
            raise Http404
        return found


class Contacts(AtInstitution):
    @extend_schema(responses=shown.ContactShown(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Whom to write to there, those who stand first."""
        found = letter_desk.contacts_of(self.institution(code))
        return Response(shown.ContactShown(found, many=True).data)

    @extend_schema(request=shown.ContactBody, responses={201: shown.ContactShown})
    def post(self, request: Request, code: str) -> Response:
        """Add somebody to write to."""
        institution = self.institution(code)
        sent = valid(shown.ContactBody, request)
        told = sent | {"duty": ContactDuty(sent["duty"])}
        added = add_contact(by=self.person, at=timezone.now(), institution=institution, **told)
        return Response(shown.ContactShown(added).data, status=201)


class ContactEnd(Door):
    needs = {"POST": "specimens.keep_contacts"}

    @extend_schema(request=None, responses={200: shown.ContactShown})
    def post(self, request: Request, code: str, pk: int) -> Response:
        """The contact has left."""
        found = letter_desk.contact(self.scope, pk)
        if found.institution.code != code.upper():
            raise Http404
        return Response(shown.ContactShown(end_contact(by=self.person, at=timezone.now(), contact=found)).data)


class CourierAccounts(AtInstitution):
    @extend_schema(responses=shown.CourierShown(many=True))
    def get(self, request: Request, code: str) -> Response:
        """By whose courier its parcels go, accounts in use first."""
        found = letter_desk.couriers_of(self.institution(code))
        return Response(shown.CourierShown(found, many=True).data)

    @extend_schema(request=shown.CourierBody, responses={201: shown.CourierShown})
    def post(self, request: Request, code: str) -> Response:
        """Add an account."""
        institution = self.institution(code)
        sent = valid(shown.CourierBody, request)
        added = add_courier_account(by=self.person, at=timezone.now(), institution=institution, **sent)
        return Response(shown.CourierShown(added).data, status=201)


class CourierAccountEnd(Door):
    needs = {"POST": "specimens.keep_contacts"}

    @extend_schema(request=None, responses={200: shown.CourierShown})
    def post(self, request: Request, code: str, pk: int) -> Response:
        """The account is no longer used."""
        found = letter_desk.courier_account(self.scope, pk)
        if found.institution.code != code.upper():
            raise Http404
        ended = end_courier_account(by=self.person, at=timezone.now(), account=found)
        return Response(shown.CourierShown(ended).data)
