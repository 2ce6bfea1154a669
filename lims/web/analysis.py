"""The statistician's desk: response and survival by category, subgroups, flow, gaps; and every cutoff of a marker."""

import csv
import io
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Any

import resvg_py
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.analysis import cutoff, linked
from lims.analysis.survival import survive
from lims.analysis.told import LIBRARIES
from lims.analysis_desk import BASES, Wanted, is_of, is_synthetic
from lims.analysis_desk import linked as linked_patients
from lims.manifests.annotating import neutral
from lims.papers.analysis import analysis_paper
from lims.people import scope_of
from lims.web import analysis_plots as plots
from lims.web.forms import PickField
from lims.web.gate import needs, person
from lims.web.places import Place
from scoring.rules.editions import CURRENT
from specimens import queries
from specimens.estimating import site_and_core

RIGHT = "lims.view_outcomes"
TIMES = {"os": "Overall survival", "pfs": "Progression-free survival"}
GROUPED = {"risk": "pathology risk", "compartment": "compartment", "caix_level": "CA-IX level", "arm": "arm"}
SUBGROUPS = {"basis": "tissue", "arm": "arm", "treating_site": "site"}
GAPS = (
    "specimen", "histologic_type", "alveolar_percent", "granular_percent", "papillary_percent", "caix_percent",
    "h_score", "risk", "response", "pfs_time", "os_time",
)  # fmt: skip
DEFAULTS = {"endpoint": "response", "marker": "caix_percent", "time": "os", "by": "compartment", "samples": "500",
            "seed": str(cutoff.SEED)}  # fmt: skip


class WantedForm(forms.Form):
    """Which patients; a choice stands in the address, so that it can be kept and sent."""

    trial = PickField(label="Trial", queryset=None, required=False, empty_label="all trials", to_field_name="code")
    release = forms.CharField(label="Outcome release", max_length=60, required=False, help_text="blank is the latest")
    basis = forms.ChoiceField(label="Tissue", required=False, choices=[("", "any"), *((b, b) for b in BASES)])
    arm = forms.CharField(label="Arm", max_length=60, required=False)
    regimen = forms.CharField(label="Regimen holds", max_length=60, required=False)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        said = self.cleaned_data
        trial = said["trial"].code if said["trial"] else ""
        return Wanted(trial, said["release"], said["basis"], said["arm"], said["regimen"])


class AnalysisForm(WantedForm):
    time = forms.ChoiceField(label="Time to", choices=list(TIMES.items()))
    by = forms.ChoiceField(label="By", choices=list(GROUPED.items()))


class CutoffForm(WantedForm):
    marker = forms.ChoiceField(label="Marker", choices=list(linked.MARKERS.items()))
    endpoint = forms.ChoiceField(label="Outcome", choices=list(linked.ENDPOINTS.items()))
    samples = forms.IntegerField(label="Bootstrap samples", min_value=50, max_value=cutoff.MOST_SAMPLES)
    seed = forms.IntegerField(label="Seed", min_value=0, max_value=2**31 - 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """What was asked, and the patients it is asked of; None while the form is at fault."""

    form: WantedForm
    rows: list[linked.Told] | None
    query: str


def desk(request: HttpRequest, kind: type[WantedForm]) -> Desk:
    form = kind({**DEFAULTS, **request.GET.dict()})
    rows = linked_patients(scope_of(person(request)), form.wanted()) if form.is_valid() else None
    query = request.GET.urlencode()
    return Desk(form, rows, f"?{query}" if query else "")


# ---- the analysis desk ----


@needs(RIGHT)
def analysis(request: HttpRequest) -> HttpResponse:
    here = desk(request, AnalysisForm)
    context: dict[str, Any] = {
        "form": here.form,
        "query": here.query,
        "edition": CURRENT.edition,
        "libraries": LIBRARIES,
    }
    if here.rows is not None:
        shares = linked.by_group(here.rows, "risk", linked.RISKS)
        context |= {
            "n": len(here.rows),
            "synthetic": is_synthetic(here.rows),
            "shares": shares,
            "levels": linked.by_group(here.rows, "caix_level", ("high", "low")),
            "trend": linked.trend(shares),
            "compartments": linked.forest(here.rows, {})[:1],
            "survival": survive_by(here),
            "subgroups": linked.forest(here.rows, SUBGROUPS),
            "flow": linked.flow(here.rows),
            "gaps": linked.gaps(here.rows, GAPS),
            "compared": linked.compared(site_and_core(scope_of(person(request)), here.form.wanted().trial)),
        }
    return render(request, "statistics/analysis.html", context)


@needs(RIGHT)
def paper(request: HttpRequest) -> HttpResponse:
    """The same as a PDF, with the curves."""
    here = desk(request, AnalysisForm)
    if here.rows is None:
        return redirect(f"{reverse('analysis')}{here.query}")
    said, shares, found = here.form.cleaned_data, linked.by_group(here.rows, "risk", linked.RISKS), survive_by(here)
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=draw_survival(here), zoom=2)) if found else b""
    content = analysis_paper(
        title=f"Analysis, {said['trial'] or 'all trials'}, {len(here.rows)} patients", edition=CURRENT,
        libraries=LIBRARIES, synthetic=is_synthetic(here.rows), shares=shares, trend=linked.trend(shares),
        survival=found, curves=drawn, subgroups=linked.forest(here.rows, SUBGROUPS), flow=linked.flow(here.rows),
        gaps=linked.gaps(here.rows, GAPS), made_at=timezone.now(),
    )  # fmt: skip
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="analysis.pdf"'
    return answer


