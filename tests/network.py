"""The trial network's trial and patients, and its tissue-slide manifest of any length, for tests of manifests."""

import io
from datetime import UTC, datetime

from lims.bench.manifest import workbook
from lims.models import ManifestCheck
from specimens import jobs
from specimens.enrolling import NewPatient, enrol_patients, open_trial
from specimens.models import Patient, Trial
from tests.cast import AT, FOUNDER, Cast
from tests.stories import House

CODE = "TEST_PRISM_TRIAL_ID"


def the_networks_trial(cast: Cast) -> Trial:
    trial = open_trial(by=FOUNDER, at=AT, code=CODE, title="The trial of the network's examples")
    rows = [NewPatient(study_id, "MERCY") for study_id in ("TTTPP8", "TTTPP901")]
    enrol_patients(by=cast.coordinator, at=AT, trial=trial, rows=rows)
    return trial


def many_patients(cast: Cast, house: House, count: int) -> list[Patient]:
    rows = [NewPatient(f"M-{number:05}", "MERCY") for number in range(count)]
    return enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=rows)


def long_manifest(cast: Cast, house: House, rows: int, reference: str = "LONG-1") -> bytes:
    """`rows` slides, five of each patient, all of whom are enrolled."""
    return workbook("CWG", reference, many_patients(cast, house, rows // 5), rows)


def done(check: ManifestCheck) -> ManifestCheck:
    """The check after the worker's work."""
    jobs.work_off()
    return ManifestCheck.objects.select_related("manifest").get(pk=check.pk)


def now() -> datetime:
    return datetime.now(UTC)


def as_file(content: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file
