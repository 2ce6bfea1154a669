"""Real workers: killed, flushed, cut off, told twice; afterwards each score is there, once."""

import signal
import time
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction

from scoring.assessing import WORKER, assess_specimens
from scoring.models import PatientScore, ReadingCase, Score
from scoring.opening import open_cases
from scoring.policies import SYNTHETIC
from scoring.reading import NewRead, sign_reads
from specimens import ledger
from specimens.actors import Automaton
from specimens.announcing import Parcel, announce_shipments
from specimens.consenting import give_consent
from specimens.enrolling import NewPatient, enrol_patients
from specimens.models import Job, Patient, Specimen, StainRun
from specimens.receiving import ReceivedItem, receive_items
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, record_controls, stain_run
from specimens.tasks import perform_job
from specimens.vocabulary import ConsentScope, ControlKind, Stain
from tests.cast import AT, Cast
from tests.stories import CAIX, CONTROL_SLIDES, CUT_ON, HISTOLOGY, LONG_AGO, PASSED, STAINED_ON, House, a_lot, an_item
from tests.workers import Broker, all_done, end, own_broker, until, worker

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
PATIENTS = 50
LOADER = Automaton("test load", frozenset({"scoring.load_reads"}))
Said = set[tuple[object, ...]]


@pytest.fixture
def broker(transactional_db: None) -> Iterator[Broker]:
    with own_broker() as broker:
        yield broker
    assert list(ledger.verify()) == []


def stained_tissue(cast: Cast, house: House, count: int) -> list[StainRun]:
    """`count` patients, a block of each at the core, an H&E and a CA-IX section of each in two runs."""
    rows = [NewPatient(study_id=f"CWG-{n:04}", treating_site="MERCY") for n in range(count)]
    patients = enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=rows)
    items = tuple(an_item(patient) for patient in patients)
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=items)
    shipment = announce_shipments(by=cast.coordinator, at=LONG_AGO, parcels=[parcel])[0]
    hands = [ReceivedItem(line=n) for n in range(1, count + 1)]
    receipts = receive_items(by=cast.bench, at=LONG_AGO, shipment=shipment, items=hands)
    runs = []
    for stain in Stain:
        cuts = [Cut(block=receipt.item.block, sections=1, cut_on=CUT_ON) for receipt in receipts]
        slides = cut_sections(by=cast.bench, at=AT, cuts=cuts)
        run = NewRun(lot=a_lot(cast, stain), slides=slides, stained_on=STAINED_ON, controls=CONTROL_SLIDES)
        runs.append(stain_run(by=cast.bench, at=AT, run=run))
        record_controls(by=cast.bench, at=AT, run=runs[-1], results=PASSED, observed_on=STAINED_ON)
        open_cases(by=WORKER, at=AT, slides=slides)
    Job.objects.all().delete()  # the controls' own jobs: nothing was read yet
    return runs


def read_everything(cast: Cast) -> None:
    """Both readers sign each specimen's cases, a load a specimen: one job each asks for the score."""
    for specimen in Specimen.objects.order_by("id"):
        rows = [
            NewRead(case, reader, HISTOLOGY if case.assay == "histology" else CAIX, AT)
            for case in ReadingCase.objects.filter(specimen=specimen)
            for reader in (cast.reader, cast.second_reader)
        ]
        sign_reads(by=LOADER, at=AT, rows=rows, method=SYNTHETIC)


def said() -> Said:
    """What is said of every specimen and patient, without the ids of scores: these differ from run to run."""
    specimens = Score.objects.values_list(
        "specimen_id", "digest", "risk", "caix_level", "eligibility", "reasons", "missing"
    )
    patients = PatientScore.objects.values_list("patient_id", "score__digest", "basis", "because", "edition")
    assert Score.objects.count() == len(set(specimens))
    assert PatientScore.objects.count() == len(set(patients))
    return {*specimens, *patients}


def a_clean_run() -> Said:
    """What the same reads come to when nothing goes wrong: computed here, and taken back."""
    with transaction.atomic():
        assess_specimens(by=WORKER, at=AT, specimen_ids=list(Specimen.objects.values_list("id", flat=True)))
        clean = said()
        transaction.set_rollback(True)
    return clean


def finished() -> int:
    """Jobs done that somebody asked for; the daily walk over custody asks for itself."""
    return Job.objects.filter(done_at__isnull=False).exclude(kind="check custody").count()


