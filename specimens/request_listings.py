"""What the API lists of requests: each with its events and the items that answer it, in a fixed number of queries."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from specimens.chasing import OPEN, chased, with_state
from specimens.models import RequestEvent, TissueRequest
from specimens.request_desk import items_told, within
from specimens.scope import Scope
from specimens.vocabulary import RequestState


def requests_told(scope: Scope, requests: Iterable[Any] | None = None, accession: str = "") -> QuerySet[Any]:
    """These requests, or the one of this number, with all that is known of them; by id."""
    found = within(scope)
    found = found.filter(accession=accession) if accession else found
    if requests is not None:
        found = found.filter(pk__in=[each.pk for each in requests])
    events = RequestEvent.objects.order_by("id")
    told = chased(found).prefetch_related(Prefetch("events", events), Prefetch("items", items_told()))
    return told.order_by("id")


def in_state(requests: QuerySet[TissueRequest], state: RequestState) -> QuerySet[Any]:
    return with_state(requests).filter(state=state)


def due_by(requests: QuerySet[TissueRequest], day: date) -> QuerySet[TissueRequest]:
    """Of these requests those that are due on this day or earlier."""
    return requests.filter(pk__in=chased(requests, OPEN).filter(due_on__lte=day).values("pk"))
