"""What one specimen gives the rule, and every way in which its blanks could be filled."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise, product
from typing import NamedTuple

from scoring.rules.editions import Edition
from scoring.rules.vocabulary import ClearCell

AXES = ("clear_cell", "alveolar", "granular", "papillary", "caix")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one specimen gives the rule. Percentages 0 to 100, unrounded; None is a blank.

    With `caix_evaluable` False the CA-IX number, if any, is not used. Raises ValueError for a
    percentage that is not a finite number from 0 to 100.
    """

    clear_cell: ClearCell | None = None
    alveolar: Decimal | None = None
    granular: Decimal | None = None
    papillary: Decimal | None = None
    caix: Decimal | None = None
    caix_evaluable: bool = True

    def __post_init__(self) -> None:
        for name in AXES[1:]:
            value = getattr(self, name)
            if value is not None and not (value.is_finite() and 0 <= value <= 100):
                raise ValueError(f"{name} is {value}; it must be a number from 0 to 100, or blank.")


class Point(NamedTuple):
    """A complete set of inputs: nothing blank."""

    clear_cell: ClearCell
    alveolar: Decimal
    granular: Decimal
    papillary: Decimal
    caix: Decimal


def blanks(inputs: Inputs) -> tuple[str, ...]:
    """The inputs that give the rule nothing to go by, in the rule's order."""
    return tuple(axis for axis in AXES if value_of(inputs, axis) is None)


def value_of(inputs: Inputs, axis: str) -> ClearCell | Decimal | None:
    """What `inputs` give on one axis; a CA-IX that is not evaluable gives nothing."""
    if axis == "caix" and not inputs.caix_evaluable:
        return None
    value: ClearCell | Decimal | None = getattr(inputs, axis)
    return value


def completions(inputs: Inputs, edition: Edition) -> Iterator[Point]:
    """Every way, up to the edition's cutoffs, in which the blanks could be filled."""
    stand_ins = representatives(edition)
    choices = [stand_ins[axis] if (known := value_of(inputs, axis)) is None else (known,) for axis in AXES]
    return (Point._make(values) for values in product(*choices))


@cache
def representatives(edition: Edition) -> dict[str, tuple[ClearCell | Decimal, ...]]:
    """For each axis one value on every cutoff and one between each pair: no answer lies elsewhere."""
    return {
        "clear_cell": tuple(ClearCell),
        "alveolar": _around(edition.alveolar_absent_at, edition.alveolar_good_above),
        "granular": _around(edition.granular_good_at, edition.granular_poor_above),
        "papillary": _around(edition.papillary_present_above),
        "caix": _around(edition.caix_high_above),
    }


def _around(*cutoffs: Decimal) -> tuple[Decimal, ...]:
    ends = sorted({Decimal(0), Decimal(100), *cutoffs})
    return tuple(sorted({*ends, *((low + high) / 2 for low, high in pairwise(ends))}))
