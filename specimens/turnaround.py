"""How long tissue takes from request to receipt: one row a request that was sent."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from specimens.chasing import ENDS, with_state
from specimens.desk import PAGE, Page
from specimens.models import RequestEvent, TissueRequest
from specimens.receipts import standing
from specimens.scope import Scope
from specimens.vocabulary import RequestEventKind

RECEIVED, WAITING, WITHOUT = "received", "waiting", "without"
STATES = (RECEIVED, WAITING, WITHOUT)
ENDED = tuple(ENDS.values())


@dataclass(frozen=True, slots=True)
class Wait:
    """One request. `days` from asking to the first receipt; of who still waits, the days so far."""

    id: int
    accession: str
    patient_id: int
    study_id: str
    trial: str
    site: str
    site_name: str
    asked_on: date
    received_on: date | None
    state: str
    days: int
    synthetic: bool

    @property
    def month(self) -> str:
        return f"{self.asked_on:%Y-%m}"


def sent(scope: Scope) -> QuerySet[Any]:
    """Requests that were sent, each with its `state`, `asked_on` and `came_at`, the first receipt."""
    asked = RequestEvent.objects.filter(request_id=OuterRef("pk"), kind=RequestEventKind.ASKED)
    first = Subquery(asked.order_by("on").values("on")[:1])
    receipts = standing().filter(item__request_id=OuterRef("pk")).order_by("received_at")
    reach = Q() if scope.everything else scope.patients("patient__") | Q(holding_site_id__in=scope.institutions)
    return (
        with_state(TissueRequest.objects.filter(reach, patient__merge__isnull=True))
        .annotate(asked_on=first, came_at=Subquery(receipts.values("received_at")[:1]))
        .filter(asked_on__isnull=False)
    )


COLUMNS = (
    "id", "accession", "patient_id", "patient__study_id", "patient__trial__code", "holding_site__code",
    "holding_site__name", "asked_on", "came_at", "state", "synthetic",
)  # fmt: skip


def waits(scope: Scope, today: date, trial: str = "", site: str = "") -> list[Wait]:
    """Every request that was sent, newest first; `site` is the code of the institution asked. One query."""
    found = sent(scope)
    if trial:
        found = found.filter(patient__trial__code__iexact=trial)
    if site:
        found = found.filter(holding_site__code__iexact=site)
    return [wait_of(row, today) for row in found.order_by("-id").values_list(*COLUMNS)]


def wait_of(row: tuple[Any, ...], today: date) -> Wait:
    pk, accession, patient_id, study_id, trial, site, site_name, asked_on, came_at, said, synthetic = row
    received_on = timezone.localtime(came_at).date() if came_at else None
    state = RECEIVED if received_on else WITHOUT if said in ENDED else WAITING
    days = max(0, ((received_on or today) - asked_on).days)
    return Wait(
        pk, accession, patient_id, study_id, trial, site, site_name, asked_on, received_on, state, days, synthetic
    )


def page_of(waits: list[Wait], before_id: int | None) -> Page[Wait]:
    rows = [wait for wait in waits if before_id is None or wait.id < before_id][: PAGE + 1]
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)
