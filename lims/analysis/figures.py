"""The agreement report: every coefficient of given pairs, with its interval, n and raw agreement; and its slices.

Numbers are unrounded, None where undefined. Pages and programs both take them from here.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

from lims.analysis import agreement, intervals
from scoring.agreement_desk import Opinion, Pair, Pairs
from scoring.rules.editions import Edition
from scoring.rules.model import RISKS
from scoring.rules.vocabulary import Assay

Told = list[tuple[Any, Any]]
Take = Callable[[Opinion], Hashable]
ORDER = {str(risk): place for place, risk in enumerate(RISKS)}
NOMINAL, LINEAR, QUADRATIC = "kappa", "kappa_linear", "kappa_quadratic"
WEIGHTS: dict[str, Callable[..., float]] = {
    NOMINAL: lambda a, b: float(a != b),
    LINEAR: agreement.linear,
    QUADRATIC: agreement.quadratic,
}
NAMES = {
    "raw": "raw agreement",
    NOMINAL: "Cohen’s kappa",
    LINEAR: "weighted kappa, linear",
    QUADRATIC: "weighted kappa, quadratic",
    "alpha_nominal": "Krippendorff’s alpha, nominal",
    "alpha_ordinal": "Krippendorff’s alpha, ordinal",
    "alpha_interval": "Krippendorff’s alpha, interval",
    "icc_2_1": "ICC(2,1), absolute",
    "mean_difference": "mean difference A − B",
    "lower_limit": "lower limit of agreement",
    "upper_limit": "upper limit of agreement",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One coefficient: `measure` of `of`, over `n` pairs of which `agree` are equal; `low` to `high` at 95 %."""

    assay: str
    of: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    agree: int
    n: int

    @property
    def name(self) -> str:
        return NAMES[self.measure]


def told(pairs: Sequence[Pair], take: Take) -> Told:
    """The pairs in which both reads answer."""
    both = [(take(pair.first), take(pair.second)) for pair in pairs]
    return [(a, b) for a, b in both if a is not None and b is not None]


def percents(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in told(pairs, lambda o: o.caix)]


def risks(pairs: Sequence[Pair]) -> Told:
    """By their rank, as weighted coefficients take them."""
    return [(ORDER[a], ORDER[b]) for a, b in told(pairs, lambda o: o.risk)]


def figures(found: Pairs) -> list[Figure]:
    """Every coefficient of the report, in its order."""
    section, stain = found.histology, found.caix
    return [
        *coded(Assay.HISTOLOGY, "adequacy", told(section, lambda o: o.adequate), (NOMINAL,)),
        *coded(Assay.HISTOLOGY, "histologic type", told(section, lambda o: o.type), (NOMINAL,), "nominal"),
        *coded(Assay.HISTOLOGY, "pathology risk", risks(section), tuple(WEIGHTS), "nominal", "ordinal"),
        *coded(Assay.HISTOLOGY, "WHO/ISUP grade", told(section, lambda o: o.grade), (LINEAR, QUADRATIC), "ordinal"),
        *coded(Assay.CAIX, "CA-IX evaluable", told(stain, lambda o: o.evaluable), (NOMINAL,)),
        *coded(Assay.CAIX, "CA-IX level", told(stain, lambda o: o.level), (NOMINAL,), "nominal"),
        *measured(Assay.CAIX, percents(stain)),
    ]


def coded(assay: Assay, of: str, pairs: Told, weights: Sequence[str], *levels: str) -> list[Figure]:
    """Raw agreement, kappa under each of `weights`, alpha at each of `levels`."""
    line = partial(figure, assay, of, pairs)
    found = [line("raw", agreement.raw(pairs), intervals.raw(pairs))]
    for name in weights:
        by = WEIGHTS[name]
        found.append(line(name, agreement.weighted_kappa(pairs, by), intervals.kappa(pairs, by)))
    return found + [
        line(f"alpha_{level}", agreement.alpha(pairs, level), intervals.alpha(pairs, level)) for level in levels
    ]


def measured(assay: Assay, pairs: Told) -> list[Figure]:
    """Alpha, ICC and Bland-Altman of percentages; the last three in points."""
    line, limits = partial(figure, assay, "CA-IX percentage", pairs), agreement.bland_altman(pairs)
    reach = intervals.bland_altman(pairs) or (None, None, None)
    return [
        line("alpha_interval", agreement.alpha(pairs, "interval"), intervals.alpha(pairs, "interval")),
        line("icc_2_1", agreement.icc_2_1(pairs), intervals.icc(pairs)),
        line("mean_difference", limits.mean if limits else None, reach[0]),
        line("lower_limit", limits.low if limits else None, reach[1]),
        line("upper_limit", limits.high if limits else None, reach[2]),
    ]


def figure(
    assay: Assay, of: str, pairs: Told, measure: str, value: float | None, interval: intervals.Interval | None
) -> Figure:
    low, high = interval if interval and value is not None else (None, None)
    return Figure(str(assay), of, measure, value, low, high, sum(a == b for a, b in pairs), len(pairs))


