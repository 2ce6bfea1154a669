"""Clinical factors: a patient's chart with every system's group; recording them, by rows or as a sheet."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.bodies import MOST_ROWS, day, text
from lims.api.door import Body, Door, valid
from lims.api.shown import Shown
from lims.factor_import import Verdict, judged_with
from lims.intake.factor_sheet import read_factors
from scoring.chart import VIEW, Chart, Group, chart_of
from scoring.charting import RECORD, NewFactor, record_clinical_factors
from specimens.errors import Invalid, Rejected, RowProblem


class FactorShown(Shown):
    id = s.IntegerField()
    factor = s.CharField()
    value = s.CharField(help_text="As given; blank when it was taken back")
    unit = s.CharField(help_text="As given")
    lower = s.CharField(help_text="Of the reference range, in the same unit")
    upper = s.CharField()
    on = s.DateField()
    source = s.CharField()  # type: ignore[assignment]
    reason = s.CharField()
    supersedes = s.IntegerField(allow_null=True)
    recorded_at = s.DateTimeField()
    recorded_by = s.CharField()
    state = s.CharField(help_text="used, earlier, corrected or taken back")
    rule_value = s.CharField(help_text="A laboratory value as the systems take it, else blank")
    rule_unit = s.CharField()
    synthetic = s.BooleanField()


class GroupShown(Shown):
    """`group` is indeterminate while `missing` leaves it open; null where two inputs contradict each other."""

    model = s.CharField()
    edition = s.CharField()
    group = s.CharField(allow_null=True)
    possible_groups = s.ListField(child=s.CharField())
    points = s.IntegerField(allow_null=True)
    reasons = s.ListField(child=s.CharField())
    missing = s.ListField(child=s.CharField())
    problem = s.CharField()
    investigational = s.CharField()


class HandGroupShown(Shown):
    """Entered with its source: the points of this system could not be verified and are not computed."""

    model = s.CharField()
    factors = s.DictField(child=s.CharField())
    group = s.CharField(allow_null=True)
    source = s.CharField()  # type: ignore[assignment]
    on = s.DateField(allow_null=True)
    investigational = s.CharField()


class ChartShown(Shown):
    trial = s.CharField()
    study_id = s.CharField()
    withdrawn = s.BooleanField()
    factors = FactorShown(many=True)
    groups = GroupShown(many=True)
    by_hand = HandGroupShown(many=True)
    synthetic = s.BooleanField()


class FactorBody(Body):
    trial = text(24, blank=False)
    study_id = text(40, blank=False)
    factor = text(60, blank=False)
    value = s.CharField(max_length=40, allow_blank=True, help_text="As text; blank takes back, with a reason")
    unit = text(20)
    lower = text(20)
    upper = text(20)
    on = day()
    source = text(200)  # type: ignore[assignment]
    reason = text(500)


class FactorsBody(Body):
    """Either `rows` or a `sheet`."""

    rows = FactorBody(many=True, default=list, max_length=MOST_ROWS)  # type: ignore[call-arg]
    sheet = s.CharField(default="", allow_blank=True, max_length=2 * 1024 * 1024, trim_whitespace=False,
                        help_text="The text of a CSV file with the same columns")  # fmt: skip


class FactorFinding(Shown):
    row = s.IntegerField()
    field = s.CharField()
    value = s.CharField()
    sentence = s.CharField()


class FactorsVerdict(Shown):
    """`kept` counts the facts that were written; a dry run keeps none."""

    dry_run = s.BooleanField()
    rows = s.IntegerField()
    new = s.IntegerField()
    corrections = s.IntegerField()
    recorded = s.IntegerField(help_text="Already, and passed over")
    refused = s.IntegerField()
    kept = s.IntegerField()
    findings = FactorFinding(many=True)


def chart_told(chart: Chart) -> dict[str, Any]:
    rows = []
    for row in chart.rows:
        names = ("factor", "value", "unit", "lower", "upper", "on", "source", "reason", "recorded_at", "synthetic")
        told = {name: getattr(row.fact, name) for name in names}
        told |= {"id": row.fact.pk, "supersedes": row.fact.supersedes_id, "state": row.state}
        told |= {"recorded_by": row.fact.recorded_by.printed_name, "rule_unit": row.rule_unit}
        rows.append(told | {"rule_value": "" if row.rule_value is None else f"{row.rule_value:f}"})
    by_hand = [
        {"model": each.model, "factors": dict(each.factors), "group": each.group, "source": each.source,
         "on": each.on, "investigational": each.statement}
        for each in chart.by_hand
    ]  # fmt: skip
    return {
        "trial": chart.patient.trial.code, "study_id": chart.patient.study_id, "withdrawn": chart.withdrawn,
        "factors": rows, "groups": [group_told(group) for group in chart.groups], "by_hand": by_hand,
        "synthetic": chart.synthetic,
    }  # fmt: skip


def group_told(group: Group) -> dict[str, Any]:
    said, verdict = {"model": group.model, "edition": group.edition, "problem": group.problem}, group.verdict
    return said | {
        "group": verdict.group if verdict else None,
        "possible_groups": verdict.possible_groups if verdict else [],
        "points": verdict.points if verdict else None,
        "reasons": verdict.reasons if verdict else [],
        "missing": verdict.missing if verdict else [],
        "investigational": group.statement,
    }


class ClinicalChart(Door):
    needs = {"GET": VIEW}

    @extend_schema(responses=ChartShown)
    def get(self, request: Request, trial: str, study_id: str) -> Response:
        """The patient's clinical factors, and what each clinical system makes of them."""
        which = {"trial__code__iexact": trial, "study_id__iexact": study_id}
        return Response(ChartShown(chart_told(chart_of(self.person, self.scope, **which))).data)


DRY_RUN = OpenApiParameter("dry_run", description="true: say what would become of each row, and keep nothing")


class ClinicalFactors(Door):
    needs = {"POST": RECORD}
    parameters = frozenset({"dry_run"})

    @extend_schema(request=FactorsBody, responses={201: FactorsVerdict, 200: FactorsVerdict}, parameters=[DRY_RUN])
    def post(self, request: Request) -> Response:
        """Record factors, all of them or, with every fault named, none. What is recorded already is passed over."""
        at = timezone.now()
        told = valid(FactorsBody, request)
        if bool(told["rows"]) == bool(told["sheet"]):
            raise Invalid("rows_or_sheet", "Send either rows or the text of a sheet.", field="rows")
        rows, unread = [NewFactor(**row) for row in told["rows"]], list[RowProblem]()
        if told["sheet"]:
            rows, unread = read_factors(told["sheet"].encode())
        verdict = judged_with(self.person, at, rows, unread)
        if request.query_params.get("dry_run", "") == "true":
            return Response(FactorsVerdict(verdict_told(verdict, dry_run=True)).data)
        if verdict.problems:
            raise Rejected(verdict.problems, code="factors_rejected")
        made = record_clinical_factors(by=self.person, at=at, rows=rows)
        kept = Verdict(verdict.rows, len(made))
        return Response(FactorsVerdict(verdict_told(kept, dry_run=False)).data, status=201)


def verdict_told(verdict: Verdict, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run, "rows": len(verdict.rows), "new": verdict.count("new"),
        "corrections": verdict.count("correction"), "recorded": verdict.count("recorded"),
        "refused": verdict.refused, "kept": verdict.kept, "findings": verdict.problems,
    }  # fmt: skip
