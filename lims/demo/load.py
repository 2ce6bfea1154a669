"""Loads the whole demo through the deeds: each step looks for the thing itself before it adds it.

So a load that was cut short goes on where it stopped, and one that is complete is left alone, whatever
people have done with it since.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

from django.apps import apps
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from lims.demo import (
    load_asking,
    load_bench,
    load_clinical,
    load_cutting,
    load_duty,
    load_images,
    load_labels,
    load_loans,
    load_manifests,
    load_outcomes,
    load_parcels,
    load_people,
    load_reads,
    load_rebuilt,
    load_receiving,
    load_reports,
    load_requests,
    load_storage,
    load_tissue,
)
from lims.demo.kirc import Cohort, cohort
from lims.demo.plans import Plan
from lims.demo.sections import workday
from lims.demo.stage import LOADER, Stage, Step
from lims.demo.synthetic import CONCLUDED, plan
from lims.models import User
from specimens import jobs
from specimens.models import LedgerEntry

PARTS: tuple[Callable[[Stage], list[Step]], ...] = (
    load_people.steps,
    load_tissue.steps,
    load_requests.steps,
    load_parcels.steps,
    load_requests.open_steps,
    load_manifests.steps,
    load_cutting.assays,
    load_bench.steps,
    load_cutting.steps,
    load_labels.steps,
    load_reads.steps,
    load_images.steps,
    load_outcomes.steps,
    load_receiving.steps,
    load_storage.steps,
    load_loans.steps,
    load_duty.steps,
    load_asking.steps,
    load_rebuilt.steps,
)
FLOORS = ("specimens", "scoring", "lims")
PENDING_EACH = 2


def bar(total: int, what: str, *, shown: bool) -> tqdm:
    """A progress bar on standard error; in a log it says less often where it stands."""
    often = 0.2 if sys.stderr.isatty() else 10
    return tqdm(total=total, desc=what, unit=" things", disable=not shown, mininterval=often)


def is_empty() -> bool:
    """Has nothing happened here yet?"""
    return not LedgerEntry.objects.exists() and not User.objects.exists()


def is_demo() -> bool:
    """Was this database begun by a demo? Its ledger's first line says who began it."""
    return LedgerEntry.objects.filter(number=1, actor_name=LOADER.name).exists()


def is_complete() -> bool:
    return is_demo() and load_rebuilt.is_complete()


def load(*, limit: int | None = None, shown: bool = False) -> None:
    """Load what is missing of the demo, then score it. `shown` with a progress bar.

    `limit` makes a small demo: so many concluded patients, and some of every open stage.
    """
    if not is_complete():
        take(steps_of(stage(limit)), shown=shown)
    work_off(shown=shown)
    load_reports.sign_two()
    load_clinical.chart_three()


def stage(limit: int | None = None) -> Stage:
    """What is to be loaded: the whole cohort, or a slice of it."""
    whole, day = cohort(), begun_on()
    planned = plan(whole, as_of=day)
    return Stage(whole, planned, day) if limit is None else sliced(whole, planned, day, limit)


def begun_on() -> date:
    """The last working day before this load began: what is open lies in the weeks before it. A load that was cut
    short goes on as of the same day."""
    first = LedgerEntry.objects.filter(number=1).values_list("recorded_at", flat=True).first()
    return workday((first or timezone.now()).astimezone(UTC).date() - timedelta(days=1), -1)


def steps_of(stage: Stage) -> list[Step]:
    """Every step of the load, in order; between its parts the database looks at how much it holds by now."""
    counting = Step("statistics", 0, lambda tick: count_anew())
    return [step for part in PARTS for step in (*part(stage), counting)]


def count_anew() -> None:
    """PostgreSQL plans by statistics that are still those of empty tables; until it looks again it is slow."""
    if connection.vendor == "postgresql":
        ours = [model._meta.db_table for app in FLOORS for model in apps.get_app_config(app).get_models()]
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, ours))}")


def take(steps: Sequence[Step], *, shown: bool = False) -> None:
    """Take the steps one after the other."""
    with bar(sum(step.total for step in steps), "loading", shown=shown) as progress:
        for step in steps:
            progress.set_description(f"loading {step.name}", refresh=False)
            step.do(progress.update)


def work_off(*, shown: bool = False) -> None:
    """Do the work the deeds have asked for, here and now, until none is due."""
    due = jobs.due().count()
    if not due:
        return
    with bar(due, "scoring", shown=shown) as progress:
        while done := jobs.work_off(limit=1):
            progress.update(done)


def sliced(whole: Cohort, planned: Plan, day: date, limit: int) -> Stage:
    """A small demo that still has everything: some concluded patients and some of every open stage."""
    concluded = [p.patient for p in planned.patients if p.stage == CONCLUDED]
    kept = set(concluded[:: max(1, len(concluded) // limit)][:limit])
    for word in {p.stage for p in planned.patients} - {CONCLUDED}:
        kept |= set([p.patient for p in planned.patients if p.stage == word][:PENDING_EACH])
    for parcel in planned.parcels:
        odd = [item for item in parcel.items if item.condition not in ("intact", None)]
        unannounced = [item for item in parcel.items if not item.announced]
        kept |= {item.patient for item in (parcel.items if unannounced else odd)}
    return Stage(part_of(whole, kept), part_of_plan(planned, kept), day)


def part_of(whole: Cohort, kept: set[str]) -> Cohort:
    """The cohort of these patients alone; every site stays."""
    outcomes = tuple(row for row in whole.outcomes if row.patient in kept)
    names = ("samples", "portions", "slides", "aliquots", "portion_shipments", "diagnostic_slides")
    more = ("follow_ups", "site_estimates", "drugs", "ca9")
    tables = {name: tuple(row for row in getattr(whole, name) if row.patient in kept) for name in (*names, *more)}
    patients = tuple(row for row in whole.patients if row.barcode in kept)
    return replace(whole, patients=patients, outcomes=outcomes, **tables)


def part_of_plan(planned: Plan, kept: set[str]) -> Plan:
    labels = {section.label for p in planned.patients if p.patient in kept for section in p.sections}
    runs = [replace(run, slides=tuple(s for s in run.slides if s in labels)) for run in planned.runs]
    parcels = [
        replace(parcel, items=tuple(item for item in parcel.items if item.patient in kept))
        for parcel in planned.parcels
    ]
    return replace(
        planned,
        runs=tuple(run for run in runs if run.slides),
        patients=tuple(p for p in planned.patients if p.patient in kept),
        parcels=tuple(parcel for parcel in parcels if parcel.items),
    )
