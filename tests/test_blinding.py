"""Blinding, walked: everybody tries every address of the router, before and after each signature.

Canaries stand in the reads, the decision, a correction, the outcomes, the local diagnosis and the tissue's
papers. What a viewer may not see must appear nowhere; what was promised must, so that this can fail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from lims.freezing import freeze_export
from lims.manifests.keeping import keep_manifest
from lims.models import User
from lims.outcome_rows import NewLocalDiagnosis, NewOutcome
from lims.outcomes import import_release, record_local_diagnoses
from lims.vocabulary import Role
from scoring import pictures
from scoring.drafts import save_draft
from scoring.marking import set_mark
from scoring.models import Read, ReadingCase
from scoring.rescoring import Among, start_rescoring
from scoring.vocabulary import MarkKind, RescoringCause
from specimens import jobs
from specimens.assays import record_assay_version
from specimens.contacting import add_courier_account
from specimens.disposing import propose_disposal
from specimens.downtime import print_forms
from specimens.imaging import attach_image
from specimens.labelling import print_labels
from specimens.models import (
    Patient,
    Shipment,
    Slide,
)
from specimens.ordering import NewOrder, order_sections
from specimens.questioning import ask_sender
from specimens.receipts import standing
from specimens.second_looks import attach_photo
from specimens.vocabulary import (
    DisposalKind,
    DowntimeKind,
    LabelFormat,
    Stain,
)
from tests.addresses import Heard, addresses, closed, filled, heard, routes, told
from tests.canaries import TYPED
from tests.cast import Cast, person
from tests.drawers import a_drawer, put_away, some_slides
from tests.lims.api.conftest import CANARIES, DIAGNOSIS, a_release
from tests.lims.web.conftest import BACKEND
from tests.lims.web.pictures import a_picture
from tests.scoring.desk import LATER, a_case, a_tumour, corrects, decides, signs
from tests.servers import ON_SERVERS
from tests.specimens.chase import a_contact, a_request
from tests.stories import House

FEWEST_ROUTES, FEWEST_ADDRESSES = 80, 110
NEW_EACH_TIME = ("/tokens/", "/second-factor/")  # a token more with every walk; another secret with every look
SCALES = {Stain.HE: "histology", Stain.CAIX: "caix"}

ONE, TWO, DECISION, AMENDED = (
    frozenset(value for assay in TYPED[who].values() for value in assay.values()) for who in TYPED
)
READS = ONE | TWO | DECISION | AMENDED
OUTCOMES = frozenset({*CANARIES.values(), DIAGNOSIS, "CANARYHOSPITAL", "First cut", "Second cut"})
NUMBER = frozenset({"-SECRET"})
ORIGIN = (
    frozenset(
        {
            "CWG-0187",
            "Mercy General",
            "MERCY",
            "SP-0",
            "B-0",
            "PX-0",
            "CO-0",
            "CANARYQUESTION",
            "CANARYORDER",
            "CANARYASSAY",
        }
    )
    | NUMBER
)
MARK_ONE, MARK_TWO, DRAFT = "CANARYMARKONE", "CANARYMARKTWO", "CANARYDRAFT"
SAID = READS | {MARK_ONE, MARK_TWO, DRAFT}
NAMES = {"reader": "Ines Moreau", "second_reader": "Otto Lindqvist", "adjudicator": "Ravi Nair"}
OWN = {"reader": ONE | AMENDED | {MARK_ONE}, "second_reader": TWO | {MARK_TWO, DRAFT}, "adjudicator": DECISION}
BESIDE = {"reader": frozenset({MARK_ONE}), "second_reader": frozenset({MARK_TWO})}
READING = ("reader", "second_reader", "third_reader", "adjudicator")
# What may be seen is one table of code: the embedded default's own walk is that of the three who differ most.
EVERYBODY = (*READING, "lead", "statistician", "coordinator", "bench", "administrator")
WALKERS = EVERYBODY if ON_SERVERS else ("second_reader", "adjudicator", "coordinator")

UNREAD, ONE_SIGNED, BOTH_SIGNED, DECIDED, REOPENED = STAGES = (
    "nobody has signed", "one has signed", "both have signed", "decided", "reopened by a correction",
)  # fmt: skip

PASSAGES = [
    ("second_reader", UNREAD, ONE_SIGNED),
    ("third_reader", UNREAD, ONE_SIGNED),
    ("adjudicator", UNREAD, ONE_SIGNED),
    ("reader", ONE_SIGNED, BOTH_SIGNED),
][: 4 if ON_SERVERS else 1]


def walked(who: str) -> tuple[str, ...]:
    """Whoever reads is followed through every stage; the others from the second signature on."""
    return STAGES if who in READING else STAGES[2:]


def hidden(who: str, stage: str) -> frozenset[str]:
    """What `who` must find nowhere at this stage."""
    if who in READING:
        others = frozenset(name for person, name in NAMES.items() if person != who)
        return OUTCOMES | ORIGIN | others | (reads_hidden(who, stage) - OWN.get(who, frozenset()))
    reads = frozenset() if stage == DECIDED and who != "bench" and who != "administrator" else SAID
    return reads | {"statistician": NUMBER, "coordinator": OUTCOMES}.get(who, OUTCOMES | NUMBER)


def reads_hidden(who: str, stage: str) -> frozenset[str]:
    """A pathologist without a part in the case sees no read, ever; who decides sees both once they differ."""
    if who == "third_reader" or stage in (UNREAD, ONE_SIGNED):
        return SAID
    return frozenset() if stage == DECIDED or who == "adjudicator" else SAID


def promised(who: str, stage: str) -> frozenset[str]:
    """What `who` must find somewhere at this stage: the canaries are there to be found."""
    return BESIDE.get(who, frozenset()) | promised_of_reads(who, stage)


def promised_of_reads(who: str, stage: str) -> frozenset[str]:
    if who == "statistician":
        return OUTCOMES | (ONE | TWO | DECISION if stage == DECIDED else frozenset())
    if who == "coordinator":
        return ORIGIN | (ONE | TWO | DECISION if stage == DECIDED else frozenset())
    if stage == DECIDED and (who in OWN or who == "lead"):
        return ONE | TWO | DECISION
    # The walk itself presses “begin anew”.
    beside = frozenset({DRAFT}) if stage == UNREAD and who == "second_reader" else frozenset()
    mine = {"reader": AMENDED if stage == REOPENED else ONE, "second_reader": TWO, "adjudicator": ONE | TWO}
    since = {"reader": STAGES[1:], "second_reader": STAGES[2:], "adjudicator": (BOTH_SIGNED,)}
    return beside | (mine[who] if stage in since.get(who, ()) else frozenset())


@dataclass(frozen=True)
class World:
    """One patient with everything a patient can have, and a case of each assay."""

    cast: Cast
    cases: dict[str, ReadingCase]
    lead: User

    def person(self, who: str) -> User:
        return self.lead if who == "lead" else getattr(self.cast, who)

    def now(self, stage: str) -> None:
        """The deeds that lead from the stage before to this one, and the worker's after them."""
        for assay, case in self.cases.items():
            if stage == ONE_SIGNED:
                signs(self.cast.reader, case, **TYPED["one"][assay])
            if stage == BOTH_SIGNED:
                signs(self.cast.second_reader, case, **TYPED["two"][assay])
            if stage == DECIDED:
                decides(self.cast.adjudicator, case, **TYPED["decision"][assay])
            if stage == REOPENED:
                standing = Read.objects.get(case=case, reader=self.cast.reader)
                corrects(self.cast.reader, standing, **TYPED["amended"][assay])
        jobs.work_off()


