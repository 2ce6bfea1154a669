"""A sheet of readings (item, reader, value) in, the agreement of its readers out: what `agreement` does."""

import csv
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Any

from lims.analysis import agreement
from lims.intake.text_sheet import WrongSheet
from scoring.rules.percent import percent

COLUMNS = ("item", "reader", "value")
Reading = dict[str, dict[str, Hashable]]


class Kind(StrEnum):
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    PERCENT = "percent"


def agreement_of(lines: Iterable[str], kind: Kind, cutoff: Decimal) -> dict[str, Any]:
    """The statistics of the sheet, unrounded; None where undefined or not of that kind.

    Two-reader figures take the readers in the order of their names; with other than two readers they are None.
    Raises WrongSheet with every fault of every line.
    """
    values = readings(lines, READINGS[kind])
    readers = sorted({reader for told in values.values() for reader in told})
    units = [[told[reader] for reader in readers if reader in told] for told in values.values()]
    whole = [unit for unit in units if len(unit) == len(readers)] if len(readers) > 1 else []
    pairs = [(unit[0], unit[1]) for unit in whole] if len(readers) == 2 else []
    empty = ("raw", "kappa", "kappa_linear", "kappa_quadratic", "alpha", "icc_2_1", "mean_difference", "limits")
    return dict.fromkeys(empty) | {
        "alpha": agreement.alpha([[number(value) for value in unit] for unit in units], LEVELS[kind]),
        **FIGURES[kind](pairs, whole, units, cutoff),
        "kind": str(kind),
        "readers": readers,
        "items": len(values),
        "items_compared": len(whole),
    }


def nominal(pairs: Any, whole: Any, units: Any, cutoff: Decimal) -> dict[str, Any]:
    return {"raw": shared(units), "kappa": agreement.kappa(pairs)}


def ordinal(pairs: Any, whole: Any, units: Any, cutoff: Decimal) -> dict[str, Any]:
    weights = {"kappa_linear": agreement.linear, "kappa_quadratic": agreement.quadratic}
    weighted = {name: agreement.weighted_kappa(pairs, by) for name, by in weights.items()}
    return nominal(pairs, whole, units, cutoff) | weighted


def of_percentages(pairs: Any, whole: Any, units: Any, cutoff: Decimal) -> dict[str, Any]:
    """Raw agreement and kappa speak of the side of the cutoff; the rest of the percentages themselves."""
    sides = [(a > cutoff, b > cutoff) for a, b in pairs]
    limits = agreement.bland_altman([(float(a), float(b)) for a, b in pairs])
    return {
        "raw": shared([[value > cutoff for value in unit] for unit in units]),
        "kappa": agreement.kappa(sides),
        "icc_2_1": agreement.icc_2_1([[float(value) for value in unit] for unit in whole]),
        "mean_difference": limits.mean if limits else None,
        "limits": [limits.low, limits.high] if limits else None,
    }


def shared(units: Iterable[list[Any]]) -> float | None:
    """The share of pairs of readings of one item that agree."""
    both = [pair for unit in units for pair in combinations(unit, 2)]
    return agreement.raw(both)


def whole_number(cell: str) -> int:
    if not cell.lstrip("+-").isascii() or not cell.lstrip("+-").isdigit():
        raise ValueError(f"“{cell[:40]}” is no whole number: ordinal values are integers.")
    return int(cell)


def number(value: Hashable) -> Hashable:
    """A percentage is held against the cutoff as it was typed; the statistics take it as a float."""
    return float(value) if isinstance(value, Decimal) else value


READINGS: dict[Kind, Callable[[str], Hashable]] = {
    Kind.NOMINAL: str,
    Kind.ORDINAL: whole_number,
    Kind.PERCENT: percent,
}
LEVELS = {Kind.NOMINAL: "nominal", Kind.ORDINAL: "ordinal", Kind.PERCENT: "interval"}
FIGURES: dict[Kind, Callable[..., dict[str, Any]]] = {
    Kind.NOMINAL: nominal,
    Kind.ORDINAL: ordinal,
    Kind.PERCENT: of_percentages,
}


def readings(lines: Iterable[str], reading: Callable[[str], Hashable]) -> Reading:
    """By item and reader, what was said. A blank value is a reading that was not made."""
    faults: list[str] = []
    found: Reading = {}
    reader = csv.DictReader(lines, strict=True)
    try:
        reader.fieldnames = heading(reader.fieldnames or ())
        for row in reader:
            if any(isinstance(cell, str) and cell.strip() for cell in row.values()):
                add(found, row, reader.line_num, reading, faults)
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: the file is no well-formed CSV ({error}).")
    if faults:
        raise WrongSheet(*faults)
    return found


def heading(names: Iterable[str]) -> list[str]:
    said = [name.strip().lower().removeprefix("\ufeff") for name in names]
    absent = [name for name in COLUMNS if said.count(name) != 1]
    if absent:
        raise WrongSheet(f"The heading must name {', '.join(COLUMNS)} once each; look at {', '.join(absent)}.")
    return said


def add(
    found: Reading, row: Mapping[str | None, Any], line: int, reading: Callable[[str], Hashable], faults: list[str]
) -> None:
    """Keep one row's reading, or say what is wrong with it."""
    if None in row or None in row.values():
        faults.append(f"line {line}: the row does not have as many cells as the heading.")
        return
    item, reader, value = (row[name].strip() for name in COLUMNS)
    blank = [name for name, cell in (("item", item), ("reader", reader)) if not cell]
    faults.extend(f"line {line}, {name}: blank; every reading names its item and its reader." for name in blank)
    told = found.setdefault(item, {})
    if reader in told:
        faults.append(f"line {line}, reader: {reader[:40]} has read {item[:40]} already, on an earlier line.")
    if blank or reader in told or not value:
        return
    try:
        told[reader] = reading(value)
    except ValueError as error:
        faults.append(f"line {line}, value: {error}")