def survive_by(here: Desk) -> Any:
    said = here.form.cleaned_data
    subjects = linked.subjects(here.rows or [], said["time"], said["by"])
    return survive(subjects) if subjects else None


def draw_survival(here: Desk) -> str:
    found, said = survive_by(here), here.form.cleaned_data
    return plots.survival(found.curves if found else (), TIMES[said["time"]], "days")


def draw_forest(here: Desk) -> str:
    return plots.forest(linked.forest(here.rows or [], SUBGROUPS))


# ---- the cutoff explorer ----


@needs(RIGHT)
def cutoffs(request: HttpRequest) -> HttpResponse:
    here = desk(request, CutoffForm)
    context: dict[str, Any] = {
        "form": here.form,
        "query": here.query,
        "edition": CURRENT.edition,
        "libraries": LIBRARIES,
    }
    if here.rows is not None:
        context |= {
            "n": len(here.rows), "synthetic": is_synthetic(here.rows), "found": explored(here), "beside": beside(here),
            "protocol": protocol_of(here), "warning": cutoff.WARNING,
        }  # fmt: skip
    return render(request, "statistics/cutoff.html", context)


def protocol_of(here: Desk) -> float | None:
    """The rule's own cutoff, where the marker is CA-IX."""
    return float(CURRENT.caix_high_above) if here.form.cleaned_data["marker"] == "caix_percent" else None


def explored(here: Desk) -> cutoff.Explored:
    said, protocol = here.form.cleaned_data, protocol_of(here)
    both = linked.pairs(here.rows or [], said["marker"], said["endpoint"])
    also = [protocol] if protocol is not None else []
    return cutoff.explore(both, also=also, samples=said["samples"], seed=said["seed"])


def beside(here: Desk) -> list[tuple[str, cutoff.Explored]]:
    """The same for primary tumours and for metastases, never pooled."""
    rows = here.rows or []
    return [(basis, explored(replace(here, rows=[row for row in rows if is_of(row, basis)]))) for basis in BASES]


def marker_of(here: Desk) -> str:
    return linked.MARKERS[here.form.cleaned_data["marker"]]


def draw_roc(here: Desk) -> str:
    return plots.roc(explored(here), marker_of(here))


def draw_odds(here: Desk) -> str:
    return plots.odds(explored(here), marker_of(here), protocol_of(here))


def draw_wandering(here: Desk) -> str:
    return plots.wandering(explored(here), marker_of(here))


# ---- pictures, and the data behind them ----