def test_a_job_that_a_deed_asked_for_is_done_by_the_worker(cast: Cast, house: House, broker: Broker) -> None:
    stained_tissue(cast, house, 2)
    with worker(broker):
        read_everything(cast)
        until(all_done)
    assert Score.objects.count() == PatientScore.objects.count() == 2
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_a_worker_killed_in_mid_work_again_and_again(cast: Cast, house: House, broker: Broker) -> None:
    stained_tissue(cast, house, PATIENTS)
    read_everything(cast)
    clean = a_clean_run()
    for share in (0.1, 0.4):
        with worker(broker) as running:
            until(lambda share=share: finished() >= share * PATIENTS, sweeping=True, each=0.005)
            end(running, signal.SIGKILL)
    assert 0 < finished() < PATIENTS
    assert said() < clean
    with worker(broker):
        until(all_done, sweeping=True)
    assert said() == clean
    assert (Score.objects.count(), PatientScore.objects.count()) == (PATIENTS, PATIENTS)


def test_one_long_job_whose_worker_is_killed_leaves_no_half(cast: Cast, house: House, broker: Broker) -> None:
    _, caix = stained_tissue(cast, house, PATIENTS)
    read_everything(cast)
    assess_specimens(by=WORKER, at=AT, specimen_ids=list(Specimen.objects.values_list("id", flat=True)))
    before = said()
    Job.objects.all().delete()
    broker.redis.flushall()
    results = {ControlKind.POSITIVE: False}
    record_controls(by=cast.bench, at=AT, run=caix, results=results, observed_on=STAINED_ON, reason="it faded")
    clean = a_clean_run()
    with worker(broker) as running:
        until(lambda: Job.objects.filter(lease_until__isnull=False).exists(), each=0.001)
        end(running, signal.SIGKILL)
    job = Job.objects.get()
    assert (job.attempts, job.done_at) == (1, None), "the worker was killed too late to show anything"
    assert said() == before
    with worker(broker):
        until(all_done, sweeping=True)
    job.refresh_from_db()
    assert job.attempts == 2
    assert said() == clean
    current = Score.objects.order_by("specimen_id", "-id").distinct("specimen_id")
    assert {score.caix_level for score in current} == {"not_evaluable"}


def test_a_broker_that_lost_everything(cast: Cast, house: House, broker: Broker) -> None:
    stained_tissue(cast, house, PATIENTS)
    read_everything(cast)
    clean = a_clean_run()
    assert broker.waiting() >= PATIENTS
    broker.redis.flushall()
    with worker(broker):
        time.sleep(0.5)
        assert finished() == 0
        until(all_done, sweeping=True)
    assert said() == clean


def test_the_same_message_delivered_again(cast: Cast, house: House, broker: Broker) -> None:
    stained_tissue(cast, house, 10)
    read_everything(cast)
    for key, queue in Job.objects.values_list("key", "queue"):
        for _ in range(3):
            perform_job.apply_async((key,), queue=queue)
    assert broker.waiting() >= 40
    with worker(broker):
        until(lambda: broker.waiting() == 0 and all_done())
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    assert Score.objects.count() == PatientScore.objects.count() == 10


def consent(cast: Cast, patient: Patient, version: str) -> None:
    give_consent(
        by=cast.coordinator,
        at=AT,
        patient=patient,
        scope=ConsentScope.FUTURE_RESEARCH,
        version=version,
        given_on=date(2026, 11, 1),
    )


def test_a_broker_that_is_down_while_people_work(cast: Cast, patient: Patient, broker: Broker) -> None:
    with worker(broker):
        consent(cast, patient, "2")
        until(all_done)
        broker.stop()
        began = time.monotonic()
        consent(cast, patient, "3")
        assert time.monotonic() - began < 3, "nobody waits for a broker that is away"
        assert not all_done()
        broker.start()
        until(all_done, sweeping=True)
    assert finished() == 2


def test_the_worker_ends_when_it_is_asked_to(broker: Broker) -> None:
    with worker(broker) as running:
        until(lambda: broker.redis.exists("_kombu.binding.interactive") == 1)
        began = time.monotonic()
        end(running, signal.SIGTERM)
        assert time.monotonic() - began < 10
    assert running.returncode == 0
