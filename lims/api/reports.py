"""Signed result reports of a patient: listed, told as they were signed, as paper."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Door
from lims.api.shown import Shown
from lims.papers.result_report import result_report
from scoring import report_desk
from scoring.models import ResultReport
from scoring.reporting import holds
from scoring.rules.vocabulary import INVESTIGATIONAL


class ChangeShown(Shown):
    field = s.CharField(help_text="Parts joined by dots, as in `content`")
    was = s.JSONField(allow_null=True)
    became = s.JSONField(allow_null=True)


class ReportShown(Shown):
    """One signed report. `content` says the same as its paper; `digest` binds it to the signature."""

    number = s.IntegerField(help_text="Counts the patient's reports; the highest is the latest")
    latest = s.BooleanField()
    content = s.DictField(help_text="Patient, specimens with their concluded findings, verdict, model and edition")
    changes = ChangeShown(many=True, help_text="Against the report before; empty for the first")
    reason = s.CharField(help_text="Why it amends the one before")
    signed_name = s.CharField()
    meaning = s.CharField()
    method = s.CharField()
    signed_at = s.DateTimeField()
    digest = s.CharField()
    signature_holds = s.BooleanField()
    investigational = s.CharField()
    synthetic = s.BooleanField()


class ReportList(Shown):
    results = ReportShown(many=True)


class OfPatient(Door):
    needs = {"GET": "scoring.view_scores"}

    def reports(self, trial: str, study_id: str) -> list[ResultReport]:
        """The patient's reports, latest first. Raises Unknown for a patient out of reach."""
        which = {"trial__code__iexact": trial, "study_id__iexact": study_id}
        return report_desk.reports_of(report_desk.patient_of(self.person, self.scope, **which))

    def one(self, trial: str, study_id: str, number: int) -> tuple[ResultReport, int]:
        """The report and the patient's highest number."""
        return report_desk.numbered(self.reports(trial, study_id), number)


def told(report: ResultReport, newest: int) -> dict[str, Any]:
    names = ("number", "content", "changes", "reason", "signed_name", "meaning", "method", "signed_at", "digest")
    said = {name: getattr(report, name) for name in (*names, "synthetic")}
    said |= {"latest": report.number == newest, "signature_holds": holds(report)}
    return said | {"investigational": INVESTIGATIONAL}


class Reports(OfPatient):
    @extend_schema(operation_id="reports_list", responses=ReportList)
    def get(self, request: Request, trial: str, study_id: str) -> Response:
        """Every signed report of the patient, latest first."""
        found = self.reports(trial, study_id)
        newest = found[0].number if found else 0
        return Response(ReportList({"results": [told(each, newest) for each in found]}).data)


class OneReport(OfPatient):
    @extend_schema(responses=ReportShown)
    def get(self, request: Request, trial: str, study_id: str, number: int) -> Response:
        """One report as it was signed."""
        return Response(ReportShown(told(*self.one(trial, study_id, number))).data)


class ReportPaper(OfPatient):
    remembers = False

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, trial: str, study_id: str, number: int) -> HttpResponse:
        """The report as a PDF."""
        found, newest = self.one(trial, study_id, number)
        made = result_report(found, holds=holds(found), superseded_by=newest if newest > number else 0)
        answer = HttpResponse(made, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="result-{found.patient_id}-{number}.pdf"'
        return answer