# ---- slices: by pair of readers, by month, of the repeats ----
@dataclass(frozen=True, slots=True)
class Slice:
    """The report in one line: counts and coefficients of the pairs of one pair of readers, month or reader."""

    name: str
    risk_n: int
    risk_agree: int
    risk_kappa: float | None
    caix_n: int
    level_agree: int
    level_kappa: float | None
    icc: float | None
    mean_difference: float | None
    limits: tuple[float, float] | None


def sliced(name: str, pairs: Sequence[Pair]) -> Slice:
    section = risks([pair for pair in pairs if pair.assay is Assay.HISTOLOGY])
    stain = [pair for pair in pairs if pair.assay is Assay.CAIX]
    levels, values = told(stain, lambda o: o.level), percents(stain)
    limits = agreement.bland_altman(values)
    return Slice(
        name,
        len(section),
        sum(a == b for a, b in section),
        agreement.weighted_kappa(section, agreement.quadratic),
        len(levels),
        sum(a == b for a, b in levels),
        agreement.kappa(levels),
        agreement.icc_2_1(values),
        limits.mean if limits else None,
        (limits.low, limits.high) if limits else None,
    )


def slices(pairs: Sequence[Pair], by: Callable[[Pair], str]) -> list[Slice]:
    grouped: dict[str, list[Pair]] = {}
    for pair in pairs:
        grouped.setdefault(by(pair), []).append(pair)
    return [sliced(name, grouped[name]) for name in sorted(grouped, key=lambda name: (len(name), name))]


def by_readers(found: Pairs) -> list[Slice]:
    """Each pair of readers; differences are the first-named reader's read less the other's, whoever read first."""
    return slices([turned(pair) for pair in (*found.histology, *found.caix)], lambda pair: pair.together)


def turned(pair: Pair) -> Pair:
    """The pair with its readers in the order of their names."""
    one, other = pair.readers
    if pair.together == f"{one} and {other}":
        return pair
    return replace(pair, first=pair.second, second=pair.first, readers=(other, one))


def by_month(found: Pairs) -> list[Slice]:
    return slices([*found.histology, *found.caix], lambda pair: pair.month)


def by_repeats(found: Pairs) -> list[Slice]:
    """Each reader against the same reader's earlier read of the same slide; first read less repeat."""
    return slices(found.repeats, lambda pair: pair.readers[0])


# ---- around the cutoff ----
BIN = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs whose mean percentage is above `low` and at most `high`, those of them on different sides of the cutoff.

    The first holds 0 too."""

    low: float
    high: float
    n: int
    apart: int

    @property
    def share(self) -> float | None:
        return self.apart / self.n if self.n else None


def around(pairs: Sequence[Pair], edition: Edition) -> list[Bin]:
    """Where, along the scale, pairs lie on both sides of the edition's cutoff; bins end at the cutoff."""
    cutoff, values = float(edition.caix_high_above), percents(pairs)
    edges = sorted({0.0, cutoff, 100.0, *(float(edge) for edge in range(0, 101, BIN))})
    found = []
    for low, high in pairwise(edges):
        here = [(a, b) for a, b in values if low < (a + b) / 2 <= high or (low == 0 and a + b == 0)]
        found.append(Bin(low, high, len(here), sum((a > cutoff) != (b > cutoff) for a, b in here)))
    return found


# ---- drift ----
@dataclass(frozen=True, slots=True)
class Month:
    """A reader's CA-IX reads of a month: mean signed difference to what the cases concluded with, in points.

    `low` and `high` are control limits: the reader's own mean over all months, three standard errors of this month's n
    either way. None while the reader has fewer than five reads."""

    reader: str
    month: str
    n: int
    difference: float
    low: float | None
    high: float | None

    @property
    def out(self) -> bool:
        return self.low is not None and self.high is not None and not self.low <= self.difference <= self.high


FEWEST_FOR_LIMITS = 5


def drift(pairs: Sequence[Pair]) -> list[Month]:
    """By reader, then by month."""
    apart: dict[str, dict[str, list[float]]] = {}
    for pair in pairs:
        for who, read in zip(pair.readers, (pair.first, pair.second), strict=True):
            if pair.value and pair.value.caix is not None and read.caix is not None:
                months = apart.setdefault(who, {})
                months.setdefault(pair.month, []).append(float(read.caix - pair.value.caix))
    return [month for who in sorted(apart, key=lambda who: (len(who), who)) for month in watched(who, apart[who])]


def watched(who: str, months: dict[str, list[float]]) -> list[Month]:
    every = [value for values in months.values() for value in values]
    mean = sum(every) / len(every)
    spread = (sum((value - mean) ** 2 for value in every) / (len(every) - 1)) ** 0.5 if len(every) > 1 else 0.0
    found = []
    for month in sorted(months):
        values = months[month]
        reach = 3 * spread / len(values) ** 0.5 if len(every) >= FEWEST_FOR_LIMITS else None
        low, high = (None, None) if reach is None else (mean - reach, mean + reach)
        found.append(Month(who, month, len(values), sum(values) / len(values), low, high))
    return found


def narrowed(found: Pairs, readers: str = "", month: str = "") -> Pairs:
    """The same report of one pair of readers, one month, or both."""

    def kept(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
        return tuple(p for p in pairs if readers in ("", p.together) and month in ("", p.month))

    return Pairs(kept(found.histology), kept(found.caix), found.waiting, kept(found.repeats))
