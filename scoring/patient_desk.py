"""One patient's tissue and what was said of it, gathered in a fixed number of queries however many slides.

Every function takes the viewer or a scope; what blinding hides is not gathered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from scoring.blinding import Item, part_of, sees
from scoring.cases import facts_of
from scoring.explaining import inputs_of, type_label
from scoring.models import PatientScore, Read, ReadingCase, Score
from scoring.queries import current_scores
from scoring.rules import why
from scoring.rules.editions import CURRENT, Edition, edition
from scoring.rules.model import Verdict, assess
from scoring.views import CaseView, deciders, reads_of, view
from specimens import queries
from specimens.actors import Actor
from specimens.errors import Unknown
from specimens.models import ControlResult, CustodyEvent, LedgerEntry, ShipmentItem, Specimen
from specimens.receipts import of_item, seen
from specimens.scope import Scope
from specimens.vocabulary import ControlKind, RunControls

READING_CASE = "scoring.readingcase"
OUTCOMES = ("lims.outcome", "lims.outcomerelease", "lims.localdiagnosis")


@dataclass(frozen=True, slots=True)
class Speaks:
    """Which score is the patient's under the current edition, and why; `score_id` None where none is."""

    score_id: int | None
    basis: str
    because: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """Who this is about. `consents` are (scope, given on, withdrawn on); `speaks` is for who may see scores."""

    id: int
    study_id: str
    trial: str
    site: str
    enrolled_on: date | None
    synthetic: bool
    consents: tuple[tuple[str, date | None, date | None], ...]
    speaks: Speaks | None

    @property
    def withdrawn(self) -> bool:
        return any(scope == "this_study" and gone for scope, _, gone in self.consents)


@dataclass(frozen=True, slots=True)
class SlideFacts:
    """A section. `stain`, `run` and `controls` are blank while it is unstained."""

    accession: str
    cut_on: date | None
    stain: str
    run: str
    stained_on: date | None
    controls: str


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """A block, the last thing that happened to it and who holds it since."""

    accession: str
    last: str
    holder: str


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """That something of the specimen stood in a parcel; blank `condition` until it was received."""

    parcel: str
    kind: str
    slide: str
    sender: str
    sent_on: date | None
    condition: str
    received_at: datetime | None
    terms: str
    due_back_on: date | None


@dataclass(slots=True)
class Lane:
    """One specimen with everything cut from it. `hospital_number` only for those who may see it."""

    id: int
    accession: str
    kind: str
    topography: str
    laterality: str
    procedure: str
    procedure_on: date | None
    holder: str
    synthetic: bool
    hospital_number: str = ""
    blocks: dict[int, BlockFacts] = field(default_factory=dict)
    slides: dict[int, SlideFacts] = field(default_factory=dict)
    items: list[ItemFacts] = field(default_factory=list)


PATIENT = ("id", "study_id", "trial__code", "treating_site__name", "enrolled_on", "synthetic")
CONSENT = ("consents__scope", "consents__given_on", "consents__withdrawal__withdrawn_on")


SCORE = ("said_score", "said_basis", "said_because", "said_at")


def patient_facts(viewer: Actor, scope: Scope, **which: Any) -> PatientFacts:
    """The patient within reach with consents and what was said last. One query. Raises Unknown."""
    said = PatientScore.objects.filter(
        patient_id=OuterRef("pk"), model=CURRENT.model, edition=CURRENT.edition
    ).order_by("-id")
    columns = zip(SCORE, ("score_id", "basis", "because", "computed_at"), strict=True)
    found = queries.patients(scope).filter(**which).order_by("consents__id")
    told = found.annotate(**{name: Subquery(said.values(column)[:1]) for name, column in columns})
    rows = list(told.values_list(*PATIENT, *CONSENT, *SCORE, "consents__id"))
    if not rows:
        raise Unknown("unknown_patient", "There is no such patient within your reach.")
    consents = tuple((row[6], row[7], row[8]) for row in rows if row[6])
    shown = viewer.has_perm("scoring.view_scores") and rows[0][10]
    speaks = Speaks(*rows[0][9:13]) if shown else None
    pk, study_id, trial, site, enrolled_on, synthetic = rows[0][:6]
    return PatientFacts(pk, study_id, trial, site, enrolled_on, synthetic, consents, speaks)


