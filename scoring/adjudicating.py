"""Deciding a discordant case: a third person alone, or a consensus meeting. Never an average."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from scoring.models import Read, ReadingCase
from scoring.policies import DECIDE, check_may_adjudicate
from scoring.reading import day
from scoring.signing import Signature, examined, keep, locked
from scoring.vocabulary import ReadRole
from specimens.actors import Actor
from specimens.deeds import deed, require
from specimens.errors import Invalid

FEWEST_PRESENT = 2


@deed
def adjudicate(*, by: Actor, at: datetime, case: ReadingCase, findings: Mapping[str, object],
               method: str) -> Read:  # fmt: skip
    """Decide a discordant case by one's own read. Whoever read the case cannot."""
    require(by, DECIDE, "Only adjudicators decide discordant cases.")
    return decide(by, at, case, findings, method, ReadRole.ADJUDICATOR, "adjudicated", "")


@deed
def record_meeting(*, by: Actor, at: datetime, case: ReadingCase, findings: Mapping[str, object],
                   present: Sequence[str], method: str) -> Read:  # fmt: skip
    """Record what a consensus meeting found. `present` names who was there, at least two."""
    require(by, DECIDE, "Only adjudicators record a consensus meeting.")
    names = list(dict.fromkeys(" ".join(name.split()) for name in present if name.strip()))
    if len(names) < FEWEST_PRESENT:
        raise Invalid("too_few_present", "A meeting is at least two people: name who was present.", field="present")
    return decide(by, at, case, findings, method, ReadRole.MEETING, "agreed in a meeting", "; ".join(names))


def decide(
    by: Actor,
    at: datetime,
    case: ReadingCase,
    findings: Mapping[str, object],
    method: str,
    role: ReadRole,
    meaning: str,
    present: str,
) -> Read:
    facts = locked([case.pk])[case.pk]
    check_may_adjudicate(by, facts, day(at))
    found = examined(facts.assay, findings)
    signature = Signature(facts, by, role, 3, found, meaning, method, at, present=present)
    deed_name = "adjudicate" if role is ReadRole.ADJUDICATOR else "record meeting"
    return keep([signature], by=by, at=at, deed=deed_name, verb="decision signed")[0]
