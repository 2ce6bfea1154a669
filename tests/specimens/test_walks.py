"""Random walks: whatever order the deeds come in, no tissue is in two places or worked on unseen."""

from collections import Counter as Tally
from collections.abc import Callable
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from specimens import ledger
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.consenting import withdraw_consent
from specimens.correcting import move_block, move_slide, move_specimen
from specimens.identifiers import parsed, prefix_of
from specimens.models import Block, Counter, CustodyEvent, Patient, Shipment, Slide, Specimen, StainRun
from specimens.queries import latest_events
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, record_controls, stain_run
from specimens.vocabulary import Condition, ControlKind, ItemKind, Stain
from tests.cast import AT, Cast
from tests.refusals import outcome
from tests.stories import CONTROL_SLIDES, CUT_ON, PASSED, STAINED_ON, House, a_lot, a_patient, an_item

picks = st.integers(0, 1_000_000)


class Walk(RuleBasedStateMachine):
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

    def teardown(self) -> None:
        try:
            self.everything_adds_up()
        finally:
            transaction.set_rollback(True)
            self.day.__exit__(None, None, None)

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

    def workable(self, kind: str, pk: int) -> bool:
        return (kind, pk) in self.at_core and (kind, pk) not in self.in_doubt

    @rule(
        who=picks,
        labels=st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=3, unique=True),
        glass=st.booleans(),
    )
    def announce(self, who: int, labels: list[str], glass: bool) -> None:
        patient = self.patients[who % 2]
        kind = {"kind": ItemKind.UNSTAINED_SLIDE, "block_label": "A", "cut_on": CUT_ON} if glass else {}
        items = tuple(an_item(patient, label=label, **kind) for label in labels)
        parcel = Parcel(sender=self.house.mercy, receiver=self.house.core, items=items)
        met = self.on_record(patient, labels, glass)
        if met and self.moved:
            return
        allowed = self.consents(patient.pk) and all(self.missed(thing) for thing in met)

        def deed() -> None:
            self.parcels += announce_shipments(by=self.cast.coordinator, at=AT, parcels=[parcel])

        if self.attempt(allowed, deed):
            self.send(self.parcels[-1])

    def on_record(self, patient: Patient, labels: list[str], glass: bool) -> set[tuple[str, int]]:
        """What these labels mean already."""
        if glass:
            slides = Slide.objects.filter(
                block__site_label="A", block__specimen__patient=patient, site_label__in=labels
            )
            return {("slide", pk) for pk in slides.values_list("pk", flat=True)}
        blocks = Block.objects.filter(specimen__patient=patient, site_label__in=labels)
        return {("block", pk) for pk in blocks.values_list("pk", flat=True) if ("block", pk) in self.seen}

    def missed(self, thing: tuple[str, int]) -> bool:
        """Was it announced in a parcel that was closed without it?"""
        return self.under_way.get(thing) in self.closed

    def send(self, parcel: Shipment) -> None:
        for item in parcel.items.all():
            thing = ("slide", item.slide_id) if item.slide_id else ("block", item.block_id)
            self.under_way[thing] = parcel.pk
            self.seen.add(thing)

    @precondition(lambda self: self.parcels)
    @rule(which=picks, line=st.integers(1, 4), condition=st.sampled_from(Condition))
    def receive(self, which: int, line: int, condition: Condition) -> None:
        parcel = self.parcels[which % len(self.parcels)]
        item = parcel.items.filter(line=line).first()
        thing = item and (("slide", item.slide_id) if item.slide_id else ("block", item.block_id))
        allowed = self.under_way.get(thing) == parcel.pk
        hand = [ReceivedItem(line=line, condition=condition)]
        if self.attempt(allowed, lambda: receive_items(by=self.cast.bench, at=AT, shipment=parcel, items=hand)):
            self.under_way.pop(thing)
            self.at_core.add(thing)
            if condition is Condition.LABEL_MISMATCH:
                self.in_doubt.add(thing)

    @precondition(lambda self: self.parcels)
    @rule(which=picks)
    def close(self, which: int) -> None:
        parcel = self.parcels[which % len(self.parcels)]
        if self.attempt(
            parcel.pk not in self.closed, lambda: close_shipment(by=self.cast.bench, at=AT, shipment=parcel)
        ):
            self.closed.add(parcel.pk)

    @precondition(lambda self: Block.objects.exists())
    @rule(which=picks, sections=st.integers(1, 3))
    def cut(self, which: int, sections: int) -> None:
        block = self.pick(Block, which)
        allowed = self.workable("block", block.pk) and self.consents(block.specimen.patient_id)
        made: list[Slide] = []

        def deed() -> None:
            cuts = [Cut(block=block, sections=sections, cut_on=CUT_ON)]
            made.extend(cut_sections(by=self.cast.bench, at=AT, cuts=cuts))

        if self.attempt(allowed, deed):
            self.at_core |= {("slide", slide.pk) for slide in made}

    @precondition(lambda self: Slide.objects.exists())
    @rule(which=st.lists(picks, min_size=1, max_size=3), stain=st.sampled_from(Stain))
    def stain(self, which: list[int], stain: Stain) -> None:
        slides = [self.pick(Slide, number) for number in which]
        ids = [slide.pk for slide in slides]
        allowed = len(set(ids)) == len(ids) and all(
            self.workable("slide", slide.pk)
            and slide.pk not in self.stained
            and self.consents(slide.block.specimen.patient_id)
            for slide in slides
        )
        run = NewRun(lot=a_lot(self.cast, stain), slides=slides, stained_on=STAINED_ON, controls=CONTROL_SLIDES)
        if self.attempt(allowed, lambda: stain_run(by=self.cast.bench, at=AT, run=run)):
            self.stained |= set(ids)

    @precondition(lambda self: StainRun.objects.exists())
    @rule(which=picks, failed=st.booleans(), reason=st.sampled_from(["", "looked again"]))
    def controls(self, which: int, failed: bool, reason: str) -> None:
        run = self.pick(StainRun, which)
        results = {ControlKind.POSITIVE: not failed} if failed else PASSED
        latest = {result.kind: result.passed for result in run.controls.order_by("id")}
        changed = [kind for kind, ok in results.items() if latest.get(kind.value) is not ok]
        allowed = bool(changed) and (bool(reason) or not any(kind.value in latest for kind in changed))
        self.attempt(
            allowed,
            lambda: record_controls(
                by=self.cast.bench, at=AT, run=run, results=results, observed_on=STAINED_ON, reason=reason
            ),
        )

    @rule(who=picks)
    def withdraw(self, who: int) -> None:
        patient = self.patients[who % 2]
        if who % 7:
            return
        allowed = self.consents(patient.pk)
        consent = patient.consents.get()
        if self.attempt(
            allowed,
            lambda: withdraw_consent(by=self.cast.coordinator, at=AT, consent=consent, withdrawn_on=STAINED_ON),
        ):
            self.withdrawn.add(patient.pk)

    @precondition(lambda self: self.at_core)
    @rule(which=picks)
    def send_home(self, which: int) -> None:
        kind, pk = sorted(self.at_core)[which % len(self.at_core)]
        thing = (Slide if kind == "slide" else Block).objects.get(pk=pk)
        item = AnnouncedItem(
            kind=ItemKind.BLOCK if kind == "block" else ItemKind.UNSTAINED_SLIDE,
            label=str(thing),
            **{kind: thing},
        )
        parcel = Parcel(sender=self.house.core, receiver=self.house.mercy, items=(item,))
        self.attempt(True, lambda: announce_shipments(by=self.cast.coordinator, at=AT, parcels=[parcel]))
        self.at_core.discard((kind, pk))

    @precondition(lambda self: Specimen.objects.count() > 1)
    @rule(which=picks, to=picks, what=st.sampled_from(["specimen", "block", "slide"]))
    def move(self, which: int, to: int, what: str) -> None:
        deed, model, target = {
            "specimen": (move_specimen, Specimen, Patient),
            "block": (move_block, Block, Specimen),
            "slide": (move_slide, Slide, Block),
        }[what]
        if not model.objects.exists():
            return
        wanted = {what: self.pick(model, which), "to": self.pick(target, to)}
        refusal = outcome(lambda: deed(by=self.cast.coordinator, at=AT, reason="mixed up", **wanted))
        assert refusal is None or refusal.code in ("there_already", f"{what}_label_once")
        self.moved = self.moved or refusal is None

    def everything_adds_up(self) -> None:
        assert list(ledger.verify()) == []
        self.numbers_have_no_gap()
        blocks = list(Block.objects.values_list("pk", flat=True))
        slides = list(Slide.objects.values_list("pk", flat=True))
        held = latest_events(blocks=blocks, slides=slides)
        assert set(held) == {("block", pk) for pk in blocks} | {("slide", pk) for pk in slides}
        assert all(event.holder_id for event in held.values()), "everything has one last holder"
        here = {thing for thing, event in held.items() if event.kind != "shipped" and event.holder == self.house.core}
        assert here == self.at_core
        for slide in Slide.objects.filter(cut_at_core=True):
            first = CustodyEvent.objects.filter(slide=slide).order_by("id")[0]
            assert (first.kind, first.holder) == ("sectioned", self.house.core)

    def numbers_have_no_gap(self) -> None:
        taken = [
            accession
            for model in (Specimen, Block, Slide, Shipment, StainRun)
            for accession in model.objects.values_list("accession", flat=True)
        ]
        assert [parsed(accession) for accession in taken] == taken
        assert Tally(prefix_of(accession) for accession in taken) == dict(Counter.objects.values_list("prefix", "last"))
        for counter in Counter.objects.all():
            numbers = sorted(int(a.split("-")[1]) for a in taken if prefix_of(a) == counter.prefix)
            assert numbers == list(range(1, counter.last + 1))


@pytest.mark.django_db
def test_any_order_of_deeds_leaves_the_house_in_order(cast: Cast, house: House) -> None:
    Walk.cast, Walk.house = cast, house
    a_lot(cast, Stain.HE)
    a_lot(cast, Stain.CAIX)
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