SPECIMEN = (
    "id",
    "accession",
    "kind",
    "topography",
    "laterality",
    "procedure",
    "procedure_on",
    "holding_site__name",
    "synthetic",
)
BLOCK = ("blocks__id", "blocks__accession", "block_last", "block_holder")
SLIDE = (
    "blocks__slides__id",
    "blocks__slides__accession",
    "blocks__slides__cut_on",
    "blocks__slides__staining__run__stain",
    "blocks__slides__staining__run__accession",
    "blocks__slides__staining__run__stained_on",
    "positive",
    "negative",
)


def control(kind: ControlKind) -> Subquery:
    """The latest result of one kind of control of the run a slide was in."""
    run = OuterRef("blocks__slides__staining__run_id")
    return Subquery(ControlResult.objects.filter(run_id=run, kind=kind).order_by("-id").values("passed")[:1])


def lanes_of(viewer: Actor, patient: PatientFacts, scope: Scope) -> list[Lane]:
    """The patient's specimens, primaries first, with blocks, slides and parcels. Two queries."""
    last = CustodyEvent.objects.filter(block_id=OuterRef("blocks__id")).order_by("-id")
    found = Specimen.objects.filter(scope.specimens(), patient_id=patient.id).annotate(
        block_last=Subquery(last.values("kind")[:1]),
        block_holder=Subquery(last.values("holder__name")[:1]),
        positive=control(ControlKind.POSITIVE),
        negative=control(ControlKind.NEGATIVE),
    )
    numbers = ("hospital_number__number",) if viewer.has_perm("specimens.view_hospital_number") else ()
    lanes: dict[int, Lane] = {}
    for row in found.order_by("id", "blocks__id", "blocks__slides__id").values_list(
        *SPECIMEN, *BLOCK, *SLIDE, *numbers
    ):
        lane = lanes.setdefault(row[0], lane_of(row[:9], row[21] if numbers else ""))
        keep(lane, row[9:13], row[13:21])
    parcels(lanes, scope)
    order = {"primary": 0, "metastasis": 1}
    return sorted(lanes.values(), key=lambda lane: (order.get(lane.kind, 2), lane.id))


def lane_of(said: tuple[Any, ...], hospital_number: str | None) -> Lane:
    lane = Lane(*said)
    lane.hospital_number = hospital_number or ""
    return lane


def keep(lane: Lane, block: tuple[Any, ...], slide: tuple[Any, ...]) -> None:
    if block[0] is not None:
        lane.blocks[block[0]] = BlockFacts(block[1], block[2] or "", block[3] or "")
    if slide[0] is not None:
        said = controls_said(slide[6], slide[7]) if slide[4] else ""
        lane.slides[slide[0]] = SlideFacts(slide[1], slide[2], slide[3] or "", slide[4] or "", slide[5], said)


def controls_said(positive: bool | None, negative: bool | None) -> str:
    if False in (positive, negative):
        return RunControls.FAILED
    return RunControls.PASSED if positive and negative else RunControls.PENDING


def parcels(lanes: dict[int, Lane], scope: Scope) -> None:
    """Put into each lane what of it travelled, oldest first. One query."""
    mine = Q(block__specimen_id__in=lanes) | Q(slide__block__specimen_id__in=lanes)
    came = ShipmentItem.objects.filter(mine).annotate(
        came_as=Subquery(seen(of_item()).values("now_condition")[:1]),
        came_at=Subquery(of_item().values("received_at")[:1]),
    )
    rows = came.order_by("id").values_list(
        "block__specimen_id", "slide__block__specimen_id", "shipment__accession", "kind", "slide__accession",
        "shipment__sender__name", "shipment__sent_on", "came_as", "came_at", "terms", "due_back_on",
    )  # fmt: skip
    for of_block, of_slide, parcel, kind, slide, sender, sent, condition, at, terms, due in rows:
        item = ItemFacts(parcel, kind, slide or "", sender, sent, condition or "", at, terms, due)
        lanes[of_block or of_slide].items.append(item)


