"""Many hands at once: all succeed or are refused with a sentence, and no number is lost or doubled."""

from datetime import datetime
from functools import partial
from threading import Barrier

import pytest

from scoring.assessing import WORKER
from scoring.models import Read, ReadingCase
from scoring.opening import open_cases
from scoring.reading import sign_read
from specimens import ledger
from specimens.accessions import take
from specimens.actors import Actor
from specimens.announcing import Parcel, announce_shipments
from specimens.consenting import withdraw_consent
from specimens.correcting import merge_patients, move_specimen
from specimens.deeds import deed
from specimens.enrolling import NewPatient, enrol_patients
from specimens.errors import Refused
from specimens.models import (
    Block,
    Counter,
    CustodyEvent,
    ItemReceipt,
    Patient,
    Shipment,
    Slide,
    Specimen,
    StainRun,
)
from specimens.queries import ledger_of_patient
from specimens.receiving import ReceivedItem, add_unannounced, close_shipment, receive_items
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, stain_run
from specimens.vocabulary import Stain
from tests.cast import AT, FOUNDER, Cast
from tests.stories import (
    CAIX,
    CONTROL_SLIDES,
    CUT_ON,
    HISTOLOGY,
    STAINED_ON,
    House,
    a_lot,
    a_patient,
    a_received_block,
    a_stained_slide,
    an_announced_parcel,
    an_item,
)
from tests.together import at_once, done, refusals

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
FORTY = range(40)


@pytest.fixture(autouse=True)
def the_ledger_holds() -> object:
    yield
    assert list(ledger.verify()) == []


def numbers(model: type) -> list[int]:
    return sorted(int(a.split("-")[1]) for a in model.objects.values_list("accession", flat=True))  # type: ignore[attr-defined]


def sentences(given: list[object]) -> set[str]:
    return {refusal.sentence for refusal in refusals(given)}


def announce(cast: Cast, house: House, patient: Patient, label: str, specimen_label: str) -> list[Shipment]:
    items = (an_item(patient, label=label, specimen_label=specimen_label),)
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=items)
    return announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])


def test_forty_parcels_of_new_tissue(cast: Cast, house: House, patient: Patient) -> None:
    given = at_once([partial(announce, cast, house, patient, f"A{n}", f"S{n}") for n in FORTY])
    assert refusals(given) == []
    for model in (Specimen, Block, Shipment):
        assert numbers(model) == list(range(1, 41))


def test_forty_parcels_of_which_half_are_refused(cast: Cast, house: House, patient: Patient) -> None:
    """Pairs announce the same block: one of each wins, and the refused skip no number."""
    given = at_once([partial(announce, cast, house, patient, f"A{n // 2}", f"S{n // 2}") for n in FORTY])
    assert len(done(given)) == len(refusals(given)) == 20
    assert all("label already." in said or "is on its way in parcel" in said for said in sentences(given))
    for model in (Specimen, Block, Shipment):
        assert numbers(model) == list(range(1, 21))


def test_forty_enrolments_of_ten_patients(cast: Cast, house: House) -> None:
    def enrol(n: int) -> list[Patient]:
        row = NewPatient(study_id=f"CWG-{n % 10:04}", treating_site="MERCY")
        return enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[row])

    given = at_once([partial(enrol, n) for n in FORTY])
    assert (len(done(given)), Patient.objects.count()) == (10, 10)
    assert {refusal.code for refusal in refusals(given)} <= {"patient_study_id_once", "enrolment_refused"}


def test_forty_sections_from_one_block(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    cut = Cut(block=block, sections=2, cut_on=CUT_ON)
    given = at_once([lambda: cut_sections(by=cast.bench, at=AT, cuts=[cut])] * 40)
    assert refusals(given) == []
    assert numbers(Slide) == list(range(1, 81))


def test_one_item_received_by_many_hands(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))

    def receive(who: Actor) -> list[ItemReceipt]:
        return receive_items(by=who, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])

    given = at_once([partial(receive, who) for who in (cast.bench, cast.coordinator) * 4])
    assert len(done(given)) == ItemReceipt.objects.count() == CustodyEvent.objects.filter(kind="received").count() == 1
    winner = str(ItemReceipt.objects.get().received_by)
    said = f"Row 1, line: A1 of parcel {parcel} was received already, by {winner}, 2026-11-23 09:00:00 UTC."
    assert sentences(given) == {said}


def test_extras_added_and_a_parcel_closed_by_many_hands(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    extras = [
        partial(add_unannounced, by=cast.bench, at=AT, shipment=parcel, item=an_item(patient, label=f"B{n}"))
        for n in range(4)
    ]
    closings = [partial(close_shipment, by=cast.bench, at=AT, shipment=parcel)] * 4
    given = at_once([*extras, *closings])
    assert sorted(parcel.items.values_list("line", flat=True)) == [1, 2, 3, 4, 5]
    assert sentences(given) == {f"Parcel {parcel} was closed already."}
    assert len(refusals(given)) == 3


def test_one_slide_in_many_runs(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    slide = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=CUT_ON)])[0]
    run = NewRun(lot=a_lot(cast, Stain.CAIX), slides=[slide], stained_on=STAINED_ON, controls=CONTROL_SLIDES)
    given = at_once([lambda: stain_run(by=cast.bench, at=AT, run=run)] * 8)
    assert len(done(given)) == slide.custody.filter(kind="stained").count() == 1
    assert numbers(StainRun) == [1]
    assert sentences(given) == {f"Row 1, slide: Slide {slide} is stained already; a restain takes a new section."}


