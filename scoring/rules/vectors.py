"""The worked cases of the rule: they are tested, and they make the documentation.

`vectors.csv` comes from the project's reference of decision vectors; its inputs and answers are
unaltered, the notes are worded to stand by themselves.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from scoring.rules.model import Inputs
from scoring.rules.vocabulary import CaixLevel, ClearCell, Compartment, Risk

FILE = Path(__file__).parent / "vectors.csv"


@dataclass(frozen=True, slots=True)
class Vector:
    """One case with the answer it must get. `written` is the row as it stands in the file."""

    name: str
    inputs: Inputs
    risk: Risk
    possible_risks: tuple[Risk, ...]
    caix_level: CaixLevel
    compartment: Compartment
    written: dict[str, str]


def vectors() -> Iterator[Vector]:
    """Every worked case, in the file's order."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Vector(
                name=row["id"],
                inputs=_inputs(row),
                risk=Risk(row["risk"]),
                possible_risks=tuple(Risk(each) for each in row["possible_risks"].split("|")),
                caix_level=CaixLevel(row["caix_level"]),
                compartment=Compartment(row["compartment"]),
                written=row,
            )


def _inputs(row: dict[str, str]) -> Inputs:
    evaluable = row["caix"] != "not_evaluable"
    return Inputs(
        clear_cell=ClearCell(row["clear_cell"]) if row["clear_cell"] else None,
        alveolar=_number(row["alveolar"]),
        granular=_number(row["granular"]),
        papillary=_number(row["papillary"]),
        caix=_number(row["caix"]) if evaluable else None,
        caix_evaluable=evaluable,
    )


def _number(written: str) -> Decimal | None:
    return Decimal(written) if written else None
