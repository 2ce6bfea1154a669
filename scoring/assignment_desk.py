"""What is shown of who reads what: to coordinators, and to a lead who reads nothing. Repeats are not on it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from scoring.assigning import decider_of, demand_assigner, given_of, loads
from scoring.cases import facts_of, open_to_readers
from scoring.models import Assignment, Read, ReadingCase
from scoring.phases import with_phase
from scoring.qualifying import Held, Qualified, everybody
from scoring.readers import Reader, who_reads
from scoring.rules.vocabulary import Assay
from scoring.turns import standing, unread
from specimens.actors import Actor
from specimens.desk import Page, paged
from specimens.errors import Unknown


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a case stands assigned to. `can_end`: not read yet."""

    id: int
    reader: str
    username: str
    how: str
    reason: str
    since: datetime
    can_end: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case that is not concluded, with whom it was given to and how many places nobody was given."""

    id: int
    code: str
    assay: Assay
    opened_at: datetime
    synthetic: bool
    holders: tuple[Holder, ...]
    free: int


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A reader's open cases and until when they are qualified; `None` until is not now."""

    reader: Reader
    open: int
    until: dict[Assay, date | None]


def cases_to_give(viewer: Actor, before_id: int | None = None, *, only_free: bool = False) -> Page[CaseRow]:
    """Cases with a place that is not read, newest first. Three queries."""
    demand_assigner(viewer)
    found = with_phase(open_to_readers()).filter(repeats__isnull=True, filled=False)
    if only_free:
        found = found.filter(~Exists(Assignment.objects.filter(case_id=OuterRef("pk"), end__isnull=True)))
    page = paged(found, before_id)
    return Page(rows_of(page.rows), page.after, page.size)


def rows_of(found: Sequence[ReadingCase]) -> list[CaseRow]:
    """In the order of `found`. Two queries."""
    read = readers_of([case.pk for case in found])
    holders = holders_of(read)
    return [
        CaseRow(
            case.pk,
            case.code,
            Assay(case.assay),
            case.opened_at,
            case.synthetic,
            tuple(holders[case.pk]),
            max(0, case.readers_required - len(read[case.pk]) - sum(each.can_end for each in holders[case.pk])),
        )
        for case in found
    ]


def readers_of(case_ids: Collection[int]) -> dict[int, set[int]]:
    """Who has read each of these cases. One query."""
    found: dict[int, set[int]] = {pk: set() for pk in case_ids}
    for case_id, reader_id in Read.objects.filter(case_id__in=case_ids, slot__in=[1, 2]).values_list(
        "case_id", "reader_id"
    ):
        found[case_id].add(reader_id)
    return found


def holders_of(read: Mapping[int, set[int]]) -> dict[int, list[Holder]]:
    """Whom each case stands assigned to; `read`: who has read it. One query."""
    holders: dict[int, list[Holder]] = {pk: [] for pk in read}
    for row in standing().filter(case_id__in=read).select_related("reader").order_by("id"):
        can_end = row.reader_id not in read[row.case_id]
        who = str(row.reader), row.reader.get_username()
        holders[row.case_id].append(Holder(row.pk, *who, row.how, row.reason, row.assigned_at, can_end))
    return holders


def one_case(viewer: Actor, code: str) -> CaseRow:
    """Raises Unknown for what is not there and for a repeat alike."""
    return rows_of([case_to_give(viewer, code)])[0]


def case_to_give(viewer: Actor, code: str) -> ReadingCase:
    demand_assigner(viewer)
    found = ReadingCase.objects.filter(code=code.strip().upper(), repeats__isnull=True).first()
    if found is None:
        raise Unknown("unknown_case", f"There is no case {code[:20]} to give out.")
    return found


def cases_named(viewer: Actor, codes: list[str]) -> list[ReadingCase]:
    """Cases to be given out, by code. Raises Unknown for the first that is not there. One query."""
    demand_assigner(viewer)
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes))
    found = {case.code: case for case in ReadingCase.objects.filter(code__in=wanted, repeats__isnull=True)}
    missing = next((code for code in wanted if code not in found), None)
    if missing is not None:
        raise Unknown("unknown_case", f"There is no case {missing[:20]} to give out.")
    return [found[code] for code in wanted]


def assignment(viewer: Actor, pk: int) -> Assignment:
    """Raises Unknown for one of a repeat too."""
    demand_assigner(viewer)
    found = Assignment.objects.filter(pk=pk, case__repeats__isnull=True).select_related("case").first()
    if found is None:
        raise Unknown("unknown_assignment", "There is no such assignment.")
    return found


def readers_now(viewer: Actor, on: date) -> list[ReaderRow]:
    """Every reader by name. Three queries."""
    demand_assigner(viewer)
    known, load = everybody(), loads()
    return [ReaderRow(each, load.get(each.id, 0), until_of(known, each.id, on)) for each in who_reads()]


def until_of(known: Qualified, reader_id: int, on: date) -> dict[Assay, date | None]:
    """Until when this reader may read each assay that needs a qualification."""
    return {assay: last_day(known, reader_id, assay, on) for assay in Assay if assay in known.demanded}


def last_day(known: Qualified, reader_id: int, assay: Assay, on: date) -> date | None:
    mine: list[Held] = [each for each in known.held if each.reader_id == reader_id and each.assay is assay]
    return max((each.until for each in mine if each.since <= on <= each.until), default=None)


def able(viewer: Actor, code: str, on: date) -> list[Reader]:
    """Who may be given the case by hand now: qualified, not on it yet, not its decider."""
    demand_assigner(viewer)
    facts = facts_of(ReadingCase.objects.filter(pk=case_to_give(viewer, code).pk))[0]
    known, now = everybody(), given_of([facts.id])[facts.id].now
    apart = now | facts.readers | decider_of(facts)
    return [
        each
        for each in who_reads()
        if each.id not in apart and not known.fault(each.id, facts.assay, facts.assay_version_id, on)
    ]


def unread_by(viewer: Actor) -> int:
    """How many cases this reader was given and has not read. One query."""
    return unread().filter(reader_id=viewer.pk).count()
