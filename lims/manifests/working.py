"""The worker's part: read and judge outside of any transaction, telling how far it is; then one short one."""

import hashlib
from dataclasses import replace
from datetime import datetime

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils import timezone

from lims.intake.manifests.findings import ERROR, FileRefused, Finding
from lims.intake.manifests.kinds import Kind
from lims.intake.manifests.recognised import read_manifest
from lims.manifests.judging import Verdict, Wanted, file_refused, judge
from lims.manifests.keeping import CHECK, finish_check
from lims.models import ColumnMapping, Manifest, ManifestCheck
from specimens import job_desk, jobs
from specimens.actors import Automaton
from specimens.deeds import local_day
from specimens.errors import Refused

KEPT_SECONDS = 3600
WORKER = Automaton("manifest worker", frozenset({"specimens.announce"}))
READING, JUDGING, WRITING = "reading", "judging", "writing"


class Stopped(Exception):
    """Somebody stopped the check."""


def register() -> None:
    jobs.does_in_steps(CHECK, work)
    job_desk.tells(CHECK, lambda arguments: told_of(arguments["check_id"]))


def progress_key(check_id: int) -> str:
    return f"manifest-check:{check_id}"


def told_of(check_id: int) -> tuple[int, int]:
    said = cache.get(progress_key(check_id)) or {}
    return said.get("done", 0), said.get("total", 0)


class Progress:
    """Tells through the cache how far a check is, and asks now and then whether somebody stopped it."""

    def __init__(self, check_id: int) -> None:
        self.check_id = check_id

    def phase(self, doing: str) -> "Tick":
        return Tick(self, doing)

    def tell(self, doing: str, done: int, total: int) -> None:
        cache.set(progress_key(self.check_id), {"doing": doing, "done": done, "total": total}, KEPT_SECONDS)
        if ManifestCheck.objects.filter(pk=self.check_id, stopped_at__isnull=False).exists():
            raise Stopped


class Tick:
    def __init__(self, progress: Progress, doing: str) -> None:
        self.progress, self.doing = progress, doing

    def __call__(self, done: int, total: int) -> None:
        self.progress.tell(self.doing, done, total)


def work(check_id: int, at: datetime | None = None) -> None:
    """Judge, then keep the verdict in one deed. Told twice, it finds that the check has ended and does nothing."""
    check = running(check_id)
    if check is None:
        return
    progress = Progress(check_id)
    try:
        verdict = verdict_of(check, progress)
        progress.tell(WRITING, verdict.rows, verdict.rows)
    except Stopped:
        return
    finish(check, verdict, at or timezone.now())


def running(check_id: int) -> ManifestCheck | None:
    found = ManifestCheck.objects.filter(pk=check_id, finished_at=None, stopped_at=None)
    return found.select_related("manifest__sender", "receiver", "asked_by").first()


def verdict_of(check: ManifestCheck, progress: Progress) -> Verdict:
    manifest = check.manifest
    wanted = Wanted(manifest.sender, check.receiver, check.trial, manifest.synthetic)
    try:
        content = content_of(manifest)
        reading = read_manifest(content, name=manifest.name, mapping=mapping_of(manifest), tick=progress.phase(READING))
    except FileRefused as refused:
        return file_refused(refused)
    return judge(reading, wanted, local_day(timezone.now()), progress.phase(JUDGING))


def content_of(manifest: Manifest) -> bytes:
    """The file as it came. One that has changed on the disk since is not judged."""
    with default_storage.open(manifest.file) as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise FileRefused("changed_file", "The kept file is not the one that was uploaded: upload it once more.")
    return content


def mapping_of(manifest: Manifest) -> dict[str, str]:
    """How this sender's columns are called here: what is remembered, and what was said of this very file."""
    return remembered(manifest.sender_id) | manifest.mapping


def remembered(sender_id: int) -> dict[str, str]:
    found = ColumnMapping.objects.filter(sender_id=sender_id, kind=Kind.OURS).values_list("columns", flat=True).first()
    return dict(found or {})


def finish(check: ManifestCheck, verdict: Verdict, at: datetime) -> None:
    """Keep the verdict, and import what is to be imported, in the name of who asked."""
    try:
        finish_check(by=check.asked_by, at=at, check=check, verdict=verdict)
    except Refused as refusal:
        said = Finding(0, "file", "", ERROR, refusal.sentence)
        refused = replace(verdict, accepted=0, refused=verdict.rows, findings=[said, *verdict.findings], parcel=None)
        finish_check(by=WORKER, at=at, check=check, verdict=refused)
