"""From the facts of a specimen's two cases to what an edition says of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import orjson

from scoring.cases import CaseFacts
from scoring.rules import model
from scoring.rules.consensus import Consensus, consensus, inputs_from, mean
from scoring.rules.editions import Edition
from scoring.rules.fields import canonical
from scoring.rules.findings import CaixFindings, HistologyFindings
from scoring.rules.model import Inputs, Verdict
from scoring.rules.vocabulary import Assay, HowDecided, Phase
from scoring.vocabulary import ReadRole
from scoring.written import findings_of
from specimens.vocabulary import RunControls

assess = lru_cache(maxsize=4096)(model.assess)
NAMES = {
    kind: tuple(each.name for each in fields(kind) if each.name != "comment")
    for kind in (HistologyFindings, CaixFindings)
}
AXES = ("clear_cell", "alveolar", "granular", "papillary", "caix", "caix_evaluable")


@dataclass(frozen=True, slots=True)
class Said:
    """What an edition says of one specimen. `written`: the inputs as stored, with their sources' ids."""

    written: dict[str, Any]
    inputs: Inputs
    verdict: Verdict
    histology: HistologyFindings | None
    caix: CaixFindings | None
    histology_how: str
    caix_how: str
    synthetic: bool

    @property
    def adequate(self) -> bool | None:
        return None if self.histology is None else self.histology.is_adequate

    def digest(self, again: int) -> str:
        """SHA-256 over the inputs and their ids; `again` counts how often the same was said before."""
        said = [self.verdict.model, self.verdict.edition, self.written, again]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def said_of(histology: CaseFacts | None, caix: CaseFacts | None, edition: Edition) -> Said:
    """The verdict on a specimen from its current cases; a case that has not concluded gives nothing."""
    section, stain = value_of(histology, edition), value_of(caix, edition)
    controls = None if caix is None or stain is None else caix.controls
    passed = None if controls in (None, RunControls.PENDING) else controls is RunControls.PASSED
    inputs = inputs_from(section, stain, passed)
    written = {
        "histology": source(histology, section),
        "caix": source(caix, stain),
        "values": {name: canonical(getattr(inputs, name)) for name in AXES},
    }
    used = [facts for facts, value in ((histology, section), (caix, stain)) if facts and value]
    return Said(
        written,
        inputs,
        assess(inputs, edition),
        section.findings if section else None,  # type: ignore[arg-type]
        stain.findings if stain else None,  # type: ignore[arg-type]
        str(section.how) if section else "",
        str(stain.how) if stain else "",
        any(facts.synthetic or any(read.synthetic for read in facts.reads) for facts in used),
    )


def value_of(facts: CaseFacts | None, edition: Edition) -> Consensus | None:
    """The value of a case under this edition, None while it has not concluded."""
    if facts is None or facts.phase is not Phase.CONCLUDED:
        return None
    decision, found = facts.decision, facts.compared
    return concluded(
        facts.assay,
        tuple(read.written for read in facts.reads),
        decision.written if decision else None,
        decision is not None and decision.role == ReadRole.MEETING,
        edition,
        bool(found.discordances) if found and found.edition == edition.edition else None,
    )


@lru_cache(maxsize=4096)
def concluded(
    assay: Assay,
    reads: tuple[str, ...],
    decision: str | None,
    meeting: bool,
    edition: Edition,
    discordant: bool | None,
) -> Consensus | None:
    """`rules.consensus.consensus` of findings as stored. `discordant` is what was recorded under this very
    edition, None when it was not asked. None where this edition finds a disagreement that the edition of the
    day did not, so that nobody has decided it."""
    findings = [findings_of(assay, written) for written in reads]
    decided = findings_of(assay, decision) if decision is not None else None
    if discordant is False:
        between, listed = mean(*(cast(Any, each) for each in findings))
        return Consensus(between, HowDecided.CONCORDANT_MEAN, listed)
    try:
        return consensus(findings, assay, edition, decision=decided, meeting=meeting)
    except ValueError:
        return None


def source(facts: CaseFacts | None, value: Consensus | None) -> dict[str, Any] | None:
    """Whence a value came: case, reads, decision and controls by id; what they said is with them."""
    if facts is None or value is None:
        return None
    said = {
        "case": facts.id,
        "reads": [read.id for read in facts.reads],
        "decision": facts.decision.id if facts.decision else None,
        "how": str(value.how),
    }
    if facts.assay is Assay.CAIX:
        said |= {
            "run": facts.run_id,
            "controls": list(facts.control_ids),
            "external_controls": facts.controls,
        }
    return said


def written_findings(value: Consensus) -> dict[str, object]:
    """The consensus in its one written form, blanks left out; comments stay with the reads."""
    given = ((name, getattr(value.findings, name)) for name in NAMES[type(value.findings)])
    return {name: canonical(found) for name, found in given if found is not None}


SCORE_COLUMNS = (
    "specimen_id",
    "model",
    "edition",
    "digest",
    "inputs",
    "adequate",
    "histologic_type",
    "clear_cell",
    "alveolar",
    "granular",
    "papillary",
    "caix",
    "caix_evaluable",
    "h_score",
    "histology_how",
    "caix_how",
    "risk",
    "possible_risks",
    "caix_level",
    "compartment",
    "eligibility",
    "reasons",
    "missing",
    "computed_at",
    "synthetic",
)


def score_row(specimen_id: int, said: Said, digest: str, computed_at: object) -> tuple[object, ...]:
    """A Score's columns, in the order of SCORE_COLUMNS; `inputs` is left a mapping."""
    inputs, verdict = said.inputs, said.verdict
    h_score = said.caix.h_score if said.caix else None
    return (
        specimen_id,
        verdict.model,
        verdict.edition,
        digest,
        said.written,
        said.adequate,
        (said.histology.histologic_type if said.histology else None) or "",
        str(inputs.clear_cell or ""),
        inputs.alveolar,
        inputs.granular,
        inputs.papillary,
        inputs.caix,
        inputs.caix_evaluable if said.caix else None,
        h_score if h_score is None else Decimal(h_score),
        said.histology_how,
        said.caix_how,
        str(verdict.risk),
        joined(verdict.possible_risks),
        str(verdict.caix_level),
        str(verdict.compartment),
        str(verdict.eligibility),
        joined(verdict.reasons),
        joined(verdict.missing),
        computed_at,
        said.synthetic,
    )


def joined(words: Sequence[str]) -> str:
    return "|".join(words)
