"""Pairs of synthetic reads: valid, varied as a trial's are, and agreeing with each other."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from scoring.rules.consensus import compare
from scoring.rules.editions import CURRENT
from scoring.rules.findings import (
    ARCHITECTURE,
    CYTOPLASM,
    INTENSITIES,
    CaixFindings,
    Findings,
    HistologyFindings,
)
from scoring.rules.vocabulary import Assay, CaixMode, ControlState, Pattern, YesNo

FIVE = Decimal(5)
Pair = tuple[Findings, Findings]


def pairs(dice: Random) -> dict[Assay, Pair]:
    """What two readers found in one patient's H&E slide and CA-IX slide."""
    return {
        Assay.HISTOLOGY: agreeing(dice, Assay.HISTOLOGY, histology(dice), (ARCHITECTURE, CYTOPLASM)),
        Assay.CAIX: agreeing(dice, Assay.CAIX, caix(dice), (INTENSITIES,)),
    }


def agreeing(dice: Random, assay: Assay, first: Findings, groups: tuple[tuple[str, ...], ...]) -> Pair:
    """The first reader's findings and a second's who differs a little, and not enough to disagree."""
    second = first
    for parts in groups:
        second = moved(dice, second, parts)
    return first, first if compare(first, second, assay, CURRENT) else second


def moved(dice: Random, read: Findings, parts: tuple[str, ...]) -> Findings:
    """Five points taken from one part that has them to spare and given to another that is present."""
    present = [part for part in parts if getattr(read, part) > FIVE]
    if len(present) < 2:
        return read
    giver, taker = dice.sample(present, 2)
    return replace(read, **{giver: getattr(read, giver) - FIVE, taker: getattr(read, taker) + FIVE})


def histology(dice: Random) -> HistologyFindings:
    papillary = dice.random() < 0.1
    pattern = "arch_papillary" if papillary else "arch_alveolar"
    cytoplasm = ["cyto_clear", "cyto_granular"] if dice.random() < 0.6 else ["cyto_clear"]
    grade = dice.randint(1, 4)
    return HistologyFindings(
        adequate=YesNo.YES,
        viable_tumour=Decimal(dice.randrange(20, 100, 5)),
        necrosis=Decimal(dice.randrange(0, 40, 5)),
        histologic_type="papillary" if papillary else "clear_cell",
        rhabdoid=Decimal(0),
        fuhrman=grade,
        who_isup=grade,
        **split(dice, ARCHITECTURE, [pattern, *dice.sample(["arch_solid", "arch_tubular", "arch_cystic"], 2)]),
        **split(dice, CYTOPLASM, cytoplasm),
    )


def caix(dice: Random) -> CaixFindings:
    return CaixFindings(
        mode=CaixMode.INTENSITIES,
        at_least_100_cells=YesNo.YES,
        pattern=dice.choice([Pattern.MEMBRANOUS_COMPLETE, Pattern.MEMBRANOUS_INCOMPLETE]),
        internal_control=ControlState.PASSED,
        evaluable=YesNo.YES,
        **split(dice, INTENSITIES, list(INTENSITIES)),
    )


def split(dice: Random, parts: tuple[str, ...], present: list[str]) -> dict[str, Any]:
    """100 % dealt in steps of five to the parts that are present, at least five to each; 0 to the others."""
    cuts = sorted(dice.sample(range(5, 100, 5), len(present) - 1))
    ends = zip([0, *cuts], [*cuts, 100], strict=True)
    dealt: dict[str, Any] = dict.fromkeys(parts, Decimal(0))
    return dealt | {part: Decimal(high - low) for part, (low, high) in zip(present, ends, strict=True)}
