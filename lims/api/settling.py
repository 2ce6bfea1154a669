"""Declared outcome variables; conflicts of two releases, their decisions, and the release made of them."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims import outcome_variables, outcomes, settling
from lims.api.bodies import Decisions, NewVariable, Settled
from lims.api.door import Door, Listing, valid
from lims.api.outcomes import ReleaseShown
from lims.api.shown import Shown
from lims.api.told import named_trial
from lims.models.outcomes import OutcomeRelease
from specimens.scope import Scope

NEEDS = {"GET": "lims.view_outcomes", "POST": "lims.import_outcomes"}


class VariableShown(Shown):
    id = s.IntegerField()
    trial = s.CharField(source="trial.code")
    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    kind = s.CharField()
    unit = s.CharField()
    codes = s.DictField(child=s.CharField())
    by_time_point = s.BooleanField()
    source = s.CharField()  # type: ignore[assignment]
    declared_at = s.DateTimeField()
    declared_by = s.CharField(source="declared_by.printed_name")
    values = s.IntegerField(source="held", help_text="How many values came in, of patients within your reach")


class ConflictShown(Shown):
    study_id = s.CharField()
    field = s.CharField()
    a = s.CharField(allow_blank=True)
    b = s.CharField(allow_blank=True)
    right = s.CharField(allow_null=True, help_text="a, b, or null while nobody decided")
    reason = s.CharField(allow_null=True)
    decided_by = s.CharField(allow_null=True)
    decided_at = s.DateTimeField(allow_null=True)


class ConflictsShown(Shown):
    a = s.CharField()
    b = s.CharField()
    open = s.IntegerField()
    conflicts = ConflictShown(many=True)


class Variables(Listing):
    """Endpoints the trials declared for themselves."""

    needs = NEEDS
    serializer_class = VariableShown

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcome_variables.declared(scope)

    @extend_schema(request=NewVariable, responses={201: VariableShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Declare one. It is never altered afterwards."""
        told = valid(NewVariable, request)
        trial = named_trial(told.pop("trial"))
        kept = outcome_variables.declare_variable(by=self.person, at=timezone.now(), trial=trial, **told)
        return Response(VariableShown(outcome_variables.declared(self.scope).get(pk=kept.pk)).data, status=201)


class OfTwo(Door):
    """An address about two releases, both within reach."""

    needs = NEEDS

    def pair(self, a: int, b: int) -> tuple[OutcomeRelease, OutcomeRelease]:
        found = {each.pk: each for each in outcomes.releases(self.scope).filter(pk__in=[a, b])}
        if a not in found or b not in found:
            raise Http404
        settling.demand_pair(found[a], found[b])
        return found[a], found[b]


class Conflicts(OfTwo):
    @extend_schema(responses=ConflictsShown)
    def get(self, request: Request, a: int, b: int) -> Response:
        """Where the two say different things of a patient, and what was decided."""
        return Response(told(*self.pair(a, b)))

    @extend_schema(request=Decisions, responses={201: ConflictsShown})
    def post(self, request: Request, a: int, b: int) -> Response:
        """Record which release is right about some conflicts, with the reason; a later word replaces an earlier."""
        one, other = self.pair(a, b)
        said = valid(Decisions, request)
        choices = [settling.Choice(each["study_id"], each["field"], each["right"] == "b") for each in said["choices"]]
        settling.decide_conflicts(
            by=self.person, at=timezone.now(), release_a=one, release_b=other, choices=choices, reason=said["reason"]
        )
        return Response(told(one, other), status=201)


class Settle(OfTwo):
    needs = {"POST": NEEDS["POST"]}

    @extend_schema(request=Settled, responses={201: ReleaseShown})
    def post(self, request: Request, a: int, b: int) -> Response:
        """Make a release of what both say and of what was decided; refused while a conflict is open."""
        one, other = self.pair(a, b)
        name = valid(Settled, request)["name"]
        kept = settling.settle_releases(by=self.person, at=timezone.now(), release_a=one, release_b=other, name=name)
        return Response(ReleaseShown(outcomes.releases(self.scope).get(pk=kept.pk)).data, status=201)


def told(a: OutcomeRelease, b: OutcomeRelease) -> dict[str, Any]:
    decided = settling.decisions(a, b)
    rows = []
    for each in settling.conflicts_of(a, b):
        said = decided.get((each.study_id, each.field))
        rows.append({
            "study_id": each.study_id, "field": each.field, "a": each.a, "b": each.b,
            "right": ("b" if said.takes_b else "a") if said else None,
            "reason": said.reason if said else None,
            "decided_by": said.decided_by.printed_name if said else None,
            "decided_at": said.decided_at if said else None,
        })  # fmt: skip
    shown = {"a": a.name, "b": b.name, "open": sum(row["right"] is None for row in rows), "conflicts": rows}
    return ConflictsShown(shown).data
