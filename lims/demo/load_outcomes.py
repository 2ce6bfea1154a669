"""What became of the patients: the registry's two releases, and the sites' own diagnoses. All real."""

from collections import defaultdict
from hashlib import sha256

from lims.demo.rows_outcome import OutcomeRow
from lims.demo.stage import Stage, Step, Tick, at, coded
from lims.demo.tables import COHORT
from lims.models.outcomes import LocalDiagnosis, OutcomeRelease
from lims.outcome_rows import NewLocalDiagnosis, NewOutcome
from lims.outcomes import import_release, record_local_diagnoses
from lims.vocabulary import TimeOrigin

DIAGNOSES = "TCGA KIRC clinical table"
RELEASES = {"a": "release A", "b": "release B"}
SOURCE = "TCGA KIRC, the registry's clinical patient file ({file}), open access; drugs from its drug table"
DEAD, ALIVE = "Dead", "Alive"


def steps(stage: Stage) -> list[Step]:
    many = len(stage.cohort.patients)
    return [
        Step("local diagnoses", many, lambda tick: diagnoses(stage, tick)),
        *(
            Step(title, many, lambda tick, name=name: release(stage, name, tick))  # type: ignore[misc]
            for name, title in RELEASES.items()
        ),
    ]


def diagnoses(stage: Stage, tick: Tick) -> None:
    found = LocalDiagnosis.objects.filter(source=DIAGNOSES, patient__trial=stage.trial)
    here = set(found.values_list("patient__study_id", flat=True))
    rows = [
        NewLocalDiagnosis(coded(row.barcode), row.icd_o_3, row.local_type, row.grade, row.stage)
        for row in stage.cohort.patients
        if coded(row.barcode) not in here
    ]
    if rows:
        record_local_diagnoses(
            by=stage.people["statistician"], at=at(stage.as_of, 16), trial=stage.trial, source=DIAGNOSES, rows=rows
        )
    tick(len(stage.cohort.patients))


def release(stage: Stage, name: str, tick: Tick) -> None:
    """Release A or B as one import, after the last read was signed. Its file states no data cut."""
    if not OutcomeRelease.objects.filter(trial=stage.trial, name=RELEASES[name]).exists():
        regimens = regimens_of(stage)
        file = f"release_{name}_clinical_patient.csv.gz"
        import_release(
            by=stage.people["statistician"],
            at=at(stage.as_of, 17),
            trial=stage.trial,
            name=RELEASES[name],
            source=SOURCE.format(file=file),
            cut_on=None,
            sha256=sha256((COHORT / file).read_bytes()).hexdigest(),
            rows=[outcome(row, regimens) for row in stage.cohort.release(name)],
        )
    tick(len(stage.cohort.patients))


def regimens_of(stage: Stage) -> dict[str, str]:
    """The drugs of each patient, by name, as far as 200 characters hold them."""
    drugs: dict[str, set[str]] = defaultdict(set)
    for drug in stage.cohort.drugs:
        if drug.name:
            drugs[drug.patient].add(drug.name)
    return {patient: "; ".join(sorted(names))[:200] for patient, names in drugs.items()}


def outcome(row: OutcomeRow, regimens: dict[str, str]) -> NewOutcome:
    """Overall survival in days from diagnosis: to death when dead, to the last contact when alive.

    Any other word of vital status, and a time that is missing or negative, leaves it unknown. The words
    themselves are kept as the release spells them.
    """
    dead = row.vital_status == DEAD
    days = row.days_to_death if dead else row.days_to_last_contact
    known = row.vital_status in (DEAD, ALIVE) and days is not None and days >= 0
    return NewOutcome(
        study_id=coded(row.patient),
        regimen=regimens.get(row.patient, ""),
        os_time=days if known else None,
        os_event=dead if known else None,
        time_origin=TimeOrigin.DIAGNOSIS if known else "",
        vital_status=row.vital_status,
        days_to_death=row.days_to_death_text,
        days_to_last_contact=row.days_to_last_contact_text,
        stage=row.stage,
    )
