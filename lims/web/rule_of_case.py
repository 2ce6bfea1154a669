"""What the rule makes of one concluded case alone, for those who may see its consensus. Pure.

Never the score of the specimen: that rests on both assays, and a reader may still have the other one to read.
"""

from dataclasses import dataclass

from lims.web.words import title_of_level
from scoring.explaining import type_label
from scoring.rules import why
from scoring.rules.discordance import histology_inputs
from scoring.rules.editions import CURRENT, Edition
from scoring.rules.findings import CaixFindings, HistologyFindings
from scoring.rules.model import Inputs, assess
from scoring.rules.vocabulary import Assay
from scoring.views import CaseView
from scoring.written import from_canonical


@dataclass(frozen=True, slots=True)
class RuleOfCase:
    """`sentence` first, then the conditions of the pathology risk (none for CA-IX)."""

    sentence: str
    edition: Edition
    conditions: tuple[why.Condition, ...] = ()


def what_the_rule_makes(view: CaseView) -> RuleOfCase | None:
    """None while the consensus is hidden or not there."""
    if view.consensus is None:
        return None
    findings = from_canonical(view.assay, view.consensus.findings)
    if view.assay is Assay.HISTOLOGY:
        assert isinstance(findings, HistologyFindings), "the assay says so"
        return of_histology(findings)
    assert isinstance(findings, CaixFindings), "the assay says so"
    return of_caix(findings)


def of_histology(findings: HistologyFindings) -> RuleOfCase:
    inputs = histology_inputs(findings)
    verdict = assess(inputs, CURRENT)
    *first, last = verdict.possible_risks
    risks = f"{', '.join(first)} or {last}" if first else f"{last}"
    label = type_label(findings.histologic_type or "")
    known = f"{risks.capitalize()} pathology from this case alone"
    said = f"{known}, under edition {CURRENT.edition}. Investigational."
    return RuleOfCase(said, CURRENT, why.conditions(inputs, CURRENT, type_label=label))


def of_caix(findings: CaixFindings) -> RuleOfCase:
    verdict = assess(Inputs(caix=findings.positive, caix_evaluable=findings.is_evaluable), CURRENT)
    level = title_of_level(verdict.caix_level)
    return RuleOfCase(f"{level} from this case alone, under edition {CURRENT.edition}. Investigational.", CURRENT)