@pytest.fixture(autouse=True)
def one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def world(cast: Cast, house: House) -> World:
    tumour = a_tumour(cast, house)
    patient = tumour.patient
    cases = {assay: a_case(cast, house, stain, tumour) for stain, assay in SCALES.items()}
    for case in cases.values():
        attach_image(by=cast.bench, at=LATER, slide=case.slide, name="scan.png", content=a_picture())
        picture = pictures.of_slide(case.slide_id)[0]
        for reader, note in ((cast.reader, MARK_ONE), (cast.second_reader, MARK_TWO)):
            set_mark(by=reader, at=LATER, case=case, picture=picture, kind=MarkKind.POINT, shape=[(1, 1)], note=note)
        save_draft(by=cast.second_reader, at=LATER, case=case, typed={"comment": DRAFT}, version=0)
    parcel = Shipment.objects.select_related("sender", "receiver").latest("id")
    receipt = standing().filter(item__shipment=parcel).select_related("item").latest("id")
    ask_sender(by=cast.bench, at=LATER, item=receipt.item, question="CANARYQUESTION")
    attach_photo(by=cast.bench, at=LATER, receipt=receipt, name="photo.png", content=a_picture())
    print_forms(by=cast.bench, at=LATER, kind=DowntimeKind.RECEIPT, shipment=parcel)
    block = cases["caix"].slide.block
    order_sections(by=cast.bench, at=LATER, orders=[NewOrder(block, 1, Stain.CAIX, reason="CANARYORDER")])
    record_assay_version(by=cast.bench, at=LATER, stain=Stain.CAIX, name="CANARYASSAY", clone="M75")
    a_release(cast, house, [patient])
    import_release(
        by=cast.statistician, at=LATER, trial=house.trial, name="Second cut", source="the trial's office",
        cut_on=date(2026, 11, 2), sha256="1" * 64,
        rows=[NewOutcome(patient.study_id, response="SD", **CANARIES)],
    )  # fmt: skip
    local = [NewLocalDiagnosis(patient.study_id, histology=DIAGNOSIS)]
    record_local_diagnoses(by=cast.statistician, at=LATER, trial=house.trial, source="CANARYHOSPITAL", rows=local)
    a_contact(cast, house.mercy)
    add_courier_account(by=cast.coordinator, at=LATER, institution=house.mercy, courier="FedEx", account="1")
    a_request(cast, house, patient, at=LATER)
    slides = [case.slide for case in cases.values()]
    print_labels(
        by=cast.coordinator, at=LATER, batch=uuid4(), format=LabelFormat.SHEET, stock="avery-l7651", things=slides
    )
    sheet = f"kind,study_id,specimen_label,label\nblock,{patient.study_id},S-SECRET,A-SECRET\n".encode()
    keep_manifest(
        by=cast.coordinator, at=LATER, sender=house.mercy, receiver=house.core, name="Mercy General.csv", content=sheet,
    )  # fmt: skip
    for name in ("A freeze", "Another freeze"):
        freeze_export(by=cast.statistician, at=LATER, name=name, reason="the interim look", trial=house.trial)
    start_rescoring(
        by=cast.administrator, at=LATER, whom=Among(house.trial), cause=RescoringCause.CHECK, reason="CANARYRESCORING"
    )
    stored = put_some_away(cast, house, patient)
    propose_disposal(by=cast.bench, at=LATER, things=stored[:1], kind=DisposalKind.DESTROYED, reason="broken")
    return World(cast, cases, person("lena", "Lena Brandt", Role.LEAD_PATHOLOGIST))


