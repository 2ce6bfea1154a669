"""The deeds over manifests: kept, asked about, stopped, mapped, and what came of each check."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from lims.intake.manifests.kinds import Kind
from lims.intake.manifests.opening import glance, suffix_of
from lims.intake.manifests.ours import COLUMNS, IGNORED
from lims.manifests.judging import Verdict, refused_by_deed
from lims.models import ColumnMapping, Manifest, ManifestCheck, ManifestImport
from specimens import jobs, ledger
from specimens.actors import Actor, person_id
from specimens.announcing import announce_shipments
from specimens.deeds import deed, demand_reach, require
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.models import Institution, Shipment

CHECK = "manifest check"
NAME_LENGTH = 200
ONLY = "Only coordinators import manifests."


@deed
def keep_manifest(
    *, by: Actor, at: datetime, sender: Institution, receiver: Institution, name: str, content: bytes,
    trial: str = "", imports: bool = False, synthetic: bool = False,
) -> ManifestCheck:  # fmt: skip
    """Keep a file as it came and ask for its dry run; the same bytes from the same sender are the same manifest.

    The check that is given is a new one only when nobody has asked the same before. One that was imported is
    given with the check it came of, and is asked nothing.
    """
    require(by, "specimens.announce", ONLY)
    demand_reach(by, [sender], "Importing a manifest")
    glance(content)
    sha256 = hashlib.sha256(content).hexdigest()
    manifest, added = Manifest.objects.get_or_create(
        sender=sender,
        sha256=sha256,
        defaults={
            "name": shown_name(name),
            "file": stored(f"manifests/{sha256}{suffix_of(content)}", content),
            "uploaded_at": at,
            "uploaded_by_id": person_id(by),
            "synthetic": synthetic,
        },
    )
    check = asked(manifest, receiver, trial, imports, by, at)
    if added:
        said = f"Manifest {manifest.name} of {sender.name} was uploaded."
        became = {"sha256": sha256, "bytes": len(content)}
        ledger.write([ledger.line("upload manifest", manifest, said, became=became)], by=by, at=at)
    return check


@deed
def check_manifest(*, by: Actor, at: datetime, manifest: Manifest, receiver: Institution | None = None,
                   trial: str | None = None, imports: bool = False) -> ManifestCheck:  # fmt: skip
    """Ask for a dry run once more, or with `imports` for the import. Asking twice while one runs is asking once."""
    require(by, "specimens.announce", ONLY)
    demand_reach(by, [manifest.sender], "Importing a manifest")
    last = latest_check(manifest)
    into = receiver or (last.receiver if last else None)
    of = trial if trial is not None else (last.trial if last else "")
    if ManifestImport.objects.filter(manifest=manifest).exists():
        became = ManifestImport.objects.select_related("shipment").get(manifest=manifest)
        raise Refused("imported_already", f"{manifest} was imported already, as parcel {became.shipment}.")
    if into is None:
        raise Invalid("no_receiver", "Say to which core the parcel goes.", field="receiver")
    if imports and last and last.imports and not last.finished_at and not last.stopped_at:
        return last
    if imports and not (last and last.finished_at and last.rows and not last.refused):
        raise Refused("not_clean", "A manifest is imported after a dry run that refused no row.")
    return asked(manifest, into, of, imports, by, at, anew=not imports)


@deed
def stop_check(*, by: Actor, at: datetime, check: ManifestCheck) -> ManifestCheck:
    """Stop a check that runs. What it was importing does not come in, unless it has by now."""
    require(by, "specimens.announce", ONLY)
    demand_reach(by, [check.manifest.sender], "Stopping a check")
    stopped = ManifestCheck.objects.filter(pk=check.pk, finished_at=None, stopped_at=None).update(stopped_at=at)
    if not stopped:
        raise Refused("not_running", "This check has ended already.")
    return check


@deed
def map_columns(*, by: Actor, at: datetime, manifest: Manifest, columns: Mapping[str, str]) -> ManifestCheck:
    """Say which of the file's columns are which of ours ("-" is none). Remembered for the sender's next file."""
    require(by, "specimens.announce", ONLY)
    demand_reach(by, [manifest.sender], "Importing a manifest")
    problems = mapping_faults(columns)
    if problems:
        raise Rejected(problems, code="mapping_refused")
    Manifest.objects.select_for_update().get(pk=manifest.pk)
    manifest.mapping = dict(columns)
    manifest.save(update_fields=["mapping"])
    kept = ColumnMapping.objects.filter(sender=manifest.sender, kind=Kind.OURS).first()
    together = (kept.columns if kept else {}) | dict(columns)
    ColumnMapping.objects.update_or_create(
        sender=manifest.sender,
        kind=Kind.OURS,
        defaults={"columns": together, "used_at": at, "used_by_id": person_id(by)},
    )
    last = latest_check(manifest)
    check = asked(manifest, last.receiver if last else None, last.trial if last else "", False, by, at, anew=True)
    said = f"The columns of manifest {manifest.name} of {manifest.sender.name} were mapped."
    ledger.write([ledger.line("map columns", manifest, said, became={"columns": dict(columns)})], by=by, at=at)
    return check


@deed
def finish_check(*, by: Actor, at: datetime, check: ManifestCheck, verdict: Verdict) -> Shipment | None:
    """Keep the verdict; where nothing is refused and the check imports, announce the parcel with it: all or nothing."""
    require(by, "specimens.announce", ONLY)
    manifest = Manifest.objects.select_for_update(of=("self",)).select_related("sender").get(pk=check.manifest_id)
    running = ManifestCheck.objects.select_for_update().filter(pk=check.pk, finished_at=None, stopped_at=None)
    if not running.exists():
        return None
    shipment, due = None, check.imports and not ManifestImport.objects.filter(manifest=manifest).exists()
    if due and verdict.parcel:
        try:
            shipment = announce_shipments(by=by, at=at, parcels=[verdict.parcel])[0]
        except Refused as refusal:
            verdict = refused_by_deed(refusal, verdict)
    keep_verdict(check, verdict, manifest, at)
    if shipment:
        ManifestImport.objects.create(
            manifest=manifest, shipment=shipment, imported_at=at, imported_by_id=person_id(by)
        )
        said, became = f"Manifest {manifest.name} came in as parcel {shipment}.", {"parcel": str(shipment)}
        ledger.write([ledger.line("import manifest", manifest, said, became=became)], by=by, at=at)
    return shipment


def keep_verdict(check: ManifestCheck, verdict: Verdict, manifest: Manifest, at: datetime) -> None:
    ManifestCheck.objects.filter(pk=check.pk).update(
        finished_at=at,
        rows=verdict.rows,
        accepted=verdict.accepted,
        refused=verdict.refused,
        sheet=verdict.sheet[:200],
        findings=[finding.told() for finding in verdict.findings],
        lines=[list(line) for line in verdict.lines],
        columns=verdict.columns,
    )
    if verdict.kind and manifest.kind != verdict.kind:
        Manifest.objects.filter(pk=manifest.pk).update(kind=verdict.kind)


def asked(manifest: Manifest, receiver: Institution | None, trial: str, imports: bool, by: Actor, at: datetime,
          anew: bool = False) -> ManifestCheck:  # fmt: skip
    """The check that answers this question: the running one, the last one, or one that is asked for now."""
    Manifest.objects.select_for_update().get(pk=manifest.pk)
    last = latest_check(manifest)
    if last and ManifestImport.objects.filter(manifest=manifest).exists():
        return last
    if last and last.stopped_at is None:
        same = (last.receiver_id, last.trial) == (receiver.pk if receiver else None, trial.strip())
        if last.finished_at is None and same and last.imports >= imports:
            return last
        if last.finished_at and same and not imports and not anew:
            return last
        if last.finished_at is None:
            ManifestCheck.objects.filter(pk=last.pk, finished_at=None).update(stopped_at=at)
    check = ManifestCheck.objects.create(
        manifest=manifest, asked_at=at, asked_by_id=person_id(by), receiver=receiver, trial=trial.strip(),
        imports=imports,
    )  # fmt: skip
    jobs.ask(CHECK, key=str(check.pk), arguments={"check_id": check.pk}, queue="bulk")
    return check


def latest_check(manifest: Manifest) -> ManifestCheck | None:
    return ManifestCheck.objects.filter(manifest=manifest).select_related("receiver").order_by("-id").first()


def mapping_faults(columns: Mapping[str, str]) -> list[RowProblem]:
    used = [ours for ours in columns.values() if ours and ours != IGNORED]
    unknown = [RowProblem(0, theirs, f"There is no column {ours[:40]} here.", ours) for theirs, ours in columns.items()
               if ours and ours != IGNORED and ours not in COLUMNS]  # fmt: skip
    twice = sorted({ours for ours in used if used.count(ours) > 1})
    return unknown + [RowProblem(0, ours, f"Two columns cannot both be {ours.replace('_', ' ')}.") for ours in twice]


def shown_name(name: str) -> str:
    """The file's own name for people to know it by; nothing is ever opened under it."""
    last = PurePath(name.replace("\\", "/")).name
    said = "".join(c if c.isprintable() else " " for c in last.encode(errors="ignore").decode()).strip()
    return said[:NAME_LENGTH] or "manifest"


def stored(path: str, content: bytes) -> str:
    """Save the bytes under a name of our own; the same bytes are kept once."""
    if default_storage.exists(path):
        return path
    return default_storage.save(path, ContentFile(content))
