"""What the API shows of custody, loans and consent."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from lims.api.shown import Shown


class StepShown(Shown):
    what = s.CharField(source="word")
    sender = s.CharField()
    holder = s.CharField()
    at = s.DateTimeField()
    parcel = s.CharField()
    note = s.CharField()
    synthetic = s.BooleanField()


class LegShown(Shown):
    """Who held it from when until when; the last leg lasts."""

    since = s.DateTimeField()
    until = s.DateTimeField(allow_null=True)
    holder = s.CharField(help_text="Code of the institution")
    where = s.CharField()


class CustodyShown(Shown):
    thing = s.CharField()
    where = s.CharField(allow_null=True)
    holder = s.CharField()
    findings = s.ListField(child=s.CharField(), help_text="What cannot be as recorded; none when custody is whole")
    steps = StepShown(many=True)
    legs = LegShown(many=True)


class NodeShown(Shown):
    kind = s.CharField()
    name = s.CharField()
    detail = s.CharField()
    state = s.CharField(source="word")
    this = s.BooleanField(source="here")
    folded = s.IntegerField(help_text="Sections that are not listed here")
    children = s.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_children(self, node: Any) -> Any:
        return NodeShown(node.children, many=True).data


class LoanEventShown(Shown):
    kind = s.CharField()
    due_on = s.DateField(allow_null=True)
    reason = s.CharField()
    recorded_at = s.DateTimeField()


class LoanShown(Shown):
    accession = s.CharField()
    thing = s.SerializerMethodField()
    label = s.CharField(source="item.label")  # type: ignore[assignment]
    parcel = s.CharField(source="item.shipment.accession")
    lender = s.CharField(source="lender.code")
    trial = s.SerializerMethodField()
    study_id = s.SerializerMethodField()
    began_at = s.DateTimeField()
    due_on = s.DateField(source="due_now", allow_null=True)
    state = s.CharField()
    asked_until = s.SerializerMethodField()
    returned_at = s.DateTimeField(allow_null=True)
    synthetic = s.BooleanField()

    def get_thing(self, loan: Any) -> str:
        return str(loan.item.slide or loan.item.block)

    def patient(self, loan: Any) -> Any:
        return (loan.item.slide.block if loan.item.slide else loan.item.block).specimen.patient

    def get_trial(self, loan: Any) -> str:
        return str(self.patient(loan).trial.code)

    def get_study_id(self, loan: Any) -> str:
        return str(self.patient(loan).study_id)

    def get_asked_until(self, loan: Any) -> str | None:
        return loan.asked_until.isoformat() if loan.asked_kind == "extension_asked" else None


class ConsentShown(Shown):
    id = s.IntegerField(source="pk")
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    scope = s.CharField()
    version = s.CharField()
    given_on = s.DateField(allow_null=True)
    recorded_at = s.DateTimeField()
    withdrawn_on = s.DateField(source="withdrawal.withdrawn_on", default=None, allow_null=True)
