"""Patients whose scores and outcomes are there already, for the measurements that only look."""

from django.db import connection, transaction
from django.utils import timezone

from lims.bench.ground import Ground
from lims.bench.house import AT, BENCH
from lims.bench.seeding import STAINED, rows
from lims.models.outcomes import Outcome, OutcomeRelease
from scoring.assessing import WORKER, assess_patients
from scoring.models import PatientScore, Score
from specimens.actors import acting
from specimens.models import Patient

PATTERNS = 2000
ARMS = ("high-dose IL-2", "control")
RESPONSES = ("CR", "PR", "SD", "PD")


def scored(ground: Ground, count: int) -> None:
    """See that `count` patients, at least, have a score and an outcome.

    Some are scored by the deed; the others, whose tissue is like theirs, get copies of what was said.
    """
    ground.patients(count)
    some = Patient.objects.order_by("id").values_list("id", flat=True)[:PATTERNS]
    assess_patients(by=WORKER, at=timezone.now(), patient_ids=list(some))
    with transaction.atomic(), acting(BENCH), connection.cursor() as cursor:
        cursor.execute(SCORES)
        cursor.execute(PATIENT_SCORES)
    release_outcomes(ground)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def release_outcomes(ground: Ground) -> None:
    """One synthetic release with a line for every patient."""
    patients = list(Patient.objects.order_by("id").values_list("id", flat=True))
    name = f"release of {len(patients)}"
    with transaction.atomic(), acting(BENCH):
        release = rows(
            OutcomeRelease, "name", [name], trial_id=ground.house.trial.pk, source="synthetic", cut_on=STAINED,
            sha256=f"{len(patients):064d}", imported_by_id=ground.house.statistician.pk, imported_at=AT,
        )[0]  # fmt: skip
        rows(
            Outcome, "patient_id", patients, release_id=release, arm=[ARMS[n % 2] for n in patients],
            regimen="synthetic", response=[RESPONSES[n % 4] for n in patients],
            response_days=[n % 900 for n in patients], pfs_time=[n % 1500 for n in patients],
            pfs_event=[n % 3 > 0 for n in patients], os_time=[n % 3000 for n in patients],
            os_event=[n % 2 > 0 for n in patients], time_origin="registration", time_unit="days",
        )  # fmt: skip


def listed(model: type[Score | PatientScore], *without: str) -> str:
    return ", ".join(str(field.column) for field in model._meta.concrete_fields if field.name not in {"id", *without})


LIKE = ", ".join(f"said.{name}" for name in listed(Score, "specimen").split(", "))
SCORES = f"""
WITH said AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM scoring_score),
     bare AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM specimens_specimen x
               WHERE NOT EXISTS (SELECT 1 FROM scoring_score y WHERE y.specimen_id = x.id))
INSERT INTO scoring_score (specimen_id, {listed(Score, "specimen")})
SELECT bare.id, {LIKE} FROM bare JOIN said ON said.place = bare.place % (SELECT count(*) FROM scoring_score)
"""  # noqa: S608 - our own words
PATIENT_SCORES = """
INSERT INTO scoring_patientscore (patient_id, score_id, basis, because, model, edition, digest, computed_at)
SELECT x.patient_id, s.id, 'primary', 'it is the only adequate primary', s.model, s.edition, s.digest, s.computed_at
  FROM scoring_score s JOIN specimens_specimen x ON x.id = s.specimen_id
 WHERE NOT EXISTS (SELECT 1 FROM scoring_patientscore y WHERE y.patient_id = x.patient_id)
"""
