"""95 % intervals of the agreement coefficients. None where there are too few items or no spread.

Raw agreement: Wilson. Kappa: the large-sample error of Fleiss, Cohen and Everitt (1969), weights included.
ICC(2,1): the F-based interval of McGraw and Wong (1996). Bland-Altman: Student's t for the mean difference and
Bland and Altman's (1999) error for the limits. Krippendorff's alpha: 1,000 bootstrap samples of the items, from a
fixed seed, so that the same reads give the same interval.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from scipy import stats

from lims.analysis.agreement import LIMIT_MULTIPLIER, Numbers, Pair, distances, icc_2_1, weighted_kappa

Interval = tuple[float, float]
LEVEL = 0.95
SAMPLES, SEED, AT_ONCE = 1000, 20261123, 100
FEWEST = 3


def raw(pairs: Sequence[Pair]) -> Interval | None:
    if not pairs:
        return None
    found = stats.binomtest(sum(a == b for a, b in pairs), len(pairs)).proportion_ci(LEVEL, method="wilson")
    return float(found.low), float(found.high)


def kappa(pairs: Sequence[Pair], disagreement: Callable[..., float]) -> Interval | None:
    """Of Cohen's kappa under `disagreement` weights (0 on the diagonal)."""
    value = weighted_kappa(pairs, disagreement)
    if value is None or len(pairs) < FEWEST:
        return None
    kinds = list({kind: None for pair in pairs for kind in pair})
    place = {kind: n for n, kind in enumerate(kinds)}
    table = np.zeros((len(kinds), len(kinds)))
    for a, b in pairs:
        table[place[a], place[b]] += 1 / len(pairs)
    apart = np.array([[disagreement(a, b) for b in kinds] for a in kinds], dtype=float)
    agree = 1 - apart / apart.max()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    by_row, by_column = agree @ columns, rows @ agree
    chance = float(rows @ agree @ columns)
    inner = agree - (by_row[:, None] + by_column[None, :]) * (1 - value)
    variance = float((table * inner**2).sum()) - (value - chance * (1 - value)) ** 2
    return around(value, math.sqrt(max(variance, 0) / len(pairs)) / (1 - chance), stats.norm.ppf(0.975))


def around(value: float, error: float, multiplier: float) -> Interval:
    """A coefficient's interval, never above 1."""
    return float(max(value - multiplier * error, -1.0)), float(min(value + multiplier * error, 1.0))


def icc(pairs: Sequence[Sequence[float]]) -> Interval | None:
    """Of ICC(2,1), from the three mean squares."""
    value = icc_2_1(pairs)
    if value is None or len(pairs) < FEWEST:
        return None
    table = np.asarray(pairs, dtype=float)
    n, k = table.shape
    grand = table.mean()
    items = k * ((table.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    readers = n * ((table.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    rest = ((table - grand) ** 2).sum() - items * (n - 1) - readers * (k - 1)
    error = rest / ((n - 1) * (k - 1))
    if error <= 0 or value >= 1:
        return None
    a, b = k * value / (n * (1 - value)), 1 + k * value * (n - 1) / (n * (1 - value))
    freedom = (a * readers + b * error) ** 2 / ((a * readers) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    high_f, low_f = stats.f.ppf(0.975, n - 1, freedom), stats.f.ppf(0.975, freedom, n - 1)
    spread = k * readers + (k * n - k - n) * error
    low = n * (items - high_f * error) / (high_f * spread + n * items)
    high = n * (low_f * items - error) / (spread + n * low_f * items)
    return float(low), float(high)


def bland_altman(pairs: Numbers) -> tuple[Interval, Interval, Interval] | None:
    """Of the mean difference, of the lower limit and of the upper limit."""
    if len(pairs) < FEWEST:
        return None
    apart = np.asarray([a - b for a, b in pairs], dtype=float)
    n, mean, spread = len(apart), float(apart.mean()), float(apart.std(ddof=1))
    t = float(stats.t.ppf(0.975, n - 1))
    reach = LIMIT_MULTIPLIER * spread
    error = spread * math.sqrt(1 / n + LIMIT_MULTIPLIER**2 / (2 * (n - 1)))
    middle = t * spread / math.sqrt(n)
    low, high = mean - reach, mean + reach
    return (mean - middle, mean + middle), (low - t * error, low + t * error), (high - t * error, high + t * error)


def alpha(pairs: Sequence[Pair], level: str) -> Interval | None:
    """Of Krippendorff's alpha of two readers, by drawing items again."""
    if len(pairs) < FEWEST:
        return None
    cells = Counter(pairs)
    kinds = list(dict.fromkeys(kind for pair in cells for kind in pair))
    draw = np.random.default_rng(SEED)
    share = np.array(list(cells.values()), dtype=float) / len(pairs)
    found = [
        drawn
        for _ in range(SAMPLES // AT_ONCE)
        for drawn in alphas(draw.multinomial(len(pairs), share, AT_ONCE), list(cells), kinds, level)
    ]
    if len(found) < SAMPLES / 2:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def alphas(samples: np.ndarray, cells: Sequence[Pair], kinds: Sequence[Hashable], level: str) -> list[float]:
    """Alpha of each sample (a row: how often each cell was drawn); samples without spread are left out."""
    if level == "interval":
        return interval_alphas(samples.astype(float), np.array(cells, dtype=float))
    place = {kind: n for n, kind in enumerate(kinds)}
    found = []
    for sample in samples:
        counts = np.zeros(len(kinds))
        for (a, b), drawn in zip(cells, sample, strict=True):
            counts[place[a]] += drawn
            counts[place[b]] += drawn
        told = Counter({kind: int(n) for kind, n in zip(kinds, counts, strict=True) if n})
        if len(told) < 2:
            continue
        distance, n = distances(level, told), told.total()
        observed = sum(2 * int(k) * distance(a, b) for (a, b), k in zip(cells, sample, strict=True) if k) / n
        expected = sum(distance(a, b) * p * q for a, p in told.items() for b, q in told.items()) / (n * (n - 1))
        found.append(1 - observed / expected)
    return found


def interval_alphas(samples: np.ndarray, cells: np.ndarray) -> list[float]:
    """The same for squared differences, all samples at once: sums stand for the sums over every two values."""
    n = 2 * samples.sum(axis=1)
    observed = samples @ (cells[:, 0] - cells[:, 1]) ** 2 * 2 / n
    total, squares = samples @ cells.sum(axis=1), samples @ (cells**2).sum(axis=1)
    expected = 2 * (squares - total**2 / n) / (n - 1)
    spread = expected > 1e-12
    return [float(each) for each in 1 - observed[spread] / expected[spread]]
