"""What stands here and how old it is: unstained sections against their trial's limits, blocks by their time here,
loans past their day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from specimens import flow_facts, loan_desk
from specimens.desk import Page, paged
from specimens.models import LoanEvent, Trial
from specimens.scope import Scope
from specimens.vocabulary import LoanState

YOUNG, FRESH, WARNED, TOO_OLD, UNKNOWN = "young", "fresh", "warned", "too_old", "unknown"
SECTION_BANDS = (YOUNG, FRESH, WARNED, TOO_OLD, UNKNOWN)
BLOCK_BANDS = (("to_30", 30), ("to_90", 90), ("to_180", 180), ("to_365", 365), ("longer", None))
LATE_BANDS = (("to_7", 7), ("to_30", 30), ("to_90", 90), ("longer", None))


@dataclass(frozen=True, slots=True)
class Banded:
    """How many things of one trial are in one band of age."""

    trial: str
    band: str
    count: int


# ---- sections ----
def limits() -> list[tuple[int, int]]:
    """The (warning, limit) that trials set, each pair once."""
    return sorted(set(Trial.objects.values_list("section_age_warn_days", "section_age_limit_days")))


def section_band(today: date, path: str = "block__specimen__patient__trial__") -> Case:
    """The band of a section: young in the first half of the time to its trial's warning. One query for the limits."""
    whens = [When(cut_on__isnull=True, then=Value(UNKNOWN))]
    for warn, limit in limits():
        mine = Q(**{f"{path}section_age_warn_days": warn, f"{path}section_age_limit_days": limit})
        steps = ((warn // 2, YOUNG), (warn, FRESH), (limit, WARNED))
        whens += [When(mine & Q(cut_on__gte=today - timedelta(days=d)), then=Value(band)) for d, band in steps]
    return Case(*whens, default=Value(TOO_OLD), output_field=CharField())


def sections(scope: Scope, today: date, trial: str = "") -> QuerySet[Any]:
    """Unstained sections at the core within reach, each with its `band`."""
    found = flow_facts.unstained().filter(scope.specimens("block__specimen__"))
    if trial:
        found = found.filter(block__specimen__patient__trial__code__iexact=trial)
    return found.annotate(band=section_band(today))


def sections_by_age(scope: Scope, today: date, trial: str = "") -> list[Banded]:
    code = F("block__specimen__patient__trial__code")
    return banded(sections(scope, today, trial), code)


def banded(found: QuerySet[Any], trial_code: F) -> list[Banded]:
    rows = found.order_by().values("band", code=trial_code).annotate(count=Count("pk"))
    return [Banded(row["code"], row["band"], row["count"]) for row in rows]


def section_page(found: QuerySet[Any], before_id: int | None) -> Page[Any]:
    related = ("block__specimen__patient__trial", "standing__place")
    return paged(found.select_related(*related), before_id)


# ---- blocks ----
def blocks(scope: Scope, today: date, trial: str = "") -> QuerySet[Any]:
    """Blocks at the core within reach, each `here_since` its last receipt, with its `band`."""
    found = flow_facts.blocks_here().filter(scope.specimens("specimen__"))
    if trial:
        found = found.filter(specimen__patient__trial__code__iexact=trial)
    stands = Q(shipment_items__receipts__void__isnull=True)
    found = found.annotate(here_since=Max("shipment_items__receipts__received_at", filter=stands))
    return found.annotate(band=by_days("here_since__date", today, BLOCK_BANDS))


def by_days(column: str, today: date, bands: Any) -> Case:
    whens = [
        When(**{f"{column}__gte": today - timedelta(days=days)}, then=Value(band))
        for band, days in bands
        if days is not None
    ]
    return Case(*whens, default=Value(bands[-1][0]), output_field=CharField())


def blocks_by_time(scope: Scope, today: date, trial: str = "") -> list[Banded]:
    """Counted here: the band rests on a maximum, over which SQL cannot group again in one breath."""
    counts: dict[tuple[str, str], int] = {}
    for key in blocks(scope, today, trial).order_by().values_list("specimen__patient__trial__code", "band"):
        counts[key] = counts.get(key, 0) + 1
    return [Banded(code, band, count) for (code, band), count in counts.items()]


def block_page(found: QuerySet[Any], before_id: int | None) -> Page[Any]:
    related = ("specimen__patient__trial", "specimen__holding_site", "standing__place")
    return paged(found.select_related(*related), before_id)


# ---- loans ----
RECALLED = "recalled"
LOAN_BANDS = (RECALLED, *(band for band, _ in LATE_BANDS))


@dataclass(frozen=True, slots=True)
class Lent:
    """How many loans of one hospital are past their day, in one band of days late."""

    lender: str
    name: str
    band: str
    count: int


def late_loans(scope: Scope, today: date, lender: str = "") -> QuerySet[Any]:
    """Loans past their day or recalled, each with its `band`; state and day are those of `loan_state`."""
    told = LoanEvent.objects.filter(loan_id=OuterRef("pk"))
    perhaps = Q(due_on__lt=today) | Exists(told)
    found = loan_desk.loans(scope, today).filter(perhaps, state__in=(LoanState.OVERDUE, LoanState.RECALLED))
    if lender:
        found = found.filter(lender__code__iexact=lender)
    late = by_days("due_now", today, LATE_BANDS)
    recalled = When(state=LoanState.RECALLED, then=Value(RECALLED))
    return found.annotate(band=Case(recalled, default=late, output_field=CharField()))


def loans_by_lateness(scope: Scope, today: date) -> list[Lent]:
    """Counted here, a row a loan: what is late is never much, and its state rests on many subqueries."""
    counts: dict[tuple[str, str, str], int] = {}
    for key in late_loans(scope, today).order_by().values_list("lender__code", "lender__name", "band"):
        counts[key] = counts.get(key, 0) + 1
    return [Lent(*key, count) for key, count in sorted(counts.items())]


def loan_page(found: QuerySet[Any], before_id: int | None) -> Page[Any]:
    return paged(found, before_id)
