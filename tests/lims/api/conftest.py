"""A world for the API's tests: two hospitals' tissue, reads, scores, outcomes, and a token for everybody."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoDbBlocker

from lims import tokens
from lims.models import User
from lims.models.outcomes import OutcomeRelease
from lims.outcome_rows import NewLocalDiagnosis, NewOutcome
from lims.outcomes import import_release, record_local_diagnoses
from lims.vocabulary import Role
from scoring.models import ReadingCase
from specimens import jobs
from specimens.announcing import Parcel, announce_shipments
from specimens.models import Patient, Shipment, Specimen
from specimens.receiving import ReceivedItem, receive_items
from specimens.vocabulary import Stain
from tests.cast import AT, Cast, make_cast, person
from tests.kept import kept
from tests.scoring.desk import LATER, a_case, both_sign
from tests.stories import ARRIVED, House, a_house, a_patient, an_item

CANARIES = {
    "arm": "CANARYARM",
    "regimen": "CANARYREGIMEN",
    "stage": "CANARYSTAGE",
    "vital_status": "CANARYSTATUS",
}
DIAGNOSIS = "CANARYDIAGNOSIS"


@dataclass(frozen=True)
class World:
    """`near` is a patient of Mercy, `far` of Lakeshore; `mercy_…` are people who see Mercy alone."""

    cast: Cast
    house: House
    near: Patient
    far: Patient
    near_tissue: Specimen
    far_tissue: Specimen
    near_parcel: Shipment
    far_parcel: Shipment
    concluded: ReadingCase
    waiting: ReadingCase
    far_case: ReadingCase
    release: OutcomeRelease
    mercy_coordinator: User
    mercy_statistician: User


class Caller:
    """Somebody with a token, or a stranger without."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Token {token}"} if token else {}

    def get(self, address: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{address}", query, headers=self.headers)

    def post(self, address: str, body: Any) -> Any:
        return self.client.post(f"/api/v1/{address}", body, content_type="application/json", headers=self.headers)

    def send(self, method: str, address: str, **kwargs: Any) -> Any:
        return self.client.generic(method, f"/api/v1/{address}", headers=self.headers, **kwargs)


@pytest.fixture(autouse=True)
def the_day_of_the_story() -> Iterator[None]:
    """Programs call an hour after the story's reads were signed."""
    with time_machine.travel(LATER + timedelta(hours=1)):
        yield


@pytest.fixture(scope="module")
def made_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept(django_db_blocker):
        with time_machine.travel(LATER + timedelta(hours=1)):
            made = a_world()
        yield made


@pytest.fixture
def world(made_world: World, db: None) -> World:
    """The test's own copy: what it changes of it meets no other."""
    return deepcopy(made_world)


def a_world() -> World:
    cast, house = make_cast(), a_house()
    near = a_patient(cast, house)
    far = a_patient(cast, house, "CWG-0200", "LAKE")
    near_parcel = received(cast, house, near, house.mercy)
    far_parcel = received(cast, house, far, house.lakeshore)
    near_tissue, far_tissue = (patient.specimens.get() for patient in (near, far))
    concluded = a_case(cast, house, specimen=near_tissue)
    far_case = a_case(cast, house, specimen=far_tissue)
    both_sign(cast, concluded)
    both_sign(cast, far_case)
    waiting = a_case(cast, house, Stain.CAIX, near_tissue)
    jobs.work_off()
    release = a_release(cast, house, [near, far])
    local = [NewLocalDiagnosis(patient.study_id, histology=DIAGNOSIS) for patient in (near, far)]
    record_local_diagnoses(by=cast.statistician, at=AT, trial=house.trial, source="hospital", rows=local)
    return World(
        cast, house, near, far, near_tissue, far_tissue, near_parcel, far_parcel, concluded, waiting, far_case,
        release,
        mercy_coordinator=person("cora", "Cora Bell", Role.COORDINATOR, house.mercy),
        mercy_statistician=person("stu", "Stu Reyes", Role.STATISTICIAN, house.mercy),
    )  # fmt: skip


def received(cast: Cast, house: House, patient: Patient, sender: Any) -> Shipment:
    items, sent = (an_item(patient),), date(2026, 11, 5)
    parcel = Parcel(sender=sender, receiver=house.core, items=items, sent_on=sent)
    shipment = announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])[0]
    receive_items(by=cast.coordinator, at=ARRIVED, shipment=shipment, items=[ReceivedItem(line=1)])
    return shipment


def a_release(cast: Cast, house: House, patients: list[Patient]) -> OutcomeRelease:
    rows = [
        NewOutcome(
            patient.study_id,
            response="PR",
            os_time=412,
            os_event=True,
            time_origin="registration",
            **CANARIES,
        )
        for patient in patients
    ]
    return import_release(
        by=cast.statistician, at=LATER, trial=house.trial, name="First cut", source="the trial's office",
        cut_on=date(2026, 11, 1), sha256="0" * 64, rows=rows,
    )  # fmt: skip


@pytest.fixture
def calling(db: None) -> Callable[[User | None], Caller]:
    """calling(person) is that person with a token; calling(None) is a stranger."""

    def made(user: User | None) -> Caller:
        return Caller(tokens.make(by=user, at=LATER, lifetime=timedelta(days=1)) if user else "")

    return made
