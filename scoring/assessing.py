"""Scores: idempotent, in batches, nothing overwritten. The current score is the latest."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import orjson
from django.utils import timezone

from scoring.cases import CaseFacts, facts_of
from scoring.choice import Choice, Tumour, choose
from scoring.models import PatientScore, ReadingCase, Score, TherapyStart
from scoring.rules import why
from scoring.rules.editions import CURRENT, Edition
from scoring.rules.vocabulary import Assay
from scoring.verdicts import SCORE_COLUMNS, Said, said_of, score_row
from specimens import ledger
from specimens.actors import Actor, Automaton
from specimens.deeds import deed, require
from specimens.models import Patient, Specimen
from specimens.queries import withdrawn_patients
from specimens.shelving import add_rows
from specimens.vocabulary import SpecimenKind

WORKER = Automaton("scoring worker", frozenset({"scoring.assess", "scoring.open_cases"}))
BATCH = 1000
PATIENT_COLUMNS = ("patient_id", "score_id", "basis", "because", "model", "edition", "digest", "computed_at")


@dataclass(slots=True)
class Person:
    """A patient under assessment, with tumour specimens as (id, kind, resected on)."""

    id: int
    study_id: str
    withdrawn: bool
    therapy_began: date | None
    specimens: list[tuple[int, str, date | None]] = field(default_factory=list)


@deed
def assess_specimens(*, by: Actor, at: datetime, specimen_ids: Collection[int],
                     edition: Edition = CURRENT) -> int:  # fmt: skip
    """Score the patients of these specimens; returns how many scores are new. Twice is once."""
    require(by, "scoring.assess", "Scores are computed by the scoring worker alone.")
    patients = Specimen.objects.filter(pk__among=specimen_ids).values_list("patient_id", flat=True)
    return in_batches(set(patients), edition, by, at)


@deed
def assess_patients(*, by: Actor, at: datetime, patient_ids: Collection[int],
                    edition: Edition = CURRENT) -> int:  # fmt: skip
    """Score these patients; returns how many scores are new. Twice is once."""
    require(by, "scoring.assess", "Scores are computed by the scoring worker alone.")
    return in_batches(set(patient_ids), edition, by, at)


def in_batches(patient_ids: set[int], edition: Edition, by: Actor, at: datetime) -> int:
    """All patients locked first, in the order of their ids, then scored so many at a time."""
    locked = Patient.objects.select_for_update().filter(pk__among=patient_ids).order_by("pk")
    ids = [pk for (pk,) in locked.values_list("pk")]
    return sum(assess(ids[start : start + BATCH], edition, by, at) for start in range(0, len(ids), BATCH))


class Weighed(NamedTuple):
    """What an edition says of a batch of patients, before anything is kept. `known`: each specimen's scores so far."""

    people: dict[int, Person]
    known: dict[int, list[tuple[int, str]]]
    verdicts: dict[int, Said]
    chosen: dict[int, Choice]


def weigh(patient_ids: Sequence[int], edition: Edition) -> Weighed:
    """Look, and write nothing. A fixed number of queries; equal inputs are judged once a process."""
    people = people_of(patient_ids)
    specimens = [pk for person in people.values() for pk, _, _ in person.specimens]
    known = digests(Score, "specimen_id", specimens, edition)
    verdicts = verdicts_of(specimens, edition, known)
    return Weighed(people, known, verdicts, {pk: choice_for(person, verdicts) for pk, person in people.items()})


def assess(patient_ids: Sequence[int], edition: Edition, by: Actor, at: datetime) -> int:
    """One batch of locked patients, in a fixed number of queries."""
    return keep(weigh(patient_ids, edition), edition, by, at)


def keep(weighed: Weighed, edition: Edition, by: Actor, at: datetime) -> int:
    """Write what is new of a batch of locked patients; returns how many scores are."""
    now = timezone.now()
    scores, fresh = keep_scores(weighed.verdicts, weighed.known, now)
    lines = keep_patient_scores(weighed.people, weighed.chosen, weighed.verdicts, scores, edition, now)
    ledger.write(lines, by=by, at=at)
    return fresh


def people_of(patient_ids: Sequence[int]) -> dict[int, Person]:
    """The patients with their tumour specimens, start of therapy and consent. Four queries."""
    gone = withdrawn_patients(patient_ids)
    starts = TherapyStart.objects.filter(patient_id__among=patient_ids).order_by("id")
    began = dict(starts.values_list("patient_id", "started_on"))
    rows = Patient.objects.filter(pk__among=patient_ids).order_by("pk").values_list("id", "study_id")
    people = {pk: Person(pk, study_id, pk in gone, began.get(pk)) for pk, study_id in rows}
    tumours = Specimen.objects.filter(patient_id__among=patient_ids).exclude(kind=SpecimenKind.NORMAL).order_by("pk")
    for pk, patient_id, kind, resected_on in tumours.values_list("id", "patient_id", "kind", "procedure_on"):
        people[patient_id].specimens.append((pk, kind, resected_on))
    return people


