"""Stories of loans: tissue that Mercy lent, and what its people and the core's say of it."""

from datetime import UTC, date, datetime

from lims.models import User
from lims.vocabulary import Role
from specimens.loan_state import stated
from specimens.models import Block, Loan, Patient, Shipment
from specimens.returning import Return, confirm_return, send_back
from specimens.standing import key_of
from specimens.vocabulary import LoanState
from tests.cast import AT, Cast, person
from tests.stories import House, a_received_block

TODAY = AT.date()
BACK_AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def a_loan(cast: Cast, house: House, patient: Patient, label: str = "A1", due: date | None = None) -> Loan:
    """A block on loan from Mercy, due on `due` (None: as long as the trial says)."""
    block = a_received_block(cast, house, patient, label=label, due_back_on=due)
    return Loan.objects.get(item__block=block)


def block_of(loan: Loan) -> Block:
    block = loan.item.block
    assert block
    return block


def state(loan: Loan, on: date = TODAY) -> LoanState:
    return LoanState(stated(Loan.objects.filter(pk=loan.pk), on).get().state)


def mercy_coordinator(house: House) -> User:
    return person("cora", "Cora Bell", Role.COORDINATOR, house.mercy)


def sent_back(cast: Cast, *blocks: Block, sent_on: date | None = TODAY, **more: object) -> Shipment:
    what = Return(things=blocks, sent_on=sent_on, **more)  # type: ignore[arg-type]
    return send_back(by=cast.coordinator, at=AT, what=what)[0]


def returned(cast: Cast, block: Block) -> Shipment:
    parcel = sent_back(cast, block)
    confirm_return(by=cast.coordinator, at=BACK_AT, shipment=parcel, note="fax of 2026-11-24")
    return parcel


__all__ = ["BACK_AT", "a_loan", "block_of", "key_of", "mercy_coordinator", "returned", "sent_back", "state"]
