"""What one synthetic reader records of one synthetic section, with the error a reader makes."""

from dataclasses import dataclass

from lims.demo import words
from lims.demo.agreement import Findings
from lims.demo.chance import Chance
from lims.demo.truth import Truth

DEVIATION = 6.0
STRONG, WEAK = {"3": 0.55, "2": 0.3, "1": 0.15}, {"3": 0.2, "2": 0.4, "1": 0.4}


@dataclass(frozen=True, slots=True)
class Opinion:
    """One reader's findings, ready to be signed: every value a string, blank is the empty string."""

    histology: Findings
    caix: Findings

    @property
    def both(self) -> tuple[Findings, Findings]:
        """The two as `agreement.disagreements` takes them."""
        return self.histology, self.caix


def opinion(chance: Chance, truth: Truth, deviation: float = DEVIATION, floor: int = 5) -> Opinion:
    """What a reader with this error (standard deviation in points, steps of five) records.

    A part that is present stays at least `floor`; with floor 0 a reader may also miss it.
    """
    return Opinion(histology(chance, truth, deviation, floor), caix(chance, truth, deviation))


def exact(chance: Chance, truth: Truth) -> Opinion:
    """The reading without error, near which an adjudicator decides."""
    return opinion(chance, truth, deviation=0.0)


def histology(chance: Chance, truth: Truth, deviation: float, floor: int = 5) -> Findings:
    """The H&E read; inadequate carries its reason and no percentage."""
    if truth.inadequate:
        return inadequate(truth.inadequate)
    architecture = _wobbled(chance, truth.architecture, deviation, floor)
    cytoplasm = _wobbled(chance, truth.cytoplasm, deviation, floor)
    rhabdoid = _near(chance, truth.rhabdoid, deviation)
    return dict.fromkeys(words.HISTOLOGY_FIELDS, "") | {
        "adequate": words.YES,
        "viable_tumour": str(_near(chance, truth.viable, deviation)),
        "necrosis": str(_near(chance, truth.necrosis, deviation)),
        "histologic_type": truth.histologic_type,
        **{f"arch_{part}": str(value) for part, value in architecture.items()},
        **{f"cyto_{part}": str(value) for part, value in cytoplasm.items()},
        "rhabdoid": str(rhabdoid),
        "fuhrman": _grade(chance, truth, deviation, fixed=False),
        "who_isup": _grade(chance, truth, deviation, fixed=rhabdoid > 0 or architecture["sarcomatoid"] > 0),
    }


def caix(chance: Chance, truth: Truth, deviation: float) -> Findings:
    """The CA-IX read; not evaluable carries its reason and no percentage."""
    reason = truth.not_evaluable or _too_little(truth.inadequate)
    if reason:
        return not_evaluable(reason)
    positive = _near(chance, truth.caix, deviation)
    dealt = {"1": 0, "2": 0, "3": 0}
    for _ in range(positive // 5):
        dealt[chance.weighted(STRONG if truth.caix > 85 else WEAK)] += 5
    return dict.fromkeys(words.CAIX_FIELDS, "") | {
        "mode": words.INTENSITIES,
        "pct_0": str(100 - positive),
        **{f"pct_{step}": str(value) for step, value in dealt.items()},
        "at_least_100_cells": words.YES,
        "pattern": _membrane(chance, positive),
        "internal_control": words.ABSENT if chance.under(0.08) else words.PASSED,
        "evaluable": words.YES,
    }


def inadequate(reason: str) -> Findings:
    """An H&E read that says the section cannot be read."""
    return dict.fromkeys(words.HISTOLOGY_FIELDS, "") | {"adequate": words.NO, "inadequate_reason": reason}


def not_evaluable(reason: str) -> Findings:
    """A CA-IX read that says the stain cannot be evaluated."""
    few = reason in (words.TOO_FEW_CELLS, words.NO_VIABLE_TUMOUR)
    failed = reason == words.INTERNAL_CONTROL_FAILED
    return dict.fromkeys(words.CAIX_FIELDS, "") | {
        "mode": words.INTENSITIES,
        "at_least_100_cells": words.NO if few else words.YES,
        "internal_control": words.FAILED if failed else words.PASSED,
        "evaluable": words.NO,
        "not_evaluable_reason": reason,
    }


def _too_little(inadequate_reason: str | None) -> str | None:
    little = {"too_little_tumour": words.TOO_FEW_CELLS, "no_viable_tumour": words.NO_VIABLE_TUMOUR}
    return little.get(inadequate_reason or "")


def _membrane(chance: Chance, positive: int) -> str:
    """Where no cell is positive there is no membranous pattern to name; some show cytoplasm alone."""
    if positive == 0:
        return words.CYTOPLASMIC if chance.under(0.3) else ""
    if positive > 85:
        return words.COMPLETE if chance.under(0.85) else words.MIXED
    return chance.weighted({words.COMPLETE: 0.4, words.INCOMPLETE: 0.4, words.MIXED: 0.2})


def _grade(chance: Chance, truth: Truth, deviation: float, *, fixed: bool) -> str:
    """Sarcomatoid or rhabdoid is grade 4; otherwise a reader is one grade off in an eighth of reads."""
    if truth.grade is None:
        return ""
    if fixed:
        return "4"
    off = deviation > 0 and chance.under(0.12)
    return str(min(4, max(1, truth.grade + chance.pick((-1, 1))))) if off else str(truth.grade)


def _near(chance: Chance, value: int, deviation: float) -> int:
    """What is absent stays absent, what is present stays present."""
    return min(100, max(5, value + chance.noise(deviation))) if value else 0


def _wobbled(chance: Chance, parts: dict[str, int], deviation: float, floor: int) -> dict[str, int]:
    """Every part that is present is misjudged a little; the largest takes up the difference to 100."""
    largest = max(parts, key=lambda part: parts[part])
    moved = {
        part: max(floor, value + chance.noise(deviation)) if value and part != largest else value
        for part, value in parts.items()
    }
    rest = 100 - sum(value for part, value in moved.items() if part != largest)
    return moved | {largest: rest} if rest >= 5 else parts
