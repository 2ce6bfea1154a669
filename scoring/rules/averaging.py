"""The mean of two concordant reads: percentages are averaged, the grade takes the higher, other
coded fields stand when equal and are otherwise blank with both values listed."""

from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeVar

from scoring.rules.findings import (
    CAIX_PERCENTS,
    GRADES,
    HISTOLOGY_PERCENTS,
    INTENSITIES,
    CaixFindings,
    HistologyFindings,
)
from scoring.rules.vocabulary import CaixMode

F = TypeVar("F", HistologyFindings, CaixFindings)
Listed = dict[str, tuple[object, object]]
PERCENTS = frozenset(HISTOLOGY_PERCENTS + CAIX_PERCENTS)
NAMES = {each: tuple(field.name for field in fields(each)) for each in (HistologyFindings, CaixFindings)}


def mean(a: F, b: F) -> tuple[F, Listed]:
    """Findings between two reads, unrounded, and the fields left blank because the reads differ."""
    values: dict[str, Any] = {}
    listed: Listed = {}
    for name in NAMES[type(a)]:
        one, other = getattr(a, name), getattr(b, name)
        if one == other:
            values[name] = one
        elif (between := _between(name, one, other)) is not None:
            values[name] = between
        else:
            listed[name] = (one, other)
    if isinstance(a, CaixFindings) and isinstance(b, CaixFindings) and a.mode is not b.mode:
        values.update(_positive_only(a, b))
        listed.pop("pct_positive", None)
    return type(a)(**values), listed


def _between(name: str, one: object, other: object) -> object:
    if isinstance(one, Decimal) and isinstance(other, Decimal) and name in PERCENTS:
        return (one + other) / 2
    if name in GRADES and isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    return None


def _positive_only(a: CaixFindings, b: CaixFindings) -> dict[str, object]:
    """Where the two reads were recorded differently only their % positive can be averaged."""
    between = _between("pct_positive", a.positive, b.positive)
    return {**dict.fromkeys(INTENSITIES), "mode": CaixMode.POSITIVE_ONLY, "pct_positive": between}
