"""Why 85? Every cutoff of a marker against an outcome, and what choosing one from the data costs.

Sensitivity and specificity call a marker above the cutoff positive, as the rules call CA-IX high above theirs. The
area under the ROC curve has DeLong's interval (1988). The cutoff with the largest Youden index is the data's own;
its optimism is estimated by the bootstrap (Harrell 1996) from a seed, so that the same data give the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lims.analysis.contingency import TwoByTwo, associate

LEVEL = 0.95
SAMPLES, SEED = 1000, 20261126
MOST_SAMPLES = 5000
FEWEST = 2
WARNING = (
    "A cutoff chosen from the data that it is judged by looks better than it is. The corrected figure and the spread "
    "of cutoffs below say by how much here; another sample decides."
)


@dataclass(frozen=True, slots=True)
class At:
    """One cutoff: above it is positive. Undefined figures are None."""

    cutoff: float
    table: TwoByTwo
    sensitivity: float
    specificity: float
    odds_ratio: float | None
    low: float | None
    high: float | None
    p: float

    @property
    def youden(self) -> float:
        return self.sensitivity + self.specificity - 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """The data's own cutoff: how good it looks, how good it is after correction, and how it would have wandered."""

    cutoff: float
    youden: float
    corrected: float
    optimism: float
    low: float
    high: float
    samples: int
    seed: int
    spread: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Explored:
    """`n` patients with both marker and outcome, `events` of them with the outcome."""

    n: int
    events: int
    sweep: tuple[At, ...]
    area: float | None
    area_low: float | None
    area_high: float | None
    chosen: Chosen | None


def explore(
    pairs: Sequence[tuple[float, bool]], *, also: Sequence[float] = (), samples: int = SAMPLES, seed: int = SEED
) -> Explored:
    """Everything of (marker, outcome) pairs; `also` are cutoffs to show whether or not the data hold them."""
    marker = np.array([value for value, _ in pairs], dtype=float)
    outcome = np.array([happened for _, happened in pairs], dtype=bool)
    events = int(outcome.sum())
    if events < FEWEST or len(outcome) - events < FEWEST:
        return Explored(len(outcome), events, (), None, None, None, None)
    cutoffs = sorted({*np.unique(marker)[:-1].tolist(), *(float(each) for each in also)})
    sweep = tuple(at(cutoff, marker, outcome) for cutoff in cutoffs)
    area, low, high = delong(marker, outcome)
    return Explored(len(outcome), events, sweep, area, low, high, choose(marker, outcome, samples, seed))


def at(cutoff: float, marker: np.ndarray, outcome: np.ndarray) -> At:
    above = marker > cutoff
    table = TwoByTwo(
        int((above & outcome).sum()), int((above & ~outcome).sum()), int((~above & outcome).sum()),
        int((~above & ~outcome).sum()),
    )  # fmt: skip
    said = associate(table)
    return At(
        float(cutoff), table, float((above & outcome).sum() / outcome.sum()),
        float((~above & ~outcome).sum() / (~outcome).sum()), said.sample_odds_ratio, said.wald_low, said.wald_high,
        said.p,
    )  # fmt: skip


def delong(marker: np.ndarray, outcome: np.ndarray) -> tuple[float, float, float]:
    """Area under the ROC curve (ties count half) and its interval, within 0 and 1."""
    with_it, without = marker[outcome], marker[~outcome]
    ranks = stats.rankdata(np.concatenate([with_it, without]))
    m, n = len(with_it), len(without)
    placed = (ranks[:m] - stats.rankdata(with_it)) / n
    others = 1 - (ranks[m:] - stats.rankdata(without)) / m
    area = float(placed.mean())
    error = float(np.sqrt(placed.var(ddof=1) / m + others.var(ddof=1) / n))
    reach = float(stats.norm.ppf(0.5 + LEVEL / 2)) * error
    return area, max(0.0, area - reach), min(1.0, area + reach)


def youdens(marker: np.ndarray, outcome: np.ndarray, cutoffs: np.ndarray) -> np.ndarray:
    """Youden's index at each cutoff."""
    above = marker[None, :] > cutoffs[:, None]
    sensitive = (above & outcome).sum(axis=1) / outcome.sum()
    specific = (~above & ~outcome).sum(axis=1) / (~outcome).sum()
    index: np.ndarray = sensitive + specific - 1
    return index


def best(marker: np.ndarray, outcome: np.ndarray) -> tuple[float, float] | None:
    """The cutoff with the largest index, the lowest of equals, and the index; None without two values."""
    cutoffs = np.unique(marker)[:-1]
    if not len(cutoffs):
        return None
    found = youdens(marker, outcome, cutoffs)
    place = int(np.argmax(found))
    return float(cutoffs[place]), float(found[place])


def choose(marker: np.ndarray, outcome: np.ndarray, samples: int, seed: int) -> Chosen | None:
    apparent = best(marker, outcome)
    if apparent is None:
        return None
    cutoff, index = apparent
    draw = np.random.default_rng(seed)
    wandered, optimism = [], []
    for _ in range(samples):
        taken = draw.integers(0, len(marker), len(marker))
        again, happened = marker[taken], outcome[taken]
        found = best(again, happened) if 0 < happened.sum() < len(happened) else None
        if found is None:
            continue
        wandered.append(found[0])
        optimism.append(found[1] - float(youdens(marker, outcome, np.array([found[0]]))[0]))
    if not wandered:
        return None
    low, high = np.percentile(wandered, [2.5, 97.5])
    values, counts = np.unique(wandered, return_counts=True)
    by = float(np.mean(optimism))
    return Chosen(
        cutoff, index, index - by, by, float(low), float(high), len(wandered), seed,
        tuple((float(value), int(count)) for value, count in zip(values, counts, strict=True)),
    )  # fmt: skip
