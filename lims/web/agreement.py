"""Agreement of the readers: the finding in words, the figures, the counted quadrants, the tables, and their data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from lims.analysis import agreement, figures, tables
from lims.analysis.figures import percents, told
from lims.people import scope_of
from lims.web import agreement_plots as plots
from lims.web.boards import svg
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.scatter import Counts, Point, scatter
from scoring.agreement_desk import NAMES, SEES, Pair, Pairs, pairs_of
from scoring.rules.editions import CURRENT
from specimens import queries

CUTOFF = float(CURRENT.caix_high_above)
FAR = float(CURRENT.caix_discordance_points)
MOST_ROWS = 200
KEPT_FOR = 30  # seconds: the pictures show the numbers of the page they stand on


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: a coefficient and what it speaks of; raw agreement stands beside it."""

    name: str
    of: str
    value: str
    raw: str
    interval: str = ""


def number(value: float | None, places: int = 3) -> str:
    """A figure; “undefined” where it is, never 0 or 1."""
    return "undefined" if value is None else f"{value:.{places}f}".replace("-", "−")


def measures(found: Pairs) -> list[Measure]:
    """Every coefficient of the report, in its order."""
    return [measure(each) for each in figures.figures(found)]


def measure(each: figures.Figure) -> Measure:
    places = 2 if each.measure in ("mean_difference", "lower_limit", "upper_limit") else 3
    interval = "" if each.low is None else f"{number(each.low, places)} to {number(each.high, places)}"
    return Measure(each.name, each.of, number(each.value, places), f"{each.agree} of {each.n}", interval)


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One pair of readers, month or reader in a line; `query` narrows the page to it."""

    name: str
    risk: str
    risk_kappa: str
    level: str
    level_kappa: str
    icc: str
    difference: str
    limits: str
    query: str


def slice_rows(slices: Sequence[figures.Slice], query: Callable[[str], str]) -> list[SliceRow]:
    return [
        SliceRow(
            each.name,
            f"{each.risk_agree} of {each.risk_n}",
            number(each.risk_kappa),
            f"{each.level_agree} of {each.caix_n}",
            number(each.level_kappa),
            number(each.icc),
            number(each.mean_difference, 2),
            f"{number(each.limits[0], 1)} to {number(each.limits[1], 1)}" if each.limits else "undefined",
            query(each.name),
        )
        for each in slices
    ]


def counts_of(pairs: Sequence[Pair]) -> Counts:
    return Counts(**agreement.quadrants(percents(pairs), CUTOFF))


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
    levels = told(found.caix, lambda o: o.level)
    icc, kappa = agreement.icc_2_1(percents(found.caix)), agreement.kappa(levels)
    if icc is None or kappa is None:
        return (
            "There are too few pairs, or too little spread among them, for a coefficient.",
            "Look at the counts.",
        )
    at_cutoff = f"at the cutoff kappa is {number(kappa, 2)}, {sum(a == b for a, b in levels)} of {len(levels)} agree"
    said = f"On the percentage ICC is {number(icc, 2)}; {at_cutoff}."
    if icc >= 0.75 > kappa:
        return said, "It is the cutoff, not the percentage, that needs the report."
    return said, "Read the coefficients beside the raw counts."


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is narrowed to; blank is everything."""

    trial: str
    readers: str
    month: str

    def query(self, **more: str) -> str:
        said = {"trial": self.trial, "readers": self.readers, "month": self.month} | more
        kept = {name: value for name, value in said.items() if value}
        return "?" + urlencode(kept) if kept else ""


def asked_of(request: HttpRequest) -> Asked:
    """The trial is for those who may know where tissue comes from; whoever reads cases is not told it."""
    trial = typed(request.GET, "trial", 24) if may(request.user, "specimens.view") else ""
    return Asked(trial, typed(request.GET, "readers", 640), typed(request.GET, "month", 7))


def all_pairs(request: HttpRequest, asked: Asked, *, anew: bool = False) -> Pairs:
    """Every pair of the trial; pictures and tables take what the page beside them was made of."""
    key = f"agreement:{person(request).pk}:{urlencode({'trial': asked.trial})}"
    found: Pairs | None = None if anew else cache.get(key)
    if found is None:
        found = pairs_of(person(request), scope_of(person(request)), asked.trial)
        cache.set(key, found, KEPT_FOR)
    return found


def asked_pairs(request: HttpRequest) -> Pairs:
    asked = asked_of(request)
    return figures.narrowed(all_pairs(request, asked), asked.readers, asked.month)


