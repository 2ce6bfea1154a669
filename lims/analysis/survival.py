"""Kaplan-Meier, log-rank and proportional hazards of times, events and groups; intervals are 95 %.

Times are 0 or more, in any one unit; an event is True, a censored time False. What is infinite or undefined is None
with a note. statsmodels computes the curves and the regression, scipy the tail of the log-rank statistic.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

LEVEL = 0.95
REACH = float(stats.norm.ppf(0.5 + LEVEL / 2))
HALF = 0.5
NEAR = math.sqrt(np.finfo(float).eps)
SETTLED, STEPS = 1e-13, 100
RUNAWAY = 15.0
"""A log hazard ratio beyond this has no maximum: the likelihood grows for ever."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One patient: a time, whether the event came then, and the group."""

    time: float
    event: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One distinct time: how many were at risk just before it, what happened then, and survival after it."""

    time: float
    at_risk: int
    events: int
    censored: int
    survival: float
    error: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """One group's Kaplan-Meier estimate. A median that the curve does not reach is None."""

    group: str
    n: int
    events: int
    steps: tuple[Step, ...]
    median: float | None
    median_low: float | None
    median_high: float | None

    def at(self, time: float) -> Step | None:
        """The curve's step at `time`: the last one not after it; None before the first."""
        return next((step for step in reversed(self.steps) if step.time <= time), None)

    def at_risk(self, time: float) -> int:
        """How many are still watched at `time`, those whose time it is included."""
        return sum(step.events + step.censored for step in self.steps if step.time >= time)


