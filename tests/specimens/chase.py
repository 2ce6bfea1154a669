"""Walks of the chase: a hospital with a contact, a request that was sent."""

from datetime import datetime
from typing import Any

from specimens.chasing import chased
from specimens.contacting import add_contact
from specimens.models import Contact, Institution, Patient, TissueRequest
from specimens.requesting import NewRequest, open_requests
from tests.cast import AT, Cast
from tests.stories import House


def a_contact(cast: Cast, institution: Institution, **said: Any) -> Contact:
    known = {"name": "Dr Ruth Okafor", "email": "ruth@mercy.example.org"}
    return add_contact(by=cast.coordinator, at=AT, institution=institution, **(known | said))


def a_request(
    cast: Cast, house: House, patient: Patient, *, send: bool = True, at: datetime = AT, **said: Any
) -> TissueRequest:
    wanted = NewRequest(**({"patient": patient, "holding_site": house.mercy} | said))
    return open_requests(by=cast.coordinator, at=at, wanted=[wanted], send=send)[0]


def state(request: TissueRequest) -> str:
    return str(chased(TissueRequest.objects.filter(pk=request.pk)).get().state)