@needs(SEES, NAMES)
@never_cache
def agreement_page(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    every = all_pairs(request, asked, anew=True)
    found = figures.narrowed(every, asked.readers, asked.month)
    rows = rows_of(found.caix)
    finding, advice = in_words(found)
    context = {
        "asked": asked,
        "query": asked.query(),
        "pairs": found,
        "measures": measures(found),
        "counts": counts_of(found.caix),
        "total": len(rows),
        "rows": rows[:MOST_ROWS],
        "cut_off": len(rows) - MOST_ROWS if len(rows) > MOST_ROWS else 0,
        "finding": finding,
        "advice": advice,
        "cutoff": f"{CUTOFF:g}",
        "edition": CURRENT.edition,
        "opens_cases": may(person(request), "scoring.view_scores"),
        "named": may(person(request), NAMES),
        "synthetic": any(pair.synthetic for pair in (*found.histology, *found.caix, *found.repeats)),
    }
    return render(request, "statistics/agreement.html", context | offered(request, asked, every) | sliced(found, asked))


def offered(request: HttpRequest, asked: Asked, every: Pairs) -> dict[str, object]:
    """What the bar of filters offers."""
    both = [*every.histology, *every.caix]
    return {
        "trials": queries.trials() if may(request.user, "specimens.view") else [],
        "all_readers": sorted({pair.together for pair in both if pair.readers[0]}, key=lambda name: (len(name), name)),
        "all_months": sorted({pair.month for pair in both if pair.month}, reverse=True),
    }


def sliced(found: Pairs, asked: Asked) -> dict[str, object]:
    """The report by pair of readers, by month, of the repeats; the line's neighbourhood; drift."""
    return {
        "by_readers": slice_rows(figures.by_readers(found), lambda name: asked.query(readers=name)),
        "by_month": slice_rows(figures.by_month(found), lambda name: asked.query(month=name)),
        "by_repeats": slice_rows(figures.by_repeats(found), lambda name: ""),
        "bins": [each for each in figures.around(found.caix, CURRENT) if each.apart],
        "drift": drift_rows(found),
        "outside": sum(each.out for each in figures.drift(found.caix)),
    }


def drift_rows(found: Pairs) -> list[tuple[figures.Month, str, str]]:
    """The months outside their control limits first, so that nobody has to look for them in the figure."""
    months = sorted(figures.drift(found.caix), key=lambda each: not each.out)
    return [
        (
            each,
            number(each.difference, 2),
            "" if each.low is None else f"{number(each.low, 1)} to {number(each.high, 1)}",
        )
        for each in months
    ]


# ---- the pictures and the data, each at an address of its own ----
Drawn = Callable[[Pairs, bool], str]


def points_of(found: Pairs) -> list[Point]:
    return [Point(row.a, row.b, row.code) for row in rows_of(found.caix)]


def draw_scatter(found: Pairs, small: bool) -> str:
    drawn = plots.scatter_small if small else scatter
    return drawn(points_of(found), CUTOFF, counts_of(found.caix))


def draw_differences(found: Pairs, small: bool) -> str:
    limits = agreement.bland_altman(percents(found.caix))
    return plots.bland_altman(points_of(found), CUTOFF, limits, small=small)


def draw_line(found: Pairs, small: bool) -> str:
    return plots.along_scale(figures.around(found.caix, CURRENT), CUTOFF, small=small)


def draw_drift(found: Pairs, small: bool) -> str:
    return plots.drift(figures.drift(found.caix), small=small)


def picture_of(drawn: Drawn) -> Callable[..., HttpResponse]:
    """A view of the picture: no script, no style, nothing from elsewhere in it. `?cut=small` for a narrow page."""

    @needs(SEES, NAMES)
    @never_cache
    def shown(request: HttpRequest) -> HttpResponse:
        return svg(drawn(asked_pairs(request), request.GET.get("cut") == "small"))

    return shown  # type: ignore[return-value]


@needs(SEES, NAMES)
@never_cache
def agreement_table(request: HttpRequest, table: str) -> HttpResponse:
    """The rows behind a figure or a table as CSV, under the same filters."""
    if table not in tables.TABLES:
        raise Http404
    rows = tables.TABLES[table](asked_pairs(request), CURRENT)
    answer = HttpResponse(tables.as_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{table}-{timezone.localtime():%Y%m%d-%H%M}.csv"'
    answer["X-Investigational"] = CURRENT.statement
    return answer


urls: list[URLPattern] = [
    path("agreement/", agreement_page, name="agreement"),
    path("agreement/scatter.svg", picture_of(draw_scatter), name="agreement_figure"),
    path("agreement/differences.svg", picture_of(draw_differences), name="agreement_differences"),
    path("agreement/line.svg", picture_of(draw_line), name="agreement_line"),
    path("agreement/drift.svg", picture_of(draw_drift), name="agreement_drift"),
    path("agreement/<str:table>.csv", agreement_table, name="agreement_table"),
]