def put_some_away(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    """Two sections in a drawer, so that the store has something to give away."""
    slides = some_slides(cast, house, patient, 2, label="ST1")
    put_away(cast, a_drawer(cast), slides)
    return slides


# ---- what it must show ----


def test_the_walk_reaches_the_whole_house(world: World) -> None:
    assert len(routes()) >= FEWEST_ROUTES
    assert len(addresses()) >= FEWEST_ADDRESSES
    assert not [address for address in addresses() if "<" in address]
    assert [route for route in routes() if not filled(route)] == []


@pytest.mark.parametrize("who", WALKERS)
def test_nobody_meets_what_is_hidden_from_them(world: World, who: str) -> None:
    """Doors that are closed to the role are tried at the first stage and at the last, all others at each."""
    person, stages, shut = world.person(who), walked(who), frozenset[tuple[str, str]]()
    for stage in STAGES:
        world.now(stage)
        if stage not in stages:
            continue
        found = heard(person, deeds=who in READING, beside=() if stage == stages[-1] else shut)
        shut = shut or closed(found)
        leaks = [(stage, key, secret) for key, said in found.items() for secret in hidden(who, stage) if secret in said]
        assert leaks == []
        everything = "".join(found.values())
        assert (stage, [secret for secret in sorted(promised(who, stage)) if secret not in everything]) == (stage, [])


@pytest.mark.parametrize(("who", "before", "after"), PASSAGES)
def test_a_reader_cannot_tell_whether_another_has_read(world: World, who: str, before: str, after: str) -> None:
    """Word for word the same pages, counts, lengths and headers."""
    said: dict[str, Heard] = {}
    for stage in STAGES[: STAGES.index(after) + 1]:
        world.now(stage)
        if stage in (before, after):
            said[stage] = heard(getattr(world.cast, who), beside=closed(said.get(before, {})))
    shut = closed(said[before])
    differing = [key for key in said[before] if key not in shut and said[before][key] != said[after].get(key)]
    assert [key for key in differing if not key[1].endswith(NEW_EACH_TIME)] == []


@pytest.mark.parametrize("who", READING)
def test_searching_tells_a_reader_nothing(world: World, who: str) -> None:
    """What is there is answered word for word as what is not."""
    for stage in STAGES[:3]:
        world.now(stage)
    browser = Client()
    browser.force_login(getattr(world.cast, who), backend=BACKEND)

    def search(sought: str) -> str:
        return re.sub(
            re.escape(sought), "", told(browser.get("/find/", {"q": sought}, follow=True)), flags=re.IGNORECASE
        )

    for there, not_there in {"CWG-0187": "CWG-9999", "MERCY": "NOSUC", "CANARYARM": "NOTHINGAT"}.items():
        assert search(there) == search(not_there)
