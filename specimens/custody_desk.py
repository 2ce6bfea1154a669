"""Custody as pages and programs tell it: a thing's story line by line, its place in the patient's tissue, and what the
last walk over everything found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from specimens import custody_check, jobs
from specimens.custody import step_of
from specimens.custody_law import replay
from specimens.models import (
    Block,
    CustodyCheck,
    CustodyEvent,
    Institution,
    LedgerHead,
    Slide,
    Specimen,
)
from specimens.scope import Scope
from specimens.vocabulary import CustodyKind, Whereabouts

FIRST_FINDINGS = 200
CHECK_AGAIN_AFTER_HOURS = 24


# ---- the story of one thing ----
@dataclass(frozen=True, slots=True)
class Told:
    """One line: what happened (`word`), between whom, in which parcel, by whom; `when` in the zone of the site."""

    word: str
    sender: str
    holder: str
    at: datetime
    when: str
    by: str
    parcel: str
    note: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Story:
    """`lines` oldest first; where it is now and who answers for it; findings of the law, none when it is whole."""

    lines: list[Told]
    where: Whereabouts | None
    holder: str
    since: datetime | None
    findings: list[str]
    legs: list[tuple[datetime, datetime | None, str, str]]


def story(*, block: Block | None = None, slide: Slide | None = None) -> Story:
    """One query."""
    about = {"block": block} if block else {"slide": slide}
    events = list(
        CustodyEvent.objects.filter(**about)
        .select_related("holder", "recorded_by", "shipment__sender", "shipment__closure")
        .order_by("id")
    )
    rows = [
        (e.block_id, e.slide_id, e.kind, e.holder_id, e.occurred_at, e.note, e.shipment_id,
         e.shipment.sender_id if e.shipment else None, e.shipment.receiver_id if e.shipment else None, closed_at(e))
        for e in events
    ]  # fmt: skip
    now = replay(step_of(row) for row in rows)
    names = {i.pk: i for e in events for i in (e.holder, e.shipment.sender if e.shipment else None) if i}
    lines = [told(event) for event in events]
    if now.where is Whereabouts.MISSING:
        lines.append(missing(events[-1], now.at))
    holder = names.get(now.holder or 0)
    legs = [
        (leg.since, leg.until, names[leg.holder].code if leg.holder in names else "", leg.where.value)
        for leg in now.legs
    ]
    findings = [finding.sentence for finding in now.findings]
    return Story(lines, now.where, holder.name if holder else "", now.at, findings, legs)


def closed_at(event: CustodyEvent) -> datetime | None:
    closure = getattr(event.shipment, "closure", None)
    return closure.closed_at if closure else None


def told(event: CustodyEvent) -> Told:
    moved = event.shipment and event.kind in (CustodyKind.SHIPPED, CustodyKind.RECEIVED, CustodyKind.RETURNED)
    return Told(
        word=event.get_kind_display(),
        sender=event.shipment.sender.name if moved and event.shipment else "",
        holder=event.holder.name if event.holder else "",
        at=event.occurred_at,
        when=zoned(event.occurred_at, event.holder),
        by=str(event.recorded_by or ""),
        parcel=str(event.shipment or ""),
        note=event.note,
        synthetic=event.synthetic,
    )


def missing(last: CustodyEvent, since: datetime | None) -> Told:
    """What a closed parcel missed is with its sender again: no event of its own says so, the closing does."""
    assert last.shipment, "only a parcel misses something"
    assert since, "and it does when it is closed"
    sender = last.shipment.sender
    return Told("missing", "", sender.name, since, zoned(since, sender), "", str(last.shipment),
                "its parcel was closed without it", False)  # fmt: skip


def zoned(moment: datetime, site: Institution | None) -> str:
    """As 2026-11-23 14:02 EST, in the site's own zone."""
    local = moment.astimezone(ZoneInfo(site.time_zone)) if site else timezone.localtime(moment)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


