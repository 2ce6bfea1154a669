"""Reminders go out by themselves: when the schedule says so, once for a step, and to nobody who answered."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from lims.vocabulary import Role
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.errors import Forbidden, Invalid
from specimens.models import Job, Letter, Patient, ReminderStep, RequestEvent, TissueRequest
from specimens.reminding import ask_for_reminders, remind_by_itself, reminders_due, set_reminder_schedule
from specimens.requesting import promise, remind
from specimens.vocabulary import RequestEventKind
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.specimens.chase import a_request, state
from tests.stories import House, a_patient


@pytest.fixture
def request_(cast: Cast, house: House, patient: Patient) -> TissueRequest:
    return a_request(cast, house, patient)


def day(number: int) -> datetime:
    return AT + timedelta(days=number)


def sweep_on(number: int) -> None:
    with time_machine.travel(day(number), tick=False):
        jobs.sweep()
        jobs.work_off()


def reminded_on() -> list[tuple[int | None, date]]:
    found = RequestEvent.objects.filter(kind=RequestEventKind.REMINDED).order_by("id")
    return list(found.values_list("step", "on"))


def test_a_trial_begins_with_the_usual_schedule(house: House) -> None:
    assert list(ReminderStep.objects.order_by("number").values_list("number", "after_days")) == [(1, 14), (2, 28)]


def test_each_step_goes_out_on_its_day_once(request_: TissueRequest) -> None:
    for number in (1, 13, 14, 14, 15, 27, 28, 29, 60, 90):
        sweep_on(number)
    assert reminded_on() == [(1, day(14).date()), (2, day(28).date())]
    assert Letter.objects.filter(purpose="reminder").count() == 2
    assert state(request_) == "reminded"
    assert RequestEvent.objects.last().recorded_by is None


def test_a_sweep_that_was_off_sends_one_reminder_not_two(request_: TissueRequest) -> None:
    for number in (100, 101, 113, 114, 115):
        sweep_on(number)
    assert reminded_on() == [(1, day(100).date()), (2, day(114).date())]


def test_the_same_work_delivered_again_reminds_once(request_: TissueRequest) -> None:
    with time_machine.travel(day(14), tick=False):
        ask_for_reminders()
        ask_for_reminders()
        assert Job.objects.filter(kind="remind").count() == 1
        remind_by_itself(request_.pk, 1)
        remind_by_itself(request_.pk, 1)
        remind_by_itself(request_.pk, 2)
    assert reminded_on() == [(1, day(14).date())]


def test_requests_due_together_are_reminded_of_in_one_letter(cast: Cast, house: House) -> None:
    both = [a_request(cast, house, a_patient(cast, house, f"CWG-{n:04}")) for n in range(2)]
    other = a_request(cast, house, a_patient(cast, house, "CWG-0009"), holding_site=house.lakeshore)
    for _ in range(2):
        sweep_on(14)
    assert sorted(Job.objects.filter(kind__startswith="remind").values_list("kind", flat=True)) == [
        "remind", "remind together",
    ]  # fmt: skip
    told = Letter.objects.filter(purpose="reminder").order_by("institution__code")
    assert [letter.institution for letter in told] == [house.lakeshore, house.mercy]
    assert told[0].request == other
    assert [each.request for each in told[1].subjects.order_by("id")] == both
    assert reminded_on() == [(1, day(14).date())] * 3


def test_one_that_answered_meanwhile_is_left_out(cast: Cast, house: House) -> None:
    first, second = (a_request(cast, house, a_patient(cast, house, f"CWG-{n:04}")) for n in range(2))
    with time_machine.travel(day(14), tick=False):
        ask_for_reminders()
    promise(by=cast.coordinator, at=day(14), request=first, promised_for=day(20).date())
    sweep_on(14)
    sweep_on(15)
    assert Letter.objects.get(purpose="reminder").request == second
    assert RequestEvent.objects.filter(kind=RequestEventKind.REMINDED).count() == 1


def test_whoever_answered_is_not_reminded(cast: Cast, request_: TissueRequest) -> None:
    with time_machine.travel(day(14), tick=False):
        ask_for_reminders()
    promise(by=cast.coordinator, at=day(14), request=request_, promised_for=day(20).date())
    sweep_on(30)
    assert reminded_on() == []


def test_a_reminder_by_hand_is_that_step(cast: Cast, request_: TissueRequest) -> None:
    remind(by=cast.coordinator, at=day(13), requests=[request_])
    sweep_on(14)
    assert reminded_on() == [(1, day(13).date())]
    sweep_on(28)
    assert reminded_on()[1:] == [(2, day(28).date())]


def test_nobody_is_reminded_after_consent_was_withdrawn(cast: Cast, patient: Patient, request_: TissueRequest) -> None:
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(), withdrawn_on=AT.date())
    sweep_on(40)
    assert reminded_on() == []


def test_a_new_schedule_counts_for_open_requests(cast: Cast, house: House, request_: TissueRequest) -> None:
    set_reminder_schedule(by=cast.coordinator, at=AT, trial=house.trial, days=[3, 10, 20])
    for number in (2, 3, 10, 20, 30):
        sweep_on(number)
    assert [step for step, _ in reminded_on()] == [1, 2, 3]


def test_a_schedule_put_off_between_asking_and_doing_is_kept(cast: Cast, house: House, request_: TissueRequest) -> None:
    with time_machine.travel(day(14), tick=False):
        ask_for_reminders()
        set_reminder_schedule(by=cast.coordinator, at=AT, trial=house.trial, days=[20])
        jobs.work_off()
    assert reminded_on() == []
    sweep_on(20)
    assert reminded_on() == [(1, day(20).date())]


def test_a_trial_without_reminders(cast: Cast, house: House, request_: TissueRequest) -> None:
    set_reminder_schedule(by=cast.coordinator, at=AT, trial=house.trial, days=[])
    sweep_on(400)
    assert reminded_on() == []
    assert reminders_due(day(400).date()) == []


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ([0], "bad_days"),
        ([366], "bad_days"),
        ([5, 5], "bad_order"),
        ([9, 3], "bad_order"),
        ([1, 2, 3, 4, 5, 6, 7], "too_many"),
    ],
)
def test_a_schedule_that_makes_no_sense(cast: Cast, house: House, days: list[int], code: str) -> None:
    with refused(code, "", Invalid) as refusal:
        set_reminder_schedule(by=cast.coordinator, at=AT, trial=house.trial, days=days)
    assert refusal.field == "days"


def test_the_core_s_coordinators_set_it(cast: Cast, house: House) -> None:
    with forbidden("coordinators"):
        set_reminder_schedule(by=cast.bench, at=AT, trial=house.trial, days=[7])
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    with refused("core_only", "core's own people", Forbidden):
        set_reminder_schedule(by=visitor, at=AT, trial=house.trial, days=[7])
