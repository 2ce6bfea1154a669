"""Requests for tissue as rows, for tests that only look at them."""

from datetime import date
from itertools import count
from typing import Any

from specimens.actors import acting
from specimens.models import Institution, Patient, RequestEvent, TissueRequest
from specimens.vocabulary import NoTissueReason, RequestEventKind
from tests.cast import AT, FOUNDER, Cast

NUMBERS = count(1)
ASKED_ON = date(2026, 10, 26)


def a_request(
    cast: Cast,
    patient: Patient,
    site: Institution,
    *events: RequestEventKind,
    reason: NoTissueReason = NoTissueReason.NOT_GIVEN,
    on: date = ASKED_ON,
    **more: Any,
) -> TissueRequest:
    """A request to `site`, and what happened to it since; `reason` goes with the decline or “no tissue”."""
    row: dict[str, Any] = {"made_at": AT, "made_by": cast.coordinator, "accession": f"TQ-{next(NUMBERS):06d}"}
    found = TissueRequest.objects.create(patient=patient, holding_site=site, **row, **more)
    reasoned = (RequestEventKind.DECLINED, RequestEventKind.NO_TISSUE)
    with acting(FOUNDER):
        for kind in events:
            said = reason if kind in reasoned else ""
            RequestEvent.objects.create(request=found, kind=kind, on=on, reason=said, recorded_at=AT)
    return found
