"""What the API shows of the bench: orders, lots, assay versions, runs. No reader's word, no outcome."""

from typing import Any

from rest_framework import serializers as s

from lims.api.shown import Shown
from specimens.ordering import state_of
from specimens.queries import said_by
from specimens.vocabulary import OrderState, RunControls


def micrometres() -> s.DecimalField:
    return s.DecimalField(max_digits=4, decimal_places=1, allow_null=True, coerce_to_string=False)


class OrderShown(Shown):
    accession = s.CharField()
    block = s.CharField(source="block.accession")
    trial = s.CharField(source="block.specimen.patient.trial.code")
    study_id = s.CharField(source="block.specimen.patient.study_id")
    sections = s.IntegerField()
    stain = s.CharField()
    thickness_um = micrometres()
    levels = s.CharField()
    wanted_by = s.DateField(allow_null=True)
    replaces = s.CharField(source="replaces.accession", default="")
    reason = s.CharField()
    state = s.SerializerMethodField()
    slides_cut = s.IntegerField(source="cut_slides")
    ended_at = s.DateTimeField(source="end.ended_at", default=None, allow_null=True)
    end_reason = s.CharField(source="end.reason", default="")
    ordered_at = s.DateTimeField()
    synthetic = s.BooleanField()

    def get_state(self, order: Any) -> OrderState:
        return state_of(getattr(order, "end", None))


class ExhaustionShown(Shown):
    block = s.CharField(source="block.accession")
    note = s.CharField()
    recorded_at = s.DateTimeField()


class LotShown(Shown):
    id = s.IntegerField()
    stain = s.CharField()
    clone = s.CharField()
    supplier = s.CharField()
    lot = s.CharField()
    expires_on = s.DateField(allow_null=True)
    recorded_at = s.DateTimeField()
    synthetic = s.BooleanField()


class AssayShown(Shown):
    id = s.IntegerField()
    stain = s.CharField()
    name = s.CharField()
    clone = s.CharField()
    dilution = s.CharField()
    retrieval = s.CharField()
    platform = s.CharField()
    recorded_at = s.DateTimeField()
    retired_at = s.DateTimeField(allow_null=True)
    synthetic = s.BooleanField()


class ControlSlideShown(Shown):
    kind = s.CharField()
    label = s.CharField()  # type: ignore[assignment]


class ResultShown(Shown):
    kind = s.CharField()
    passed = s.BooleanField()
    observed_on = s.DateField()
    reason = s.CharField()


class StainedShown(Shown):
    slide = s.CharField(source="slide.accession")
    section_age_days = s.IntegerField(allow_null=True)
    age_override_reason = s.CharField()


class RunShown(Shown):
    accession = s.CharField()
    stain = s.CharField()
    lot = s.IntegerField(source="lot_id")
    lot_number = s.CharField(source="lot.lot")
    clone = s.CharField(source="lot.clone")
    assay = s.CharField(source="assay.name", default="")
    dilution = s.CharField()
    retrieval = s.CharField()
    platform = s.CharField()
    stained_on = s.DateField()
    control_slides = ControlSlideShown(many=True, source="control_slides.all")
    results = ResultShown(many=True, source="controls.all", help_text="The latest of each kind counts")
    controls = s.SerializerMethodField()
    slides = StainedShown(many=True, source="within_reach", help_text="Those within your reach")
    synthetic = s.BooleanField()

    def get_controls(self, run: Any) -> RunControls:
        return said_by({result.kind: result for result in run.controls.all()})
