"""Quartiles of waiting times, and the median that counts those who wait still. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, slots=True)
class Times:
    """Days from request to receipt of some requests. Quartiles are of those received, None when none was;
    `median_of_all` counts who still waits as “at least so long” (Kaplan and Meier), None while less than half came."""

    asked: int
    received: int
    waiting: int
    without: int
    quarter: float | None
    median: float | None
    three_quarters: float | None
    longest: int | None
    median_of_all: float | None


def times(received: Sequence[int], waiting: Sequence[int], without: int) -> Times:
    """`received`: days each took; `waiting`: days each has waited so far; `without`: ended without tissue."""
    low = half = high = None
    if received:
        low, half, high = (float(value) for value in np.percentile(received, [25, 50, 75]))
    return Times(
        asked=len(received) + len(waiting) + without,
        received=len(received),
        waiting=len(waiting),
        without=without,
        quarter=low,
        median=half,
        three_quarters=high,
        longest=max(received, default=None),
        median_of_all=median_of_all(received, waiting),
    )


def median_of_all(received: Sequence[int], waiting: Sequence[int]) -> float | None:
    """The first day by which half of the requests would have been answered."""
    if not received:
        return None
    survival = stats.ecdf(stats.CensoredData(uncensored=np.array(received), right=np.array(waiting))).sf
    reached = np.flatnonzero(survival.probabilities <= 0.5)
    return float(survival.quantiles[reached[0]]) if reached.size else None
