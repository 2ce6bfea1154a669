"""What is measured beside a signed CA-IX read, on the region its reader marked: a check of quality, never a score.

A worker measures after the signature. The reader sees it then, everybody else once the case has concluded; large
differences are for the lead pathologist.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from scoring.blinding import Item, sees
from scoring.marking import area_of
from scoring.models import Mark, Measurement, Read, ReadingCase
from scoring.phases import concluded
from scoring.rules.vocabulary import Assay, Phase
from scoring.views import CaseView
from scoring.vocabulary import MarkKind
from scoring.written import from_canonical
from specimens import jobs, ledger
from specimens.actors import Actor, Automaton
from specimens.deeds import deed, require
from specimens.desk import Page, paged
from specimens.tiles import METHOD
from specimens.tiling import original_of
from specimens.whole_slides import told_by

MEASURE = "measure read"
MEASURER = Automaton("measuring worker", frozenset({"scoring.measure"}))
LABELS = {1: "Read A", 2: "Read B"}


@dataclass(frozen=True, slots=True)
class MeasuredView:
    """A measurement beside its read, as a viewer may see it; percentages as written, None where there is none."""

    whose: str
    read: Decimal | None
    positive_area: Decimal | None
    nuclei: int | None
    apart: Decimal | None
    is_large: bool
    cause: str
    method: str
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class FarApart:
    """A row of the lead pathologist's list. `pk` is the measurement's."""

    pk: int
    code: str
    slide: str
    label: str
    read: Decimal | None
    positive_area: Decimal
    apart: Decimal
    nuclei: int | None
    measured_at: datetime
    synthetic: bool


# ---- asked and done ----
def ask_to_measure(read: Read) -> None:
    """Ask for the measurement of a CA-IX read just signed, when its reader marked a region. One query."""
    if read.case.assay == Assay.CAIX and region_of(read) is not None:
        jobs.ask(MEASURE, key=str(read.pk), arguments={"read_id": read.pk}, queue="images")


def region_of(read: Read) -> Mark | None:
    """The largest region that the reader marked on the case."""
    marked = Mark.objects.filter(
        case_id=read.case_id, reader_id=read.reader_id, kind=MarkKind.REGION, removed_at__isnull=True
    )
    return max(marked.select_related("image").order_by("-id"), key=lambda mark: area_of(mark.shape), default=None)


def register() -> None:
    jobs.does_in_steps(MEASURE, measure)


def measure(read_id: int) -> None:
    """Measure the region of one read and record it. Done again, it finds what is there."""
    read = Read.objects.select_related("case").get(pk=read_id)
    region = region_of(read)
    if region is None or Measurement.objects.filter(read=read).exists():
        return
    with original_of(region.image) as original:
        asked = json.dumps({"shape": region.shape, "mpp": region.image.mpp})
        said = told_by("specimens.tiles.measuring", str(original), asked)
    record_measurement(by=MEASURER, at=timezone.now(), read=read, region=region, said=said)


@deed
def record_measurement(*, by: Actor, at: datetime, read: Read, region: Mark, said: dict[str, Any]) -> Measurement:
    """Record what was measured, or why nothing was; nothing of it stands in the ledger."""
    require(by, "scoring.measure", "Only the measuring worker records measurements.")
    area = Decimal(str(said["positive_area"])) if "positive_area" in said else None
    positive = positive_of(read)
    made = Measurement.objects.create(
        read=read,
        image_id=region.image_id,
        region=region.shape,
        method=METHOD,
        positive_area=area,
        nuclei=said.get("nuclei"),
        apart=abs(area - positive) if area is not None and positive is not None else None,
        cause=str(said.get("refused", ""))[:200],
        measured_at=at,
    )
    case = read.case
    line = ledger.Line(
        "measure read", "scoring.readingcase", case.pk, case.code, f"Case {case.code}: a region was measured.",
        patient_id=case.specimen.patient_id,
    )  # fmt: skip
    ledger.write([line], by=by, at=at)
    return made


def positive_of(read: Read) -> Decimal | None:
    """% positive tumour cells of a CA-IX read, None where it was not evaluable."""
    return getattr(from_canonical(Assay.CAIX, read.findings), "positive", None)


# ---- who sees it ----
def measured_beside(view: CaseView) -> list[MeasuredView]:
    """What was measured beside the reads of a case, for this viewer. One query."""
    whose = {view.own.id: "your read"} if view.own else {}
    if view.phase is Phase.CONCLUDED and sees(view.part, view.phase, Item.MARKS):
        whose = {read.id: read.label for read in view.reads} | whose
    found = Measurement.objects.filter(read_id__in=whose).select_related("read").order_by("read__slot", "id")
    return [shown(each, whose[each.read_id]) for each in found] if whose else []


def shown(found: Measurement, whose: str) -> MeasuredView:
    return MeasuredView(
        whose=whose,
        read=positive_of(found.read),
        positive_area=found.positive_area,
        nuclei=found.nuclei,
        apart=found.apart,
        is_large=is_large(found.apart),
        cause=found.cause,
        method=found.method,
        measured_at=found.measured_at,
    )


def is_large(apart: Decimal | None) -> bool:
    return apart is not None and apart >= settings.PARAFFIN_MEASUREMENT_APART


def far_apart(before_id: int | None = None) -> Page[Any]:
    """Reads of concluded cases that lie far from what was measured beside them, newest first. One query."""
    found: QuerySet[Measurement] = Measurement.objects.filter(
        apart__gte=settings.PARAFFIN_MEASUREMENT_APART,
        read__successor__isnull=True,
        read__case__in=concluded(ReadingCase.objects.filter(assay=Assay.CAIX)),
    ).select_related("read__case__slide")
    page = paged(found, before_id)
    return Page([row(each) for each in page.rows], page.after)


def row(found: Measurement) -> FarApart:
    read, case = found.read, found.read.case
    assert found.positive_area is not None, "what lies apart was measured"
    assert found.apart is not None, "what lies apart was measured"
    return FarApart(
        pk=found.pk,
        code=case.code,
        slide=str(case.slide),
        label=LABELS.get(read.slot, "Decision"),
        read=positive_of(read),
        positive_area=found.positive_area,
        apart=found.apart,
        nuclei=found.nuclei,
        measured_at=found.measured_at,
        synthetic=read.synthetic,
    )
