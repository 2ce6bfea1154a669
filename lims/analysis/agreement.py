"""Agreement between two readers: models.md section 7. Raw agreement always stands beside the coefficient.

An undefined coefficient (no pairs, or no spread) is None, never 0 or 1.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

Pair = tuple[Hashable, Hashable]
Numbers = Sequence[tuple[float, float]]
LIMIT_MULTIPLIER = 1.96


def raw(pairs: Sequence[Pair]) -> float | None:
    """The share of pairs that agree exactly."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def kappa(pairs: Sequence[Pair]) -> float | None:
    """Cohen's kappa, unweighted."""
    return weighted_kappa(pairs, lambda a, b: float(a != b))


def linear(a: float, b: float) -> float:
    return abs(a - b)


def quadratic(a: float, b: float) -> float:
    return (a - b) ** 2


def weighted_kappa(pairs: Sequence[Pair], disagreement: Callable[..., float]) -> float | None:
    """Cohen's kappa with `disagreement` weights (0 on the diagonal). Ordinal categories are integers."""
    if not pairs:
        return None
    firsts, seconds = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(disagreement(a, b) for a, b in pairs) / len(pairs)
    expected = apart(firsts, seconds, disagreement) / len(pairs) ** 2
    return None if expected == 0 else 1 - observed / expected


def apart(firsts: Counter[Hashable], seconds: Counter[Hashable], distance: Callable[..., float]) -> float:
    """The distances between every value of the one and every value of the other, added up."""
    return sum(distance(a, b) * n * m for a, n in firsts.items() for b, m in seconds.items())


def alpha(units: Sequence[Sequence[Hashable]], level: str) -> float | None:
    """Krippendorff's alpha. A unit holds what each of its readers said; one with a single value tells nothing.

    `level` is nominal, ordinal or interval. None with fewer than two units or without spread.
    """
    told = [unit for unit in units if len(unit) > 1]
    counts = Counter(value for unit in told for value in unit)
    if len(told) < 2 or len(counts) < 2:
        return None
    distance = distances(level, counts)
    n = counts.total()
    observed = sum(apart(Counter(unit), Counter(unit), distance) / (len(unit) - 1) for unit in told) / n
    return 1 - observed / (apart(counts, counts, distance) / (n * (n - 1)))


def distances(level: str, counts: Counter[Hashable]) -> Callable[..., float]:
    """The squared distance between two values at a level of measurement."""
    if level == "nominal":
        return lambda a, b: float(a != b)
    if level == "interval":
        return quadratic
    assert level == "ordinal", "a level is nominal, ordinal or interval"
    ranks, below = {}, 0
    for kind in sorted(counts):  # type: ignore[type-var]
        ranks[kind] = below + counts[kind] / 2
        below += counts[kind]
    return lambda a, b: (ranks[a] - ranks[b]) ** 2


def icc_2_1(pairs: Sequence[Sequence[float]]) -> float | None:
    """ICC(2,1): two-way random effects, absolute agreement, single reader; a row an item, a column a reader."""
    if len(pairs) < 2:
        return None
    table = np.asarray(pairs, dtype=float)
    n, k = table.shape
    grand = table.mean()
    rows = k * ((table.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    columns = n * ((table.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    residual = ((table - grand) ** 2).sum() - rows * (n - 1) - columns * (k - 1)
    error = residual / ((n - 1) * (k - 1))
    below = rows + (k - 1) * error + k * (columns - error) / n
    return None if math.isclose(below, 0, abs_tol=1e-12) else float((rows - error) / below)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bland-Altman: mean difference (first less second) and its limits of agreement, in the values' own unit."""

    mean: float
    low: float
    high: float


def bland_altman(pairs: Numbers) -> Limits | None:
    if len(pairs) < 2:
        return None
    differences = np.asarray([a - b for a, b in pairs], dtype=float)
    mean, reach = float(differences.mean()), LIMIT_MULTIPLIER * float(differences.std(ddof=1))
    return Limits(mean, mean - reach, mean + reach)


def quadrants(pairs: Numbers, cutoff: float) -> dict[str, int]:
    """How many pairs lie on which side of the cutoff (above it or not), by reader."""
    names = {(True, True): "both_high", (True, False): "first_high", (False, True): "second_high"}
    counted = {"both_high": 0, "first_high": 0, "second_high": 0, "both_low": 0}
    for a, b in pairs:
        counted[names.get((a > cutoff, b > cutoff), "both_low")] += 1
    return counted
