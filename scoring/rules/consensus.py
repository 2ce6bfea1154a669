"""How the reads of a case become one value: mean of concordant reads, or somebody's decision.

Source: section 7 of the model reference. Reads are two signed, consistent reads of one assay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scoring.rules.averaging import Listed, mean
from scoring.rules.discordance import compare, histology_inputs
from scoring.rules.editions import Edition
from scoring.rules.findings import CaixFindings, Findings, HistologyFindings
from scoring.rules.model import Inputs
from scoring.rules.vocabulary import Assay, HowDecided, Phase

__all__ = ["Consensus", "compare", "consensus", "inputs_from", "mean", "phase"]


@dataclass(frozen=True, slots=True)
class Consensus:
    """The final findings of a case, how they came about, and the values that were left blank
    because the two reads differ: field -> (first reader's, second reader's)."""

    findings: Findings
    how: HowDecided
    listed: Listed = field(default_factory=dict)


def phase(number_of_readers_required: int, active_reader_reads: int, discordant: bool | None, decided: bool) -> Phase:
    """The phase of a case. `discordant` is None only while there are not two reads to compare.

    `decided`: an adjudication or consensus meeting that rests on the active reads stands.
    Raises ValueError when two reads are there and were not compared.
    """
    if active_reader_reads == 0:
        return Phase.AWAITING_FIRST
    if active_reader_reads < number_of_readers_required:
        return Phase.AWAITING_SECOND
    if active_reader_reads >= 2 and discordant is None:
        raise ValueError("Two reads are there: compare them before asking for the phase.")
    return Phase.DISCORDANT if discordant and not decided else Phase.CONCLUDED


def consensus(
    reads: Sequence[Findings],
    assay: Assay,
    edition: Edition,
    *,
    decision: Findings | None = None,
    meeting: bool = False,
) -> Consensus:
    """The value of a concluded case from its one or two active reads.

    `decision` is the adjudicator's read, or with `meeting` what the consensus meeting recorded; it
    is never averaged with anything. Raises ValueError for a case that has not concluded.
    """
    if len(reads) == 1:
        return Consensus(reads[0], HowDecided.SINGLE)
    if len(reads) != 2:
        raise ValueError(f"A case has one or two reads, not {len(reads)}.")
    if not compare(reads[0], reads[1], assay, edition):
        return _concordant(reads[0], reads[1])
    if decision is None:
        raise ValueError("The two reads are discordant: somebody else decides first.")
    return Consensus(decision, HowDecided.CONSENSUS_MEETING if meeting else HowDecided.ADJUDICATED)


def _concordant(a: Findings, b: Findings) -> Consensus:
    if isinstance(a, HistologyFindings) and isinstance(b, HistologyFindings):
        section, listed = mean(a, b)
        return Consensus(section, HowDecided.CONCORDANT_MEAN, listed)
    assert isinstance(a, CaixFindings), "compare refuses mixed assays"
    assert isinstance(b, CaixFindings), "compare refuses mixed assays"
    stain, listed = mean(a, b)
    return Consensus(stain, HowDecided.CONCORDANT_MEAN, listed)


def inputs_from(
    histology: Consensus | None, caix: Consensus | None, external_controls_passed: bool | None = None
) -> Inputs:
    """What a specimen's concluded cases give the rule; None for a case that has not concluded.

    `external_controls_passed` speaks of the CA-IX slide's stain run as known now: False makes the
    result not evaluable whatever number was signed; None means there is nothing to say yet.
    Raises TypeError when a consensus is of the other assay.
    """
    section = histology.findings if histology is not None else HistologyFindings()
    stain = caix.findings if caix is not None else None
    if not isinstance(section, HistologyFindings) or isinstance(stain, HistologyFindings):
        raise TypeError("Give the histology consensus first, the CA-IX consensus second.")
    evaluable = external_controls_passed is not False and (stain is None or stain.is_evaluable)
    number = stain.positive if stain is not None else None
    return replace(histology_inputs(section), caix=number, caix_evaluable=evaluable)
