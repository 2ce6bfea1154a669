"""What may this viewer see of this case now? One table; whatever it does not name is not shown.

Who reads never meets the patient, the site, a name or a score, and meets the other read only once the case
has concluded. Whether somebody else has read already is itself hidden: it would tell that reads differ.
"""

from enum import StrEnum

from scoring.cases import CaseFacts
from scoring.rules.vocabulary import Phase
from specimens.actors import Actor


class Part(StrEnum):
    """What a viewer is to a case."""

    READER = "reader"
    CANDIDATE = "candidate"
    DECIDER = "decider"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    COORDINATOR = "coordinator"
    STATISTICIAN = "statistician"
    BENCH = "bench"
    NOBODY = "nobody"


class Item(StrEnum):
    """What there is to see of a case."""

    CASE = "case"
    PHASE = "phase"
    OWN_READ = "own_read"
    READS = "reads"
    COMPARISON = "comparison"
    CONSENSUS = "consensus"
    MARKS = "marks"
    READER_NAMES = "reader_names"
    SCORE = "score"
    PATIENT = "patient"
    SITE = "site"
    HOSPITAL_NUMBER = "hospital_number"


ALWAYS = tuple(Phase)
AFTER = (Phase.CONCLUDED,)
BOTH_READ = (Phase.DISCORDANT, Phase.CONCLUDED)

TABLE: dict[Part, dict[Item, tuple[Phase, ...]]] = {
    Part.READER: {
        Item.CASE: ALWAYS,
        Item.OWN_READ: ALWAYS,
        Item.READS: AFTER,
        Item.COMPARISON: AFTER,
        Item.CONSENSUS: AFTER,
        Item.MARKS: AFTER,
    },
    Part.CANDIDATE: {Item.CASE: ALWAYS},
    Part.ADJUDICATOR: {
        Item.CASE: (Phase.DISCORDANT,),
        Item.PHASE: (Phase.DISCORDANT,),
        Item.READS: (Phase.DISCORDANT,),
        Item.COMPARISON: (Phase.DISCORDANT,),
    },
    Part.DECIDER: {
        Item.CASE: BOTH_READ,
        Item.PHASE: BOTH_READ,
        Item.OWN_READ: BOTH_READ,
        Item.READS: BOTH_READ,
        Item.COMPARISON: BOTH_READ,
        Item.CONSENSUS: AFTER,
        Item.MARKS: AFTER,
    },
    Part.LEAD: {
        Item.CASE: AFTER,
        Item.PHASE: AFTER,
        Item.READS: AFTER,
        Item.COMPARISON: AFTER,
        Item.CONSENSUS: AFTER,
    },
    Part.COORDINATOR: {
        Item.CASE: ALWAYS,
        Item.PHASE: ALWAYS,
        Item.PATIENT: ALWAYS,
        Item.SITE: ALWAYS,
        Item.HOSPITAL_NUMBER: ALWAYS,
        Item.READS: AFTER,
        Item.COMPARISON: AFTER,
        Item.CONSENSUS: AFTER,
        Item.MARKS: AFTER,
        Item.READER_NAMES: AFTER,
        Item.SCORE: AFTER,
    },
    Part.STATISTICIAN: {
        Item.CASE: ALWAYS,
        Item.PHASE: ALWAYS,
        Item.PATIENT: ALWAYS,
        Item.SITE: ALWAYS,
        Item.READS: AFTER,
        Item.COMPARISON: AFTER,
        Item.CONSENSUS: AFTER,
        Item.MARKS: AFTER,
        Item.READER_NAMES: AFTER,
        Item.SCORE: AFTER,
    },
    Part.BENCH: {Item.CASE: ALWAYS, Item.PHASE: ALWAYS, Item.PATIENT: ALWAYS, Item.SITE: ALWAYS},
    Part.NOBODY: {},
}


def part_of(viewer: Actor, facts: CaseFacts, deciders: frozenset[int] = frozenset()) -> Part:
    """What `viewer` is to the case. `deciders`: whoever signed a decision of it, ever.

    A reader of the case stays its reader, whatever else the person may do.
    """
    if viewer.pk in facts.readers:
        return Part.READER
    if viewer.pk in deciders:
        return Part.DECIDER
    if viewer.has_perm("scoring.adjudicate") and facts.phase is Phase.DISCORDANT:
        return Part.ADJUDICATOR
    if viewer.has_perm("scoring.oversee") and facts.phase is Phase.CONCLUDED and not facts.repeats_id:
        return Part.LEAD
    if viewer.has_perm("scoring.sign_read"):
        return Part.CANDIDATE
    if viewer.has_perm("scoring.adjudicate"):
        return Part.ADJUDICATOR
    if viewer.has_perm("scoring.view_scores"):
        hospital = viewer.has_perm("specimens.view_hospital_number")
        return Part.COORDINATOR if hospital else Part.STATISTICIAN
    return Part.BENCH if viewer.has_perm("specimens.view") else Part.NOBODY


READERS = (Part.READER, Part.CANDIDATE)


def as_shown(part: Part, facts: CaseFacts) -> CaseFacts:
    """The facts as somebody in this part is told them. To its reader a repeat is a case whose other read is still
    out, and no slide is known again by its number or its days."""
    if part not in READERS:
        return facts
    return hidden_from_readers(facts._replace(readers_required=2) if facts.repeats_id else facts)


def hidden_from_readers(facts: CaseFacts) -> CaseFacts:
    """Of a slide that is read on the screen neither number, run nor days; glass is found by its number alone."""
    return facts._replace(slide="", run=None, stained_on=None, cut_on=None) if facts.pictured else facts


def sees(part: Part, phase: Phase, item: Item) -> bool:
    """May somebody in this part see `item` of a case in `phase`?"""
    return phase in TABLE[part].get(item, ())