# ---- lineage ----
@dataclass(slots=True)
class Node:
    """One knot of the tree: `page` and `key` lead to it, `word` and `shape` say its state."""

    kind: str
    name: str
    page: str = ""
    key: Any = None
    detail: str = ""
    word: str = ""
    shape: str = "none"
    here: bool = False
    synthetic: bool = False
    children: list["Node"] = field(default_factory=list)
    folded: int = 0


WORDS = {
    CustodyKind.SHIPPED: ("on its way", "part"),
    CustodyKind.RETURNED: ("returned", "done"),
    CustodyKind.CONSUMED: ("used up", "none"),
    CustodyKind.DESTROYED: ("destroyed", "stop"),
    CustodyKind.LOST: ("lost", "stop"),
}


def last_of(word: str) -> dict[str, Any]:
    """Annotations of the last custody event of each block or slide."""
    events = CustodyEvent.objects.filter(**{word: OuterRef("pk")}).order_by("-id")
    return {
        "last_kind": Subquery(events.values("kind")[:1]),
        "last_holder": Subquery(events.values("holder__name")[:1]),
        "last_holder_id": Subquery(events.values("holder_id")[:1]),
        "last_sender": Subquery(events.values("shipment__sender__name")[:1]),
        "last_parcel": Subquery(events.values("shipment_id")[:1]),
        "last_closed": Subquery(events.values("shipment__closure__closed_at")[:1]),
    }


def word_of(thing: Any) -> tuple[str, str]:
    """(word, shape) of where a thing annotated by `last_of` is."""
    return where(thing.last_kind, thing.last_holder, thing.last_sender, thing.last_closed)


def named(prefix: str, word: str) -> dict[str, Any]:
    """Where the block or slide at `prefix` is: annotations `block_kind`, `slide_parcel` …"""
    events = CustodyEvent.objects.filter(**{f"{word}_id": OuterRef(f"{prefix}id")}).order_by("-id")
    return {f"{word}_{name}": Subquery(events.values(column)[:1]) for name, column in LAST.items()}


LAST = {
    "kind": "kind",
    "holder": "holder__name",
    "sender": "shipment__sender__name",
    "closed": "shipment__closure__closed_at",
}
SPECIMEN = ("id", "accession", "kind", "synthetic")
BLOCK = ("blocks__id", "blocks__accession", "blocks__site_label", "blocks__synthetic")
SLIDE = (
    "blocks__slides__id", "blocks__slides__accession", "blocks__slides__cut_on", "blocks__slides__synthetic",
    "blocks__slides__staining__run__stain", "blocks__slides__staining__run__accession",
    "blocks__slides__staining__run__stained_on",
)  # fmt: skip


def lineage(scope: Scope, specimen: Specimen, *, block: Block | None = None, slide: Slide | None = None) -> Node:
    """The tree from the patient down to the stains, with the thing the page is about marked; sections of other blocks
    are folded to their number. One query."""
    patient = specimen.patient
    root = Node("patient", patient.study_id, "patient", patient.pk, f"trial {patient.trial.code}",
                synthetic=patient.synthetic)  # fmt: skip
    if not scope.holds(patient.treating_site_id):
        root.page = ""
    opened = slide.block_id if slide else block.pk if block else None
    marked = ("slide", slide.pk) if slide else ("block", block.pk) if block else ("specimen", specimen.pk)
    found = Specimen.objects.filter(scope.specimens(), patient_id=patient.pk)
    told = found.annotate(**named("blocks__", "block"), **named("blocks__slides__", "slide"))
    order = ("id", "blocks__id", "blocks__slides__id")
    nodes: dict[tuple[str, int], Node] = {}
    for row in told.order_by(*order).values(
        *SPECIMEN, *BLOCK, *SLIDE, *(f"{word}_{name}" for word in ("block", "slide") for name in LAST)
    ):
        grow(root, nodes, row, specimen.pk, opened)
    if marked in nodes:
        nodes[marked].here = True
    return root


