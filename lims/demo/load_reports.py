"""Two results that went home: one as it stands, one amended after its reader had corrected a CA-IX read. Synthetic."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lims.demo.stage import KIRC, METHOD
from lims.models import User
from scoring.models import PatientScore, Read, ReadingCase, ResultReport
from scoring.phases import concluded
from scoring.reading import amend_read
from scoring.report_desk import draft, untold
from scoring.reporting import sign_report
from specimens import jobs
from specimens.models import Patient

SIGNER = "lena"
SHIFT = 2
REASON = "synthetic: the reader counted a further field of 100 cells and corrected the CA-IX percentages"


def sign_two(at: datetime | None = None) -> None:
    """Once the demo is scored. Signs nothing where somebody has signed already."""
    signer = User.objects.filter(username=SIGNER).first()
    if signer is None or ResultReport.objects.exists():
        return
    moment = at or datetime.now(UTC)
    amended = next(filter(None, map(correctable, due())), None)
    first = next(
        (patient for patient in due() if amended is None or patient.pk != amended.case.specimen.patient_id), None
    )
    if first is not None:
        sign(signer, first, moment)
    if amended is not None:
        patient = amended.case.specimen.patient
        sign(signer, patient, moment)
        amend_read(by=amended.reader, at=moment + timedelta(seconds=1), read=amended, findings=shifted(amended),
                   reason=REASON, method=METHOD)  # fmt: skip
        jobs.work_off()
        sign(signer, patient, moment + timedelta(seconds=2), REASON)


def due() -> list[Patient]:
    """Some patients of the cohort who can be reported, by id."""
    found: Any = untold().filter(patient__trial__code=KIRC, score__caix__isnull=False).order_by("patient_id")
    scores: list[PatientScore] = list(found[:50])
    return [scored.patient for scored in scores]


def sign(signer: User, patient: Patient, at: datetime, reason: str = "") -> None:
    seen = draft(signer, patient)
    if not seen.refusal:
        sign_report(by=signer, at=at, patient=patient, seen=seen.seen, method=METHOD, reason=reason)


def correctable(patient: Patient) -> Read | None:
    """The first read of a concordant CA-IX case of the patient that stays concordant when two points move."""
    cases = concluded(ReadingCase.objects.filter(specimen__patient=patient, assay="caix", repeats__isnull=True))
    reads = list(
        Read.objects.filter(case__in=cases.values("pk"), successor__isnull=True)
        .select_related("case__specimen__patient", "reader")
        .order_by("slot")
    )
    if len(reads) != 2 or any(read.findings["mode"] != "intensities" for read in reads):
        return None
    one, other = (100 - float(read.findings["pct_0"]) for read in reads)
    steady = min(one, other) > 85 + SHIFT or max(one, other) < 85 - SHIFT
    return reads[0] if steady and float(reads[0].findings["pct_0"]) >= SHIFT and abs(one + SHIFT - other) < 10 else None


def shifted(read: Read) -> dict[str, Any]:
    """Two points fewer at 0, two more at 3+."""
    told = dict(read.findings)
    told["pct_0"] = f"{float(told['pct_0']) - SHIFT:g}"
    told["pct_3"] = f"{float(told['pct_3']) + SHIFT:g}"
    return told
