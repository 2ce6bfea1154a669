"""Where a block or slide is, seen from the core: a function of its last custody event, and the same in SQL."""

from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, Value, When

from specimens import queries
from specimens.models import CustodyEvent, InstitutionDuty
from specimens.vocabulary import CustodyKind, InstitutionRole, Presence

NO_MORE = {CustodyKind.CONSUMED: "used up", CustodyKind.DESTROYED: "destroyed", CustodyKind.LOST: "lost"}


def whereabouts(last: CustodyEvent | None, core_id: int) -> Presence:
    """Where a thing is by its last custody event."""
    if last is not None and last.kind in NO_MORE:
        return Presence.GONE
    return Presence.CORE if queries.is_at(last, core_id) else Presence.AWAY


def found_at(found: QuerySet[Any], where: Presence, what: str = "slide") -> QuerySet[Any]:
    """Slides or blocks (`what`) whose `whereabouts` are `where`."""
    here, gone = conditions(what)
    if where is Presence.AWAY:
        return found.filter(~here, ~gone)
    if where is Presence.CORE:
        return found.filter(here)
    # Few are gone: those that ever were are found first, and only of them the last event is looked up.
    ever = CustodyEvent.objects.filter(**{what: OuterRef("pk")}, kind__in=list(NO_MORE))
    return found.filter(Exists(ever), gone)


def placed(found: QuerySet[Any], what: str = "slide") -> QuerySet[Any]:
    """Slides or blocks, each with its `whereabouts` as `where`."""
    here, gone = conditions(what)
    word = Case(
        When(here, then=Value(Presence.CORE.value)),
        When(gone, then=Value(Presence.GONE.value)),
        default=Value(Presence.AWAY.value),
    )
    return found.annotate(where=word)


def core_id() -> QuerySet[Any]:
    """The core's id, for use inside a query."""
    cores = InstitutionDuty.objects.filter(role=InstitutionRole.CORE).order_by("institution_id")
    return cores.values("institution_id")[:1]


def conditions(what: str) -> tuple[Exists, Exists]:
    """That the last custody event of a thing leaves it at the core, and that it ends it."""
    events = CustodyEvent.objects.filter(**{what: OuterRef(OuterRef("pk"))}).order_by("-id")
    last = CustodyEvent.objects.filter(pk=Subquery(events.values("pk")[:1]))
    here = last.filter(holder_id=Subquery(core_id())).exclude(kind__in=queries.NOT_THERE)
    return Exists(here), Exists(last.filter(kind__in=list(NO_MORE)))
