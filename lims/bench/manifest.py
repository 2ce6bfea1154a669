"""How quickly a manifest of 5,000 rows is judged, and imported, beside a bare bulk insert of the rows it writes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from openpyxl import Workbook

from lims.bench.figures import Figure, rounded, seconds
from lims.bench.ground import Ground
from lims.bench.house import AT, BENCH
from lims.intake.manifests.cimac import COLUMNS
from lims.manifests.keeping import check_manifest, keep_manifest
from lims.manifests.working import work
from lims.models import ManifestCheck, ManifestImport, User
from lims.people import add_person
from lims.vocabulary import Role
from specimens.actors import acting
from specimens.enrolling import NewPatient, enrol_patients
from specimens.models import (
    Block,
    CustodyEvent,
    Institution,
    LedgerEntry,
    Patient,
    Shipment,
    ShipmentItem,
    Slide,
    Specimen,
    Trial,
)

SLIDES_EACH = 5
LIMIT = 4.0
SAME = {
    "event": "Baseline", "cohort": "Arm_A", "sample_type": "Tumor Tissue", "tumour_type": "Primary Tumor",
    "procedure": "Core Biopsy", "core": 1, "fixation": "Archival FFPE", "processed_type": "Fixed Slide",
    "quantity": 1, "used": 0, "used_units": "Slides", "remaining": 1, "remaining_units": "Slides", "storage": "RT",
    "quality": "Pass", "replacement": "Replacement Not Requested", "residual": "Not Reported",
}  # fmt: skip
LEFT_OUT = ("tumour_area", "viable", "stroma", "necrosis", "fibrosis")


def measure(ground: Ground) -> list[Figure]:
    """Seconds of the dry run and of the import in turn with the bare insert, of as many rows each round."""
    rows, stage = ground.sizes.manifest_rows, Stage(ground)
    times = [stage.round(number, rows) for number in range(ground.sizes.rounds + 1)]
    dry, whole, bare = (median(column) for column in zip(*times[1:], strict=True))
    said = f"at most {LIMIT:g} times as long as bulk_create of the rows that the import writes, ready made"
    return [
        Figure("manifest-dry-run", rounded(rows / dry), "rows/s", rounded(rows / bare), rounded(dry / bare), said,
               dry <= LIMIT * bare),
        Figure("manifest-import", rounded(rows / whole), "rows/s", rounded(rows / bare), rounded(whole / bare), said,
               whole <= LIMIT * bare),
    ]  # fmt: skip


class Stage:
    """A coordinator, and in each round patients of their own."""

    def __init__(self, ground: Ground) -> None:
        self.trial: Trial = ground.house.trial
        self.sender = Institution.objects.get(pk=ground.house.sites[0])
        self.core = Institution.objects.get(code="CORE")
        self.person: User = User.objects.filter(username="manifests").first() or add_person(
            by=BENCH, at=AT, username="manifests", name="Synthetic coordinator", password="synthetic " * 3,
            role=Role.COORDINATOR,
        )  # fmt: skip

    def round(self, number: int, rows: int) -> tuple[float, float, float]:
        """Seconds of a dry run, of an import, and of the bare insert of what the import wrote."""
        patients = self.enrolled(number, rows // SLIDES_EACH)
        content = workbook(self.trial.code, f"BENCH-{number}", patients, rows)
        check = keep_manifest(
            by=self.person, at=AT, sender=self.sender, receiver=self.core, name="bench.xlsx", content=content
        )
        dry = seconds(lambda: work(check.pk))
        assert ManifestCheck.objects.get(pk=check.pk).accepted == rows, "every row can come in"
        again = check_manifest(by=self.person, at=AT, manifest=check.manifest, imports=True)
        before = latest()
        whole = seconds(lambda: work(again.pk))
        made = ManifestImport.objects.get(manifest=check.manifest)
        return dry, whole, bare(made.shipment, before)

    def enrolled(self, number: int, count: int) -> Sequence[Patient]:
        rows = [NewPatient(f"M{number}-{each:05}", self.sender.code, synthetic=True) for each in range(count)]
        return enrol_patients(by=self.person, at=AT, trial=self.trial, rows=rows)


TABLES: tuple[type[Model], ...] = (Specimen, Block, Slide, Shipment, ShipmentItem, CustodyEvent, LedgerEntry)


def latest() -> dict[type[Model], int]:
    """The highest key in each table that an import writes."""
    return {model: model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0 for model in TABLES}


def bare(shipment: Shipment, before: dict[type[Model], int]) -> float:
    """Seconds to insert the rows that were written since `before` once more, into empty copies of their tables."""
    written = {model: list(model._default_manager.filter(pk__gt=key)) for model, key in before.items()}
    with transaction.atomic(), acting(BENCH):
        with connection.cursor() as cursor:
            for model in TABLES:
                table = model._meta.db_table
                cursor.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP")
        taken = seconds(lambda: insert(written))
        transaction.set_rollback(True)
    return taken


def insert(written: dict[type[Model], list[Any]]) -> None:
    for model, rows in written.items():
        model._default_manager.bulk_create(rows, batch_size=1000)


def workbook(trial: str, reference: str, patients: Sequence[Patient], rows: int) -> bytes:
    """The trial network's tissue-slide manifest of so many rows, as its own templates are laid out."""
    book = Workbook(write_only=True)
    shipment, samples = book.create_sheet("Shipment"), book.create_sheet("Samples")
    shipment.append(["#title", "Biospecimen manifest for tissue slides"])
    sent = datetime.now(UTC).date() - timedelta(days=2)
    for name, value in {
        "Manifest id": reference, "Protocol identifier": trial, "Courier": "FEDEX", "Tracking number": "0001",
        "Date shipped": sent, "Date received": "",
    }.items():  # fmt: skip
        shipment.append(["#preamble", name, value])
    names = [name for name in COLUMNS if name not in LEFT_OUT]
    samples.append(["#skip", "IDs"])
    samples.append(["#header", *(COLUMNS[name] for name in names)])
    for row in range(rows):
        patient = patients[row // SLIDES_EACH]
        said = SAME | {
            "entry": row + 1, "participant": patient.study_id, "parent": f"{patient.study_id}-1",
            "processed": f"{patient.study_id}-1-{row}", "cimac": f"CBEN{row // 100:05}.{row % 100:02}",
            "box": row // 100 + 1, "location": f"A{row % 100}",
        }  # fmt: skip
        samples.append(["#data", *(said.get(name, "") for name in names)])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()
