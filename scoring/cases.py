"""What is known of a case when somebody asks: its slide, its active reads, what they were found to be.

Gathered for any number of cases in a fixed number of queries; policies, phases, blinding, pages and the
worker all decide on these facts alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.fields import TextField
from django.db.models.functions import Cast

from scoring.models import Comparison, Read, ReadingCase
from scoring.rules import consensus
from scoring.rules.vocabulary import Assay, Discordance, Phase
from specimens.models import Consent, ControlResult, SlideImage
from specimens.queries import latest_controls, said_by
from specimens.vocabulary import ConsentScope, RunControls, Stain

ASSAY_OF = {Stain.HE: Assay.HISTOLOGY, Stain.CAIX: Assay.CAIX}
ASSAY_LABELS = {Assay.HISTOLOGY: "histology", Assay.CAIX: "CA-IX"}


class ActiveRead(NamedTuple):
    """A read that no other supersedes. `written` is its findings as JSON text."""

    id: int
    case_id: int
    slot: int
    role: str
    reader_id: int
    comparison_id: int | None
    synthetic: bool
    written: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What the latest comparison of the two active reads found, and under which edition."""

    id: int
    edition: str
    discordances: tuple[Discordance, ...]


class CaseFacts(NamedTuple):
    """One case. `run_id`, `stained_on` and `controls` are None for a slide that came stained; `pictured` says that
    the slide has an image, `repeats_id` the case whose slide is shown to one of its readers again."""

    id: int
    code: str
    assay: Assay
    readers_required: int
    opened_at: datetime
    synthetic: bool
    specimen_id: int
    patient_id: int
    slide_id: int
    slide: str
    cut_on: date | None
    run_id: int | None
    run: str | None
    stained_on: date | None
    moved: bool
    outdated: bool
    withdrawn: bool
    pictured: bool
    repeats_id: int | None
    trial_id: int
    assay_version_id: int | None
    controls: RunControls | None
    control_ids: tuple[int, ...]
    reads: tuple[ActiveRead, ...]
    decision: ActiveRead | None
    compared: Compared | None

    @property
    def readers(self) -> frozenset[int]:
        return frozenset(read.reader_id for read in self.reads)

    @property
    def stands(self) -> bool:
        """Is this the case of its specimen and assay? Otherwise it is history, or a repeat that never counts."""
        return not (self.moved or self.outdated or self.repeats_id)

    @property
    def phase(self) -> Phase:
        """Where the case is, from its reads alone."""
        discordant = bool(self.compared.discordances) if self.compared else None
        return consensus.phase(self.readers_required, len(self.reads), discordant, self.decision is not None)


BELONGS = Q(slide__block__specimen_id=F("specimen_id"))


def with_standing(cases: QuerySet[ReadingCase]) -> QuerySet[Any]:
    """Annotate `moved` (its slide is of another specimen), `outdated` (a newer case stands), `withdrawn`, `pictured`.

    A repeat makes no case history.
    """
    newer = ReadingCase.objects.filter(
        BELONGS,
        specimen_id=OuterRef("specimen_id"),
        assay=OuterRef("assay"),
        id__gt=OuterRef("id"),
        repeats__isnull=True,
    )
    gone = Consent.objects.filter(
        patient_id=OuterRef("specimen__patient_id"), scope=ConsentScope.THIS_STUDY, withdrawal__isnull=False
    )
    moved = ExpressionWrapper(~BELONGS, BooleanField())
    pictured = Exists(SlideImage.objects.filter(slide_id=OuterRef("slide_id")))
    return cases.annotate(moved=moved, outdated=Exists(newer), withdrawn=Exists(gone), pictured=pictured)


def current() -> QuerySet[Any]:
    """The case of each specimen and assay, whatever the patient's consent. Never a repeat."""
    return in_force().filter(repeats__isnull=True)


def in_force() -> QuerySet[Any]:
    """Cases that are neither void nor history, repeats among them."""
    return with_standing(ReadingCase.objects.all()).filter(moved=False, outdated=False)


def open_to_readers() -> QuerySet[ReadingCase]:
    """Cases in force, of patients whose consent stands: repeats too, which a reader must not tell from others."""
    return in_force().filter(withdrawn=False)


def facts_of(cases: QuerySet[ReadingCase]) -> list[CaseFacts]:
    """The facts of each of `cases`, by id. Four queries, however many cases."""
    rows = list(with_standing(cases).order_by("id").values_list(*COLUMNS))
    ids = [row[0] for row in rows]
    reads = reads_of(ids)
    compared = comparisons_of(ids)
    latest = latest_controls({row[11] for row in rows if row[11] is not None})
    controls = {run_id: controls_of(results) for run_id, results in latest.items()}
    return [facts(row, reads.get(row[0], []), compared, controls.get(row[11], UNRUN)) for row in rows]


SLOT = attrgetter("slot")
Controls = tuple[RunControls | None, tuple[int, ...]]
UNRUN: Controls = (None, ())


def controls_of(results: dict[str, ControlResult]) -> Controls:
    """What a run's external controls say together, and the ids of the results that say it."""
    return said_by(results), tuple(sorted(result.pk for result in results.values()))


COLUMNS = (
    "id",
    "code",
    "assay",
    "readers_required",
    "opened_at",
    "synthetic",
    "specimen_id",
    "specimen__patient_id",
    "slide_id",
    "slide__accession",
    "slide__cut_on",
    "slide__staining__run_id",
    "slide__staining__run__accession",
    "slide__staining__run__stained_on",
    "moved",
    "outdated",
    "withdrawn",
    "pictured",
    "repeats_id",
    "specimen__patient__trial_id",
    "slide__staining__run__assay_id",
)


def facts(
    row: tuple[Any, ...],
    reads: list[ActiveRead],
    compared: Mapping[tuple[int, ...], Compared],
    controls: Controls,
) -> CaseFacts:
    """One case's facts from its row (COLUMNS, then those CaseFacts names after them)."""
    readers = tuple(sorted((read for read in reads if read.slot != 3), key=SLOT))
    found = compared.get(tuple(read.id for read in readers))
    decided = next((r for r in reads if r.slot == 3 and found and r.comparison_id == found.id), None)
    return CaseFacts._make((*row[:2], Assay(row[2]), *row[3:], *controls, readers, decided, found))


def reads_of(case_ids: Collection[int]) -> dict[int, list[ActiveRead]]:
    """The active reads of each case: readers' and deciders'. One query."""
    found: dict[int, list[ActiveRead]] = {}
    rows = (
        Read.objects.filter(case_id__among=case_ids, successor__isnull=True)
        .annotate(written=Cast("findings", TextField()))
        .order_by("-id")
        .values_list("id", "case_id", "slot", "role", "reader_id", "comparison_id", "synthetic", "written")
    )
    for row in rows:
        found.setdefault(row[1], []).append(ActiveRead._make(row))
    return found


def comparisons_of(case_ids: Collection[int]) -> dict[tuple[int, ...], Compared]:
    """The latest comparison of each pair of reads. One query."""
    rows = (
        Comparison.objects.filter(case_id__among=case_ids)
        .annotate(written=Cast("discordances", TextField()))
        .order_by("id")
        .values_list("first_id", "second_id", "id", "edition", "written")
    )
    return {(first, second): Compared(pk, edition, codes(written)) for first, second, pk, edition, written in rows}


@lru_cache
def codes(written: str) -> tuple[Discordance, ...]:
    return tuple(Discordance(each) for each in orjson.loads(written))
