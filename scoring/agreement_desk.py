"""Pairs of first and second reads for the agreement report: of concluded cases alone, without names.

A statistician sees reads only once their case has concluded; what is still open is counted and left out.
"""

from dataclasses import dataclass
from decimal import Decimal

from scoring.cases import CaseFacts, current, facts_of
from scoring.rules.discordance import histology_inputs
from scoring.rules.editions import CURRENT
from scoring.rules.findings import CaixFindings, Findings, HistologyFindings
from scoring.rules.model import Inputs, assess
from scoring.rules.vocabulary import Assay, Phase
from scoring.written import findings_of
from specimens.actors import Actor
from specimens.deeds import require
from specimens.scope import Scope


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader's read says. None is blank: the read does not answer."""

    adequate: str | None = None
    type: str | None = None
    risk: str | None = None
    evaluable: str | None = None
    caix: Decimal | None = None
    level: str | None = None
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Both readers' reads of one case, in the order of their places."""

    code: str
    assay: Assay
    first: Opinion
    second: Opinion
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """`waiting`: cases with both reads in whose difference nobody has decided yet; not among the pairs."""

    histology: tuple[Pair, ...]
    caix: tuple[Pair, ...]
    waiting: int


def pairs_of(viewer: Actor, scope: Scope, trial: str = "") -> Pairs:
    """Every pair within reach. Four queries. Raises Forbidden for who may not see agreement."""
    require(viewer, "scoring.view_agreement", "Agreement of readers is shown to statisticians.")
    found = current().filter(scope.specimens("specimen__"))
    if trial:
        found = found.filter(specimen__patient__trial__code__iexact=trial)
    both = [facts for facts in facts_of(found) if len(facts.reads) == 2]
    told = [pair_of(facts) for facts in both if facts.phase is Phase.CONCLUDED]
    by_assay = {assay: tuple(pair for pair in told if pair.assay is assay) for assay in Assay}
    return Pairs(by_assay[Assay.HISTOLOGY], by_assay[Assay.CAIX], len(both) - len(told))


def pair_of(facts: CaseFacts) -> Pair:
    first, second = (opinion_of(findings_of(facts.assay, read.written)) for read in facts.reads)
    return Pair(facts.code, facts.assay, first, second, facts.synthetic)


def opinion_of(read: Findings) -> Opinion:
    if isinstance(read, HistologyFindings):
        verdict = assess(histology_inputs(read), CURRENT)
        risk = str(verdict.possible_risks[0]) if len(verdict.possible_risks) == 1 else None
        return Opinion(adequate=str(read.adequate), type=read.histologic_type, risk=risk, grade=read.who_isup)
    assert isinstance(read, CaixFindings), "a read is of one of the two assays"
    number = read.positive if read.is_evaluable else None
    level = str(assess(Inputs(caix=number), CURRENT).caix_level) if number is not None else None
    return Opinion(evaluable="yes" if read.is_evaluable else "no", caix=number, level=level)
