"""Reminders by themselves: each trial's schedule, who is due, and the worker's part."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256

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
    jobs.does("remind together", remind_together)
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


Reminder = tuple[int, int, date]


def reminders_due(today: date) -> list[Reminder]:
    """(request, step, day it fell due) of reminders whose time has come, oldest first. One query."""
    return [each for group in due_by_institution(today).values() for each in group]


def due_by_institution(today: date) -> dict[int, list[Reminder]]:
    """The same by the institution that is reminded: it gets one letter. One query."""
    found = chased(TissueRequest.objects.all(), UNANSWERED).filter(step=NextStep.REMINDER, due_on__lte=today)
    rows = found.order_by("due_on", "pk").values_list("holding_site_id", "pk", "done", "due_on")[:MOST_A_SWEEP]
    groups: dict[int, list[Reminder]] = {}
    for site, pk, done, due_on in rows:
        groups.setdefault(site, []).append((pk, done + 1, due_on))
    return groups


def ask_for_reminders() -> None:
    """At each sweep: ask for the reminders that are due and that nobody has asked for."""
    groups = due_by_institution(timezone.localdate()).values()
    single = [(key_of(each), {"request_id": each[0][0], "step": each[0][1]}) for each in groups if len(each) == 1]
    several = [(key_of(each), {"steps": {str(pk): step for pk, step, _ in each}}) for each in groups if len(each) > 1]
    for kind, wanted in (("remind", single), ("remind together", several)):
        if wanted:
            jobs.ask_many(kind, wanted)


def key_of(group: Sequence[Reminder]) -> str:
    """Names exactly these reminders: asked for again in the next sweep, it is the same job."""
    said = " ".join(f"{pk}:{step}:{due_on}" for pk, step, due_on in group)
    return said if len(group) == 1 else f"{len(group)}:{sha256(said.encode()).hexdigest()[:40]}"


def remind_by_itself(request_id: int, step: int) -> None:
    send_steps(by=REMINDER, at=timezone.now(), steps={request_id: step})


def remind_together(steps: dict[str, int]) -> None:
    send_steps(by=REMINDER, at=timezone.now(), steps={int(pk): step for pk, step in steps.items()})


@deed
def send_steps(*, by: Actor, at: datetime, steps: Mapping[int, int]) -> list[RequestEvent]:
    """Send these reminders of the schedule (step by request), those that are still due; of the others nothing."""
    require(by, "specimens.request", "Only coordinators and the reminder itself send reminders.")
    today = local_day(at)
    due = [
        found
        for found in held([TissueRequest(pk=pk) for pk in steps])
        if found.step == NextStep.REMINDER and found.done + 1 == steps[found.pk] and found.due_on <= today
    ]
    if not due:
        return []
    events = [an_event(found, RequestEventKind.REMINDED, by, at, step=steps[found.pk]) for found in due]
    return reminded(events, by=by, at=at)


def schedule_of(trial: Trial) -> list[ReminderStep]:
    return list(ReminderStep.objects.filter(trial=trial).order_by("number"))
