"""The analysis desk for programs: the same figures as on its pages, each named, for who may see outcomes."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from lims.analysis import cutoff, linked
from lims.analysis.survival import survive
from lims.analysis.told import LIBRARIES, told_survival, told_table
from lims.analysis_desk import BASES, Wanted, is_of, is_synthetic
from lims.analysis_desk import linked as linked_patients
from lims.api.door import Door
from scoring.rules.editions import CURRENT
from specimens.estimating import site_and_core

NARROW = ("trial", "release", "basis", "arm", "regimen")
TIMES, GROUPED = ("os", "pfs"), ("risk", "compartment", "caix_level", "arm")
SUBGROUPS = {"basis": "tissue", "arm": "arm", "treating_site": "site"}
GAPS = ("specimen", "histologic_type", "caix_percent", "risk", "response", "pfs_time", "os_time")
WHICH = [
    OpenApiParameter("trial", description="Code of the trial"),
    OpenApiParameter("release", description="Name of the outcome release; the latest unless told"),
    OpenApiParameter("basis", enum=list(BASES)),
    OpenApiParameter("arm"),
    OpenApiParameter("regimen", description="Part of the regimen's name"),
]


class OfLinked(Door):
    needs = {"GET": "lims.view_outcomes"}

    def rows(self, request: Request) -> list[linked.Told]:
        said = {name: request.query_params.get(name, "") for name in NARROW}
        if said["basis"] and said["basis"] not in BASES:
            raise ValidationError({"basis": f"Ask for one of {', '.join(BASES)}."})
        return linked_patients(
            self.scope, Wanted(said["trial"], said["release"], said["basis"], said["arm"], said["regimen"])
        )

    def word(self, request: Request, name: str, among: Any, otherwise: str) -> str:
        said = request.query_params.get(name) or otherwise
        if said not in among:
            raise ValidationError({name: f"Ask for one of {', '.join(among)}."})
        return said

    def number(self, request: Request, name: str, low: int, high: int, otherwise: int) -> int:
        said = request.query_params.get(name) or str(otherwise)
        if not (said.isascii() and said.isdigit()) or not low <= int(said) <= high:
            raise ValidationError({name: f"Give a whole number from {low} to {high}."})
        return int(said)


def wrapped(rows: list[linked.Told], told: dict[str, Any]) -> Response:
    about = {"model": CURRENT.model, "edition": CURRENT.edition, "investigational": CURRENT.statement,
             "patients": len(rows), "synthetic": is_synthetic(rows), "libraries": LIBRARIES}  # fmt: skip
    return Response(about | told)


class Analysis(OfLinked):
    parameters = frozenset({*NARROW, "time", "by"})

    @extend_schema(
        parameters=[*WHICH, OpenApiParameter("time", enum=TIMES), OpenApiParameter("by", enum=GROUPED)],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """Response by category, trend, time to event, subgroups, flow after REMARK, missing data."""
        rows = self.rows(request)
        time, by = self.word(request, "time", TIMES, "os"), self.word(request, "by", GROUPED, "compartment")
        shares = linked.by_group(rows, "risk", linked.RISKS)
        table = linked.two_by_two(rows, "compartment", "favourable", "unfavourable")
        return wrapped(rows, {
            "response_by_risk": [asdict(each) for each in shares],
            "response_by_caix": [asdict(each) for each in linked.by_group(rows, "caix_level", ("high", "low"))],
            "interval": "exact (Clopper-Pearson), 95%",
            "trend": {"name": "linear-by-linear (Cochran-Armitage) trend test", **asdict(linked.trend(shares))},
            "compartments": told_table(table),
            "time_to_event": {"endpoint": time, "by": by, **told_survival(survive(linked.subjects(rows, time, by)))},
            "subgroups": [asdict(each) for each in linked.forest(rows, SUBGROUPS)],
            "flow": [asdict(each) for each in linked.flow(rows)],
            "missing": [asdict(each) for each in linked.gaps(rows, GAPS)],
            "site_against_core": {
                "name": "site less core, points: mean difference, Bland-Altman limits, ICC(2,1)",
                "percentages": [asdict(each) for each in linked.compared(
                    site_and_core(self.scope, request.query_params.get("trial", "")))],
            },
        })  # fmt: skip


class Cutoff(OfLinked):
    parameters = frozenset({*NARROW, "marker", "endpoint", "samples", "seed"})

    @extend_schema(
        parameters=[
            *WHICH, OpenApiParameter("marker", enum=list(linked.MARKERS)),
            OpenApiParameter("endpoint", enum=list(linked.ENDPOINTS)),
            OpenApiParameter("samples", type=int), OpenApiParameter("seed", type=int),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Every cutoff of a marker against an outcome; ROC area; the data's own cutoff, corrected for optimism."""
        rows = self.rows(request)
        marker = self.word(request, "marker", linked.MARKERS, "caix_percent")
        endpoint = self.word(request, "endpoint", linked.ENDPOINTS, "response")
        samples = self.number(request, "samples", 50, cutoff.MOST_SAMPLES, 500)
        seed = self.number(request, "seed", 0, 2**31 - 1, cutoff.SEED)
        also = [float(CURRENT.caix_high_above)] if marker == "caix_percent" else []
        found = cutoff.explore(linked.pairs(rows, marker, endpoint), also=also, samples=samples, seed=seed)
        return wrapped(rows, {
            "marker": marker, "endpoint": endpoint, "warning": cutoff.WARNING, **asdict(found),
            "by_tissue": {basis: asdict(cutoff.explore(
                linked.pairs([row for row in rows if is_of(row, basis)], marker, endpoint), also=also, samples=samples,
                seed=seed)) for basis in BASES},
            "names": {"area": "ROC area, DeLong 95% interval", "odds_ratio": "sample odds ratio, Wald 95% interval",
                      "p": "Fisher’s exact test, two-sided",
                      "corrected": "Youden index less its bootstrap optimism (Harrell)"},
        })  # fmt: skip
