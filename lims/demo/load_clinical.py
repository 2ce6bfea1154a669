"""Clinical factors of three patients of the rebuilt study: complete, with gaps, and by hand. All synthetic."""

from datetime import UTC, date, datetime

from lims.demo.stage import REBUILT
from lims.models import User
from scoring.charting import NewFactor, record_clinical_factors
from specimens.models import Patient

RECORDER = "dana"
ON = date(2003, 4, 22)
SOURCE = "synthetic: made up to show the page"
Told = tuple[str, str, str, str, str]
"""Factor, value, unit, lower and upper limit."""
COMPLETE: tuple[Told, ...] = (
    ("karnofsky", "70", "", "", ""), ("ecog", "1", "", "", ""), ("ldh", "6.4", "ukat/L", "", "4.1"),
    ("haemoglobin", "112", "g/L", "130", "170"), ("calcium", "2.62", "mmol/L", "2.1", "2.55"),
    ("albumin", "38", "g/L", "", ""), ("neutrophils", "8100", "/uL", "1800", "7500"),
    ("platelets", "310", "10^9/L", "150", "400"), ("diagnosis_date", "2002-08-12", "", "", ""),
    ("metastasis_date", "2003-02-03", "", "", ""), ("nephrectomy", "yes", "", "", ""), ("til", "no", "", "", ""),
    ("nephrectomy_date", "2002-09-02", "", "", ""), ("metastatic_sites", "2", "", "", ""),
    ("liver_metastases", "yes", "", "", ""), ("bone_metastases", "no", "", "", ""),
    ("primary_in_place", "no", "", "", ""),
)  # fmt: skip
WITH_GAPS: tuple[Told, ...] = (
    ("karnofsky", "90", "", "", ""), ("ldh", "1.1", "xULN", "", ""), ("haemoglobin", "14.1", "g/dL", "12", "16"),
    ("bone_metastases", "no", "", "", ""),
)  # fmt: skip
BY_HAND: tuple[Told, ...] = (
    ("tsh", "1.4", "mIU/L", "", ""), ("regional_nodes", "no", "", "", ""), ("sani_2003_group", "low", "", "", ""),
)  # fmt: skip


def chart_three(at: datetime | None = None) -> None:
    """Once the demo is loaded; what is recorded already is passed over."""
    recorder = User.objects.filter(username=RECORDER).first()
    if recorder is None:
        return
    patients = Patient.objects.filter(trial__code=REBUILT).order_by("id")[:3]
    rows = [
        NewFactor(REBUILT, patient.study_id, factor, value, ON, unit, lower, upper, SOURCE)
        for patient, told in zip(patients, (COMPLETE, WITH_GAPS, BY_HAND), strict=False)
        for factor, value, unit, lower, upper in told
    ]
    record_clinical_factors(by=recorder, at=at or datetime.now(UTC), rows=rows, synthetic=True)
