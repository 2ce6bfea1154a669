"""Scoring many patients again, in chunks that each commit by themselves. Old scores stay.

The rule is that of scoring.assessing, called with more patients at a time: there is no second copy of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import Mod, RowNumber
from django.utils import timezone

from scoring import queries
from scoring.assessing import Weighed, keep, weigh
from scoring.models import (
    PatientScore,
    Rescoring,
    RescoringChange,
    RescoringChunk,
    RescoringDecision,
    RescoringDone,
)
from scoring.reasons import because
from scoring.rescoring_desk import state_of
from scoring.rules.editions import CURRENT, Edition, edition
from scoring.vocabulary import RescoringCause, RescoringState, RescoringTurn
from specimens import jobs, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, require
from specimens.errors import Invalid, Refused
from specimens.models import Patient, Trial
from specimens.shelving import add_rows

RESCORE = "scoring.rescore"
KIND = "rescore"
ONLY = "Only an administrator has patients scored again."
WHY = "Say why patients are scored again; the ledger keeps it."
CHUNK = 1000
CATEGORY = ("risk", "caix_level", "compartment", "eligibility")
Category = tuple[str, ...]
UNSAID: Category = ("", "", "", "")
DONE_COLUMNS = ("rescoring_id", "patient_id", "was", "becomes")


@dataclass(frozen=True, slots=True)
class Among:
    """Whom a rescoring is about: one trial's patients, one patient, or everybody; of them, with `scored_under`,
    those who have a score under that edition."""

    trial: Trial | None = None
    patient: Patient | None = None
    scored_under: str = ""

    def patients(self) -> QuerySet[Patient]:
        found = Patient.objects.filter(merge__isnull=True)
        if self.patient is not None:
            found = found.filter(pk=self.patient.pk)
        if self.trial is not None:
            found = found.filter(trial=self.trial)
        if self.scored_under:
            theirs = PatientScore.objects.filter(patient_id=OuterRef("pk"), edition=self.scored_under)
            found = found.filter(Exists(theirs))
        return found


def among(rescoring: Rescoring) -> Among:
    return Among(rescoring.trial, rescoring.patient, rescoring.scored_under)


@deed
def start_rescoring(*, by: Actor, at: datetime, edition: Edition = CURRENT, whom: Among, cause: RescoringCause,
                    reason: str, dry: bool = True) -> Rescoring:  # fmt: skip
    """Ask the workers to score these patients again, or with `dry` to list whose category would change."""
    require(by, RESCORE, ONLY)
    demand_core(by, "Scoring patients again")
    if whom.trial is not None and whom.patient is not None:
        raise Invalid("rescoring_one_scope", "A rescoring is of one trial or of one patient, not both.", field="trial")
    count = whom.patients().count()
    if not count:
        raise Refused("nobody_in_scope", "Nobody is in that scope: choose another trial, patient or edition.")
    found = Rescoring.objects.create(
        trial=whom.trial, patient=whom.patient, scored_under=whom.scored_under, model=edition.model,
        edition=edition.edition, cause=cause, reason=because(reason, WHY), dry=dry, patients=count, asked_at=at,
        asked_by_id=person_id(by),
    )  # fmt: skip
    RescoringChunk.objects.bulk_create(
        [RescoringChunk(rescoring=found, first_id=first, last_id=last) for first, last in bounds(whom.patients())],
        batch_size=500,
    )
    ask_for(found, "start")
    what = "A dry run of scoring" if dry else "Scoring"
    said = f"{what} {count} {'patient' if count == 1 else 'patients'} again under {found.edition} was asked for."
    ledger.write([ledger.line("start rescoring", found, said, reason=found.reason)], by=by, at=at)
    return found


@deed
def carry_out(*, by: Actor, at: datetime, dry_run: Rescoring) -> Rescoring:
    """Score for good what a finished dry run looked at: the same edition, scope, cause and reason."""
    if not dry_run.dry or state_of(dry_run) is not RescoringState.DONE:
        raise Refused("no_finished_dry_run", "Only a dry run that is done is carried out: begin with one.")
    return start_rescoring(
        by=by, at=at, edition=edition(dry_run.model, dry_run.edition), whom=among(dry_run),
        cause=RescoringCause(dry_run.cause), reason=dry_run.reason, dry=False,
    )  # fmt: skip


def bounds(patients: QuerySet[Patient]) -> list[tuple[int, int]]:
    """First and last id of every chunk. One query, which gives one row a chunk."""
    numbered = patients.annotate(place=Window(RowNumber(), order_by=F("pk").asc()))
    firsts = list(numbered.annotate(nth=Mod(F("place") - 1, CHUNK)).filter(nth=0).order_by("pk").values_list("pk"))
    last = patients.order_by("-pk").values_list("pk", flat=True)[:1].get()
    starts = [pk for (pk,) in firsts]
    return list(zip(starts, [*(pk - 1 for pk in starts[1:]), last], strict=True))


def ask_for(rescoring: Rescoring, name: str) -> None:
    """Ask for every chunk that is not done. `name` tells this asking from one before a pause."""
    undone = RescoringChunk.objects.filter(rescoring=rescoring, done__isnull=True).order_by("pk")
    keys = [
        (f"{rescoring.pk}:{name}:{pk}", {"rescoring_id": rescoring.pk, "chunk_id": pk})
        for pk in undone.values_list("pk", flat=True)
    ]
    jobs.ask_many(KIND, keys, queue="bulk")


@deed
def pause_rescoring(*, by: Actor, at: datetime, rescoring: Rescoring, reason: str) -> RescoringDecision:
    """No further chunk begins; one that is in work is finished."""
    return decide(by, at, rescoring, RescoringTurn.PAUSED, reason, {RescoringState.RUNNING})


@deed
def resume_rescoring(*, by: Actor, at: datetime, rescoring: Rescoring, reason: str) -> RescoringDecision:
    """Go on where it was paused."""
    turn = decide(by, at, rescoring, RescoringTurn.RESUMED, reason, {RescoringState.PAUSED})
    ask_for(rescoring, f"turn {turn.pk}")
    return turn


@deed
def cancel_rescoring(*, by: Actor, at: datetime, rescoring: Rescoring, reason: str) -> RescoringDecision:
    """End it. What was scored stays; nothing further is."""
    return decide(by, at, rescoring, RescoringTurn.CANCELLED, reason, {RescoringState.RUNNING, RescoringState.PAUSED})


def decide(by: Actor, at: datetime, rescoring: Rescoring, turn: RescoringTurn, reason: str,
           fits: set[RescoringState]) -> RescoringDecision:  # fmt: skip
    require(by, RESCORE, ONLY)
    demand_core(by, "Scoring patients again")
    kept = because(reason, "Say why; the ledger keeps it.")
    now = Rescoring.objects.select_for_update().get(pk=rescoring.pk)
    state = state_of(now)
    if state not in fits:
        raise Refused(f"rescoring_{state}", f"It is {state}: it cannot be {turn} now.")
    made = RescoringDecision.objects.create(
        rescoring=now, turn=turn, reason=kept, decided_at=at, decided_by_id=person_id(by)
    )
    said = f"Scoring again under {now.edition} was {turn}."
    ledger.write([ledger.line(f"rescoring {turn}", now, said, reason=kept)], by=by, at=at)
    return made


@deed
def rescore_chunk(*, by: Actor, at: datetime, chunk_id: int) -> int:
    """Do one chunk unless it is done, or the rescoring paused or cancelled; returns how many scores are new.

    Scores, changes and the mark of being done commit together: a worker that dies leaves nothing of it.
    """
    require(by, "scoring.assess", "Scores are computed by the scoring worker alone.")
    chunk = RescoringChunk.objects.select_for_update().get(pk=chunk_id)
    whole = chunk.rescoring
    if RescoringDone.objects.filter(chunk=chunk).exists() or state_of(whole) is not RescoringState.RUNNING:
        return 0
    began = timezone.now()
    patients = among(whole).patients().filter(pk__gte=chunk.first_id, pk__lte=chunk.last_id).order_by("pk")
    if not whole.dry:
        patients = patients.select_for_update(of=("self",))
    ids = [pk for (pk,) in patients.values_list("pk")]
    under = edition(whole.model, whole.edition)
    weighed = weigh(ids, under)
    changed = keep_changes(whole, ids, weighed)
    fresh = 0 if whole.dry else keep(weighed, under, by, at)
    RescoringDone.objects.create(
        chunk=chunk, patients=len(ids), fresh=fresh, changed=changed, began_at=began, done_at=timezone.now()
    )
    return fresh


def keep_changes(rescoring: Rescoring, patient_ids: Sequence[int], weighed: Weighed) -> int:
    """Write whose category is another than the edition in force said last; returns how many."""
    was = categories(patient_ids)
    rows = []
    for pk in patient_ids:
        before, after = was.get(pk, UNSAID), category(weighed, pk)
        if before != after:
            named = partial(zip, CATEGORY, strict=True)
            rows.append((rescoring.pk, pk, dict(named(before)), dict(named(after))))
    add_rows(RescoringChange, DONE_COLUMNS, rows)
    return len(rows)


def categories(patient_ids: Sequence[int]) -> dict[int, Category]:
    """What the edition in force said last of each patient. One query."""
    theirs = PatientScore.objects.filter(patient_id__among=patient_ids)
    rows = queries.latest(theirs, "patient_id", CURRENT, None)
    columns = [f"score__{name}" for name in CATEGORY]
    return {pk: tuple(said or "" for said in found) for pk, *found in rows.values_list("patient_id", *columns)}


def category(weighed: Weighed, patient_id: int) -> Category:
    specimen = weighed.chosen[patient_id].specimen_id
    if specimen is None:
        return UNSAID
    verdict = weighed.verdicts[specimen].verdict
    return tuple(str(getattr(verdict, name)) for name in CATEGORY)