def grow(root: Node, nodes: dict[tuple[str, int], Node], row: dict[str, Any], full: int, opened: int | None) -> None:
    """Put one row of the tree in its place: of the specimen `full` its blocks, of the block `opened` its sections."""
    if ("specimen", row["id"]) not in nodes:
        node = Node("specimen", row["accession"], "specimen", row["accession"], row["kind"], synthetic=row["synthetic"])
        nodes["specimen", row["id"]] = node
        root.children.append(node)
    if row["id"] != full or row["blocks__id"] is None:
        return
    if ("block", row["blocks__id"]) not in nodes:
        node = Node("block", row["blocks__accession"], "block", row["blocks__accession"], row["blocks__site_label"],
                    *placed(row, "block"), synthetic=row["blocks__synthetic"])  # fmt: skip
        nodes["block", row["blocks__id"]] = node
        nodes["specimen", full].children.append(node)
    if row["blocks__slides__id"] is None:
        return
    under = nodes["block", row["blocks__id"]]
    if opened is not None and row["blocks__id"] != opened:
        under.folded += 1
        return
    nodes["slide", row["blocks__slides__id"]] = section = section_of(row)
    under.children.append(section)


def section_of(row: dict[str, Any]) -> Node:
    cut = row["blocks__slides__cut_on"]
    name, made_up = row["blocks__slides__accession"], row["blocks__slides__synthetic"]
    detail = f"cut {cut}" if cut else ""
    node = Node("slide", name, "slide", name, detail, *placed(row, "slide"), synthetic=made_up)
    run = row["blocks__slides__staining__run__accession"]
    if run:
        said = f"stained {row['blocks__slides__staining__run__stained_on']} in {run}"
        node.children.append(Node("stain", row["blocks__slides__staining__run__stain"], "run", run, said))
    return node


def placed(row: dict[str, Any], word: str) -> tuple[str, str]:
    """(word, shape) of where the row's block or slide is."""
    return where(*(row[f"{word}_{name}"] for name in LAST))


def where(kind: str | None, holder: str | None, sender: str | None, closed: object) -> tuple[str, str]:
    if kind == CustodyKind.SHIPPED and closed:
        return f"missing, with {sender}", "due"
    if kind in WORDS:
        return WORDS[CustodyKind(kind)]
    return (f"at {holder}", "open") if kind else ("", "none")


# ---- the walk over everything ----
def last_check() -> CustodyCheck | None:
    return CustodyCheck.objects.order_by("-id").first()


def check_custody() -> CustodyCheck:
    """Walk over everything and keep what was found, the first findings by name."""
    looked, found, first = 0, 0, list[dict[str, str]]()

    def tick(count: int) -> None:
        nonlocal looked
        looked += count

    for broken in custody_check.walk(tick):
        found += 1
        if len(first) < FIRST_FINDINGS:
            first.append({name: getattr(broken, name) for name in ("thing", "accession", "code", "sentence")})
    kept = CustodyCheck.objects.create(checked_at=timezone.now(), things=looked, findings=found, first=first)
    CustodyCheck.objects.filter(pk__lt=kept.pk).delete()
    return kept


def ask_for_check(key: str) -> None:
    """Let a worker walk over all custody; asked twice with one `key` it walks once."""
    jobs.ask("check custody", key=key, arguments={}, queue="bulk")


def find_unchecked() -> None:
    """Once a day, when anything has happened since the last walk."""
    last, now = last_check(), timezone.now()
    if last and (now - last.checked_at).total_seconds() < CHECK_AGAIN_AFTER_HOURS * 3600:
        return
    head = LedgerHead.objects.first()
    if head and head.number:
        ask_for_check(f"{now:%Y%m%d}:{head.number if not last else last.pk}")


def do_check() -> None:
    """What a worker is asked to do."""
    check_custody()


def register() -> None:
    jobs.does("check custody", do_check)
    jobs.finds(find_unchecked)


def things_of(patient_id: int) -> Sequence[QuerySet[Any]]:
    """The patient's blocks and slides, each with its last custody event."""
    blocks = Block.objects.filter(specimen__patient_id=patient_id).select_related("specimen__holding_site")
    slides = Slide.objects.filter(block__specimen__patient_id=patient_id).select_related(
        "block__specimen__holding_site", "staining__run"
    )
    return [
        blocks.annotate(**last_of("block")).order_by("id"),
        slides.annotate(**last_of("slide")).order_by("id"),
    ]
