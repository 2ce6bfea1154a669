"""How a trial's cases are given out and come back: set by a deed, the latest setting counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, QuerySet

from scoring.models import ReadingPlan
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, require
from specimens.errors import Invalid, Refused
from specimens.models import Trial

ASSIGN = "scoring.assign"
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds of a trial now. `repeat_share`: of a reader's concluded reads, 0 to 1."""

    assigns: bool = False
    repeat_share: Decimal = Decimal("0.1")
    wash_out_days: int = 14


USUAL = Plan()


def latest_of(trial: OuterRef) -> QuerySet[ReadingPlan]:
    """The setting that counts for the trial a query names."""
    return ReadingPlan.objects.filter(trial_id=trial).order_by("-id")


def plans_of(trial_ids: Collection[int]) -> dict[int, Plan]:
    """The plan of each of these trials. One query."""
    found = {}
    for row in ReadingPlan.objects.filter(trial_id__in=trial_ids).order_by("id"):
        found[row.trial_id] = Plan(row.assigns, row.repeat_share, row.wash_out_days)
    return {pk: found.get(pk, USUAL) for pk in trial_ids}


def plan_of(trial_id: int) -> Plan:
    return plans_of([trial_id])[trial_id]


@deed
def set_reading_plan(*, by: Actor, at: datetime, trial: Trial, assigns: bool, repeat_share: Decimal,
                     wash_out_days: int) -> ReadingPlan:  # fmt: skip
    """Say from now on whether cases are given out by the rule, what share comes back, and after how many days."""
    require(by, ASSIGN, "Only coordinators and the lead pathologist set how cases are given out.")
    demand_core(by, "Setting how cases are given out")
    if not 0 <= repeat_share <= 1:
        raise Invalid("share_of_one", "The share of repeats lies between 0 and 100 %.", field="repeat_share")
    if not 1 <= wash_out_days <= MOST_DAYS:
        raise Invalid("wash_out", f"The wash-out is 1 to {MOST_DAYS} days.", field="wash_out_days")
    Trial.objects.select_for_update().get(pk=trial.pk)
    before, wanted = plan_of(trial.pk), Plan(assigns, repeat_share, wash_out_days)
    if before == wanted:
        raise Refused("nothing_new", f"That is how cases of {trial.code} are given out already.")
    plan = ReadingPlan.objects.create(
        trial=trial, assigns=assigns, repeat_share=repeat_share, wash_out_days=wash_out_days, set_at=at,
        set_by_id=person_id(by),
    )  # fmt: skip
    said = f"How cases of {trial.code} are given out to readers was set."
    ledger.write([ledger.line("set reading plan", plan, said, was=told(before), became=told(wanted))], by=by, at=at)
    return plan


def told(plan: Plan) -> dict[str, object]:
    return {"assigns": plan.assigns, "repeat_share": str(plan.repeat_share), "wash_out_days": plan.wash_out_days}
