"""Rescorings for programs: a dry run, its list, the same for good; paused, resumed, cancelled."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.bodies import text
from lims.api.door import Body, Door, Listing, valid
from lims.api.shown import Shown
from lims.api.told import named_trial
from scoring import rescoring as deeds
from scoring import rescoring_desk as desk
from scoring.models import Rescoring
from scoring.rescoring import Among
from scoring.rules.editions import TWO_COMPARTMENT, edition
from scoring.vocabulary import RescoringCause
from specimens import queries
from specimens.deeds import demand_core
from specimens.errors import Invalid
from specimens.scope import Scope

RIGHT = deeds.RESCORE
TURNS = {"pause": deeds.pause_rescoring, "resume": deeds.resume_rescoring, "cancel": deeds.cancel_rescoring}


class NewRescoring(Body):
    edition = text(40, blank=False)
    cause = s.ChoiceField(choices=[cause.value for cause in RescoringCause])
    reason = text(500, blank=False)
    trial = text(24)
    study_id = text(40)


class Turn(Body):
    turn = s.ChoiceField(choices=list(TURNS))
    reason = text(500, blank=False)


class RescoringShown(Shown):
    id = s.IntegerField(source="one.pk")
    dry = s.BooleanField(source="one.dry")
    model = s.CharField(source="one.model")
    edition = s.CharField(source="one.edition")
    cause = s.CharField(source="one.cause")
    reason = s.CharField(source="one.reason")
    patients = s.IntegerField(source="one.patients")
    asked_at = s.DateTimeField(source="one.asked_at")
    asked_by = s.CharField(source="one.asked_by.printed_name")
    state = s.CharField(source="progress.state")
    patients_done = s.IntegerField(source="progress.patients")
    new_scores = s.IntegerField(source="progress.fresh")
    changes = s.IntegerField(source="progress.changed")
    patients_a_second = s.FloatField(source="progress.rate", allow_null=True)
    last_at = s.DateTimeField(source="progress.last_at", allow_null=True)


class ChangeShown(Shown):
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    was = s.DictField(child=s.CharField())
    becomes = s.DictField(child=s.CharField())


def shown(one: Rescoring) -> dict[str, Any]:
    told: dict[str, Any] = RescoringShown({"one": one, "progress": desk.progress(one)}).data
    return told


class Rescorings(Door):
    needs = {"GET": RIGHT, "POST": RIGHT}

    @extend_schema(responses=RescoringShown(many=True))
    def get(self, request: Request) -> Response:
        """The latest fifty, latest first."""
        demand_core(self.person, "Scoring patients again")
        return Response({"results": [shown(each) for each in desk.rescorings()[:50]]})

    @extend_schema(request=NewRescoring, responses={201: RescoringShown})
    def post(self, request: Request) -> Response:
        """Start a dry run: whose category would change; nothing is scored."""
        told = valid(NewRescoring, request)
        try:
            under = edition(TWO_COMPARTMENT, told["edition"])
        except ValueError as why:
            raise Invalid("unknown_edition", str(why), field="edition") from why
        begun = deeds.start_rescoring(
            by=self.person, at=timezone.now(), edition=under, whom=self.whom(told["trial"], told["study_id"]),
            cause=RescoringCause(told["cause"]), reason=told["reason"],
        )  # fmt: skip
        return Response(shown(begun), status=201)

    def whom(self, code: str, study_id: str) -> Among:
        trial = named_trial(code) if code else None
        if not study_id:
            return Among(trial)
        theirs = queries.patients(self.scope).filter(trial=trial, study_id__iexact=study_id)
        patient = theirs.first() if trial else None
        if patient is None:
            raise Invalid("unknown_patient", "Give a trial and a study id of it.", field="study_id")
        return Among(None, patient)


class OneOf(Door):
    def one(self, pk: int) -> Rescoring:
        demand_core(self.person, "Scoring patients again")
        return desk.rescoring(pk)


class OneRescoring(OneOf):
    needs = {"GET": RIGHT}

    @extend_schema(responses=RescoringShown)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(self.one(pk)))


class CarryOut(OneOf):
    needs = {"POST": RIGHT}

    @extend_schema(request=None, responses={201: RescoringShown})
    def post(self, request: Request, pk: int) -> Response:
        """Do for good what this finished dry run found."""
        return Response(shown(deeds.carry_out(by=self.person, at=timezone.now(), dry_run=self.one(pk))), status=201)


class TurnIt(OneOf):
    needs = {"POST": RIGHT}

    @extend_schema(request=Turn, responses={201: RescoringShown})
    def post(self, request: Request, pk: int) -> Response:
        """Pause, resume or cancel it between two chunks."""
        told, one = valid(Turn, request), self.one(pk)
        TURNS[told["turn"]](by=self.person, at=timezone.now(), rescoring=one, reason=told["reason"])
        return Response(shown(one), status=201)


class Changes(Listing):
    """The patients whose category changes, or would."""

    needs = {"GET": "scoring.view_scores"}
    serializer_class = ChangeShown

    def listing(self, scope: Scope) -> QuerySet[Any]:
        demand_core(self.person, "Scoring patients again")
        return desk.changes(desk.rescoring(self.kwargs["pk"])).order_by()
