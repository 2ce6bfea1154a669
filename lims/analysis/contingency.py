"""Two-by-two tables as the founding papers print them: models.md section 6."""

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Responders and others, exposed and unexposed: counts."""

    exposed_responders: int
    exposed_others: int
    unexposed_responders: int
    unexposed_others: int

    def rows(self) -> list[list[int]]:
        return [
            [self.exposed_responders, self.exposed_others],
            [self.unexposed_responders, self.unexposed_others],
        ]


@dataclass(frozen=True, slots=True)
class Association:
    """What a 2 x 2 table says. An infinite or undefined figure is None.

    sample_odds_ratio: cross product, with its Wald interval (95 %). conditional_odds_ratio: conditional maximum
    likelihood, with its exact interval. p: Fisher's exact test, two-sided.
    """

    sample_odds_ratio: float | None
    wald_low: float | None
    wald_high: float | None
    conditional_odds_ratio: float | None
    exact_low: float | None
    exact_high: float | None
    p: float


def associate(table: TwoByTwo, confidence: float = 0.95) -> Association:
    rows = table.rows()
    if not all(sum(row) for row in rows):
        return Association(None, None, None, None, None, None, 1.0)
    low, high = wald(table, confidence)
    conditional = stats.contingency.odds_ratio(rows, kind="conditional")
    exact = conditional.confidence_interval(confidence)
    return Association(
        sample_odds_ratio=cross_product(table),
        wald_low=low,
        wald_high=high,
        conditional_odds_ratio=finite(conditional.statistic),
        exact_low=finite(exact.low),
        exact_high=finite(exact.high),
        p=float(stats.fisher_exact(rows).pvalue),
    )


def proportion(count: int, n: int, confidence: float = 0.95) -> tuple[float | None, float | None]:
    """The exact (Clopper-Pearson) interval of a proportion; undefined of nobody."""
    if not n:
        return None, None
    found = stats.binomtest(count, n).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)


def cross_product(table: TwoByTwo) -> float | None:
    below = table.exposed_others * table.unexposed_responders
    return table.exposed_responders * table.unexposed_others / below if below else None


def wald(table: TwoByTwo, confidence: float) -> tuple[float | None, float | None]:
    """The Wald interval of the log sample odds ratio; undefined when a cell is empty."""
    cells = [cell for row in table.rows() for cell in row]
    ratio = cross_product(table)
    if not ratio or 0 in cells:
        return None, None
    reach = stats.norm.ppf(0.5 + confidence / 2) * math.sqrt(sum(1 / cell for cell in cells))
    return math.exp(math.log(ratio) - reach), math.exp(math.log(ratio) + reach)


def finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def printed_p(p: float) -> str:
    """P to four decimals; what would print as 0.0000 prints as < 0.0001."""
    return "< 0.0001" if p < 0.00005 else f"{p:.4f}"