def digests(model: type, owner: str, ids: Collection[int], edition: Edition) -> dict[int, list[tuple[int, str]]]:
    """For each owner the (id, digest) of everything this edition said so far, oldest first. One query."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = model.objects.filter(  # type: ignore[attr-defined]
        **{f"{owner}__among": ids, "model": edition.model, "edition": edition.edition}
    ).order_by("id")
    for owner_id, pk, digest in rows.values_list(owner, "id", "digest"):
        found[owner_id].append((pk, digest))
    return found


def verdicts_of(
    specimen_ids: Sequence[int], edition: Edition, known: Mapping[int, Sequence[object]]
) -> dict[int, Said]:
    """What the edition says of each specimen that has a concluded case, or had a score."""
    standing: dict[int, dict[Assay, CaseFacts]] = defaultdict(dict)
    for facts in facts_of(ReadingCase.objects.filter(specimen_id__among=specimen_ids)):
        if facts.stands:
            standing[facts.specimen_id][facts.assay] = facts
    verdicts = {}
    for pk in specimen_ids:
        mine = standing.get(pk, {})
        said = said_of(mine.get(Assay.HISTOLOGY), mine.get(Assay.CAIX), edition)
        if said.histology or said.caix or known.get(pk):
            verdicts[pk] = said
    return verdicts


def unsaid(digest: Callable[[int], str], earlier: Sequence[tuple[int, str]]) -> str | None:
    """The digest to keep, or None when the latest says the same already.

    What was said once, then otherwise, and now again, is new: `digest` counts the repetitions.
    """
    if not earlier:
        return digest(0)
    known = {each for _, each in earlier}
    again = 0
    while (name := digest(again)) in known:
        if name == earlier[-1][1]:
            return None
        again += 1
    return name


def keep_scores(
    verdicts: Mapping[int, Said], known: Mapping[int, list[tuple[int, str]]], now: datetime
) -> tuple[dict[int, int], int]:
    """Insert what is new; gives each specimen's current score id, and how many are new."""
    current = {pk: earlier[-1][0] for pk, earlier in known.items() if earlier}
    owners, rows = [], []
    for pk, said in verdicts.items():
        digest = unsaid(said.digest, known.get(pk, []))
        if digest is not None:
            owners.append(pk)
            rows.append(score_row(pk, said, digest, now))
    current.update(zip(owners, add_rows(Score, SCORE_COLUMNS, rows), strict=True))
    return current, len(rows)


def choice_for(person: Person, verdicts: Mapping[int, Said]) -> Choice:
    tumours = [
        Tumour(pk, kind == SpecimenKind.PRIMARY, on, verdicts[pk].adequate if pk in verdicts else None)
        for pk, kind, on in person.specimens
    ]
    return choose(tumours, person.therapy_began, withdrawn=person.withdrawn)


def keep_patient_scores(
    people: Mapping[int, Person],
    chosen: Mapping[int, Choice],
    verdicts: Mapping[int, Said],
    scores: Mapping[int, int],
    edition: Edition,
    now: datetime,
) -> list[ledger.Line]:
    """Insert each patient's score where it changed; gives a ledger line for each. A patient of whom nothing
    was ever said, and nothing can be, stays unsaid."""
    known = digests(PatientScore, "patient_id", list(people), edition)
    rows, lines = [], []
    for pk, choice in chosen.items():
        if choice.pending and not known.get(pk):
            continue
        score = scores[choice.specimen_id] if choice.specimen_id is not None else None
        digest = unsaid(patient_digest(choice, score), known.get(pk, []))
        if digest is not None:
            rows.append((pk, score, str(choice.basis), choice.because, edition.model, edition.edition, digest, now))
            lines.append(said_line(people[pk], choice, verdicts, digest))
    add_rows(PatientScore, PATIENT_COLUMNS, rows)
    return lines


def patient_digest(choice: Choice, score: int | None) -> Callable[[int], str]:
    said = [choice.basis, score, choice.because]
    return lambda again: hashlib.sha256(orjson.dumps([*said, again])).hexdigest()


def said_line(person: Person, choice: Choice, verdicts: Mapping[int, Said], digest: str) -> ledger.Line:
    if choice.specimen_id is None:
        said = f"no specimen speaks for the patient: {choice.because}."
    else:
        said = why.sentence(verdicts[choice.specimen_id].verdict)
    return ledger.Line(
        "score patient",
        "specimens.patient",
        person.id,
        person.study_id,
        f"{person.study_id}: {said}",
        patient_id=person.id,
        became={"digest": digest, "basis": str(choice.basis)},
    )
