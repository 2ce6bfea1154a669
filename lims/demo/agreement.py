"""Do two synthetic reads agree? Asked of the very rules that the software compares signed reads by."""

from decimal import Decimal
from functools import cache

from scoring.rules import consensus
from scoring.rules.editions import CURRENT
from scoring.rules.findings import Findings as Examined
from scoring.rules.findings import from_mapping
from scoring.rules.model import Inputs, assess
from scoring.rules.types import clear_cell_of
from scoring.rules.vocabulary import Assay, Discordance

Findings = dict[str, str]

# Both follow from another trigger here: a generated read leaves no blank of its own.
IMPLIED = {Discordance.CLEAR_CELL, Discordance.BLANK_FIELD}


def disagreements(a: tuple[Findings, Findings], b: tuple[Findings, Findings]) -> tuple[str, ...]:
    """The reasons why two (histology, CA-IX) pairs are discordant, in a fixed order; empty when none."""
    found: list[Discordance] = []
    for assay, one, other in zip((Assay.HISTOLOGY, Assay.CAIX), a, b, strict=True):
        found += consensus.compare(examined(assay, one), examined(assay, other), assay, CURRENT)
    return tuple(str(reason) for reason in found if reason not in IMPLIED)


def examined(assay: Assay, given: Findings) -> Examined:
    """A generated read as the rules take it."""
    return _examined(assay, tuple(given.items()))


@cache
def _examined(assay: Assay, given: tuple[tuple[str, str], ...]) -> Examined:
    findings, problems = from_mapping(assay, dict(given))
    assert not problems, f"a generated read cannot be signed: {problems[0].sentence}"
    return findings


def categories(kind: str, alveolar: float, granular: float, papillary: float) -> frozenset[str]:
    """The categories still possible of a tumour of this type with these percentages."""
    said = Inputs(
        clear_cell=clear_cell_of(kind),
        alveolar=Decimal(str(alveolar)),
        granular=Decimal(str(granular)),
        papillary=Decimal(str(papillary)),
    )
    return frozenset(map(str, assess(said, CURRENT).possible_risks))


def positive(caix: Findings) -> float:
    """Percent of tumour cells with any membranous staining."""
    return 100 - float(caix["pct_0"])
