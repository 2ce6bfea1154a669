"""The statistician's pages: scores here; export, outcomes, agreement and the published table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.people import scope_of
from lims.web import agreement, analysis, exporting, freezes, outcome_variables, published, releases, settling
from lims.web.gate import needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.words import ELIGIBILITY_SHAPES, percent_of
from scoring import score_desk
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import Eligibility, Risk
from specimens import queries

FILTERS = ("trial", "risk", "eligibility")
LONGEST = 24


@needs("scoring.view_scores")
def scores(request: HttpRequest) -> HttpResponse:
    """Every patient's current score, last computed first, fifty at a time."""
    user, scope, place = person(request), scope_of(person(request)), pager(request)
    asked = {name: request.GET.get(name, "")[:LONGEST] for name in FILTERS}
    page = score_desk.score_list(
        user,
        scope,
        trial=asked["trial"],
        risk=asked["risk"],
        eligibility=asked["eligibility"],
        before_id=place.before_id,
    )
    context = {
        "page": place.of(page),
        "rows": [(row, shape_of(row.eligibility), percent_of(row.caix)) for row in page.rows],
        "count": score_desk.score_count(user, scope, asked["trial"]),
        "trials": queries.trials(),
        "risks": list(Risk),
        "eligibilities": list(Eligibility),
        "asked": asked,
        "filtered": any(asked.values()),
        "edition": CURRENT,
    }
    return render(request, "statistics/scores.html", context)


def shape_of(eligibility: str) -> str:
    return ELIGIBILITY_SHAPES[Eligibility(eligibility)] if eligibility else "open"


urls: list[URLPattern] = [
    path("scores/", scores, name="scores"),
    *agreement.urls,
    *analysis.urls,
    *exporting.urls,
    *freezes.urls,
    *releases.urls,
    *outcome_variables.urls,
    *settling.urls,
    *published.urls,
]
places = [
    *analysis.places,
    Place("scores", "Scores", "s", ("scoring.view_scores",), 60),
    Place("export", "Export", "x", ("lims.export",), 61),
    Place("outcomes", "Outcomes", "o", ("lims.view_outcomes",), 62),
    Place("agreement", "Agreement", "m", ("scoring.view_agreement", "scoring.oversee"), 63),
    Place("published", "Published table", "u", ("lims.view_outcomes",), 64),
]
