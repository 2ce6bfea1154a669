"""Manifests as the desk sees them: the list, one with its state, a page of its rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from lims.intake.manifests.findings import ERROR, WARNING, Finding
from lims.intake.manifests.kinds import KIND_WORDS
from lims.manifests.judging import Verdict
from lims.manifests.keeping import CHECK
from lims.manifests.working import progress_key
from lims.models import Manifest, ManifestCheck, ManifestImport, User
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import Job, Shipment
from specimens.scope import Scope

ROWS_A_PAGE = 50
STATES = ("judging", "importing", "stopped", "given up", "refused", "ready", "imported")
SHOWN = ("all", "refused", "warned", "clean")


# ---- states ----
def state_of(check: ManifestCheck | None, imported: bool, given_up: bool = False) -> str:
    """The state of a manifest from its latest check and whether it became a parcel: pure."""
    if imported:
        return "imported"
    if check is None or check.stopped_at:
        return "stopped"
    if check.finished_at is None:
        return "given up" if given_up else "importing" if check.imports else "judging"
    return "refused" if check.refused or not check.rows else "ready"


@dataclass(frozen=True, slots=True)
class ManifestRow:
    pk: int
    name: str
    sender: str
    kind: str
    uploaded_at: datetime
    uploaded_by: str
    state: str
    rows: int
    accepted: int
    refused: int
    parcel: str
    synthetic: bool


def reach(scope: Scope) -> Q:
    return Q() if scope.everything else Q(sender_id__in=scope.institutions or ())


def manifests(scope: Scope) -> QuerySet[Manifest]:
    """Manifests from the viewer's own senders, each with its `latest` check (a list of one or none, without its
    findings and lines) and the cause for which the worker `gave_up`, if it did. Two queries."""
    later = ManifestCheck.objects.filter(manifest=OuterRef("manifest"), id__gt=OuterRef("id"))
    latest = ManifestCheck.objects.filter(~Exists(later)).defer("lines", "columns", "findings")
    last = ManifestCheck.objects.filter(manifest=OuterRef("pk")).order_by("-id").values("pk")[:1]
    key = Concat(Value(f"{CHECK}:"), Cast(OuterRef("last_check"), CharField()))
    parked = Job.objects.filter(key=key, parked_at__isnull=False).values("cause")[:1]
    return (
        Manifest.objects.filter(reach(scope))
        .select_related("sender", "uploaded_by", "imported__shipment")
        .annotate(last_check=Subquery(last))
        .annotate(gave_up=Subquery(parked))
        .prefetch_related(Prefetch("checks", queryset=latest, to_attr="latest"))
    )


def manifest_list(scope: Scope, *, before_id: int | None = None) -> Page[ManifestRow]:
    """Manifests within reach, newest first. Two queries."""
    page = paged(manifests(scope), before_id)
    return Page([row_of(each) for each in page.rows], page.after)


def state_now(manifest: Any) -> str:
    """The state of a manifest as `manifests` gives it."""
    check = manifest.latest[0] if manifest.latest else None
    return state_of(check, parcel_of(manifest) is not None, manifest.gave_up is not None)


def row_of(manifest: Any) -> ManifestRow:
    parcel, check = parcel_of(manifest), manifest.latest[0] if manifest.latest else None
    return ManifestRow(
        pk=manifest.pk,
        name=manifest.name,
        sender=manifest.sender.name,
        kind=kind_words(manifest),
        uploaded_at=manifest.uploaded_at,
        uploaded_by=str(manifest.uploaded_by),
        state=state_now(manifest),
        rows=check.rows if check else 0,
        accepted=check.accepted if check else 0,
        refused=check.refused if check else 0,
        parcel=str(parcel or ""),
        synthetic=manifest.synthetic,
    )


def kind_words(manifest: Manifest) -> str:
    return {kind.value: words for kind, words in KIND_WORDS.items()}.get(manifest.kind, "")


def manifest(scope: Scope, pk: int) -> Manifest:
    found = manifests(scope).filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_manifest", "There is no such manifest within your reach.")
    return found


def parcel_of(manifest: Manifest) -> Shipment | None:
    """The parcel it became, if it did."""
    made: ManifestImport | None = getattr(manifest, "imported", None)
    return made.shipment if made else None


def last_check(manifest: Manifest) -> ManifestCheck | None:
    found = ManifestCheck.objects.filter(manifest=manifest).select_related("manifest__sender", "receiver", "asked_by")
    return found.order_by("-id").first()


def given_up(check: ManifestCheck) -> str:
    """The cause for which the worker gave this check up; blank when it has not."""
    parked = Job.objects.filter(key=f"{CHECK}:{check.pk}", parked_at__isnull=False).first()
    return (parked.cause or "no cause is known") if parked else ""


@dataclass(frozen=True, slots=True)
class Progress:
    doing: str
    done: int
    total: int

    @property
    def left(self) -> int:
        return max(self.total - self.done, 0)


def progress_of(check: ManifestCheck) -> Progress:
    """How far the worker says it is; waiting when it has said nothing yet."""
    told: dict[str, Any] = cache.get(progress_key(check.pk)) or {"doing": "waiting", "done": 0, "total": 0}
    return Progress(told["doing"], told["done"], told["total"])


def person_named(username: str) -> User | None:
    return User.objects.filter(username=username, is_active=True).first()


# ---- rows ----
@dataclass(frozen=True, slots=True)
class JudgedRow:
    row: int
    study_id: str
    label: str
    findings: Sequence[Finding]

    @property
    def refused(self) -> bool:
        return any(finding.severity == ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings of the file and the parcel, and the rows of one page under one filter with how many each has."""

    whole: list[Finding]
    rows: list[JudgedRow]
    counts: dict[str, int]
    after: int | None


def findings_of(check: ManifestCheck) -> list[Finding]:
    return [Finding(**told) for told in check.findings]


def judged(check: ManifestCheck, *, shown: str = "all", after: int = 0) -> Judged:
    """A page of judged rows, from the row after `after` on."""
    findings, lines = findings_of(check), check.lines
    numbers = {line[0] for line in lines}
    by_row: dict[int, list[Finding]] = defaultdict(list)
    whole: list[Finding] = []
    for finding in findings:
        of_a_row = finding.row in numbers and finding.sheet == check.sheet
        (by_row[finding.row] if of_a_row else whole).append(finding)
    rows = [JudgedRow(row, study_id, label, errors_first(by_row.get(row, ()))) for row, study_id, label in lines]
    chosen = {name: [row for row in rows if fits(row, name)] for name in SHOWN}
    counts = {name: len(found) for name, found in chosen.items()}
    onward = [row for row in chosen[shown if shown in SHOWN else "all"] if row.row > after]
    more = onward[ROWS_A_PAGE - 1].row if len(onward) > ROWS_A_PAGE else None
    return Judged(whole, onward[:ROWS_A_PAGE], counts, more)


def errors_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def fits(row: JudgedRow, shown: str) -> bool:
    if shown == "refused":
        return row.refused
    if shown == "warned":
        return any(finding.severity == WARNING for finding in row.findings)
    return shown == "all" or not row.findings


def verdict_of(check: ManifestCheck) -> Verdict:
    """What a check came to, as it was kept."""
    return Verdict(
        check.rows, check.accepted, check.refused, findings_of(check), check.manifest.kind,
        check.sheet, [tuple(line) for line in check.lines], list(check.columns),
    )  # fmt: skip
