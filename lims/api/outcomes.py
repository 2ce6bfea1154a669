"""Outcomes and local diagnoses, for statisticians alone; and the import of a release."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims import outcomes
from lims.api import filters
from lims.api.bodies import NewRelease
from lims.api.door import Detail, Listing, valid
from lims.api.shown import Shown
from lims.api.told import named_trial
from lims.outcome_rows import NewOutcome, NewValue, known_patients
from lims.outcome_variables import every_problem, variables
from specimens.models import Trial
from specimens.scope import Scope

VIEW = "lims.view_outcomes"


class ReleaseShown(Shown):
    id = s.IntegerField()
    trial = s.CharField(source="trial.code")
    name = s.CharField()
    source = s.CharField()  # type: ignore[assignment]
    data_cut = s.DateField(source="cut_on", allow_null=True)
    sha256 = s.CharField()
    imported_at = s.DateTimeField()
    imported_by = s.CharField(source="imported_by.printed_name")
    rows = s.IntegerField(help_text="Of patients within your reach")
    synthetic = s.BooleanField()


class ValueShown(Shown):
    variable = s.CharField(source="variable.name")
    time_point = s.CharField()
    value = s.CharField()


class OutcomeShown(Shown):
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    release = s.CharField(source="release.name")
    data_cut = s.DateField(source="release.cut_on", allow_null=True)
    arm = s.CharField()
    regimen = s.CharField()
    response = s.CharField()
    response_days = s.IntegerField(allow_null=True)
    pfs_time = s.IntegerField(allow_null=True)
    pfs_event = s.BooleanField(allow_null=True)
    os_time = s.IntegerField(allow_null=True)
    os_event = s.BooleanField(allow_null=True)
    time_origin = s.CharField()
    time_unit = s.CharField()
    vital_status = s.CharField()
    days_to_death = s.CharField()
    days_to_last_contact = s.CharField()
    stage = s.CharField()
    values = ValueShown(many=True, source="values.all", help_text="Of the trial's declared variables")
    synthetic = s.BooleanField()


class LocalDiagnosisShown(Shown):
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    source = s.CharField()  # type: ignore[assignment]
    icd_o_3 = s.CharField()
    histology = s.CharField()
    grade = s.CharField()
    stage = s.CharField()


class FindingShown(Shown):
    row = s.IntegerField()
    field = s.CharField()
    value = s.CharField()
    sentence = s.CharField()


class VerdictShown(Shown):
    """What a dry run says: nothing was kept."""

    rows = s.IntegerField()
    accepted = s.IntegerField()
    refused = s.IntegerField()
    findings = FindingShown(many=True)


DRY_RUN = OpenApiParameter("dry_run", description="true: say what would be refused, and keep nothing")


def row_of(told: dict[str, Any]) -> NewOutcome:
    return NewOutcome(**told | {"values": tuple(NewValue(**value) for value in told["values"])})


def verdict(trial: Trial, rows: list[NewOutcome]) -> dict[str, Any]:
    problems = every_problem(rows, known_patients(trial, [row.study_id for row in rows]), variables(trial))
    refused = len({problem.row for problem in problems})
    findings = [FindingShown(problem).data for problem in problems]
    return {"rows": len(rows), "accepted": len(rows) - refused, "refused": refused, "findings": findings}


class Releases(Listing):
    needs = {"GET": VIEW, "POST": "lims.import_outcomes"}
    serializer_class = ReleaseShown
    filterset_class = filters.ReleaseFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcomes.releases(scope)

    parameters = frozenset({"dry_run"})

    @extend_schema(request=NewRelease, responses={201: ReleaseShown, 200: VerdictShown}, filters=False,
                   parameters=[DRY_RUN])  # fmt: skip
    def post(self, request: Request) -> Response:
        """Import one release, all of it or, with every fault named, nothing. With `dry_run=true` nothing is kept."""
        told = valid(NewRelease, request)
        rows = [row_of(row) for row in told["rows"]]
        if request.query_params.get("dry_run", "") == "true":
            return Response(verdict(named_trial(told["trial"]), rows))
        release = outcomes.import_release(
            by=self.person,
            at=timezone.now(),
            trial=named_trial(told["trial"]),
            name=told["name"],
            source=told["source"],
            cut_on=told["cut_on"],
            sha256=told["sha256"],
            rows=rows,
        )
        return Response(self.get_serializer(outcomes.releases(self.scope).get(pk=release.pk)).data, status=201)


class OneRelease(Detail):
    needs = {"GET": VIEW}
    serializer_class = ReleaseShown
    named = {"pk": "pk"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcomes.releases(scope)


class Outcomes(Listing):
    needs = {"GET": VIEW}
    serializer_class = OutcomeShown
    filterset_class = filters.OutcomeFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcomes.outcomes(scope).prefetch_related("values__variable")


class LocalDiagnoses(Listing):
    needs = {"GET": VIEW}
    serializer_class = LocalDiagnosisShown
    filterset_class = filters.LocalDiagnosisFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcomes.local_diagnoses(scope)
