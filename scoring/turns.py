"""Whose turn a case is: who it was given to, who is qualified, and whether the slide was seen too lately.

A place that stands assigned is kept for its reader. Places that nobody was given are open to every qualified reader,
as they all are in a core that gives out nothing.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from scoring.cases import CaseFacts
from scoring.models import Assignment, Read
from scoring.plans import USUAL, latest_of
from scoring.policies import check_may_sign
from scoring.qualifying import check_qualified, everybody
from specimens.actors import Actor
from specimens.errors import Refused


def standing() -> QuerySet[Assignment]:
    """Assignments that nobody took back."""
    return Assignment.objects.filter(end__isnull=True)


def unread() -> QuerySet[Assignment]:
    """Standing assignments whose reader has not signed the case yet."""
    return standing().filter(~Exists(Read.objects.filter(case_id=OuterRef("case_id"), reader_id=OuterRef("reader_id"))))


def for_reader(found: QuerySet[Any], reader_id: int | None, on: date) -> QuerySet[Any]:
    """Of these cases those that are this reader's to read: given to them, or with a place given to nobody.

    `found` carries `filled`. Two queries, and what it returns.
    """
    mine = Assignment.objects.filter(case_id=OuterRef("pk"), reader_id=reader_id, end__isnull=True)
    kept = unread().filter(case_id=OuterRef("pk")).order_by().values("case_id").annotate(n=Count("id")).values("n")
    signed = Read.objects.filter(case_id=OuterRef("pk"), supersedes__isnull=True, slot__in=[1, 2])
    taken = signed.order_by().values("case_id").annotate(n=Count("id")).values("n")
    counted = found.annotate(
        mine=Exists(mine),
        kept=Coalesce(Subquery(kept, output_field=IntegerField()), 0),
        taken=Coalesce(Subquery(taken, output_field=IntegerField()), 0),
    )
    free = Q(repeats__isnull=True, readers_required__gt=F("kept") + F("taken"))
    fit = counted.filter(Q(mine=True) | free).filter(everybody().may_read(reader_id, on))
    resting = [pk for pk, until in resting_until(reader_id).items() if until > on]
    return fit.exclude(pk__in=resting) if resting else fit


def resting_until(reader_id: int | None) -> dict[int, date]:
    """Repeats given to this reader and unread, with the first day they may be read again. One query."""
    latest = Read.objects.filter(reader_id=reader_id, case__slide_id=OuterRef("case__slide_id"))
    last = latest.order_by().values("reader_id").annotate(at=Max("signed_at")).values("at")
    days = latest_of(OuterRef("case__specimen__patient__trial_id")).values("wash_out_days")[:1]
    rows = unread().filter(reader_id=reader_id, case__repeats__isnull=False)
    told = rows.annotate(last=Subquery(last), days=Subquery(days)).values_list("case_id", "last", "days")
    return {pk: rested(at, days) for pk, at, days in told if at}


def rested(at: datetime, days: int | None) -> date:
    """The first day on which a slide read `at` may be read again by the same reader."""
    return timezone.localtime(at).date() + timedelta(days=days or USUAL.wash_out_days)


def check_turn(reader_id: int | None, facts: CaseFacts, on: date) -> None:
    """May this reader take a place in the case on that day? Says nothing of who else has read."""
    check_place_kept(reader_id, facts)
    check_qualified(reader_id, facts, on)
    if facts.repeats_id:
        until = resting_until(reader_id).get(facts.id)
        if until and on < until:
            raise Refused("wash_out", f"Case {facts.code} may be read from {until} on.")


def check_place_kept(reader_id: int | None, facts: CaseFacts) -> None:
    given = set(standing().filter(case_id=facts.id).values_list("reader_id", flat=True))
    if reader_id in given:
        return
    if facts.repeats_id or len(facts.reads) + len(given - facts.readers) >= facts.readers_required:
        raise Refused(
            "not_assigned", f"Case {facts.code} is given to other readers: ask the coordinator if it should be yours."
        )


def check_may_sign_now(viewer: Actor, facts: CaseFacts, on: date) -> None:
    """May this reader sign a read of the case, dated `on`: a place, a readable slide, and their turn?"""
    check_may_sign(viewer, facts, on)
    check_turn(viewer.pk, facts, on)
