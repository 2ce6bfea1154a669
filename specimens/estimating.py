"""Estimates of what a section or a specimen is made of: the site's own and the core's. They never enter a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from specimens import ledger
from specimens.actors import Actor
from specimens.deeds import deed, require, unfit
from specimens.errors import Rejected, RowProblem
from specimens.models import CompositionEstimate, Slide, Specimen
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
