"""Calcium corrected for albumin, by a named formula of the edition."""

from dataclasses import dataclass
from decimal import Context, Decimal

from scoring.rules.clinical.factors import Factors

# Wide enough that no sum or product of numbers as they are typed is ever rounded.
EXACT = Context(prec=200)


@dataclass(frozen=True, slots=True)
class Formula:
    """Corrected calcium = calcium + `per_albumin` x (`albumin` - albumin): mg/dL and g/dL."""

    name: str
    per_albumin: Decimal
    albumin: Decimal
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected calcium in mg/dL, the formula's name, and what went in."""

    formula: str
    mg_dl: Decimal
    calcium_mg_dl: Decimal
    albumin_g_dl: Decimal


def corrected(factors: Factors, formula: Formula) -> Corrected | None:
    """None while calcium or albumin is blank: an uncorrected calcium is never used instead."""
    calcium, albumin = factors.calcium_mg_dl, factors.albumin_g_dl
    if calcium is None or albumin is None:
        return None
    correction = EXACT.multiply(formula.per_albumin, EXACT.subtract(formula.albumin, albumin))
    return Corrected(formula.name, EXACT.add(calcium, correction), calcium, albumin)
