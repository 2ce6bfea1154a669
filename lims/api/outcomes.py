"""Outcomes and local diagnoses, for statisticians alone; and the import of a release."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims import outcomes
from lims.api import filters
from lims.api.bodies import NewRelease
from lims.api.door import Detail, Listing, valid
from lims.api.shown import Shown
from lims.api.told import named_trial
from lims.outcome_rows import NewOutcome
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
    synthetic = s.BooleanField()


class LocalDiagnosisShown(Shown):
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    source = s.CharField()  # type: ignore[assignment]
    icd_o_3 = s.CharField()
    histology = s.CharField()
    grade = s.CharField()
    stage = s.CharField()


class Releases(Listing):
    needs = {"GET": VIEW, "POST": "lims.import_outcomes"}
    serializer_class = ReleaseShown
    filterset_class = filters.ReleaseFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcomes.releases(scope)

    @extend_schema(request=NewRelease, responses={201: ReleaseShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Import one release, all of it or, with every fault named, nothing."""
        told = valid(NewRelease, request)
        release = outcomes.import_release(
            by=self.person,
            at=timezone.now(),
            trial=named_trial(told["trial"]),
            name=told["name"],
            source=told["source"],
            cut_on=told["cut_on"],
            sha256=told["sha256"],
            rows=[NewOutcome(**row) for row in told["rows"]],
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
        return outcomes.outcomes(scope)


class LocalDiagnoses(Listing):
    needs = {"GET": VIEW}
    serializer_class = LocalDiagnosisShown
    filterset_class = filters.LocalDiagnosisFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return outcomes.local_diagnoses(scope)
