"""Statistics in words: every figure with its name, its interval's name, and the library that computed it."""

import math
from dataclasses import asdict
from typing import Any

import scipy
import statsmodels
from scipy import stats

from lims.analysis.contingency import TwoByTwo, associate, proportion
from lims.analysis.survival import LEVEL, Curve, HazardRatio, LogRank, Survival

CONFIDENCE = f"{LEVEL:.0%}"
EXACT = f"exact (Clopper-Pearson), {CONFIDENCE}"
LIBRARIES = {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__}


def told_table(table: TwoByTwo) -> dict[str, Any]:
    """A 2 x 2 table as plain values; null where infinite or undefined, with the reason among the notes."""
    found, notes = associate(table), notes_on(table)
    return {
        "table": asdict(table) | {"n": sum(sum(row) for row in table.rows())},
        "response": {
            "exposed": proportion_told(table.exposed_responders, table.exposed_others),
            "unexposed": proportion_told(table.unexposed_responders, table.unexposed_others),
        },
        "sample_odds_ratio": {
            "name": "sample odds ratio, cross product", "estimate": found.sample_odds_ratio,
            "low": found.wald_low, "high": found.wald_high, "interval": f"Wald, of the logarithm, {CONFIDENCE}",
        },
        "conditional_odds_ratio": {
            "name": "conditional odds ratio, maximum likelihood", "estimate": found.conditional_odds_ratio,
            "low": found.exact_low, "high": found.exact_high, "interval": f"exact conditional, {CONFIDENCE}",
        },
        "proportion_difference": {
            "name": "exposed less unexposed proportion", **difference(table),
            "interval": f"Newcombe, hybrid score, {CONFIDENCE}",
        },
        "proportion_ratio": {
            "name": "exposed over unexposed proportion", **relative(table),
            "interval": f"Katz, of the logarithm, {CONFIDENCE}",
        },
        "fisher": {"name": "Fisher’s exact test, two-sided", "p": found.p},
        "notes": notes,
        "libraries": {"scipy": scipy.__version__},
    }  # fmt: skip


def proportion_told(responders: int, others: int) -> dict[str, Any]:
    n = responders + others
    low, high = proportion(responders, n)
    return {
        "name": "proportion of responders", "responders": responders, "n": n,
        "estimate": responders / n if n else None, "low": low, "high": high, "interval": EXACT,
    }  # fmt: skip


def difference(table: TwoByTwo) -> dict[str, float | None]:
    """Newcombe's (1998) method 10: Wilson intervals of both proportions, squared and added."""
    a, n = table.exposed_responders, table.exposed_responders + table.exposed_others
    c, m = table.unexposed_responders, table.unexposed_responders + table.unexposed_others
    if not n or not m:
        return {"estimate": None, "low": None, "high": None}
    p, q = a / n, c / m
    one = stats.binomtest(a, n).proportion_ci(LEVEL, method="wilson")
    other = stats.binomtest(c, m).proportion_ci(LEVEL, method="wilson")
    low = p - q - math.hypot(p - one.low, other.high - q)
    high = p - q + math.hypot(one.high - p, q - other.low)
    return {"estimate": p - q, "low": low, "high": high}


def relative(table: TwoByTwo) -> dict[str, float | None]:
    a, n = table.exposed_responders, table.exposed_responders + table.exposed_others
    c, m = table.unexposed_responders, table.unexposed_responders + table.unexposed_others
    if not n or not m or not c:
        return {"estimate": None, "low": None, "high": None}
    if not a:
        return {"estimate": 0.0, "low": None, "high": None}
    found = stats.contingency.relative_risk(a, n, c, m)
    interval = found.confidence_interval(LEVEL)
    return {"estimate": float(found.relative_risk), "low": float(interval.low), "high": float(interval.high)}


def notes_on(table: TwoByTwo) -> list[str]:
    (a, b), (c, d) = table.rows()
    found = []
    if not a + b or not c + d:
        found.append("One group has nobody: proportions, odds ratios and their comparison are undefined.")
    elif not a + c or not b + d:
        found.append("Everybody responded or nobody did: the odds ratios are undefined.")
    elif not b * c:
        found.append("A cell is empty: both odds ratios are infinite, shown as null, and have no upper limit.")
    elif not a * d:
        found.append("A cell is empty: both odds ratios are 0, and the Wald interval is undefined.")
    if a + b and c + d and not c:
        found.append("No unexposed responder: the ratio of proportions is infinite or undefined.")
    elif a + b and c + d and not a:
        found.append("No exposed responder: the ratio of proportions is 0, and its interval is undefined.")
    return found


def told_survival(found: Survival) -> dict[str, Any]:
    """Curves, test and hazard ratios as plain values."""
    return {
        "n": sum(curve.n for curve in found.curves),
        "events": sum(curve.events for curve in found.curves),
        "groups": [told_curve(curve) for curve in found.curves],
        "log_rank": told_test(found.log_rank),
        "hazard_ratios": [told_ratio(each) for each in found.hazard_ratios],
        "notes": list(found.notes),
        "libraries": LIBRARIES,
    }


def told_curve(curve: Curve) -> dict[str, Any]:
    return {
        "group": curve.group,
        "n": curve.n,
        "events": curve.events,
        "median": {
            "name": "median, Kaplan-Meier", "estimate": curve.median, "low": curve.median_low,
            "high": curve.median_high, "interval": f"where the curve’s own limits cross one half, {CONFIDENCE}",
        },
        "curve": [asdict(step) for step in curve.steps],
        "interval": f"of log survival, Greenwood’s error, {CONFIDENCE}",
    }  # fmt: skip


def told_test(found: LogRank | None) -> dict[str, Any]:
    name = "log-rank test"
    if found is None:
        return {"name": name, "statistic": None, "degrees_of_freedom": None, "p": None, "groups": []}
    groups = zip(found.groups, found.observed, found.expected, strict=True)
    return {
        "name": name, "statistic": found.statistic, "degrees_of_freedom": found.freedom, "p": found.p,
        "groups": [{"group": group, "observed": seen, "expected": expected} for group, seen, expected in groups],
    }  # fmt: skip


def told_ratio(each: HazardRatio) -> dict[str, Any]:
    return {
        "name": "hazard ratio, proportional hazards, ties after Efron", "group": each.group,
        "reference": each.reference, "estimate": each.ratio, "low": each.low, "high": each.high,
        "interval": f"Wald, of the logarithm, {CONFIDENCE}", "p": each.p, "test": "Wald test",
    }  # fmt: skip
