"""The table of scores as a statistician pages through it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scoring.models import PatientScore
from scoring.queries import current_patient_scores
from scoring.rules.editions import CURRENT, Edition
from specimens.actors import Actor
from specimens.deeds import require
from specimens.desk import Page, paged
from specimens.scope import Scope


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One patient's current score; blanks where no specimen speaks for the patient."""

    patient_id: int
    study_id: str
    trial: str
    basis: str
    specimen: str
    risk: str
    caix_level: str
    caix: Decimal | None
    eligibility: str
    missing: str
    because: str
    edition: str
    computed_at: datetime
    synthetic: bool


def score_list(
    viewer: Actor,
    scope: Scope,
    *,
    trial: str = "",
    risk: str = "",
    eligibility: str = "",
    edition: Edition = CURRENT,
    before_id: int | None = None,
) -> Page[ScoreRow]:
    """Current scores, last computed first. One query. Raises Forbidden for who may not see scores."""
    require(viewer, "scoring.view_scores", "Scores are shown to coordinators and statisticians.")
    found = current_patient_scores(scope, edition=edition)
    if trial:
        found = found.filter(patient__trial__code__iexact=trial)
    if risk:
        found = found.filter(score__risk=risk)
    if eligibility:
        found = found.filter(score__eligibility=eligibility)
    page = paged(found, before_id)
    return Page([row_of(each) for each in page.rows], page.after)


def score_count(viewer: Actor, scope: Scope, trial: str = "") -> int:
    """How many patients have something said of them."""
    require(viewer, "scoring.view_scores", "Scores are shown to coordinators and statisticians.")
    found = current_patient_scores(scope)
    return (found.filter(patient__trial__code__iexact=trial) if trial else found).count()


def row_of(said: PatientScore) -> ScoreRow:
    patient, score = said.patient, said.score
    return ScoreRow(
        patient_id=patient.pk,
        study_id=patient.study_id,
        trial=patient.trial.code,
        basis=said.basis,
        specimen=score.specimen.accession if score else "",
        risk=score.risk if score else "",
        caix_level=score.caix_level if score else "",
        caix=score.caix if score else None,
        eligibility=score.eligibility if score else "",
        missing=score.missing if score else "",
        because=said.because,
        edition=said.edition,
        computed_at=said.computed_at,
        synthetic=patient.synthetic or bool(score and score.synthetic),
    )
