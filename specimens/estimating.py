"""Estimates of what a section or a specimen is made of: the site's own and the core's. They never enter a score."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from specimens import ledger
from specimens.actors import Actor
from specimens.deeds import deed, require, unfit
from specimens.errors import Rejected, RowProblem
from specimens.models import CompositionEstimate, Slide, Specimen
from specimens.queries import withdrawn_patients
from specimens.scope import Scope
from specimens.vocabulary import EstimateSource

PLACES = 4


@dataclass(frozen=True, slots=True)
class NewEstimate:
    """Percentages by name (CompositionEstimate.PERCENTS), 0 to 100; absent is unknown. `row` traces the source."""

    source: EstimateSource
    percents: Mapping[str, Decimal | None]
    slide: Slide | None = None
    specimen: Specimen | None = None
    row: str = ""


@deed
def record_estimates(*, by: Actor, at: datetime, rows: Sequence[NewEstimate]) -> list[CompositionEstimate]:
    """Record all of `rows` or none."""
    require(by, "specimens.receive", "Only the core's coordinators and bench record estimates.")
    problems = [
        RowProblem(number, name, said, value)
        for number, row in enumerate(rows, start=1)
        for name, value, said in faults_of(row)
    ]
    if problems:
        raise Rejected(problems, code="estimates_refused")
    kept = CompositionEstimate.objects.bulk_create(
        [
            CompositionEstimate(
                slide=row.slide, specimen=row.specimen, source=row.source, row=row.row, recorded_at=at, **row.percents
            )
            for row in rows
        ],
        batch_size=500,
    )
    ledger.write([estimate_line(estimate) for estimate in kept], by=by, at=at)
    return kept


def faults_of(row: NewEstimate) -> list[tuple[str, str, str]]:
    """(field, value, sentence) of what is wrong with one estimate."""
    faults = [(name, str(value), said) for name, value in row.percents.items() if (said := percent_fault(name, value))]
    if bool(row.slide) == bool(row.specimen):
        faults.append(("slide", "", "An estimate is of one slide or of one specimen."))
    if said := unfit(row.row, 60):
        faults.append(("row", row.row[:40], said))
    return faults


def percent_fault(name: str, value: Decimal | None) -> str:
    """Why this is no percentage; blank when it is one, or unknown. Nothing is rounded."""
    words = name.replace("_", " ")
    if value is None:
        return ""
    if not (value.is_finite() and 0 <= value <= 100):
        return f"{words} must lie between 0 and 100, not {value}."
    return "" if value == round(value, PLACES) else f"{words} has more than {PLACES} decimals: {value}."


def estimate_line(estimate: CompositionEstimate) -> ledger.Line:
    thing = estimate.slide or estimate.specimen
    assert thing is not None, "the constraint demands one"
    specimen = estimate.specimen or thing.block.specimen
    said = f"The {estimate.source}'s estimate of {thing} was recorded."
    return ledger.line("record estimate", thing, said, patient_id=specimen.patient_id)


# ---- what may be asked ----


def site_and_core(scope: Scope, trial: str = "") -> dict[str, list[tuple[float, float]]]:
    """For each percentage the (site, core) pairs of specimens that both estimated: the site's latest word on the
    specimen, and the mean of the core's on its slides. Who withdrew consent is left out. Three queries."""
    here = Specimen.objects.filter(scope.patients("patient__"), patient__merge__isnull=True)
    if trial:
        here = here.filter(patient__trial__code__iexact=trial)
    patients = dict(here.values_list("pk", "patient_id"))
    gone = withdrawn_patients(set(patients.values()))
    site = dict[int, dict[str, Decimal]]()
    core = defaultdict[int, list[dict[str, Decimal]]](list)
    rows = CompositionEstimate.objects.order_by("pk").values_list(
        "source", "specimen_id", "slide__block__specimen_id", *CompositionEstimate.PERCENTS
    )
    for source, whole, of_slide, *percents in rows:
        specimen, told = whole or of_slide, dict(zip(CompositionEstimate.PERCENTS, percents, strict=True))
        if specimen not in patients or patients[specimen] in gone:
            continue
        if source == EstimateSource.SITE:
            site[specimen] = told
        else:
            core[specimen].append(told)
    return {
        name: [
            (float(site[pk][name]), float(sum(said) / len(said)))
            for pk in sorted(site.keys() & core.keys())
            if site[pk][name] is not None and (said := [each[name] for each in core[pk] if each[name] is not None])
        ]
        for name in CompositionEstimate.PERCENTS
    }
