"""What would change the answer: every smallest change of the inputs, found by evaluating it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from scoring.rules.editions import Edition
from scoring.rules.inputs import AXES, Inputs, value_of
from scoring.rules.model import Verdict, assess
from scoring.rules.percent import plain
from scoring.rules.vocabulary import ClearCell, Compartment, Risk, said

TITLES = {"alveolar": "alveolar", "granular": "granular", "papillary": "papillary", "caix": "CA-IX"}
ZERO, HUNDRED = Decimal(0), Decimal(100)
BELOW = Decimal(-1)  # so that the lowest stretch takes 0 in
MOST = 3


@dataclass(frozen=True, slots=True)
class Change:
    """`if_` reads on after "If", `then` after "then"; a category that stays is not repeated."""

    if_: str
    then: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of one axis within which no answer changes, and a value that stands for it.

    A stretch of percentages begins above `low` and ends at `high`.
    """

    axis: str
    says: str
    value: ClearCell | Decimal
    low: Decimal = ZERO
    high: Decimal = HUNDRED

    def holds(self, value: ClearCell | Decimal | None) -> bool:
        """Does this value lie in the band? A blank lies in none."""
        if isinstance(value, Decimal):
            return self.low < value <= self.high
        return value is not None and value == self.value


def what_would_change(inputs: Inputs, edition: Edition) -> tuple[Change, ...]:
    """For each other answer the changes that reach it by the fewest inputs, fewest inputs first.

    Not told: a change that leaves the eligibility as open as it was, or of more than three inputs.
    """
    now = assess(inputs, edition)
    fewest = {_answer(now): 0}
    found = []
    for chosen in sorted(_alternatives(inputs, edition), key=len):
        changed = _changed(inputs, chosen)
        then = assess(changed, edition)
        settles = then.compartment is not now.compartment or then.compartment is not Compartment.INDETERMINATE
        if settles and fewest.setdefault(_answer(then), len(chosen)) == len(chosen):
            found.append(Change(_if(chosen), _then(now, then, changed, edition)))
    return tuple(found)


def bands(axis: str, edition: Edition) -> tuple[Band, ...]:
    """The bands of one axis, lowest first."""
    if axis == "clear_cell":
        says = {ClearCell.YES: "the type were clear cell", ClearCell.NO: "the type were not clear cell"}
        return tuple(Band(axis, words, answer) for answer, words in says.items())
    cutoffs = {
        "alveolar": {edition.alveolar_absent_at, edition.alveolar_good_above},
        "granular": {edition.granular_good_at, edition.granular_poor_above},
        "papillary": {edition.papillary_present_above},
        "caix": {edition.caix_high_above},
    }[axis]
    ends = sorted({BELOW, HUNDRED, *cutoffs})
    return tuple(_stretch(axis, low, high) for low, high in pairwise(ends))


def _stretch(axis: str, low: Decimal, high: Decimal) -> Band:
    title = TITLES[axis]
    above, to = plain(low), plain(high)
    if high == ZERO:
        says = f"{title} were 0 %"
    elif low == BELOW:
        says = f"{title} were {to} % or less"
    elif low == ZERO and high == HUNDRED:
        says = f"any {title} were found"
    elif high == HUNDRED:
        says = f"{title} were above {above} %"
    else:
        says = f"{title} were above {above} up to {to} %"
    return Band(axis, says, (max(low, ZERO) + high) / 2, low, high)


def _alternatives(inputs: Inputs, edition: Edition) -> Iterator[frozenset[Band]]:
    """Every set of bands other than the present ones, at most one for each axis."""
    choices: list[list[Band | None]] = []
    for axis in AXES:
        here = value_of(inputs, axis)
        choices.append([None, *(band for band in bands(axis, edition) if not band.holds(here))])
    for chosen in product(*choices):
        picked = frozenset(band for band in chosen if band is not None)
        if 0 < len(picked) <= MOST:
            yield picked


def _changed(inputs: Inputs, chosen: frozenset[Band]) -> Inputs:
    values: dict[str, Any] = {band.axis: band.value for band in chosen}
    values["caix_evaluable"] = inputs.caix_evaluable or "caix" in values
    return replace(inputs, **values)


def _answer(verdict: Verdict) -> tuple[Risk, Compartment]:
    return verdict.risk, verdict.compartment


def _if(chosen: frozenset[Band]) -> str:
    return " and ".join(band.says for band in sorted(chosen, key=lambda band: AXES.index(band.axis)))


def _then(now: Verdict, then: Verdict, changed: Inputs, edition: Edition) -> str:
    answer = said(then.eligibility)
    if then.risk is now.risk:
        return answer
    blank = assess(replace(changed, caix=None, caix_evaluable=True), edition)
    whatever = " whatever CA-IX" if blank.compartment is Compartment.FAVOURABLE else ""
    return f"{then.risk}: {answer}{whatever}"
