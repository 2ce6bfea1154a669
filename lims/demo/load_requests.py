"""The chase, made up: contacts with example.org addresses, requests that the parcels answer, and an open worklist.

What the parcels answer lies in the cohort's own years; the open requests are counted back from today, so that the
worklist has something overdue, something due and something for later whenever the demo is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from lims.demo.stage import CORE, Stage, Step, Tick, at, coded
from lims.models import User
from specimens import reminding
from specimens.contacting import add_contact, add_courier_account
from specimens.letter_desk import with_letter_state
from specimens.models import Contact, Letter, Patient, TissueRequest
from specimens.posting import mark_posted
from specimens.requesting import (
    NewRequest,
    cancel,
    decline,
    no_tissue,
    open_requests,
    promise,
    record_call,
    remind,
    send_requests,
)
from specimens.vocabulary import ContactDuty, LetterState, NoTissueReason, Wanted

ASKED_BEFORE = 100
ON_PAPER = 2
SCHEDULE = (14, 28, 42)
NOTE = "synthetic: made up for the demonstration"
OPEN_NOTE = f"{NOTE}; formalin-fixed tissue."
REASONS = (
    NoTissueReason.POLICY,
    NoTissueReason.BLOCK_EXHAUSTED,
    NoTissueReason.BIOPSY_ONLY,
    NoTissueReason.LOST,
)


def steps(stage: Stage) -> list[Step]:
    """Before the parcels: whom to write to, and what the parcels will answer."""
    return [
        Step("contacts", len(stage.cohort.sites), lambda tick: add_contacts(stage, tick)),
        Step("requests", len(answered(stage)), lambda tick: ask_before(stage, tick)),
    ]


def open_steps(stage: Stage) -> list[Step]:
    """After the parcels: requests that nothing answers."""
    return [Step("open requests", sum(many for many, _ in STORIES), lambda tick: open_chase(stage, tick))]


def add_contacts(stage: Stage, tick: Tick) -> None:
    by, when = stage.people["coordinator"], at(stage.plan.parcels[0].announced, 7)
    known = set(Contact.objects.values_list("institution__code", flat=True))
    if CORE not in known:
        add_contact(by=by, at=when, institution=stage.core, name="Goods desk", duty=ContactDuty.SHIPPING,
                    email="goods@core.example.org", postal_address="1 Example Way, Example City")  # fmt: skip
        add_courier_account(by=by, at=when, institution=stage.core, courier="Example Express", account="000-000-000",
                            note=NOTE)  # fmt: skip
        reminding.set_reminder_schedule(by=by, at=when, trial=stage.trial, days=SCHEDULE)
    for number, site in enumerate(stage.cohort.sites):
        if site.code not in known:
            email = "" if number < ON_PAPER else f"pathology@{site.code.lower()}.example.org"
            add_contact(by=by, at=when, institution=stage.sites[site.code], name="Pathology archive", email=email,
                        telephone="555 0100", postal_address=f"Pathology, {site.name}"[:300])  # fmt: skip
        tick(1)


def answered(stage: Stage) -> list[tuple[str, str, Any]]:
    """(patient, site, day its parcel was announced) of the patients whose parcels came last."""
    first: dict[tuple[str, str], Any] = {}
    for parcel in stage.plan.parcels:
        for item in parcel.items:
            if item.announced:
                first.setdefault((item.patient, parcel.site), parcel.announced)
    rows = sorted((day, patient, site) for (patient, site), day in first.items())
    return [(patient, site, day) for day, patient, site in rows[-ASKED_BEFORE:]]


def ask_before(stage: Stage, tick: Tick) -> None:
    """Each asked for twelve days before its parcel was announced; letters on paper are in the post."""
    by = stage.people["coordinator"]
    patients = {p.study_id: p for p in Patient.objects.filter(trial=stage.trial)}
    known = set(TissueRequest.objects.values_list("patient_id", "holding_site_id"))
    for patient, site, day in answered(stage):
        who, where = patients[coded(patient)], stage.sites[site]
        if (who.pk, where.pk) not in known:
            with transaction.atomic():
                wanted = [NewRequest(who, where, Wanted.EITHER, note=NOTE, synthetic=True)]
                open_requests(by=by, at=at(day - timedelta(days=12), 9), wanted=wanted, send=True)
        tick(1)
    post_paper(by, at(stage.plan.parcels[-1].announced, 16))


def post_paper(by: User, when: datetime) -> None:
    for letter in with_letter_state(Letter.objects.all()).filter(state=LetterState.BY_POST):
        mark_posted(by=by, at=when, letter=letter)


# ---- the open worklist, counted back from today ----
@dataclass(frozen=True)
class Story:
    """One request as it goes: asked so many days ago, then what happened how many days ago."""

    asked: int | None
    then: tuple[tuple[int, Callable[..., Any], dict[str, Any]], ...] = ()


def reminded(*days: int) -> tuple[tuple[int, Callable[..., Any], dict[str, Any]], ...]:
    return tuple((ago, remind, {}) for ago in days)


STORIES: tuple[tuple[int, Story], ...] = (
    (3, Story(None)),
    (5, Story(9)),
    (4, Story(20, reminded(6))),
    (3, Story(60, reminded(46, 32, 18))),
    (1, Story(62, (*reminded(48, 34, 20), (4, record_call, {"note": "On leave until next week."})))),
    (2, Story(16, ((10, promise, {"in_days": 5}),))),
    (2, Story(24, ((9, promise, {"in_days": 6}),))),
    (4, Story(30, ((12, decline, {"reason": None}),))),
    (3, Story(33, ((8, no_tissue, {"reason": None}),))),
    (1, Story(15, ((3, cancel, {"reason": "Tissue of another operation was found to be enough."}),))),
)


def open_chase(stage: Stage, tick: Tick) -> None:
    """A second round of asking, for formalin-fixed tissue; all of it or nothing."""
    total, today = sum(many for many, _ in STORIES), timezone.now()
    if TissueRequest.objects.filter(note=OPEN_NOTE).exists():
        tick(total)
        return
    busy = TissueRequest.objects.values_list("patient_id", flat=True)
    free = Patient.objects.filter(trial=stage.trial, treating_site__contacts__isnull=False).exclude(pk__in=busy)
    stories = [story for many, story in STORIES for _ in range(many)]
    waiting = list(free.select_related("treating_site", "trial").order_by("study_id").distinct())
    patients = waiting[:: max(1, len(waiting) // total)][:total]
    with transaction.atomic():
        for number, (patient, story) in enumerate(zip(patients, stories, strict=False)):
            tell(stage.people["coordinator"], patient, story, number, today)
            tick(1)
        post_paper(stage.people["coordinator"], today - timedelta(days=1))


def tell(by: User, patient: Patient, story: Story, number: int, now: datetime) -> None:
    """One story through the deeds."""
    wanted = NewRequest(patient, patient.treating_site, Wanted.UNSTAINED_SLIDES, 10, OPEN_NOTE, synthetic=True)
    asked = timedelta(days=story.asked or 0)
    request = open_requests(by=by, at=now - asked, wanted=[wanted])[0]
    if story.asked is not None:
        send_requests(by=by, at=now - asked, requests=[request])
    for ago, deed, said in story.then:
        when, words = now - timedelta(days=ago), dict(said)
        if "in_days" in words:
            words = {"promised_for": (when + timedelta(days=words["in_days"])).date()}
        if "reason" in words and words["reason"] is None:
            words["reason"] = REASONS[number % len(REASONS)]
        which: dict[str, Any] = {"requests": [request]} if deed in (remind, cancel) else {"request": request}
        deed(by=by, at=when, **which, **words)
