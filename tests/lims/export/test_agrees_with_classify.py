"""Every row of the export agrees with what `classify` answers on the same inputs."""

import csv
import io

import pytest

from lims.export import query, rows
from lims.export.query import Asked
from lims.intake.classify_sheet import ANSWERS, classify
from scoring.models import ReadingCase
from scoring.reading import sign_read
from specimens import jobs
from specimens.models import Specimen
from specimens.scope import EVERYTHING
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.scoring.desk import INADEQUATE, LATER, LOW, NOT_READ, PAPILLARY, a_case, a_tumour, found
from tests.stories import House

GOOD = {"arch_alveolar": "85", "arch_solid": "0", "cyto_clear": "100", "cyto_granular": "0"}
GRANULAR = {"cyto_clear": "20", "cyto_granular": "80"}
# Both readers alike, so that each case concludes: what the section shows, then what the stain shows (or none).
PATIENTS: dict[str, tuple[dict[str, str], dict[str, str] | None]] = {
    "P-INTERMEDIATE-HIGH": ({}, {}),
    "P-INTERMEDIATE-LOW": ({}, LOW),
    "P-INTERMEDIATE-85": ({}, {"pct_0": "15", "pct_3": "50"}),
    "P-INTERMEDIATE-NOT-STAINED": ({}, None),
    "P-INTERMEDIATE-NOT-EVALUABLE": ({}, NOT_READ),
    "P-GOOD-LOW": (GOOD, LOW),
    "P-PAPILLARY": (PAPILLARY, {}),
    "P-GRANULAR": (GRANULAR, {}),
    "P-CHROMOPHOBE": ({"histologic_type": "chromophobe", "fuhrman": "", "who_isup": ""}, {}),
    "P-UNCLASSIFIED": ({"histologic_type": "unclassified"}, {}),
    "P-NOT-TYPED": ({"histologic_type": "not_yet_typed"}, LOW),
    "P-INADEQUATE": (INADEQUATE, LOW),
}


def read_alike(cast: Cast, case: ReadingCase, said: dict[str, str]) -> None:
    """Both readers say the same; what is inadequate or not evaluable carries nothing else."""
    findings = said if said in (INADEQUATE, NOT_READ) else found(case, **said)
    for person in (cast.reader, cast.second_reader):
        sign_read(by=person, at=LATER, case=case, findings=findings, method="password")


@pytest.fixture
def cohort(cast: Cast, house: House) -> None:
    for study_id, (section, stain) in PATIENTS.items():
        tumour: Specimen = a_tumour(cast, house, study_id)
        read_alike(cast, a_case(cast, house, Stain.HE, tumour), section)
        if stain is not None:
            read_alike(cast, a_case(cast, house, Stain.CAIX, tumour), stain)
    jobs.work_off()


def exported() -> dict[str, dict[str, str]]:
    sheet = b"".join(rows.export(query.TIDY, Asked(EVERYTHING), rows.as_csv, at=AT).chunks).decode()
    return {row["study_id"]: row for row in csv.DictReader(io.StringIO(sheet, newline=""))}


def as_classified(row: dict[str, str]) -> dict[str, str]:
    """A row of the export as a row of inputs: `not_evaluable` stands where the stain said nothing usable."""
    return {
        "id": row["study_id"],
        "clear_cell": row["clear_cell"],
        "alveolar": row["alveolar_percent"],
        "granular": row["granular_percent"],
        "papillary": row["papillary_percent"],
        "caix": "not_evaluable" if row["caix_evaluable"] == "no" else row["caix_percent"],
    }


def classified(inputs: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    sheet, out, faults = io.StringIO(), io.StringIO(), []
    writer = csv.DictWriter(sheet, list(inputs[0]))
    writer.writeheader()
    writer.writerows(inputs)
    assert classify(sheet.getvalue().encode().splitlines(keepends=True), out, faults.append), faults
    return {row["id"]: row for row in csv.DictReader(io.StringIO(out.getvalue()))}


def test_the_export_says_what_classify_says(cohort: None) -> None:
    told = exported()
    unscored = told.pop("P-INADEQUATE")
    assert {unscored[name] for name in ANSWERS if name != "id"} == {""}, "no specimen speaks for this patient"
    verdicts = classified([as_classified(row) for row in told.values()])
    assert set(told) == set(PATIENTS) - {"P-INADEQUATE"}
    for study_id, row in told.items():
        said = {name: row[name] for name in ANSWERS if name != "id"}
        assert said == {name: verdicts[study_id][name] for name in said}, study_id
    assert {row["risk"] for row in told.values()} == {"good", "intermediate", "poor", "indeterminate"}
    assert {row["caix_level"] for row in told.values()} == {"high", "low", "missing", "not_evaluable"}
    assert {row["il2_eligibility"] for row in told.values()} == {"eligible", "not_eligible", "indeterminate"}
