"""The table of the 66-patient study: what stands in print beside what this database computes."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.analysis.contingency import Association, TwoByTwo, associate, printed_p
from lims.demo.figures import TABLES, Row, Verdict, published_beside_computed, verdicts
from lims.demo.published import published_table
from lims.demo.stage import REBUILT
from lims.people import scope_of
from lims.web.gate import needs, person
from scoring.rules.editions import CURRENT
from specimens.errors import Forbidden

NEEDS_ALL = "This table rests on every patient of the trial; it is shown to the core's own statisticians."


@dataclass(frozen=True, slots=True)
class Ratio:
    """One 2 x 2 table with both odds ratios, each named with its interval."""

    what: str
    counts: str
    sample: str
    conditional: str
    p: str


@needs("lims.view_outcomes")
def published(request: HttpRequest) -> HttpResponse:
    if not scope_of(person(request)).everything:
        raise Forbidden("not_your_reach", NEEDS_ALL)
    found = verdicts()
    context = {
        "trial": REBUILT,
        "patients": len(found),
        "rows": [(row, agrees(row)) for row in published_beside_computed()] if found else [],
        "ratios": ratios(found) if found else [],
        "source": published_table()[0].source,
        "edition": CURRENT.edition,
    }
    return render(request, "statistics/published.html", context)


def agrees(row: Row) -> bool:
    """Do the printed counts stand in the computed line? Ratios and P are printed rounder than computed."""
    return row.computed.split(",")[0] == row.printed.split(",")[0]


def ratios(found: list[Verdict]) -> list[Ratio]:
    whats = {line.key: line.what for line in published_table()}
    return [ratio(whats[key], counted(found)) for key, counted in TABLES.items()]


def ratio(what: str, table: TwoByTwo) -> Ratio:
    said = associate(table)
    (a, b), (c, d) = table.rows()
    return Ratio(what, f"{a}, {b}; {c}, {d}", sample_of(said, table), conditional_of(said), printed_p(said.p))


def sample_of(said: Association, table: TwoByTwo) -> str:
    """The cross product; infinite where only the lower product is 0."""
    if said.sample_odds_ratio is None:
        return "infinite" if table.exposed_responders * table.unexposed_others else "not defined"
    if said.wald_low is None or said.wald_high is None:
        return f"{said.sample_odds_ratio:.2f}"
    return f"{said.sample_odds_ratio:.2f} ({said.wald_low:.2f} to {said.wald_high:.2f})"


def conditional_of(said: Association) -> str:
    ratio = "infinite" if said.conditional_odds_ratio is None else f"{said.conditional_odds_ratio:.2f}"
    low = "0" if said.exact_low is None else f"{said.exact_low:.2f}"
    high = "infinity" if said.exact_high is None else f"{said.exact_high:.2f}"
    return f"{ratio} ({low} to {high})"


urls: list[URLPattern] = [path("published/", published, name="published")]
