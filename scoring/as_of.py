"""What the system said of a patient at a past instant: the score that stood then, and what it came from."""

from dataclasses import dataclass
from datetime import datetime

from scoring.cases import facts_of
from scoring.explaining import ScoreWhy, read_ids, score_why
from scoring.models import PatientScore, Read, ReadingCase, Score
from scoring.queries import current_patient_scores, scores_of_patient
from scoring.rules.vocabulary import Phase
from scoring.views import ReadView
from specimens import queries
from specimens.actors import Actor
from specimens.deeds import require
from specimens.errors import Refused, Unknown
from specimens.models import Patient
from specimens.scope import Scope


@dataclass(frozen=True, slots=True)
class Source:
    """A signed read with its case's code and its slide's accession number."""

    read: ReadView
    case: str
    slide: str


@dataclass(frozen=True, slots=True)
class Said:
    """What stood at `at`. `said` is None before the first score, `why` None where no specimen spoke for the patient.

    `history` is all that was ever said under the edition, latest first.
    """

    patient: Patient
    at: datetime
    said: PatientScore | None
    why: ScoreWhy | None
    reads: tuple[Source, ...]
    history: tuple[PatientScore, ...]

    @property
    def synthetic(self) -> bool:
        return self.patient.synthetic or bool(self.said and self.said.score and self.said.score.synthetic)


def said_of(viewer: Actor, scope: Scope, at: datetime, **which: object) -> Said:
    """What was said of the patient at `at`, from the score that stood then and its own edition.

    Raises Forbidden for who may not see scores, Unknown out of reach, Refused while a case behind that score is being
    read again: until it concludes, nobody who waits for it sees what was read before.
    """
    require(viewer, "scoring.view_scores", "Scores are shown to coordinators and statisticians.")
    patient = queries.patients(scope).filter(**which).select_related("trial", "treating_site").first()
    if patient is None:
        raise Unknown("unknown_patient", "There is no such patient within your reach.")
    said = current_patient_scores(scope, as_of=at).filter(patient=patient).first()
    score = said.score if said else None
    if score and is_read_again(score):
        raise Refused(
            "read_again",
            "A case behind this score is being read again. What was said before is shown once it has concluded.",
        )
    why = score_why(viewer, score) if score else None
    return Said(patient, at, said, why, sources_of(why) if why else (), tuple(scores_of_patient(patient)))


def sources_of(why: ScoreWhy) -> tuple[Source, ...]:
    """One query."""
    found = Read.objects.filter(pk__in=[read.id for read in why.reads])
    named = {pk: (code, slide) for pk, code, slide in found.values_list("id", "case__code", "case__slide__accession")}
    return tuple(Source(read, *named[read.id]) for read in why.reads)


def is_read_again(score: Score) -> bool:
    """Is a case that this score came from open once more?"""
    cases = ReadingCase.objects.filter(pk__in=Read.objects.filter(pk__in=read_ids(score)).values("case_id"))
    return any(facts.phase is not Phase.CONCLUDED for facts in facts_of(cases))
