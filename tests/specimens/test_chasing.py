"""Where a request stands and what is next: the pure functions and their SQL agree on every row of a table."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from specimens.actors import acting
from specimens.chasing import OPEN, Came, Happened, chased, request_state, what_next
from specimens.models import (
    Consent,
    ConsentWithdrawal,
    ItemReceipt,
    Patient,
    ReminderStep,
    RequestEvent,
    Shipment,
    ShipmentItem,
    TissueRequest,
)
from specimens.vocabulary import Condition, ItemKind, NextStep, NoTissueReason, RequestEventKind, RequestState
from tests.cast import AT, Cast
from tests.stories import House, a_patient

DAY = AT.date()
K, S = RequestEventKind, RequestState


def ago(days: int) -> date:
    return DAY - timedelta(days)


def happened(*kinds: tuple[K, int]) -> list[Happened]:
    return [Happened(kind, ago(days), ago(days - 10) if kind is K.PROMISED else None) for kind, days in kinds]


ASKED = (K.ASKED, 40)
STORIES: list[tuple[list[Happened], list[Came], S]] = [
    (happened(), [], S.NOT_SENT),
    (happened((K.CALLED, 3)), [], S.NOT_SENT),
    (happened((K.CANCELLED, 3)), [], S.CANCELLED),
    (happened(ASKED), [], S.ASKED),
    (happened(ASKED, (K.CALLED, 3)), [], S.ASKED),
    (happened(ASKED, (K.REMINDED, 26)), [], S.REMINDED),
    (happened(ASKED, (K.REMINDED, 26), (K.REMINDED, 12)), [], S.REMINDED),
    (happened(ASKED, (K.REMINDED, 26), (K.REMINDED, 12), (K.CALLED, 2)), [], S.REMINDED),
    (happened(ASKED, (K.REMINDED, 5)), [], S.REMINDED),
    (happened(ASKED, (K.PROMISED, 30)), [], S.PROMISED),
    (happened(ASKED, (K.PROMISED, 30), (K.PROMISED, 8)), [], S.PROMISED),
    (happened(ASKED, (K.PROMISED, 30), (K.REMINDED, 2)), [], S.REMINDED),
    (happened(ASKED, (K.DECLINED, 2)), [], S.DECLINED),
    (happened(ASKED, (K.NO_TISSUE, 2)), [], S.NO_TISSUE),
    (happened(ASKED, (K.CANCELLED, 2)), [], S.CANCELLED),
    (happened(), [Came(ago(3))], S.SHIPPED),
    (happened(ASKED), [Came(ago(3))], S.SHIPPED),
    (happened(ASKED), [Came(ago(30)), Came(ago(3))], S.SHIPPED),
    (happened(ASKED), [Came(ago(30), True), Came(ago(3))], S.PARTLY_RECEIVED),
    (happened(ASKED), [Came(ago(3), True), Came(ago(3), True)], S.RECEIVED),
    (happened(ASKED, (K.DECLINED, 2)), [Came(ago(3))], S.DECLINED),
    (happened(ASKED, (K.NO_TISSUE, 2)), [Came(ago(30), True), Came(ago(3))], S.RECEIVED),
    (happened(ASKED, (K.CANCELLED, 2)), [Came(ago(3), True)], S.RECEIVED),
]
SCHEDULES = [(), (14,), (14, 28), (60, 90)]


@pytest.mark.parametrize(("events", "items", "state"), STORIES)
def test_the_state_of_each_story(events: list[Happened], items: list[Came], state: S) -> None:
    assert request_state(events, items) is state


def stored(cast: Cast, patient: Patient, house: House, number: int, events: Any, items: Any) -> TissueRequest:
    """The story as rows, written past the deeds: some of it no deed would let happen."""
    with transaction.atomic(), acting(cast.coordinator):
        request = TissueRequest.objects.create(
            accession=f"T-{number}",
            patient=patient,
            holding_site=house.mercy,
            round=number,
            made_at=AT,
            made_by=cast.coordinator,
        )
        for event in events:
            reason = NoTissueReason.LOST if event.kind in (K.DECLINED, K.NO_TISSUE) else ""
            RequestEvent.objects.create(
                request=request,
                kind=event.kind,
                on=event.on,
                promised_for=event.promised_for,
                reason=reason,
                recorded_at=AT,
            )
        for line, item in enumerate(items, start=1):
            parcel = Shipment.objects.create(
                accession=f"P-{number}-{line}",
                sender=house.mercy,
                receiver=house.core,
                sent_on=item.sent_on if line % 2 else None,
                announced_at=AT - (DAY - item.sent_on),
                announced_by=cast.coordinator,
            )
            kept = ShipmentItem.objects.create(shipment=parcel, line=1, kind=ItemKind.BLOCK, label="A", request=request)
            if item.received:
                ItemReceipt.objects.create(
                    item=kept, condition=Condition.INTACT, received_at=AT, received_by=cast.coordinator
                )
    return request


def test_python_and_sql_agree(cast: Cast, house: House) -> None:
    expected, number = {}, 0
    for schedule, withdrawn in product(SCHEDULES, (False, True)):
        patient = a_patient(cast, house, f"CWG-{number:04}")
        trial = patient.trial
        trial.pk = None
        trial.code, trial.note = f"T{number}", ""
        trial.save()
        Patient.objects.filter(pk=patient.pk).update(trial=trial)
        ReminderStep.objects.bulk_create(
            ReminderStep(trial=trial, number=n, after_days=d) for n, d in enumerate(schedule, start=1)
        )
        if withdrawn:
            with transaction.atomic(), acting(cast.coordinator):
                ConsentWithdrawal.objects.create(
                    consent=Consent.objects.get(patient=patient),
                    withdrawn_on=ago(5),
                    recorded_at=AT,
                    recorded_by=cast.coordinator,
                )
        for events, items, _ in STORIES:
            number += 1
            request = stored(cast, patient, house, number, events, items)
            waits = what_next(DAY, events, items, schedule, ago(5) if withdrawn else None)
            expected[request.pk] = (request_state(events, items), waits.step, waits.due_on, waits.reminder)
    found = {
        r.pk: (r.state, r.step, r.due_on, r.done + 1 if r.step == NextStep.REMINDER else None)
        for r in chased(TissueRequest.objects.all())
    }
    assert found == expected


def test_a_late_schedule_does_not_send_two_reminders_at_once() -> None:
    """Asked long ago, first reminded yesterday: the second keeps its distance from the first."""
    waits = what_next(DAY, happened((K.ASKED, 100), (K.REMINDED, 1)), [], (14, 28))
    assert (waits.step, waits.due_on, waits.reminder) == (NextStep.REMINDER, DAY + timedelta(13), 2)


def test_after_the_last_reminder_comes_the_telephone() -> None:
    events = happened(ASKED, (K.REMINDED, 26), (K.REMINDED, 12))
    assert what_next(DAY, events, [], (14, 28)).step is NextStep.TELEPHONE
    assert what_next(DAY, events, [], (14, 28)).due_on == ago(5)
    assert what_next(DAY, [*events, *happened((K.CALLED, 2))], [], (14, 28)).due_on == ago(-5)


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVENTS = some.lists(
    some.builds(
        Happened,
        some.sampled_from(list(K)),
        some.dates(date(2026, 1, 1), date(2026, 12, 31)),
        some.dates(date(2026, 1, 1), date(2027, 12, 31)),
    ),
    max_size=8,
).map(lambda events: [Happened(K.ASKED, date(2026, 1, 1)), *events])
ITEMS = some.lists(some.builds(Came, some.dates(date(2026, 1, 1), date(2026, 12, 31)), some.booleans()), max_size=4)


@UNHURRIED
@given(EVENTS, ITEMS)
def test_an_open_request_always_waits_for_something(events: list[Happened], items: list[Came]) -> None:
    waits = what_next(date(2026, 1, 1), events, items, (14, 28))
    assert (waits.due_on is not None) == (request_state(events, items) in OPEN)
    assert (waits.step is NextStep.NONE) == (waits.due_on is None)


@UNHURRIED
@given(EVENTS, ITEMS)
def test_receipt_is_never_taken_back_by_words(events: list[Happened], items: list[Came]) -> None:
    if any(item.received for item in items):
        assert request_state(events, items) in (S.RECEIVED, S.PARTLY_RECEIVED)
