"""Two synthetic manifests: one that was imported, one that waits with a row to be corrected."""

from datetime import timedelta

from lims.demo.sections import workday
from lims.demo.stage import KIRC, Stage, Step, Tick, at, coded
from lims.manifests.keeping import check_manifest, keep_manifest
from lims.manifests.working import work
from lims.models import Manifest, ManifestImport

CAME_IN, WAITS = "synthetic manifest 1.csv", "synthetic manifest 2.csv"
SLIDES = 3
HEADING = "kind,study_id,specimen_label,block_label,label,cut_on,trial,sent_on,courier,sender_reference"


def steps(stage: Stage) -> list[Step]:
    return [Step("manifests", 2, lambda tick: load(stage, tick))]


def load(stage: Stage, tick: Tick) -> None:
    """Patients whose tissue waits to be cut send a few more sections."""
    waiting = sorted(p.patient for p in stage.plan.patients if p.stage == "received")
    for name in (CAME_IN, WAITS):
        if waiting:
            send(stage, name, waiting[0 if name == CAME_IN else -1])
        tick(1)


def send(stage: Stage, name: str, patient: str) -> None:
    site = next(row.site for row in stage.cohort.patients if row.barcode == patient)
    by, day = stage.people["coordinator"], workday(stage.as_of - timedelta(days=2), -1)
    manifest = Manifest.objects.filter(name=name).first()
    if manifest is None:
        check = keep_manifest(
            by=by, at=at(day, 9), sender=stage.sites[site], receiver=stage.core, name=name,
            content=sheet(name, patient, f"{day}"), synthetic=True,
        )  # fmt: skip
        manifest = check.manifest
        work(check.pk, at(day, 9))
    if name == CAME_IN and not ManifestImport.objects.filter(manifest=manifest).exists():
        work(check_manifest(by=by, at=at(day, 10), manifest=manifest, imports=True).pk, at(day, 10))


def sheet(name: str, patient: str, sent: str) -> bytes:
    """A few unstained sections; in the one that waits the last row's study id has a letter too many."""
    rows = [HEADING]
    for number in range(1, SLIDES + 1):
        typo = "X" if name == WAITS and number == SLIDES else ""
        who, block = coded(patient), f"{coded(patient)}-SYN-M1"
        reference = f"SYN-{name.split()[-1].partition('.')[0]}-{who}"
        rows.append(
            f"unstained_slide,{who}{typo},{who}-SYN-M,{block},{block}-{number},{sent},{KIRC},{sent},FedEx,{reference}"
        )
    return "\n".join(rows).encode()
