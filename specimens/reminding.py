"""Reminders by themselves: each trial's schedule, who is due, and the worker's part."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from specimens import jobs, ledger
from specimens.actors import Actor, Automaton
from specimens.chasing import UNANSWERED, chased
from specimens.deeds import deed, demand_core, local_day, require
from specimens.errors import Invalid
from specimens.models import ReminderStep, RequestEvent, TissueRequest, Trial
from specimens.requesting import an_event, held, reminded
from specimens.vocabulary import NextStep, RequestEventKind

REMINDER = Automaton("the reminder", frozenset({"specimens.request"}))
MOST_STEPS, MOST_DAYS = 6, 365
MOST_A_SWEEP = 500


def register() -> None:
    jobs.does("remind", remind_by_itself)
    jobs.finds(ask_for_reminders)


@deed
def set_reminder_schedule(*, by: Actor, at: datetime, trial: Trial, days: Sequence[int]) -> list[ReminderStep]:
    """Set after how many days without an answer reminders go out; none is a schedule too. Counts for requests
    that are open already."""
    require(by, "specimens.request", "Only coordinators set the reminders.")
    demand_core(by, "Setting the reminders")
    if len(days) > MOST_STEPS:
        raise Invalid("too_many", f"At most {MOST_STEPS} reminders, not {len(days)}.", field="days")
    if any(not 1 <= each <= MOST_DAYS for each in days):
        raise Invalid("bad_days", f"A reminder goes out 1 to {MOST_DAYS} days after asking.", field="days")
    if list(days) != sorted(set(days)):
        raise Invalid("bad_order", "Each reminder comes later than the one before it.", field="days")
    Trial.objects.select_for_update().get(pk=trial.pk)
    steps = ReminderStep.objects.filter(trial=trial)
    was = list(steps.order_by("number").values_list("after_days", flat=True))
    steps.delete()
    new = write_schedule(trial, days)
    listed = ", ".join(map(str, days)) or "no reminders"
    said = f"Reminders of {trial.code} go out after days: {listed}." if days else f"{trial.code} sends no reminders."
    ledger.write([ledger.line("set reminders", trial, said, was={"days": was}, became={"days": list(days)})],
                 by=by, at=at)  # fmt: skip
    return new


def write_schedule(trial: Trial, days: Sequence[int]) -> list[ReminderStep]:
    rows = [ReminderStep(trial=trial, number=number, after_days=each) for number, each in enumerate(days, start=1)]
    return ReminderStep.objects.bulk_create(rows)


def reminders_due(today: date) -> list[tuple[int, int, date]]:
    """(request, step, day it fell due) of reminders whose time has come, oldest first. One query."""
    found = chased(TissueRequest.objects.all(), UNANSWERED).filter(step=NextStep.REMINDER, due_on__lte=today)
    rows = found.order_by("due_on", "pk").values_list("pk", "done", "due_on")[:MOST_A_SWEEP]
    return [(pk, done + 1, due_on) for pk, done, due_on in rows]


def ask_for_reminders() -> None:
    """At each sweep: ask for the reminders that are due and that nobody has asked for."""
    wanted = [
        (f"{pk}:{step}:{due_on}", {"request_id": pk, "step": step})
        for pk, step, due_on in reminders_due(timezone.localdate())
    ]
    if wanted:
        jobs.ask_many("remind", wanted)


def remind_by_itself(request_id: int, step: int) -> None:
    send_step(by=REMINDER, at=timezone.now(), request=TissueRequest(pk=request_id), step=step)


@deed
def send_step(*, by: Actor, at: datetime, request: TissueRequest, step: int) -> list[RequestEvent]:
    """Send this reminder of the schedule if it is still the one that is due; else do nothing."""
    require(by, "specimens.request", "Only coordinators and the reminder itself send reminders.")
    found = held([request])[0]
    due = found.step == NextStep.REMINDER and found.done + 1 == step and found.due_on <= local_day(at)
    if not due:
        return []
    return reminded([an_event(found, RequestEventKind.REMINDED, by, at, step=step)], by=by, at=at)


def schedule_of(trial: Trial) -> list[ReminderStep]:
    return list(ReminderStep.objects.filter(trial=trial).order_by("number"))
