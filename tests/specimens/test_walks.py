"""Random walks: whatever order the deeds come in, no tissue is in two places or worked on unseen."""

from collections import Counter as Tally
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from specimens import custody_check, ledger
from specimens.announcing import Parcel, announce_shipments
from specimens.consenting import withdraw_consent
from specimens.correcting import move_block, move_slide, move_specimen
from specimens.disposing import answer_disposals, propose_disposal
from specimens.identifiers import parsed, prefix_of
from specimens.lending import answer_extension, donate, recall, withdraw_recall
from specimens.loan_state import facts_of, state_of, stated
from specimens.losing import declare_found, declare_lost
from specimens.models import (
    Block,
    Counter,
    CustodyEvent,
    Disposal,
    ItemQuery,
    ItemReceipt,
    Loan,
    Patient,
    Shipment,
    Slide,
    Specimen,
    StainRun,
)
from specimens.queries import is_at, kept_apart, latest_events
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.returning import Return, confirm_return, send_back, waiting
from specimens.second_looks import void_receipt
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, record_controls, stain_run
from specimens.vocabulary import Condition, ControlKind, DisposalKind, ItemKind, Stain
from tests.cast import AT, Cast
from tests.refusals import outcome
from tests.specimens.walker import Walker
from tests.stories import (
    CONTROL_SLIDES,
    CUT_ON,
    PASSED,
    House,
    a_lot,
    an_item,
)

picks = st.integers(0, 1_000_000)


