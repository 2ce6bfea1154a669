"""What makes two blinded reads of a case discordant. Every trigger that holds is told."""

from collections.abc import Sequence

from scoring.rules.averaging import mean
from scoring.rules.editions import Edition
from scoring.rules.findings import CaixFindings, Findings, HistologyFindings
from scoring.rules.model import Inputs, assess
from scoring.rules.vocabulary import Assay, Discordance

SCORED = ("clear_cell", "alveolar", "granular", "papillary")


def compare(a: Findings, b: Findings, assay: Assay, edition: Edition) -> tuple[Discordance, ...]:
    """Every trigger that holds between two reads, in a fixed order; empty when they are concordant.

    The answer does not depend on which read comes first. Raises TypeError for reads of another assay.
    """
    if isinstance(a, HistologyFindings) and isinstance(b, HistologyFindings) and assay is Assay.HISTOLOGY:
        held = _histology(a, b, edition)
    elif isinstance(a, CaixFindings) and isinstance(b, CaixFindings) and assay is Assay.CAIX:
        held = _caix(a, b, edition)
    else:
        raise TypeError(f"Only two {assay} reads can be compared here.")
    return tuple(trigger for trigger in Discordance if held.get(trigger))


def histology_inputs(read: HistologyFindings) -> Inputs:
    """What one set of histology findings gives the rule; an inadequate section gives nothing."""
    if not read.is_adequate:
        return Inputs()
    return Inputs(
        clear_cell=read.clear_cell,
        alveolar=read.arch_alveolar,
        granular=read.cyto_granular,
        papillary=read.arch_papillary,
    )


def _histology(a: HistologyFindings, b: HistologyFindings, edition: Edition) -> dict[Discordance, bool]:
    one, other, between = (histology_inputs(read) for read in (a, b, mean(a, b)[0]))
    # Indeterminate reads share a category only when the same categories are still possible.
    risks = [assess(each, edition).possible_risks for each in (one, other, between)]
    present = [_papillary_present(each, edition) for each in (one, other)]
    return {
        Discordance.ADEQUACY: a.adequate is not b.adequate,
        Discordance.TYPE: (a.histologic_type, a.underlying_type) != (b.histologic_type, b.underlying_type),
        Discordance.CLEAR_CELL: _differ([one.clear_cell, other.clear_cell]),
        Discordance.PAPILLARY: _differ(present),
        Discordance.RISK: risks[0] != risks[1],
        Discordance.MEAN_CATEGORY: risks[0] == risks[1] != risks[2],
        Discordance.BLANK_FIELD: any(
            (getattr(one, name) is None) is not (getattr(other, name) is None) for name in SCORED
        ),
    }


def _caix(a: CaixFindings, b: CaixFindings, edition: Edition) -> dict[Discordance, bool]:
    one, other = a.positive, b.positive
    held = {
        Discordance.EVALUABILITY: a.is_evaluable is not b.is_evaluable,
        Discordance.BLANK_FIELD: (one is None) is not (other is None),
    }
    if one is not None and other is not None and a.is_evaluable and b.is_evaluable:
        high = edition.caix_high_above
        held[Discordance.CAIX_STRADDLES] = (one > high) is not (other > high)
        held[Discordance.CAIX_POINTS] = abs(one - other) > edition.caix_discordance_points
    return held


def _papillary_present(inputs: Inputs, edition: Edition) -> bool | None:
    return None if inputs.papillary is None else inputs.papillary > edition.papillary_present_above


def _differ(pair: Sequence[object]) -> bool:
    """Both given, and not the same."""
    return None not in pair and pair[0] != pair[1]