@dataclass(frozen=True, slots=True)
class LogRank:
    """Observed and expected events of each group, in the order of their names."""

    groups: tuple[str, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    statistic: float | None
    freedom: int
    p: float | None


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """A group's hazard against the reference group's."""

    group: str
    reference: str
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Survival:
    curves: tuple[Curve, ...]
    log_rank: LogRank | None
    hazard_ratios: tuple[HazardRatio, ...]
    notes: tuple[str, ...] = field(default=())


def survive(subjects: Sequence[Subject]) -> Survival:
    """Everything at once; groups in the order of their names, the first being the reference."""
    names = sorted({each.group for each in subjects})
    curves = tuple(curve([each for each in subjects if each.group == name], name) for name in names)
    notes = [f"The curve of {each.group or 'all'} does not reach one half: no median." for each in curves
             if each.median is None]  # fmt: skip
    if len(names) < 2:
        notes.append("There is one group: nothing to compare.")
        return Survival(curves, None, (), tuple(notes))
    ranked = log_rank(subjects)
    if ranked.statistic is None:
        notes.append("The log-rank statistic is undefined: no event came while two groups were at risk.")
    ratios = hazard_ratios(subjects)
    notes += [
        f"The hazard ratio of {each.group} against {each.reference} is infinite, 0 or undefined: "
        "one of them has no events while the other is at risk, or all of its events come first or last."
        for each in ratios
        if each.ratio is None
    ]
    return Survival(curves, ranked, ratios, tuple(notes))


def curve(subjects: Sequence[Subject], name: str = "") -> Curve:
    """Kaplan-Meier with Greenwood's error; the interval is that of log survival."""
    times = np.array([each.time for each in subjects], dtype=float)
    events = np.array([each.event for each in subjects], dtype=int)
    steps = tuple(steps_of(times, events))
    median, low, high = (
        half([(step.time, value) for step in steps if (value := of(step)) is not None])
        for of in (lambda step: step.survival, lambda step: step.low, lambda step: step.high)
    )
    return Curve(name, len(times), int(events.sum()), steps, median, low, high)


def steps_of(times: Any, events: Any) -> list[Step]:
    if not events.any():
        found = {}
    else:
        estimate = SurvfuncRight(times, events)
        errors = estimate.surv_prob_se
        found = {
            float(time): (float(survival), float(error))
            for time, survival, error in zip(estimate.surv_times, estimate.surv_prob, errors, strict=True)
        }
    steps, survival, error = [], 1.0, 0.0
    for time in np.unique(times):
        survival, error = found.get(float(time), (survival, error))
        here = times == time
        low, high, shown = interval(survival, error)
        steps.append(
            Step(float(time), int((times >= time).sum()), int(events[here].sum()), int((1 - events[here]).sum()),
                 survival, shown, low, high)
        )  # fmt: skip
    return steps


def interval(survival: float, error: float) -> tuple[float | None, float | None, float | None]:
    """Low, high and standard error; undefined where nobody is left."""
    if survival <= NEAR or not math.isfinite(error):
        return None, None, None
    reach = math.exp(REACH * error / survival)
    return survival / reach, min(1.0, survival * reach), error


def half(points: Sequence[tuple[float, float]]) -> float | None:
    """Where a falling curve first is at or below one half; the middle of the step where it lies on it."""
    below = [(time, value) for time, value in points if value < HALF + NEAR]
    if not below:
        return None
    first, value = below[0]
    later = [time for time, further in below if further < value]
    return (first + later[0]) / 2 if abs(value - HALF) < NEAR and later else first


def log_rank(subjects: Sequence[Subject]) -> LogRank:
    """The log-rank test of every group against each other: chi-squared on groups - 1 degrees of freedom."""
    names = sorted({each.group for each in subjects})
    times = np.array([each.time for each in subjects], dtype=float)
    events = np.array([each.event for each in subjects], dtype=int)
    group = np.array([names.index(each.group) for each in subjects])
    observed, expected = np.zeros(len(names)), np.zeros(len(names))
    spread = np.zeros((len(names), len(names)))
    for time in np.unique(times[events == 1]):
        watched = np.bincount(group[times >= time], minlength=len(names)).astype(float)
        died = np.bincount(group[(times == time) & (events == 1)], minlength=len(names)).astype(float)
        n, d = watched.sum(), died.sum()
        share = watched / n
        observed += died
        expected += d * share
        if n > 1:
            spread += d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
    statistic, freedom = chi_squared(observed - expected, spread)
    p = None if statistic is None else float(stats.chi2.sf(statistic, freedom))
    return LogRank(
        tuple(names), tuple(int(each) for each in observed), tuple(float(each) for each in expected), statistic,
        freedom, p,
    )  # fmt: skip


def chi_squared(apart: Any, spread: Any) -> tuple[float | None, int]:
    """The quadratic form over the groups that were ever at risk beside another; its degrees of freedom."""
    compared = np.diag(spread) > NEAR
    freedom = int(compared.sum()) - 1
    if freedom < 1:
        return None, max(freedom, 0)
    kept = np.flatnonzero(compared)[1:]
    value = apart[kept] @ np.linalg.solve(spread[np.ix_(kept, kept)], apart[kept])
    return float(value), freedom


def hazard_ratios(subjects: Sequence[Subject]) -> tuple[HazardRatio, ...]:
    """Cox's model with Efron's ties; Wald intervals and P, each group against the first by name."""
    names = sorted({each.group for each in subjects})
    times = np.array([each.time for each in subjects], dtype=float)
    events = np.array([each.event for each in subjects], dtype=int)
    groups = np.array([[float(each.group == name) for name in names[1:]] for each in subjects])
    nothing = tuple(HazardRatio(name, names[0], None, None, None, None) for name in names[1:])
    if not events.any():
        return nothing
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fitted = PHReg(times, groups, status=events, ties="efron").fit(tol=SETTLED, maxiter=STEPS)
            errors = np.asarray(fitted.bse)
        except (np.linalg.LinAlgError, ValueError):
            return nothing
    return tuple(
        ratio(name, names[0], float(value), float(error))
        for name, value, error in zip(names[1:], fitted.params, errors, strict=True)
    )


def ratio(name: str, reference: str, log_ratio: float, error: float) -> HazardRatio:
    if not (math.isfinite(log_ratio) and math.isfinite(error) and abs(log_ratio) < RUNAWAY and 0 < error < RUNAWAY):
        return HazardRatio(name, reference, None, None, None, None)
    low, high = (math.exp(log_ratio + side * REACH * error) for side in (-1, 1))
    p = float(2 * stats.norm.sf(abs(log_ratio) / error))
    return HazardRatio(name, reference, math.exp(log_ratio), low, high, p)