CUTS = ("svg", "png", "csv")
DRAWN: dict[str, tuple[type[WantedForm], Callable[[Desk], str]]] = {
    "survival": (AnalysisForm, draw_survival),
    "forest": (AnalysisForm, draw_forest),
    "roc": (CutoffForm, draw_roc),
    "odds": (CutoffForm, draw_odds),
    "wandering": (CutoffForm, draw_wandering),
}


@needs(RIGHT)
def picture(request: HttpRequest, figure: str, cut: str) -> HttpResponse:
    """One figure as SVG or PNG, or the rows behind it as CSV."""
    if figure not in DRAWN or cut not in CUTS:
        raise Http404
    form, draw = DRAWN[figure]
    here = desk(request, form)
    if here.rows is None:
        raise Http404
    if cut == "csv":
        answer = HttpResponse(csv_of(figure, here), content_type="text/csv; charset=utf-8")
    else:
        svg = plots.noted(draw(here), notice(here))
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=2)) if cut == "png" else b""
        answer = HttpResponse(png or svg, content_type="image/png" if png else "image/svg+xml")
    if cut != "svg":
        answer["Content-Disposition"] = f'attachment; filename="{figure}.{cut}"'
    return answer


def notice(here: Desk) -> str:
    """What goes wherever a figure or its data go."""
    made_up = " Synthetic rows among them." if is_synthetic(here.rows or []) else ""
    return f"{CURRENT.model} {CURRENT.edition}. {CURRENT.statement}{made_up}"


def csv_of(name: str, here: Desk) -> str:
    said, (heading, *rows), words = io.StringIO(), DATA[name](here), notice(here)
    writer = csv.writer(said, lineterminator="\n")
    writer.writerow([*heading, "notice"])
    writer.writerows([*(neutral(cell) if isinstance(cell, str) else cell for cell in row), words] for row in rows)
    return said.getvalue()


def survival_rows(here: Desk) -> list[list[Any]]:
    found = survive_by(here)
    rows = [
        [curve.group, step.time, step.at_risk, step.events, step.censored, step.survival, step.low, step.high]
        for curve in (found.curves if found else ())
        for step in curve.steps
    ]
    return [["group", "time", "at_risk", "events", "censored", "survival", "low", "high"], *rows]


def forest_rows(here: Desk) -> list[list[Any]]:
    rows = [
        [each.name, *astuple(each.table), each.said.sample_odds_ratio, each.said.wald_low, each.said.wald_high,
         each.said.p]
        for each in linked.forest(here.rows or [], SUBGROUPS)
    ]  # fmt: skip
    heading = ["subgroup", "favourable_responders", "favourable_others", "unfavourable_responders",
               "unfavourable_others", "odds_ratio", "low", "high", "fisher_p"]  # fmt: skip
    return [heading, *rows]


def sweep_rows(here: Desk) -> list[list[Any]]:
    rows = [
        [each.cutoff, *astuple(each.table), each.sensitivity, each.specificity, each.odds_ratio, each.low,
         each.high, each.p]
        for each in explored(here).sweep
    ]  # fmt: skip
    heading = ["cutoff", "above_with", "above_without", "below_with", "below_without", "sensitivity", "specificity",
               "odds_ratio", "low", "high", "fisher_p"]  # fmt: skip
    return [heading, *rows]


def wandering_rows(here: Desk) -> list[list[Any]]:
    found = explored(here)
    return [["cutoff", "samples"], *(list(each) for each in (found.chosen.spread if found.chosen else ()))]


DATA: dict[str, Callable[[Desk], list[list[Any]]]] = {
    "survival": survival_rows, "forest": forest_rows, "roc": sweep_rows, "odds": sweep_rows,
    "wandering": wandering_rows,
}  # fmt: skip

urls: list[URLPattern] = [
    path("analysis/", analysis, name="analysis"),
    path("analysis/paper/", paper, name="analysis_paper"),
    path("cutoff/", cutoffs, name="cutoff"),
    path("analysis/figures/<slug:figure>/<slug:cut>/", picture, name="analysis_figure"),
]
places = [Place("analysis", "Analysis", "2", (RIGHT,), 65), Place("cutoff", "Cutoffs", "3", (RIGHT,), 66)]