def test_a_withdrawal_comes_before_a_cut_or_after_it(cast: Cast, house: House) -> None:
    patients = [a_patient(cast, house, f"CWG-{n}") for n in range(4)]
    blocks = {patient.pk: a_received_block(cast, house, patient) for patient in patients}
    deeds = []
    for patient in patients:
        cuts = [Cut(block=blocks[patient.pk], sections=1, cut_on=CUT_ON)]
        deeds += [
            partial(cut_sections, by=cast.bench, at=AT, cuts=cuts),
            partial(
                withdraw_consent,
                by=cast.coordinator,
                at=AT,
                consent=patient.consents.get(),
                withdrawn_on=STAINED_ON,
            ),
        ]
    given = at_once(deeds)
    assert {refusal.code for refusal in refusals(given)} <= {"consent_withdrawn"}
    for patient in patients:
        last = ledger_of_patient(patient.pk).last()
        assert last is not None
        assert last.deed == "withdraw consent", "nothing was cut once consent was gone"


def test_forty_signatures(cast: Cast, house: House) -> None:
    """Two readers sign ten cases, each of them twice over."""
    cases = []
    for n in range(10):
        block = a_received_block(cast, house, a_patient(cast, house, f"CWG-{n:04}"))
        slide = a_stained_slide(cast, block, Stain.HE if n % 2 else Stain.CAIX)
        cases += open_cases(by=WORKER, at=AT, slides=[slide])

    def sign(who: Actor, case: ReadingCase) -> Read:
        findings = HISTOLOGY if case.assay == "histology" else CAIX
        return sign_read(by=who, at=AT, case=case, findings=findings, method="password")

    given = at_once([partial(sign, who, case) for case in cases for who in (cast.reader, cast.second_reader) * 2])
    assert (len(done(given)), len(refusals(given)), Read.objects.count()) == (20, 20, 20)
    assert all(said.endswith(".") for said in sentences(given))
    assert {(r.case_id, r.slot) for r in Read.objects.all()} == {(case.pk, slot) for case in cases for slot in (1, 2)}


def test_a_specimen_moved_and_its_patients_merged_at_once(cast: Cast, house: House, patient: Patient) -> None:
    """Both lock patients before specimens; a move that comes second finds its specimen where it should be."""
    for attempt in range(5):
        twin = a_patient(cast, house, f"CWG-{attempt}")
        block = a_received_block(cast, house, twin, specimen_label=f"S{attempt}")
        move = partial(move_specimen, by=cast.coordinator, at=AT, specimen=block.specimen, to=patient, reason="swapped")
        merge = partial(merge_patients, by=cast.coordinator, at=AT, duplicate=twin, survivor=patient, reason="twice")
        given = at_once([move, merge])
        assert {refusal.code for refusal in refusals(given)} <= {"there_already"}
        assert Specimen.objects.get(pk=block.specimen_id).patient == patient


def test_two_records_merged_into_each_other(cast: Cast, house: House, patient: Patient) -> None:
    twin = a_patient(cast, house, "CWG-0200")
    given = at_once([
        partial(merge_patients, by=cast.coordinator, at=AT, duplicate=a, survivor=b, reason="twice")
        for a, b in ((twin, patient), (patient, twin)) * 2
    ])  # fmt: skip
    assert len(done(given)) == 1
    assert sentences(given) == {"One of these records was merged before."}


@deed
def lock_both(*, by: Actor, at: datetime, first: int, second: int, gate: Barrier, tries: list[int]) -> int:
    """Take two patients' rows in this order; the first time wait until the other has its first one too."""
    tries.append(first)
    Patient.objects.select_for_update().get(pk=first)
    if tries.count(first) == 1:
        gate.wait(10)
    Patient.objects.select_for_update().get(pk=second)
    return int(take("SL")[0].split("-")[1])


def test_two_deeds_that_deadlock_are_both_done(cast: Cast, house: House) -> None:
    a, b = (a_patient(cast, house, f"CWG-{n}").pk for n in (1, 2))
    gate, tries = Barrier(2), []
    given = at_once([
        partial(lock_both, by=FOUNDER, at=AT, first=first, second=second, gate=gate, tries=tries)
        for first, second in ((a, b), (b, a))
    ])  # fmt: skip
    assert sorted(given) == [1, 2]
    assert len(tries) > 2, "the one that PostgreSQL ended was done again, and took no number in vain"
    assert Counter.objects.get(prefix="SL").last == 2


def test_a_refusal_is_the_only_thing_that_many_hands_meet(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))

    def whichever(n: int) -> object:
        extra = an_item(patient, label=f"A{n % 3}", specimen_label="S1")
        return (
            partial(receive_items, by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1 + n % 3)]),
            partial(add_unannounced, by=cast.bench, at=AT, shipment=parcel, item=extra),
            partial(announce, cast, house, patient, f"A{n % 5}", "S1"),
        )[n % 3]()

    given = at_once([partial(whichever, n) for n in FORTY])
    assert all(isinstance(refusal, Refused) and refusal.sentence for refusal in refusals(given))
    for model in (Block, Shipment):
        assert numbers(model) == list(range(1, model.objects.count() + 1))
