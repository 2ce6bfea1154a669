"""A reader's own queue, a case as its viewer may see it, and the signing of a read."""

from typing import Any, cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from lims import second_factor
from lims.api import attempts
from lims.api.bodies import SignedRead
from lims.api.door import Door, valid
from lims.api.scores import ReadShown
from lims.api.shown import Shown
from lims.models import User
from lims.papers.signed_read import signed_read
from scoring import queries, signed_desk
from scoring.reading import sign_read
from scoring.rules.vocabulary import Assay
from specimens.errors import Forbidden

DESKS = ("scoring.sign_read", "scoring.adjudicate")


class WaitingShown(Shown):
    """A case that waits for this viewer: nothing of patient, site or the other read."""

    code = s.CharField()
    assay = s.CharField()
    slide = s.CharField()
    run = s.CharField(allow_null=True)
    stained_on = s.DateField(allow_null=True)
    opened_at = s.DateTimeField(allow_null=True, help_text="null for readers")
    task = s.CharField(help_text="read or adjudicate")
    refusal = s.CharField(help_text="Why it cannot be done now; blank when it can")
    discordances = s.ListField(child=s.CharField())
    synthetic = s.BooleanField()


class ValueShown(Shown):
    how = s.CharField()
    findings = s.DictField()
    positive = s.CharField(allow_null=True)
    h_score = s.CharField(allow_null=True)


class CaseShown(Shown):
    """A case as its viewer may see it now; what is null or empty is hidden or not there."""

    code = s.CharField()
    assay = s.CharField()
    part = s.CharField(help_text="What the viewer is to the case")
    slide = s.CharField()
    run = s.CharField(allow_null=True)
    stained_on = s.DateField(allow_null=True)
    cut_on = s.DateField(allow_null=True)
    controls = s.CharField(allow_null=True)
    opened_at = s.DateTimeField(allow_null=True, help_text="null for readers")
    phase = s.CharField(allow_null=True)
    own = ReadShown(allow_null=True)
    reads = ReadShown(many=True)
    decision = ReadShown(allow_null=True)
    discordances = s.ListField(child=s.CharField())
    consensus = ValueShown(allow_null=True)
    trial = s.CharField(allow_null=True)
    patient = s.CharField(allow_null=True)
    specimen = s.CharField(allow_null=True)
    site = s.CharField(allow_null=True)
    closed_because = s.CharField()
    may_sign = s.CharField(help_text="Blank when the viewer may sign a read now, else why not")
    synthetic = s.BooleanField()


class SignedShown(Shown):
    case = s.CharField()
    signed_name = s.CharField()
    meaning = s.CharField()
    method = s.CharField()
    signed_at = s.DateTimeField()
    digest = s.CharField(help_text="SHA-256 over what the signature binds together")


class WaitingList(Shown):
    results = WaitingShown(many=True)


class Cases(Door):
    parameters = frozenset({"assay"})

    @extend_schema(
        operation_id="cases_list",
        responses=WaitingList,
        parameters=[OpenApiParameter("assay", enum=[a.value for a in Assay])],
    )
    def get(self, request: Request) -> Response:
        """What waits for this reader or adjudicator, in the reader's own random order, at most 200 of each."""
        if not any(self.person.has_perm(desk) for desk in DESKS):
            raise Forbidden("not_your_role", "Cases wait for pathologists and adjudicators alone.")
        assay = asked_assay(request)
        waiting = [waiting_row(row, "read") for row in queries.reading_queue(self.person, assay)]
        differing = queries.adjudication_queue(self.person)
        waiting += [waiting_row(row, "adjudicate") for row in differing if assay in (None, row.assay)]
        return Response(WaitingList({"results": waiting}).data)


def waiting_row(row: queries.QueueRow, task: str) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in row.__slots__}
    return told | {"task": task}


def asked_assay(request: Request) -> Assay | None:
    written = request.query_params.get("assay", "")
    if written and written not in set(Assay):
        raise ValidationError({"assay": f"Ask for one of {', '.join(Assay)}."})
    return Assay(written) if written else None


class OneCase(Door):
    @extend_schema(responses=CaseShown)
    def get(self, request: Request, code: str) -> Response:
        """The case as this viewer may see it now."""
        return Response(CaseShown(queries.case_for(self.person, code, self.scope)).data)


class Reads(Door):
    needs = {"POST": "scoring.sign_read"}

    @extend_schema(request=SignedRead, responses={201: SignedShown})
    def post(self, request: Request, code: str) -> Response:
        """Sign one's own read of the case. It cannot be altered afterwards, only superseded with a reason."""
        sent = valid(SignedRead, request)
        queries.case_for(self.person, code, self.scope)
        method = check_password(request, sent["password"], sent["code"])
        read = sign_read(
            by=self.person,
            at=timezone.now(),
            case=queries.case_named(code),
            findings=sent["findings"],
            method=method,
        )
        said = {name: getattr(read, name) for name in ("signed_name", "meaning", "method", "signed_at", "digest")}
        return Response(SignedShown(said | {"case": read.case.code}).data, status=201)


class ReadPaper(Door):
    remembers = False

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, code: str, pk: int) -> HttpResponse:
        """A signed read as a PDF, as far as this viewer may see it."""
        view = queries.case_for(self.person, code, self.scope)
        read, earlier = signed_desk.read_of(view, pk)
        made = signed_read(view, read, holds=signed_desk.holds(read), earlier=earlier, later=not read.stands)
        answer = HttpResponse(made, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="read-{view.code}-{pk}.pdf"'
        return answer


def check_password(request: Request, password: str, code: str = "") -> str:
    """What proves the signer: one's own password typed again and, with a second factor, a one-time code."""
    user = cast(User, request.user)
    attempts.refuse_if_many(user.get_username())
    if not user.check_password(password):
        attempts.note_failure(user.get_username())
        raise Forbidden("wrong_password", "The password is not yours; nothing was signed.", field="password")
    if second_factor.is_enrolled(user) and not second_factor.takes(user, code):
        attempts.note_failure(user.get_username())
        raise Forbidden("wrong_code", f"{second_factor.WRONG} Nothing was signed.", field="code")
    return second_factor.method_of(user)
