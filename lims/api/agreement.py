"""Agreement of the readers as numbers, unrounded; null where undefined."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from lims.analysis import figures
from lims.analysis.tables import TABLES
from lims.api.door import Door
from lims.api.shown import Shown
from scoring.agreement_desk import Pairs, pairs_of
from scoring.rules.editions import CURRENT
from specimens.errors import Forbidden

LONGEST = {"trial": 24, "readers": 640, "month": 7}
PARAMETERS = [
    OpenApiParameter("trial", description="Code of the trial; for who may know where tissue comes from"),
    OpenApiParameter("readers", description="One pair of readers as `by_readers` names it"),
    OpenApiParameter("month", description="Of the later signature, as 2026-11"),
]


class FigureShown(Shown):
    """One coefficient; `n` pairs answer, `agree` of them exactly alike. `low` to `high` is its 95 % interval."""

    assay = s.CharField()
    of = s.CharField()
    measure = s.ChoiceField(choices=list(figures.NAMES))
    value = s.FloatField(allow_null=True)
    low = s.FloatField(allow_null=True)
    high = s.FloatField(allow_null=True)
    agree = s.IntegerField()
    n = s.IntegerField()


class SliceShown(Shown):
    """`risk_kappa` is weighted quadratically; `level_kappa` is of above the cutoff or not; the rest are points."""

    name = s.CharField()
    risk_n = s.IntegerField()
    risk_agree = s.IntegerField()
    risk_kappa = s.FloatField(allow_null=True)
    caix_n = s.IntegerField()
    level_agree = s.IntegerField()
    level_kappa = s.FloatField(allow_null=True)
    icc = s.FloatField(allow_null=True)
    mean_difference = s.FloatField(allow_null=True)
    lower_limit = s.FloatField(allow_null=True)
    upper_limit = s.FloatField(allow_null=True)


class BinShown(Shown):
    mean_above = s.FloatField(help_text="Percent; the first bin holds 0 too")
    mean_to = s.FloatField()
    pairs = s.IntegerField()
    on_different_sides = s.IntegerField()
    share = s.FloatField(allow_null=True)


class DriftShown(Shown):
    reader = s.CharField()
    month = s.CharField()
    n = s.IntegerField()
    difference = s.FloatField(help_text="Mean of read less concluded value, points")
    low = s.FloatField(allow_null=True)
    high = s.FloatField(allow_null=True)
    out = s.BooleanField()


class AgreementShown(Shown):
    """Of concluded cases, the reads that stand. Readers are R1, R2 … unless the caller oversees reading."""

    cutoff = s.FloatField()
    model = s.CharField()
    edition = s.CharField()
    investigational = s.CharField()
    waiting = s.IntegerField(help_text="Cases whose two reads differ and nobody has decided; left out")
    figures = FigureShown(many=True)
    by_readers = SliceShown(many=True)
    by_month = SliceShown(many=True)
    repeats = SliceShown(many=True, help_text="Each reader against the same reader's earlier read")
    around_cutoff = BinShown(many=True)
    drift = DriftShown(many=True)


class PairShown(Shown):
    """Two reads of one case; of a repeat the earlier read and the repeat."""

    case = s.CharField()
    kind = s.CharField(help_text="two readers, or repeat")
    assay = s.CharField()
    month = s.CharField()
    reader_a = s.CharField()
    reader_b = s.CharField()
    adequate_a = s.CharField(allow_null=True)
    adequate_b = s.CharField(allow_null=True)
    adequate_concluded = s.CharField(allow_null=True)
    type_a = s.CharField(allow_null=True)
    type_b = s.CharField(allow_null=True)
    type_concluded = s.CharField(allow_null=True)
    risk_a = s.CharField(allow_null=True)
    risk_b = s.CharField(allow_null=True)
    risk_concluded = s.CharField(allow_null=True)
    grade_a = s.IntegerField(allow_null=True)
    grade_b = s.IntegerField(allow_null=True)
    grade_concluded = s.IntegerField(allow_null=True)
    evaluable_a = s.CharField(allow_null=True)
    evaluable_b = s.CharField(allow_null=True)
    evaluable_concluded = s.CharField(allow_null=True)
    caix_a = s.FloatField(allow_null=True)
    caix_b = s.FloatField(allow_null=True)
    caix_concluded = s.FloatField(allow_null=True)
    level_a = s.CharField(allow_null=True)
    level_b = s.CharField(allow_null=True)
    level_concluded = s.CharField(allow_null=True)
    difference = s.FloatField(allow_null=True)
    synthetic = s.BooleanField()


class PairsShown(Shown):
    results = PairShown(many=True)


class Report(Door):
    parameters = frozenset({"trial", "readers", "month"})

    def found(self) -> Pairs:
        """The pairs asked for. Raises ValidationError for what can be no name."""
        given = {name: self.request.query_params.get(name, "") for name in self.parameters}
        wrong = {n: "There is nothing of this name." for n, v in given.items() if "\x00" in v or len(v) > LONGEST[n]}
        if wrong:
            raise ValidationError(wrong)
        if given["trial"] and not self.person.has_perm("specimens.view"):
            raise Forbidden("not_your_role", "Trials are told apart only for who may know where tissue comes from.")
        return figures.narrowed(pairs_of(self.person, self.scope, given["trial"]), given["readers"], given["month"])


class Agreement(Report):
    @extend_schema(parameters=PARAMETERS, responses=AgreementShown)
    def get(self, request: Request) -> Response:
        """Every coefficient with its interval, by pair of readers and month, of repeats, around the cutoff, drift."""
        found = self.found()
        told: dict[str, Any] = {name: rows(found, CURRENT) for name, rows in TABLES.items() if name != "pairs"}
        told |= {"cutoff": CURRENT.caix_high_above, "model": CURRENT.model, "edition": CURRENT.edition}
        told |= {"investigational": CURRENT.statement, "waiting": found.waiting}
        return Response(AgreementShown(told).data)


class AgreementPairs(Report):
    @extend_schema(operation_id="agreement_pairs", parameters=PARAMETERS, responses=PairsShown)
    def get(self, request: Request) -> Response:
        """The pairs themselves, what each case concluded with beside them; then the repeats."""
        return Response(PairsShown({"results": TABLES["pairs"](self.found(), CURRENT)}).data)
