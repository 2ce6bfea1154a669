"""What the API shows of tissue: one serializer a kind of thing. No hospital number, no name, no outcome."""

from typing import Any

from django.utils.timezone import localdate
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from specimens.inventory import age_today


class Shown(s.Serializer[Any]):
    """Rows out; nothing is ever written through one of these."""


class InstitutionShown(Shown):
    code = s.CharField()
    name = s.CharField()
    time_zone = s.CharField()
    roles = s.SerializerMethodField()

    def get_roles(self, institution: Any) -> list[str]:
        return sorted(duty.role for duty in institution.duties.all())


class TrialShown(Shown):
    code = s.CharField()
    title = s.CharField()
    readers_per_case = s.IntegerField()
    section_age_warn_days = s.IntegerField()
    section_age_limit_days = s.IntegerField()
    synthetic = s.BooleanField()
    opened_at = s.DateTimeField()


class PatientShown(Shown):
    trial = s.CharField(source="trial.code")
    study_id = s.CharField()
    treating_site = s.CharField(source="treating_site.code")
    enrolled_on = s.DateField(allow_null=True)
    consent_withdrawn = s.BooleanField(source="withdrawn")
    synthetic = s.BooleanField()


class SpecimenShown(Shown):
    accession = s.CharField()
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    kind = s.CharField()
    topography = s.CharField()
    laterality = s.CharField()
    procedure = s.CharField()
    procedure_on = s.DateField(allow_null=True)
    preservation = s.CharField()
    holding_site = s.CharField(source="holding_site.code")
    site_label = s.CharField()
    accessioned_at = s.DateTimeField()
    synthetic = s.BooleanField()


class BlockShown(Shown):
    accession = s.CharField()
    specimen = s.CharField(source="specimen.accession")
    trial = s.CharField(source="specimen.patient.trial.code")
    study_id = s.CharField(source="specimen.patient.study_id")
    site_label = s.CharField()
    embedded_on = s.DateField(allow_null=True)
    terms = s.CharField()
    accessioned_at = s.DateTimeField()
    synthetic = s.BooleanField()


class SlideShown(Shown):
    accession = s.CharField()
    block = s.CharField(source="block.accession")
    further_blocks = s.SerializerMethodField()
    specimen = s.CharField(source="block.specimen.accession")
    trial = s.CharField(source="block.specimen.patient.trial.code")
    study_id = s.CharField(source="block.specimen.patient.study_id")
    site_label = s.CharField()
    position = s.CharField()
    cut_on = s.DateField(allow_null=True)
    thickness_um = s.DecimalField(max_digits=4, decimal_places=1, allow_null=True, coerce_to_string=False)
    cut_at_core = s.BooleanField()
    order = s.CharField(source="order.accession", default="")
    where = s.CharField(help_text="core, away or gone")
    section_age_days = s.SerializerMethodField(help_text="At the stain, or today; null when the cut is not known")
    stain = s.SerializerMethodField()
    run = s.SerializerMethodField()
    stained_on = s.SerializerMethodField()
    accessioned_at = s.DateTimeField()
    synthetic = s.BooleanField()

    def get_further_blocks(self, slide: Any) -> list[str]:
        return [face.block.accession for face in slide.faces.all()]

    def get_section_age_days(self, slide: Any) -> int | None:
        return age_today(slide, localdate())

    def get_stain(self, slide: Any) -> str:
        return slide.staining.run.stain if hasattr(slide, "staining") else ""

    def get_run(self, slide: Any) -> str:
        return slide.staining.run.accession if hasattr(slide, "staining") else ""

    def get_stained_on(self, slide: Any) -> str | None:
        return slide.staining.run.stained_on.isoformat() if hasattr(slide, "staining") else None


class ReceiptShown(Shown):
    """The receipt that stands, as the item looks now; `state` says quarantined, accepted, rejected, damaged, here
    or not announced."""

    state = s.CharField()
    condition = s.CharField(source="now_condition")
    identifiers_agree = s.IntegerField(source="now_agree")
    apart = s.BooleanField(source="now_apart")
    received_at = s.DateTimeField()
    note = s.CharField()
    downtime_form = s.CharField(source="downtime_form.accession", default="")
    written_by = s.CharField()
    entered_at = s.DateTimeField(allow_null=True)


class ItemShown(Shown):
    line = s.IntegerField()
    kind = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    block = s.CharField(source="block.accession", default="")
    slide = s.CharField(source="slide.accession", default="")
    terms = s.CharField()
    due_back_on = s.DateField(allow_null=True)
    announced = s.BooleanField()
    receipt = s.SerializerMethodField()

    @extend_schema_field(ReceiptShown(allow_null=True))
    def get_receipt(self, item: Any) -> Any:
        return ReceiptShown(item.standing[0]).data if item.standing else None


class ShipmentShown(Shown):
    accession = s.CharField()
    sender = s.CharField(source="sender.code")
    receiver = s.CharField(source="receiver.code")
    sent_on = s.DateField(allow_null=True)
    courier = s.CharField()
    tracking = s.CharField()
    sender_reference = s.CharField()
    announced_at = s.DateTimeField()
    closed_at = s.DateTimeField(source="closure.closed_at", default=None, allow_null=True)
    items = ItemShown(many=True, source="items.all")
    synthetic = s.BooleanField()
