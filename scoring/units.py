"""Laboratory values into the unit of the clinical systems. The library (pint) converts; nothing is rounded.

Which spellings of a unit are understood is listed here, factor by factor; any other is refused with those that are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

import pint

RATIO = "xULN"
CALCIUM_MOLAR_MASS = "40.078 g/mol"
"""IUPAC standard atomic weight of calcium."""
HAEMOGLOBIN_MOLAR_MASS = "16114 g/mol"
"""Of the monomer, Hb(Fe): laboratories that report mmol/L count the four chains one by one."""


@dataclass(frozen=True, slots=True)
class Lab:
    """One laboratory value. `units` are spellings as they are told, with the expression the library reads.

    `least` and `most`, in `unit`: beyond them no living patient, and the unit was mistaken. `molar` is the molar mass
    by which an amount of substance becomes a mass.
    """

    unit: str
    expression: str
    units: Mapping[str, str]
    least: Decimal
    most: Decimal
    limits: tuple[str, ...] = field(default=())
    molar: str = ""


MASS = {"g/dL": "g/dL", "g/L": "g/L"}
COUNTS = {
    "10^9/L": "gigacount/L", "/nL": "count/nL", "10^3/uL": "kilocount/uL", "K/uL": "kilocount/uL", "/uL": "count/uL",
    "cells/uL": "count/uL", "/mm3": "count/mm**3",
}  # fmt: skip
LABS: Mapping[str, Lab] = {
    "ldh": Lab(
        "U/L", "enzyme_unit/L",
        {"U/L": "enzyme_unit/L", "IU/L": "enzyme_unit/L", "ukat/L": "microkatal/L", "nkat/L": "nanokatal/L", RATIO: ""},
        Decimal(20), Decimal(50_000), ("upper",),
    ),
    "haemoglobin": Lab("g/dL", "g/dL", MASS | {"mmol/L": "mmol/L"}, Decimal(2), Decimal(25), ("lower",),
                       HAEMOGLOBIN_MOLAR_MASS),
    "calcium": Lab("mg/dL", "mg/dL", {"mg/dL": "mg/dL", "mmol/L": "mmol/L"}, Decimal(4), Decimal(25), ("upper",),
                   CALCIUM_MOLAR_MASS),
    "albumin": Lab("g/dL", "g/dL", MASS, Decimal("0.5"), Decimal(10)),
    "neutrophils": Lab("10^9/L", "gigacount/L", COUNTS, Decimal(0), Decimal(200), ("upper",)),
    "platelets": Lab("10^9/L", "gigacount/L", COUNTS, Decimal(0), Decimal(4000), ("upper",)),
    "tsh": Lab("mIU/L", "mIU/L", {"mIU/L": "mIU/L", "uIU/mL": "uIU/mL"}, Decimal(0), Decimal(500)),
}  # fmt: skip
MOST_TIMES = Decimal(200)


def known_unit(factor: str, written: str) -> str:
    """The listed spelling of a unit as written: capitals, blanks and the sign for micro do not matter.

    Raises ValueError with the units that would do.
    """
    spelled = {plain(unit): unit for unit in LABS[factor].units}
    found = spelled.get(plain(written))
    if found is None:
        named = written.strip()[:20]
        said = f"“{named}” is no unit of {factor} here" if named else f"Give the unit of {factor}"
        raise ValueError(f"{said}; these would do: {', '.join(LABS[factor].units)}.")
    return found


def plain(written: str) -> str:
    """`× 10⁹ / l` and `10^9/L` alike."""
    text = written.strip().replace("µ", "u").replace("μ", "u").replace("³", "^3").replace("⁹", "^9")
    text = text.replace("×", "x").replace(" ", "").replace("*", "").casefold()
    if text.startswith("x10"):
        text = text[1:]
    return {"mm^3": "/mm3", "/mm^3": "/mm3"}.get(text, text)


def converted(factor: str, value: Decimal, unit: str) -> Decimal:
    """`value` in the unit of the clinical systems. A ratio stays as it is. `unit` is a listed spelling."""
    lab = LABS[factor]
    if unit == RATIO or unit == lab.unit:
        return value
    measured = registry().Quantity(value, lab.units[unit])
    if lab.molar and measured.check("[substance]/[length]**3"):
        measured = measured * registry().parse_expression(lab.molar)
    told: Decimal = measured.to(lab.expression).magnitude
    return told.normalize()


def impossible(factor: str, value: Decimal, unit: str) -> str:
    """Why no patient has this value in this unit, and in which unit it could be; blank when it can be."""
    if possible(factor, value, unit):
        return ""
    others = [each for each in LABS[factor].units if each != unit and possible(factor, value, each)]
    ask = f"; was it measured in {' or '.join(others)}?" if others else "."
    return f"{factor} of {value} {unit} cannot be{ask}"


def possible(factor: str, value: Decimal, unit: str) -> bool:
    if unit == RATIO:
        return 0 < value <= MOST_TIMES
    return LABS[factor].least <= converted(factor, value, unit) <= LABS[factor].most


@cache
def registry() -> Any:
    """The library's units with exact decimals, and the international unit, which measures an effect and no amount."""
    made: Any = pint.UnitRegistry(non_int_type=Decimal, cache_folder=None)
    made.define("international_unit = [biological_activity] = IU")
    return made
