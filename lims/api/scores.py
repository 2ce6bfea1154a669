"""Scores as they stand, and why. Each carries its edition and what it is not."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api import filters
from lims.api.door import Detail, Listing
from lims.api.export import moment
from lims.api.shown import Shown
from scoring import explaining, patient_desk, queries
from scoring.as_of import said_of
from scoring.models import Score
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import INVESTIGATIONAL
from scoring.whose_desk import Desk, Waits, waits_of
from specimens import listings
from specimens.errors import Unknown
from specimens.scope import Scope


def number(source: str) -> s.DecimalField:
    """A decimal as a JSON number; null is unknown."""
    return s.DecimalField(
        max_digits=10, decimal_places=7, source=source, default=None, allow_null=True, coerce_to_string=False
    )


class Words(s.ListField):
    """Words stored joined by |, shown as a list."""

    child = s.CharField()

    def to_representation(self, value: Any) -> list[str]:
        return [word for word in str(value).split("|") if word]


class ScoreShown(Shown):
    """A patient's score; everything below `because` is null while no specimen can be scored."""

    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    basis = s.CharField(help_text="primary, metastasis or none")
    because = s.CharField(help_text="Why this specimen and no other")
    specimen = s.CharField(source="score.specimen.accession", default=None, allow_null=True)
    histologic_type = s.CharField(source="score.histologic_type", default=None, allow_null=True)
    clear_cell = s.CharField(source="score.clear_cell", default=None, allow_null=True)
    alveolar_percent = number("score.alveolar")
    granular_percent = number("score.granular")
    papillary_percent = number("score.papillary")
    caix_percent = number("score.caix")
    caix_evaluable = s.BooleanField(source="score.caix_evaluable", default=None, allow_null=True)
    h_score = number("score.h_score")
    risk = s.CharField(source="score.risk", default=None, allow_null=True)
    possible_risks = Words(source="score.possible_risks", default=list)
    caix_level = s.CharField(source="score.caix_level", default=None, allow_null=True)
    compartment = s.CharField(source="score.compartment", default=None, allow_null=True)
    il2_eligibility = s.CharField(source="score.eligibility", default=None, allow_null=True)
    reasons = Words(source="score.reasons", default=list)
    missing = Words(source="score.missing", default=list)
    model = s.CharField()
    edition = s.CharField()
    scored_at = s.DateTimeField(source="computed_at")
    synthetic = s.SerializerMethodField()
    investigational = s.SerializerMethodField()

    def get_synthetic(self, scored: Any) -> bool:
        return scored.patient.synthetic or bool(scored.score and scored.score.synthetic)

    def get_investigational(self, scored: Any) -> str:
        return INVESTIGATIONAL


class ReadShown(Shown):
    id = s.IntegerField()
    label = s.CharField()  # type: ignore[assignment]
    role = s.CharField()
    signer = s.CharField()
    meaning = s.CharField()
    method = s.CharField()
    signed_at = s.DateTimeField()
    findings = s.DictField()
    positive = s.CharField(allow_null=True)
    h_score = s.CharField(allow_null=True)
    digest = s.CharField()
    synthetic = s.BooleanField()


class ControlShown(Shown):
    id = s.IntegerField()
    run = s.CharField(source="run.accession")
    kind = s.CharField()
    passed = s.BooleanField()
    observed_on = s.DateField()


class WaitsShown(Shown):
    inputs = s.ListField(child=s.CharField())
    assay = s.CharField()
    desk = s.ChoiceField(choices=[desk.value for desk in Desk])
    sentence = s.CharField()
    case = s.CharField(help_text="Code of the case it hangs on, or blank")


class WhyShown(Shown):
    """A score with everything it came from. `waits_for`: each missing input and whose desk it is on now."""

    score = ScoreShown()
    sentence = s.CharField(allow_null=True)
    conditions = s.ListField(child=s.DictField())
    what_would_change = s.ListField(child=s.DictField())
    waits_for = WaitsShown(many=True)
    thresholds = s.ListField(child=s.DictField())
    reads = ReadShown(many=True)
    controls = ControlShown(many=True)
    sources = s.DictField()
    model = s.CharField()
    edition = s.CharField()
    investigational = s.CharField()


class Scores(Listing):
    """The current score of every patient within reach."""

    needs = {"GET": "scoring.view_scores"}
    serializer_class = ScoreShown
    filterset_class = filters.ScoreFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return queries.current_patient_scores(scope)


AS_OF = OpenApiParameter(
    "as_of", description="A day (its end, UTC) or a moment: what was said then, by what then stood"
)


class Why(Detail):
    """Why a patient's score is what it is: conditions, thresholds, reads and controls."""

    needs = {"GET": "scoring.view_scores"}
    serializer_class = WhyShown
    named = {"trial": "trial__code__iexact", "study_id": "study_id__iexact"}
    parameters = frozenset({"as_of"})

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.patients(scope)

    @extend_schema(responses=WhyShown, parameters=[AS_OF])
    def get(self, request: Request, trial: str, study_id: str) -> Response:
        patient = self.get_object()
        if then := moment(request.query_params.get("as_of", "")):
            return self.then(patient.pk, then)
        scored = queries.current_patient_scores(self.scope).filter(patient=patient).first()
        if scored is None:
            raise Http404
        explained = explaining.score_why(self.person, scored.score) if scored.score else None
        waits = self.waits(patient.pk, scored.score, explained) if explained else ()
        return Response(WhyShown(told(scored, explained, waits)).data)

    def waits(self, patient_id: int, score: Score, explained: explaining.ScoreWhy) -> tuple[Waits, ...]:
        """Nothing is waited for of who withdrew."""
        found = patient_desk.patient_facts(self.person, self.scope, pk=patient_id)
        lanes = patient_desk.lanes_of(self.person, found, self.scope)
        speaking = next((lane for lane in lanes if lane.id == score.specimen_id), None)
        if speaking is None or found.withdrawn or not explained.verdict.missing:
            return ()
        return waits_of(explained.verdict.missing, speaking, patient_desk.cases_of(self.person, found, lanes))

    def then(self, patient_id: int, at: datetime) -> Response:
        found = said_of(self.person, self.scope, at, pk=patient_id)
        if found.said is None:
            raise Unknown("nothing_said_yet", f"Nothing had been computed of {found.patient.study_id} by {at:%F}.")
        return Response(WhyShown(told(found.said, found.why)).data)


def told(scored: Any, explained: explaining.ScoreWhy | None, waits: tuple[Waits, ...] = ()) -> dict[str, Any]:
    """A score and its explanation as plain values; empty where nothing could be scored. Of a past day nothing
    waits."""
    edition = explained.edition if explained else CURRENT
    return {
        "score": scored,
        "sentence": explained.sentence if explained else None,
        "conditions": [asdict(each) for each in explained.conditions] if explained else [],
        "what_would_change": [asdict(each) for each in explained.changes] if explained else [],
        "waits_for": waits,
        "thresholds": [asdict(each) for each in edition.thresholds],
        "reads": explained.reads if explained else [],
        "controls": explained.controls if explained else [],
        "sources": dict(explained.sources) if explained else {},
        "model": scored.model,
        "edition": scored.edition,
        "investigational": edition.statement,
    }