def cases_of(viewer: Actor, patient: PatientFacts, lanes: Sequence[Lane]) -> list[CaseView]:
    """Every case on these lanes as the viewer may see it. Five queries."""
    origins = {lane.id: (lane.accession, patient.study_id, patient.trial, lane.holder) for lane in lanes}
    found = facts_of(ReadingCase.objects.filter(specimen_id__in=origins, repeats__isnull=True))
    rows: dict[int, list[Read]] = {}
    for read in reads_of([facts.id for facts in found]):
        rows.setdefault(read.case_id, []).append(read)
    today = timezone.localdate()
    shown = []
    for facts in found:
        signed = rows.get(facts.id, [])
        part = part_of(viewer, facts, deciders(signed))
        if sees(part, facts.phase, Item.CASE) and sees(part, facts.phase, Item.PATIENT):
            shown.append(view(viewer, part, facts, signed, origins[facts.specimen_id], today))
    return shown


# ---- the score ----
@dataclass(frozen=True, slots=True)
class Told:
    """The score that speaks for the patient, None when none does, and each specimen's own."""

    chosen: Score | None
    scores: dict[int, Score]


def told_of(viewer: Actor, patient: PatientFacts, specimen_ids: Sequence[int]) -> Told:
    """One query; none, and nothing told, for those who may not see scores."""
    if not viewer.has_perm("scoring.view_scores"):
        return Told(None, {})
    scores = {score.specimen_id: score for score in current_scores(specimen_ids)}
    wanted = patient.speaks.score_id if patient.speaks else None
    return Told(next((score for score in scores.values() if score.pk == wanted), None), scores)


@dataclass(frozen=True, slots=True)
class Why:
    """A score explained without asking the database again."""

    sentence: str
    edition: Edition
    verdict: Verdict
    conditions: tuple[why.Condition, ...]
    rows: tuple[why.CompartmentRow, ...]
    changes: tuple[why.Change, ...]


def why_of(score: Score) -> Why:
    """Why `score` says what it says: from its stored inputs and its own edition."""
    under, inputs = edition(score.model, score.edition), inputs_of(score)
    verdict = assess(inputs, under)
    return Why(
        sentence=why.sentence(verdict),
        edition=under,
        verdict=verdict,
        conditions=why.conditions(inputs, under, type_label=type_label(score.histologic_type)),
        rows=why.compartment_rows(verdict, inputs, under),
        changes=tuple(why.what_would_change(inputs, under)),
    )


# ---- every event ----
@dataclass(frozen=True, slots=True)
class Event:
    """One ledger line as this viewer may read it; `who` is blank where a reader's name is withheld."""

    number: int
    recorded_at: datetime
    who: str
    sentence: str
    reason: str


def events_of(viewer: Actor, patient: PatientFacts) -> list[Event]:
    """The ledger about one patient, oldest first. Outcomes and scores only for who may see them.

    Who signed what is never told here, nor why a read was corrected. One query."""
    found = queries.ledger_of_patient(patient.id)
    if not viewer.has_perm("lims.view_outcomes"):
        found = found.exclude(thing__in=OUTCOMES)
    if not viewer.has_perm("scoring.view_scores"):
        found = found.exclude(deed="score patient")
    return [event(entry) for entry in found]


def event(entry: LedgerEntry) -> Event:
    hidden = entry.thing == READING_CASE and entry.deed != "open case"
    return Event(
        entry.number,
        entry.recorded_at,
        "" if hidden else entry.actor_name,
        entry.sentence,
        "" if hidden else entry.reason,
    )
