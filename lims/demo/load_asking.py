"""A third trial that is still asking for tissue: synthetic patients at synthetic hospitals, so that the chase has
patients nobody was asked for yet and the flow shows what is lost before anything is received."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from lims.demo.load_requests import NOTE, reminded
from lims.demo.stage import LOADER, Stage, Step, Tick
from lims.models import User
from specimens.contacting import add_contact
from specimens.enrolling import NewPatient, add_institution, enrol_patients, open_trial
from specimens.models import Institution, Patient, Trial
from specimens.requesting import NewRequest, cancel, decline, no_tissue, open_requests, promise, remind
from specimens.vocabulary import ContactDuty, InstitutionRole, NoTissueReason, Wanted

ASKING = "ASKING"
Then = tuple[tuple[int, Callable[..., Any], dict[str, Any]], ...]
HOSPITALS = {
    "SYN-RIVER": ("Riverside General (synthetic)", (InstitutionRole.TREATING, InstitutionRole.HOLDING)),
    "SYN-COAST": ("North Coast Cancer Centre (synthetic)", (InstitutionRole.TREATING,)),
    "SYN-ABBEY": ("Abbey Road Pathology (synthetic)", (InstitutionRole.HOLDING,)),
}


@dataclass(frozen=True, slots=True)
class Chased:
    """So many patients treated there whose tissue is held here, asked so many days ago (None: nobody is asked)."""

    many: int
    treated: str
    held: str
    asked: int | None
    then: Then = field(default=())


def ended(ago: int, deed: Callable[..., Any], reason: NoTissueReason) -> Then:
    return ((ago, deed, {"reason": reason}),)


STORIES = (
    Chased(7, "SYN-RIVER", "SYN-RIVER", None),
    Chased(4, "SYN-COAST", "SYN-ABBEY", 5),
    Chased(3, "SYN-RIVER", "SYN-RIVER", 17, reminded(3)),
    Chased(2, "SYN-COAST", "SYN-ABBEY", 21, ((6, promise, {"in_days": 12}),)),
    Chased(3, "SYN-COAST", "SYN-ABBEY", 40, ended(22, decline, NoTissueReason.POLICY)),
    Chased(2, "SYN-RIVER", "SYN-RIVER", 44, ended(30, no_tissue, NoTissueReason.BLOCK_EXHAUSTED)),
    Chased(2, "SYN-RIVER", "SYN-RIVER", 51, ended(37, no_tissue, NoTissueReason.BIOPSY_ONLY)),
    Chased(1, "SYN-COAST", "SYN-ABBEY", 58, ended(40, no_tissue, NoTissueReason.LOST)),
)


def steps(stage: Stage) -> list[Step]:
    total = sum(story.many for story in STORIES)
    return [Step("a trial still asking", total, lambda tick: load(stage, total, tick))]


def load(stage: Stage, total: int, tick: Tick) -> None:
    """All of it or, when the trial is there, nothing."""
    if not Trial.objects.filter(code=ASKING).exists():
        with transaction.atomic():
            tell(stage.people["coordinator"], timezone.now())
    tick(total)


def tell(coordinator: User, now: datetime) -> None:
    opened = now - timedelta(days=90)
    trial = open_trial(by=LOADER, at=opened, code=ASKING, synthetic=True, note=NOTE,
                       title="Synthetic: a trial that is still asking hospitals for tissue")  # fmt: skip
    hospitals = {code: add_hospital(code, coordinator, opened) for code in HOSPITALS}
    patients = iter(enrolled(trial, coordinator, now - timedelta(days=70)))
    for story in STORIES:
        of_story = [next(patients) for _ in range(story.many)]
        if story.asked is not None:
            chase(story, of_story, hospitals[story.held], coordinator, now)


def add_hospital(code: str, coordinator: User, when: datetime) -> Institution:
    name, roles = HOSPITALS[code]
    added = add_institution(by=LOADER, at=when, code=code, name=name, roles=roles)
    add_contact(by=coordinator, at=when, institution=added, name="Pathology archive", duty=ContactDuty.PATHOLOGY,
                email=f"archive@{code.lower()}.example.org", telephone="555 0101")  # fmt: skip
    return added


def enrolled(trial: Trial, coordinator: User, when: datetime) -> list[Patient]:
    treated = [story.treated for story in STORIES for _ in range(story.many)]
    rows = [
        NewPatient(f"ASK-{number:03}", site, when.date(), consent_version="synthetic", consent_on=when.date(),
                   synthetic=True)
        for number, site in enumerate(treated, start=1)
    ]  # fmt: skip
    return enrol_patients(by=coordinator, at=when, trial=trial, rows=rows)


def chase(story: Chased, patients: list[Patient], holder: Institution, by: User, now: datetime) -> None:
    """Asked for together, in one letter; then each goes its way."""
    asked = now - timedelta(days=story.asked or 0)
    wanted = [NewRequest(each, holder, Wanted.EITHER, note=NOTE, synthetic=True) for each in patients]
    requests = open_requests(by=by, at=asked, wanted=wanted, send=True)
    for ago, deed, said in story.then:
        when, words = now - timedelta(days=ago), dict(said)
        if "in_days" in words:
            words = {"promised_for": (when + timedelta(days=words["in_days"])).date()}
        if deed in (remind, cancel):
            deed(by=by, at=when, requests=requests, **words)
        else:
            for request in requests:
                deed(by=by, at=when, request=request, **words)
