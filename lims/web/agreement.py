"""Agreement of the two readers: the finding in words, the figure, the counted quadrants, the tables."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from lims.analysis import agreement
from lims.people import scope_of
from lims.web.gate import needs, person
from lims.web.scatter import Counts, Point, scatter
from scoring.agreement_desk import Opinion, Pair, Pairs, pairs_of
from scoring.rules.editions import CURRENT
from scoring.rules.model import RISKS
from specimens import queries

CUTOFF = float(CURRENT.caix_high_above)
FAR = float(CURRENT.caix_discordance_points)
MOST_ROWS = 200
Take = Callable[[Opinion], Hashable]


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: a coefficient and what it speaks of; raw agreement stands beside it."""

    name: str
    of: str
    value: str
    raw: str


def told(pairs: Sequence[Pair], take: Take) -> list[tuple[Hashable, Hashable]]:
    """The pairs in which both reads answer."""
    both = [(take(pair.first), take(pair.second)) for pair in pairs]
    return [(a, b) for a, b in both if a is not None and b is not None]


def raw_of(pairs: Sequence[tuple[Hashable, Hashable]]) -> str:
    return f"{sum(a == b for a, b in pairs)} of {len(pairs)}"


def number(value: float | None, places: int = 3) -> str:
    """A figure; “undefined” where it is, never 0 or 1."""
    return "undefined" if value is None else f"{value:.{places}f}".replace("-", "−")


def measures(found: Pairs) -> list[Measure]:
    """Every coefficient of the report, in its order."""
    types = told(found.histology, lambda o: o.type)
    adequacy = told(found.histology, lambda o: o.adequate)
    levels = told(found.caix, lambda o: o.level)
    evaluable = told(found.caix, lambda o: o.evaluable)
    order = {str(risk): place for place, risk in enumerate(RISKS)}
    risks = [(order[str(a)], order[str(b)]) for a, b in told(found.histology, lambda o: o.risk)]
    percents = percents_of(found.caix)
    linear, squared = (agreement.weighted_kappa(risks, by) for by in (agreement.linear, agreement.quadratic))
    alpha = agreement.alpha
    return [
        Measure("Cohen’s kappa", "adequacy", number(agreement.kappa(adequacy)), raw_of(adequacy)),
        Measure("Cohen’s kappa", "histologic type", number(agreement.kappa(types)), raw_of(types)),
        Measure("Krippendorff’s alpha, nominal", "histologic type", number(alpha(types, "nominal")), raw_of(types)),
        Measure("weighted kappa, linear", "pathology risk", number(linear), raw_of(risks)),
        Measure("weighted kappa, quadratic", "pathology risk", number(squared), raw_of(risks)),
        Measure("Krippendorff’s alpha, ordinal", "pathology risk", number(alpha(risks, "ordinal")), raw_of(risks)),
        *grade_measures(found.histology),
        Measure("Cohen’s kappa", "CA-IX evaluable", number(agreement.kappa(evaluable)), raw_of(evaluable)),
        Measure("Cohen’s kappa", "CA-IX level", number(agreement.kappa(levels)), raw_of(levels)),
        Measure(
            "Krippendorff’s alpha, interval",
            "CA-IX percentage",
            number(alpha(percents, "interval")),
            raw_of(percents),
        ),
        Measure("ICC(2,1), absolute", "CA-IX percentage", number(agreement.icc_2_1(percents)), raw_of(percents)),
        *bland_altman(percents),
    ]


def grade_measures(pairs: Sequence[Pair]) -> list[Measure]:
    """The WHO/ISUP grade 1 to 4, where both reads give one."""
    grades = told(pairs, lambda o: o.grade)
    weights = {"linear": agreement.linear, "quadratic": agreement.quadratic}
    return [
        Measure(
            f"weighted kappa, {name}", "WHO/ISUP grade", number(agreement.weighted_kappa(grades, by)), raw_of(grades)
        )
        for name, by in weights.items()
    ]


def bland_altman(percents: Sequence[tuple[float, float]]) -> list[Measure]:
    limits = agreement.bland_altman(percents)
    raw = raw_of(percents)
    if limits is None:
        return [Measure("mean difference A − B", "CA-IX points", "undefined", raw)]
    reach = f"{number(limits.low, 2)} to {number(limits.high, 2)}"
    return [
        Measure("mean difference A − B", "CA-IX points", number(limits.mean, 2), raw),
        Measure("limits of agreement", "CA-IX points", reach, raw),
    ]


