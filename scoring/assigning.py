"""Giving cases to readers: by the rule of `rota`, by hand with a reason, to another, or handed back.

Every deed holds the patients of its cases locked, as signing does: two people who give out one case at once take
turns, and a read never crosses the taking back of its assignment.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count

from scoring.cases import CaseFacts, facts_of
from scoring.models import Assignment, AssignmentEnd, ReadingCase
from scoring.plans import ASSIGN
from scoring.policies import READ, check_stands, refusal_or_none, subject
from scoring.qualifying import everybody
from scoring.readers import Reader, reader, who_reads
from scoring.reasons import because
from scoring.rota import RECENT, Pair, Rota, pairs_of
from scoring.rules.vocabulary import Phase
from scoring.signing import locked
from scoring.turns import standing, unread
from scoring.vocabulary import AssignedHow
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, local_day, require
from specimens.errors import Forbidden, Refused, Unknown

ASSIGNERS = "Only coordinators and the lead pathologist give cases to readers."


@dataclass(frozen=True, slots=True)
class Given:
    """Whom a case was given to: `now` those that stand, `ever` also those taken back."""

    now: frozenset[int] = frozenset()
    ever: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class GivenOut:
    """What the rule did: assignments made, and the codes of cases for which too few readers are able."""

    made: list[Assignment] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@deed
def assign_by_rule(*, by: Actor, at: datetime, cases: Sequence[ReadingCase]) -> GivenOut:
    """Give every free place of these cases to readers by the rule. Cases that need nobody are left alone; a case
    for which too few readers are able is left too, and named."""
    demand_assigner(by)
    found = locked({case.pk for case in cases})
    return kept_by_rule(list(found.values()), by=by, at=at)


def give_out(cases: Collection[ReadingCase], *, by: Actor, at: datetime) -> GivenOut:
    """The rule for cases of this very transaction, which nobody else can see yet. For the deed that opens them."""
    found = facts_of(ReadingCase.objects.filter(pk__in=[case.pk for case in cases]))
    return kept_by_rule(found, by=by, at=at)


def kept_by_rule(found: Sequence[CaseFacts], *, by: Actor, at: datetime) -> GivenOut:
    given, readers, day = given_of([facts.id for facts in found]), who_reads(), local_day(at)
    qualified, rota = everybody(), rota_now()
    out, lines, names = GivenOut(), [], {each.id: each.name for each in readers}
    for facts in sorted(found, key=lambda each: each.code):
        ever, places = given[facts.id].ever, free_places(facts, given[facts.id].now)
        if not places or refusal_or_none(check_stands, facts=facts):
            continue
        apart = ever | facts.readers | decider_of(facts)
        able = [
            each.id
            for each in readers
            if each.id not in apart and not qualified.fault(each.id, facts.assay, facts.assay_version_id, day)
        ]
        chosen = rota.give(facts.code, places, able, sorted(given[facts.id].now | facts.readers))
        if not chosen:
            out.left.append(facts.code)
        for reader_id in chosen:
            out.made.append(assignment(facts, reader_id, AssignedHow.RULE, "", by, at))
            lines.append(said(facts, f"given to {names[reader_id]} by the rule"))
    Assignment.objects.bulk_create(out.made)
    ledger.write(lines, by=by, at=at)
    return out


@deed
def assign(*, by: Actor, at: datetime, case: ReadingCase, reader_id: int, reason: str) -> Assignment:
    """Give one free place of the case to a reader, saying why."""
    demand_assigner(by)
    why = because(reason, "Say why the case is given to this reader.")
    facts = locked([case.pk])[case.pk]
    made = given_by_hand(facts, reader_id, why, by, at, given_of([facts.id])[facts.id])
    ledger.write([said(facts, f"given to {reader(reader_id).name}", why)], by=by, at=at)
    return made


@deed
def take_back(*, by: Actor, at: datetime, assignment: Assignment, reason: str) -> AssignmentEnd:
    """End an assignment that was not read yet; its place is free again."""
    demand_assigner(by)
    why = because(reason, "Say why the case is taken back.")
    facts = locked([assignment.case_id])[assignment.case_id]
    check_not_repeat(facts)
    end = ended(facts, assignment, why, by, at)
    ledger.write([said(facts, "taken back from its reader", why)], by=by, at=at)
    return end


@deed
def reassign(*, by: Actor, at: datetime, assignment: Assignment, reader_id: int, reason: str) -> Assignment:
    """Take a case back from one reader and give it to another, for one reason."""
    demand_assigner(by)
    why = because(reason, "Say why the case goes to another reader.")
    facts = locked([assignment.case_id])[assignment.case_id]
    given = given_of([facts.id])[facts.id]
    if reader_id == assignment.reader_id:
        raise Refused("assigned_already", f"Case {facts.code} is with that reader already.", field="reader")
    ended(facts, assignment, why, by, at)
    left = Given(given.now - {assignment.reader_id}, given.ever)
    made = given_by_hand(facts, reader_id, why, by, at, left)
    ledger.write([said(facts, f"given to {reader(reader_id).name} instead", why)], by=by, at=at)
    return made


@deed
def hand_back(*, by: Actor, at: datetime, reason: str, case: ReadingCase | None = None) -> list[AssignmentEnd]:
    """A reader gives back what they have not read, as before a leave: this case, or every one. The rule will not
    give it to them again."""
    require(by, READ, "Only its reader hands a case back.")
    why = because(reason, "Say why you hand it back.")
    mine = unread().filter(reader_id=person_id(by))
    held = list(mine.filter(case=case) if case else mine)
    facts = locked({each.case_id for each in held})
    if not held:
        raise Refused("not_assigned", "Nothing unread is given to you: there is nothing to hand back.")
    ends = [ended(facts[each.case_id], each, why, by, at) for each in held]
    lines = [said(facts[each.case_id], "handed back by its reader", why) for each in held]
    ledger.write(lines, by=by, at=at)
    return ends


# ---- what they share ----
def demand_assigner(by: Actor) -> None:
    """Who reads learns from giving out who else reads and whether they have: they give out nothing."""
    require(by, ASSIGN, ASSIGNERS)
    demand_core(by, "Giving cases to readers")
    if by.has_perm(READ):
        raise Forbidden("reads_too", "You read cases yourself: somebody who reads none gives them out.")


def check_not_repeat(facts: CaseFacts) -> None:
    """Whoever gives out cases may read too: to them a repeat is not there."""
    if facts.repeats_id:
        raise Unknown("unknown_case", f"There is no case {facts.code} to give out.")


def given_by_hand(facts: CaseFacts, reader_id: int, why: str, by: Actor, at: datetime, given: Given) -> Assignment:
    check_not_repeat(facts)
    check_stands(facts)
    person = reader(reader_id)
    check_apart(facts, person, given)
    if not free_places(facts, given.now):
        raise Refused("readers_full", f"Case {facts.code} has its readers: take it back from one of them first.")
    fault = everybody().fault(person.id, facts.assay, facts.assay_version_id, local_day(at))
    if fault:
        told = f"{person.name} is not qualified for this assay version today."
        raise Refused("not_qualified", told, field="reader")
    made = assignment(facts, person.id, AssignedHow.HAND, why, by, at)
    made.save()
    return made


def check_apart(facts: CaseFacts, person: Reader, given: Given) -> None:
    if person.id in given.now:
        raise Refused("assigned_already", f"{person.name} has case {facts.code} already.", field="reader")
    if person.id in facts.readers | decider_of(facts):
        told = f"{person.name} cannot read case {facts.code}: two readers, and who decides, are different people."
        raise Refused("read_reader_once", told, field="reader")


def ended(facts: CaseFacts, held: Assignment, why: str, by: Actor, at: datetime) -> AssignmentEnd:
    if AssignmentEnd.objects.filter(assignment_id=held.pk).exists():
        raise Refused("taken_back_already", f"Case {facts.code} was taken back from this reader already.")
    if held.reader_id in facts.readers:
        raise Refused("read_already", f"Case {facts.code} cannot be taken back: it is read.")
    return AssignmentEnd.objects.create(assignment_id=held.pk, reason=why, ended_at=at, ended_by_id=by.pk)


def decider_of(facts: CaseFacts) -> frozenset[int]:
    return frozenset({facts.decision.reader_id} if facts.decision else ())


def free_places(facts: CaseFacts, given: frozenset[int]) -> int:
    """Places of the case that neither a read nor a standing assignment takes; none of a repeat or a decided case."""
    if facts.repeats_id or facts.phase in (Phase.DISCORDANT, Phase.CONCLUDED):
        return 0
    return max(0, facts.readers_required - len(facts.reads) - len(given - facts.readers))


def assignment(facts: CaseFacts, reader_id: int, how: AssignedHow, why: str, by: Actor, at: datetime) -> Assignment:
    return Assignment(case_id=facts.id, reader_id=reader_id, how=how, reason=why, assigned_at=at, assigned_by_id=by.pk)


def said(facts: CaseFacts, what: str, reason: str = "") -> ledger.Line:
    return ledger.Line(
        "assign case", "scoring.readingcase", facts.id, facts.code, f"{subject(facts)} was {what}.",
        patient_id=facts.patient_id, reason=reason,
    )  # fmt: skip


def given_of(case_ids: Collection[int]) -> dict[int, Given]:
    """Whom each case was given to. One query."""
    now: dict[int, set[int]] = defaultdict(set)
    ever: dict[int, set[int]] = defaultdict(set)
    rows: Any = Assignment.objects.filter(case_id__in=case_ids).values_list("case_id", "reader_id", "end__id")
    for case_id, reader_id, end in rows:
        ever[case_id].add(reader_id)
        if end is None:
            now[case_id].add(reader_id)
    return {pk: Given(frozenset(now[pk]), frozenset(ever[pk])) for pk in case_ids}


def loads() -> dict[int, int]:
    """How many cases each reader has open; repeats are left out, so that a number tells of none. One query."""
    found = unread().filter(case__repeats__isnull=True).order_by().values("reader_id").annotate(n=Count("id"))
    return {row["reader_id"]: row["n"] for row in found}


def met_lately() -> list[list[Pair]]:
    """Who met whom in the last cases given out, oldest first. One query."""
    rows = standing().filter(case__repeats__isnull=True).order_by("-id").values_list("case_id", "reader_id")
    groups: dict[int, list[int]] = {}
    for case_id, reader_id in rows[: 2 * RECENT]:
        groups.setdefault(case_id, []).append(reader_id)
    return [pairs_of(sorted(group)) for group in reversed(groups.values())]


def rota_now() -> Rota:
    return Rota(loads(), met_lately())
