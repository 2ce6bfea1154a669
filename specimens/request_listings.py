"""What the API lists of requests: each with its events and the items that answer it, in a fixed number of queries."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from specimens.chasing import chased
from specimens.models import RequestEvent
from specimens.request_desk import items_told, within
from specimens.scope import Scope


def requests_told(scope: Scope) -> QuerySet[Any]:
    events = RequestEvent.objects.order_by("id")
    return chased(within(scope)).prefetch_related(Prefetch("events", events), Prefetch("items", items_told()))