class Walk(Walker):
    """Each rule is a deed; it succeeds exactly when the walker believes it may."""

    def teardown(self) -> None:
        try:
            self.everything_adds_up()
        finally:
            transaction.set_rollback(True)
            self.day.__exit__(None, None, None)

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
        allowed = self.consents(patient.pk) and all(
            self.missed(thing) or thing in self.back | self.found_there for thing in met
        )

        def deed() -> None:
            self.parcels += announce_shipments(by=self.cast.coordinator, at=self.tick(), parcels=[parcel])

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
        in_return = {parcel.pk for parcel in self.returns}
        parcel = self.under_way.get(thing)
        return parcel in self.closed and parcel not in in_return and thing not in self.lost

    def send(self, parcel: Shipment) -> None:
        for item in parcel.items.all():
            thing = ("slide", item.slide_id) if item.slide_id else ("block", item.block_id)
            self.under_way[thing] = parcel.pk
            self.seen.add(thing)
            self.back.discard(thing)
            self.found_there.discard(thing)

    @precondition(lambda self: self.parcels)
    @rule(which=picks, line=st.integers(1, 4), condition=st.sampled_from(Condition))
    def receive(self, which: int, line: int, condition: Condition) -> None:
        parcel = self.parcels[which % len(self.parcels)]
        item = parcel.items.filter(line=line).first()
        thing = item and (("slide", item.slide_id) if item.slide_id else ("block", item.block_id))
        allowed = self.under_way.get(thing) == parcel.pk
        hand = [ReceivedItem(line=line, condition=condition)]
        if self.attempt(
            allowed, lambda: receive_items(by=self.cast.bench, at=self.tick(), shipment=parcel, items=hand)
        ):
            self.under_way.pop(thing)
            self.lost.discard(thing)
            self.at_core.add(thing)
            if condition is Condition.LABEL_MISMATCH:
                self.in_doubt.add(thing)

    @precondition(lambda self: self.parcels)
    @rule(which=picks)
    def close(self, which: int) -> None:
        parcels = self.parcels + self.returns
        parcel = parcels[which % len(parcels)]
        if self.attempt(
            parcel.pk not in self.closed, lambda: close_shipment(by=self.cast.bench, at=self.tick(), shipment=parcel)
        ):
            self.closed.add(parcel.pk)

    @precondition(lambda self: Block.objects.exists())
    @rule(which=picks, sections=st.integers(1, 3))
    def cut(self, which: int, sections: int) -> None:
        block = self.pick(Block, which)
        allowed = self.workable("block", block.pk) and self.consents(block.specimen.patient_id)
        made: list[Slide] = []

        def deed() -> None:
            cuts = [Cut(block=block, sections=sections, cut_on=self.now.date())]
            made.extend(cut_sections(by=self.cast.bench, at=self.tick(), cuts=cuts))

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
        day = self.now.date()
        run = NewRun(lot=a_lot(self.cast, stain), slides=slides, stained_on=day, controls=CONTROL_SLIDES)
        if self.attempt(allowed, lambda: stain_run(by=self.cast.bench, at=self.tick(), run=run)):
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
                by=self.cast.bench, at=self.tick(), run=run, results=results, observed_on=self.now.date(), reason=reason
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
            lambda: withdraw_consent(by=self.cast.coordinator, at=self.tick(), consent=consent, withdrawn_on=AT.date()),
        ):
            self.withdrawn.add(patient.pk)

    @precondition(lambda self: self.seen | self.at_core)
    @rule(which=picks, why=st.sampled_from(["", "recalled"]))
    def send_home(self, which: int, why: str) -> None:
        key, thing = self.some(which)
        reasons = {key: why}
        allowed = key in self.at_core and (bool(why) or not waiting([thing]))

        def deed() -> None:
            what = Return(things=[thing], reasons=reasons)
            self.returns += send_back(by=self.cast.coordinator, at=self.tick(), what=what)

        if self.attempt(allowed, deed):
            self.at_core.discard(key)
            self.under_way[key] = self.returns[-1].pk
            self.seen.add(key)

    def some(self, number: int) -> tuple[tuple[str, int], Block | Slide]:
        """One of everything that was ever met."""
        known = sorted(self.seen | self.at_core)
        kind, pk = known[number % len(known)]
        model = Slide.objects.select_related("block__specimen") if kind == "slide" else Block.objects
        return (kind, pk), model.get(pk=pk)  # type: ignore[attr-defined]

    @precondition(lambda self: self.returns)
    @rule(which=picks)
    def confirm(self, which: int) -> None:
        parcel = self.returns[which % len(self.returns)]
        out = {thing for thing, pk in self.under_way.items() if pk == parcel.pk}
        note = "fax"
        if self.attempt(
            bool(out),
            lambda: confirm_return(by=self.cast.coordinator, at=self.tick(), shipment=parcel, note=note),
        ):
            for thing in out:
                self.under_way.pop(thing)
                self.lost.discard(thing)
                self.back.add(thing)
            self.closed.add(parcel.pk)

    @precondition(lambda self: self.seen | self.at_core)
    @rule(which=picks)
    def lose(self, which: int) -> None:
        key, thing = self.some(which)
        missing = self.under_way.get(key) in self.closed and key not in self.lost
        allowed = key in self.at_core | self.found_there or missing
        if self.attempt(allowed, lambda: declare_lost(by=self.cast.bench, at=self.tick(), thing=thing, reason="gone")):
            self.lost.add(key)
            self.lost_at[key] = "core" if key in self.at_core else "mercy" if key in self.found_there else "way"
            self.at_core.discard(key)
            self.found_there.discard(key)

    @precondition(lambda self: self.seen | self.at_core)
    @rule(which=picks)
    def find(self, which: int) -> None:
        key, thing = self.some(which)
        missing = self.under_way.get(key) in self.closed
        allowed = key in self.lost or missing
        if self.attempt(
            allowed, lambda: declare_found(by=self.cast.bench, at=self.tick(), thing=thing, reason="there it is")
        ):
            sent_by_core = self.under_way.get(key) in {parcel.pk for parcel in self.returns}
            at_core = self.lost_at.get(key) == "core" if key not in self.under_way else sent_by_core
            (self.at_core if at_core else self.found_there).add(key)
            self.under_way.pop(key, None)
            self.lost.discard(key)

    @precondition(lambda self: ItemReceipt.objects.exists())
    @rule(which=picks)
    def take_a_receipt_back(self, which: int) -> None:
        """Allowed while nothing was done with the tissue since; it is then on its way in that parcel as before."""
        receipt = self.pick(ItemReceipt, which)
        refusal = outcome(
            lambda: void_receipt(by=self.cast.coordinator, at=self.tick(), receipt=receipt, reason="not that one")
        )
        assert refusal is None or refusal.code in ("taken_back", "used_since")
        if refusal is None:
            item = receipt.item
            key = ("slide", item.slide_id) if item.slide_id else ("block", item.block_id)
            assert key in self.at_core | self.back
            self.at_core.discard(key)
            self.back.discard(key)
            self.under_way[key] = item.shipment_id
            if key not in kept_apart(**{f"{key[0]}s": [key[1]]}):
                self.in_doubt.discard(key)

    @precondition(lambda self: self.seen | self.at_core)
    @rule(which=picks, kind=st.sampled_from(DisposalKind))
    def dispose(self, which: int, kind: DisposalKind) -> None:
        """Two people end it; what is lent and not given must not be ended."""
        key, thing = self.some(which)
        proposals: list[Disposal] = []
        refusal = outcome(
            lambda: proposals.extend(
                propose_disposal(by=self.cast.bench, at=self.tick(), things=[thing], kind=kind, reason="done with")
            )
        )
        if refusal is None:
            assert key in self.at_core
            answer_disposals(by=self.cast.coordinator, at=self.tick(), disposals=proposals, confirmed=True)
            self.at_core.discard(key)
        elif key in self.at_core:
            assert "on loan" in refusal.sentence

    @precondition(lambda self: Loan.objects.exists())
    @rule(which=picks, word=st.sampled_from(["recall", "withdraw", "donate", "extend"]))
    def speak_of_a_loan(self, which: int, word: str) -> None:
        loan = self.pick(Loan, which)
        deed = {
            "recall": recall,
            "withdraw": withdraw_recall,
            "donate": donate,
            "extend": lambda **who: answer_extension(granted=True, until=date(2028, 1, 1), **who),
        }[word]
        outcome(lambda: deed(by=self.cast.coordinator, at=self.tick(), loan=loan))

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
        refusal = outcome(lambda: deed(by=self.cast.coordinator, at=self.tick(), reason="mixed up", **wanted))
        assert refusal is None or refusal.code in ("there_already", f"{what}_label_once")
        self.moved = self.moved or refusal is None

    def everything_adds_up(self) -> None:
        assert list(ledger.verify()) == []
        self.numbers_have_no_gap()
        blocks = list(Block.objects.values_list("pk", flat=True))
        slides = list(Slide.objects.values_list("pk", flat=True))
        held = latest_events(blocks=blocks, slides=slides)
        assert set(held) == {("block", pk) for pk in blocks} | {("slide", pk) for pk in slides}
        ended = ("destroyed", "consumed")
        assert all(event.holder_id or event.kind in ended for event in held.values()), "one last holder, or an end"
        here = {thing for thing, event in held.items() if is_at(event, self.house.core.pk)}
        assert here == self.at_core
        broken = [str(found) for found in custody_check.walk() if not (self.moved and found.code == "absent_block")]
        assert broken == []
        for parcel in self.parcels + self.returns:
            self.reconciles(parcel)
        for loan in stated(Loan.objects.all(), AT.date()).select_related("item"):
            assert loan.state == state_of(facts_of(loan), AT.date())
        for slide in Slide.objects.filter(cut_at_core=True):
            first = CustodyEvent.objects.filter(slide=slide).order_by("id")[0]
            assert (first.kind, first.holder) == ("sectioned", self.house.core)

    def reconciles(self, parcel: Shipment) -> None:
        """What was shipped in it was received, is lost or missing, is on its way, or is with its sender again."""
        kinds = Tally[str]()
        for item in parcel.items.all():
            thing = {"slide": item.slide} if item.slide else {"block": item.block}
            events = CustodyEvent.objects.filter(**thing).order_by("id")
            after = list(events.filter(id__gte=events.filter(kind="shipped", shipment=parcel)[0].pk))
            kinds[after[1].kind if len(after) > 1 else "out"] += 1
        assert set(kinds) <= {"received", "returned", "lost", "found", "shipped", "out"}
        assert sum(kinds.values()) == parcel.items.count()

    def numbers_have_no_gap(self) -> None:
        taken = [
            accession
            for model in (Specimen, Block, Slide, Shipment, StainRun, Loan, ItemQuery)
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
            phases=[Phase.generate],
        ),
    )