def percents_of(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in told(pairs, lambda o: o.caix)]  # type: ignore[arg-type]


def counts_of(pairs: Sequence[Pair]) -> Counts:
    return Counts(**agreement.quadrants(percents_of(pairs), CUTOFF))


@dataclass(frozen=True, slots=True)
class CaseRow:
    code: str
    a: float
    b: float
    level_a: str
    level_b: str
    word: str
    shape: str
    synthetic: bool

    @property
    def apart(self) -> str:
        return f"{self.a - self.b:+g}".replace("-", "−") if self.a != self.b else "0"


def rows_of(pairs: Sequence[Pair]) -> list[CaseRow]:
    """Each case with both percentages, those that disagree first."""
    found = [row_of(pair) for pair in pairs if pair.first.caix is not None and pair.second.caix is not None]
    order = {"due": 0, "ask": 1, "done": 2}
    return sorted(found, key=lambda row: (order[row.shape], -abs(row.a - row.b), row.code))


def row_of(pair: Pair) -> CaseRow:
    a, b = float(pair.first.caix or 0), float(pair.second.caix or 0)
    word, shape = "agree", "done"
    if (a > CUTOFF) != (b > CUTOFF):
        word, shape = f"on both sides of {CUTOFF:g}", "due"
    elif abs(a - b) > FAR:
        word, shape = f"more than {FAR:g} apart", "ask"
    return CaseRow(pair.code, a, b, pair.first.level or "", pair.second.level or "", word, shape, pair.synthetic)


def in_words(found: Pairs) -> tuple[str, str]:
    """The finding in words: how far the readers agree on the percentage, and at the cutoff."""
    percents, levels = percents_of(found.caix), told(found.caix, lambda o: o.level)
    icc, kappa = agreement.icc_2_1(percents), agreement.kappa(levels)
    if icc is None or kappa is None:
        return (
            "There are too few pairs, or too little spread among them, for a coefficient.",
            "Look at the counts.",
        )
    at_cutoff = f"at the cutoff kappa is {number(kappa, 2)}, {raw_of(levels)} agree"
    said = f"On the percentage ICC is {number(icc, 2)}; {at_cutoff}."
    if icc >= 0.75 > kappa:
        return said, "It is the cutoff, not the percentage, that needs the report."
    return said, "Read the coefficients beside the raw counts."


@needs("scoring.view_agreement")
def agreement_page(request: HttpRequest) -> HttpResponse:
    trial = request.GET.get("trial", "")[:24]
    found = pairs_of(person(request), scope_of(person(request)), trial)
    rows, counts = rows_of(found.caix), counts_of(found.caix)
    finding, advice = in_words(found)
    context = {
        "trial": trial,
        "trials": queries.trials(),
        "pairs": found,
        "measures": measures(found),
        "counts": counts,
        "total": len(rows),
        "rows": rows[:MOST_ROWS],
        "cut_off": len(rows) - MOST_ROWS if len(rows) > MOST_ROWS else 0,
        "finding": finding,
        "advice": advice,
        "cutoff": f"{CUTOFF:g}",
        "edition": CURRENT.edition,
        "asked": urlencode({"trial": trial}) if trial else "",
        "synthetic": any(pair.synthetic for pair in (*found.histology, *found.caix)),
    }
    return render(request, "statistics/agreement.html", context)


@needs("scoring.view_agreement")
@never_cache
def agreement_figure(request: HttpRequest) -> HttpResponse:
    """The scatter as a picture of its own address: no script, no style, nothing from elsewhere in it."""
    found = pairs_of(person(request), scope_of(person(request)), request.GET.get("trial", "")[:24])
    points = [Point(row.a, row.b, row.code) for row in rows_of(found.caix)]
    answer = HttpResponse(scatter(points, CUTOFF, counts_of(found.caix)), content_type="image/svg+xml; charset=utf-8")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


urls: list[URLPattern] = [
    path("agreement/", agreement_page, name="agreement"),
    path("agreement/scatter.svg", agreement_figure, name="agreement_figure"),
]
