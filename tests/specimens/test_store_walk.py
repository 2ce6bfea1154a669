"""Random walks through the store: never two things at one position, a thing at two, or a gone thing standing."""

from collections import Counter
from collections.abc import Callable
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from specimens import ledger, store_desk
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.disposing import answer_disposals, propose_disposal
from specimens.models import Block, Disposal, Move, Slide, Standing, StoragePlace
from specimens.storing import Put, put_things, take_out, undo_move
from specimens.vocabulary import DisposalKind, ItemKind
from tests.cast import AT, Cast
from tests.drawers import a_cabinet, some_slides
from tests.refusals import outcome
from tests.stories import House, a_patient

Thing = Block | Slide
POSITIONS = 4
some = st.lists(st.integers(0, 5), min_size=1, max_size=3)


class StoreWalk(RuleBasedStateMachine):
    """What the walker believes: where each thing stands, what was sent, what is gone."""

    cast: ClassVar[Cast]
    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.day = transaction.atomic()
        self.day.__enter__()
        self.stands: dict[int, tuple[int, int]] = {}
        self.sent: dict[int, object] = {}
        self.gone: set[int] = set()
        self.proposed: dict[int, Disposal] = {}

    @initialize()
    def furnish(self) -> None:
        patient = a_patient(self.cast, self.house, "CWG-1")
        *_, one, two = a_cabinet(self.cast, drawers=2, positions=POSITIONS)
        self.drawers: list[StoragePlace] = [one, two]
        slides = some_slides(self.cast, self.house, patient, 5)
        self.things: list[Thing] = [slides[0].block, *slides]

    def teardown(self) -> None:
        try:
            assert list(ledger.verify()) == []
        finally:
            transaction.set_rollback(True)
            self.day.__exit__(None, None, None)

    def attempt(self, allowed: bool, deed: Callable[[], object]) -> bool:
        refusal = outcome(deed)
        assert (refusal is None) == allowed, refusal.sentence if refusal else "this should have been refused"
        return allowed

    def here(self, number: int) -> bool:
        return number not in self.sent and number not in self.gone

    def expected(self, which: list[int], drawer: int, position: int | None) -> dict[int, int] | None:
        """The positions that a batch gets, by the walker's own reckoning; None when it is refused."""
        full = {at for place, at in self.stands.values() if place == drawer}
        aims: dict[int, int] = {}
        for index, number in enumerate(which):
            asked = position if index == 0 else None
            there = self.stands.get(number)
            if not self.here(number) or which.count(number) > 1:
                return None
            if there and there[0] == drawer and asked in (None, there[1]):
                return None
            reserved = full | set(aims.values()) | ({position} if position else set())
            free = [n for n in range(1, POSITIONS + 1) if n not in reserved]
            aim = asked or (free[0] if free else None)
            if aim is None or aim in full or not 1 <= aim <= POSITIONS:
                return None
            aims[number] = aim
        return aims

    @rule(which=some, drawer=st.integers(0, 1), position=st.one_of(st.none(), st.integers(0, POSITIONS + 1)))
    def put(self, which: list[int], drawer: int, position: int | None) -> None:
        puts = [
            Put(self.things[number], self.drawers[drawer], position if index == 0 else None)
            for index, number in enumerate(which)
        ]
        aims = None if position == 0 else self.expected(which, drawer, position)
        if self.attempt(aims is not None, lambda: put_things(by=self.cast.bench, at=AT, puts=puts)):
            self.stands |= {number: (drawer, aim) for number, aim in (aims or {}).items()}

    @rule(which=some)
    def take(self, which: list[int]) -> None:
        allowed = len(set(which)) == len(which) and all(number in self.stands for number in which)
        things = [self.things[number] for number in which]
        if self.attempt(allowed, lambda: take_out(by=self.cast.bench, at=AT, things=things, why="to the bench")):
            for number in which:
                self.stands.pop(number)

    @precondition(lambda self: Move.objects.exists())
    @rule()
    def undo(self) -> None:
        move = Move.objects.latest("id")
        refusal = outcome(lambda: undo_move(by=self.cast.bench, at=AT, move=move))
        if refusal is None:
            self.stands = dict(self.as_recorded())

    @rule(number=st.integers(0, 5))
    def send(self, number: int) -> None:
        thing = self.things[number]
        word = "block" if isinstance(thing, Block) else "slide"
        kind = ItemKind.BLOCK if word == "block" else ItemKind.UNSTAINED_SLIDE
        item = AnnouncedItem(kind=kind, label=str(thing), **{word: thing})  # type: ignore[arg-type]
        parcel = Parcel(sender=self.house.core, receiver=self.house.mercy, items=(item,))
        made: list[object] = []

        def deed() -> None:
            made.extend(announce_shipments(by=self.cast.coordinator, at=AT, parcels=[parcel]))

        if self.attempt(self.here(number), deed):
            self.sent[number] = made[0]
            self.stands.pop(number, None)

    @rule(number=st.integers(0, 5), kind=st.sampled_from(DisposalKind))
    def propose(self, number: int, kind: DisposalKind) -> None:
        made: list[Disposal] = []

        def deed() -> None:
            things = [self.things[number]]
            made.extend(propose_disposal(by=self.cast.bench, at=AT, things=things, kind=kind, reason="broken"))

        if self.attempt(self.here(number) and number not in self.proposed, deed):
            self.proposed[number] = made[0]

    @precondition(lambda self: self.proposed)
    @rule(pick=st.integers(0, 5), confirmed=st.booleans(), own=st.booleans())
    def answer(self, pick: int, confirmed: bool, own: bool) -> None:
        number = sorted(self.proposed)[pick % len(self.proposed)]
        proposal = self.proposed[number]
        allowed = not confirmed or (not own and self.here(number))
        who = self.cast.bench if own else self.cast.coordinator

        def deed() -> None:
            answer_disposals(by=who, at=AT, disposals=[proposal], confirmed=confirmed, reason="no")

        if self.attempt(allowed, deed):
            self.proposed.pop(number)
            if confirmed:
                self.gone.add(number)
                self.stands.pop(number, None)

    def as_recorded(self) -> dict[int, tuple[int, int]]:
        drawers = {drawer.pk: index for index, drawer in enumerate(self.drawers)}
        numbers = {(type(thing), thing.pk): index for index, thing in enumerate(self.things)}
        rows = Standing.objects.select_related("block", "slide")
        return {
            numbers[type(row.slide or row.block), (row.slide or row.block).pk]: (drawers[row.place_id], row.position)
            for row in rows
        }

    @invariant()
    def one_thing_a_place(self) -> None:
        if not hasattr(self, "things"):
            return
        assert self.as_recorded() == self.stands
        assert max(Counter(self.stands.values()).values(), default=1) == 1
        assert not set(self.stands) & (self.gone | set(self.sent))
        assert list(store_desk.astray()) == []
        nowhere = {t.pk for t in store_desk.not_put_away("slide").rows}
        slides = {t.pk for n, t in enumerate(self.things) if n and self.here(n) and n not in self.stands}
        assert nowhere == slides
        self.history_leads_here()

    def history_leads_here(self) -> None:
        """The last move of each thing says where it stands."""
        for number, thing in enumerate(self.things):
            moves = store_desk.moves_of(thing, 1)
            last = (moves[0].place_id, moves[0].position) if moves and moves[0].place_id else None
            there = self.stands.get(number)
            assert last == ((self.drawers[there[0]].pk, there[1]) if there else None)


@pytest.mark.django_db
def test_any_order_of_deeds_leaves_the_store_in_order(cast: Cast, house: House) -> None:
    StoreWalk.cast, StoreWalk.house = cast, house
    run_state_machine_as_test(
        StoreWalk,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
