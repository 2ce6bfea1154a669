"""Who walks at random through the deeds, and what they believe of the house."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from specimens.models import Shipment
from tests.cast import AT, Cast
from tests.refusals import outcome
from tests.stories import House, a_patient


class Walker(RuleBasedStateMachine):
    """What the walker believes of the house, held against what the deeds allow."""

    cast: ClassVar[Cast]
    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.day = transaction.atomic()
        self.day.__enter__()
        self.patients = [a_patient(self.cast, self.house, f"CWG-{n}") for n in (1, 2)]
        self.withdrawn: set[int] = set()
        self.at_core: set[tuple[str, int]] = set()
        self.in_doubt: set[tuple[str, int]] = set()
        self.stained: set[int] = set()
        self.parcels: list[Shipment] = []
        self.closed: set[int] = set()
        self.under_way: dict[object, int] = {}
        self.seen: set[tuple[str, int]] = set()
        self.moved = False
        self.now = AT
        self.returns: list[Shipment] = []
        self.back: set[tuple[str, int]] = set()
        self.found_there: set[tuple[str, int]] = set()
        self.lost: set[tuple[str, int]] = set()
        self.lost_at: dict[tuple[str, int], str] = {}

    def tick(self) -> datetime:
        """Each deed an hour after the one before."""
        self.now += timedelta(hours=1)
        return self.now

    def attempt(self, allowed: bool, deed: Callable[[], object]) -> bool:
        """Do the deed; it succeeds exactly when the walker believes it may."""
        refusal = outcome(deed)
        assert (refusal is None) == allowed, refusal.sentence if refusal else "this should have been refused"
        return allowed

    def pick(self, model: type, number: int) -> object:
        found = model.objects.order_by("id")  # type: ignore[attr-defined]
        return found[number % found.count()]

    def consents(self, patient_id: int) -> bool:
        return patient_id not in self.withdrawn
