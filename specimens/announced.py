"""What a sender says is in a parcel, held against what is on record: every fault of every line, or none."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from specimens import ledger
from specimens.deeds import unfit
from specimens.errors import RowProblem
from specimens.models import Block, CustodyEvent, Institution, Patient, Shipment, Slide, Specimen
from specimens.queries import latest_events
from specimens.vocabulary import CustodyKind, ItemKind, Laterality, Preservation, SpecimenKind, Terms

TOPOGRAPHY = re.compile(r"C[0-9][0-9](\.[0-9])?")
ENDED = (CustodyKind.CONSUMED, CustodyKind.DESTROYED, CustodyKind.LOST)
GLASS = (ItemKind.UNSTAINED_SLIDE, ItemKind.HE_SLIDE)
LONGEST = {"label": 60, "specimen_label": 60, "block_label": 60, "hospital_number": 60, "procedure": 80}
LONGEST_FACT = 60


@dataclass(frozen=True, slots=True)
class AnnouncedItem:
    """One line. Either tissue the core knows (`block` or `slide`), or a description of tissue it does not:
    trial and study id, the sender's coded labels of specimen, block and slide. Aliquots need a label only."""

    kind: ItemKind
    label: str
    trial: str = ""
    study_id: str = ""
    specimen_label: str = ""
    specimen_kind: SpecimenKind = SpecimenKind.PRIMARY
    topography: str = "C64.9"
    laterality: Laterality = Laterality.NOT_RECORDED
    procedure: str = ""
    procedure_on: date | None = None
    preservation: Preservation = Preservation.FFPE
    hospital_number: str = ""
    block_label: str = ""
    cut_on: date | None = None
    terms: Terms | str = ""
    due_back_on: date | None = None
    block: Block | None = None
    slide: Slide | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    sender: Institution
    receiver: Institution
    items: tuple[AnnouncedItem, ...]
    holding_site: Institution | None = None
    sent_on: date | None = None
    courier: str = ""
    tracking: str = ""
    sender_reference: str = ""
    synthetic: bool = False


@dataclass
class Known:
    """What is on record of the tissue that a batch of parcels names, and what the batch adds to it. `asked` are the
    open requests it may answer, by patient and holding site."""

    patients: dict[tuple[str, str], Patient]
    specimens: dict[tuple[int, str], Specimen]
    blocks: dict[tuple[int, str], Block]
    slides: dict[tuple[int, str], Slide]
    held: dict[tuple[str, int], CustodyEvent]
    events: list[CustodyEvent] = field(default_factory=list)
    lines: list[ledger.Line] = field(default_factory=list)
    asked: dict[tuple[int, int], int] = field(default_factory=dict)


def key_of(item: AnnouncedItem) -> tuple[str, str]:
    return item.trial.strip().upper(), item.study_id.strip().upper()


def describes(item: AnnouncedItem) -> bool:
    """Does this line describe tissue by trial, study id and labels? Aliquots and tissue in hand do not."""
    return bool(item.study_id) and item.kind != ItemKind.ALIQUOT and not (item.block or item.slide)


def patients_named(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Patient]:
    """The patients on record of these (trial, study id), in upper case. One query."""
    asked = {key for key in named if "".join(key).isprintable()}
    trials, study_ids = {trial for trial, _ in asked}, {study_id for _, study_id in asked}
    found = Patient.objects.filter(trial__code__in=trials, study_id__in=study_ids, merge__isnull=True)
    patients = {(p.trial.code, p.study_id): p for p in found.select_related("trial")}
    return {key: patients[key] for key in asked if key in patients}


def known_of(parcels: Sequence[Parcel]) -> Known:
    """Everything on record about the patients the parcels name, and where all of it is, in six queries."""
    return known_items([item for parcel in parcels for item in parcel.items])


def known_items(items: Sequence[AnnouncedItem]) -> Known:
    patients = patients_named(key_of(item) for item in items if describes(item))
    ids = [patient.pk for patient in patients.values()]
    specimens = list(Specimen.objects.filter(patient_id__among=ids).exclude(site_label=""))
    blocks = list(Block.objects.filter(specimen__patient_id__among=ids).exclude(site_label=""))
    slides = list(Slide.objects.filter(block__specimen__patient_id__among=ids).exclude(site_label=""))
    hang_together(specimens, blocks, slides)
    return Known(
        patients,
        {(s.patient_id, s.site_label): s for s in specimens},
        {(b.specimen_id, b.site_label): b for b in blocks},
        {(s.block_id, s.site_label): s for s in slides},
        whereabouts(
            [b.pk for b in blocks] + [i.block.pk for i in items if i.block],
            [s.pk for s in slides] + [i.slide.pk for i in items if i.slide],
        ),
    )


def hang_together(specimens: Sequence[Specimen], blocks: Sequence[Block], slides: Sequence[Slide]) -> None:
    """Each block knows its specimen and each slide its block without asking for them one by one."""
    by_specimen, by_block = {s.pk: s for s in specimens}, {b.pk: b for b in blocks}
    for block in blocks:
        if block.specimen_id in by_specimen:
            block.specimen = by_specimen[block.specimen_id]
    for slide in slides:
        if slide.block_id in by_block:
            slide.block = by_block[slide.block_id]


def whereabouts(blocks: Sequence[int], slides: Sequence[int]) -> dict[tuple[str, int], CustodyEvent]:
    """The last custody event of each, a shipped one with its parcel and whether that is closed."""
    held = latest_events(blocks=blocks, slides=slides)
    ids = {event.shipment_id for event in held.values() if event.kind == CustodyKind.SHIPPED and event.shipment_id}
    parcels = {p.pk: p for p in Shipment.objects.filter(pk__among=ids).select_related("closure")} if ids else {}
    for event in held.values():
        if event.shipment_id in parcels:
            event.shipment = parcels[event.shipment_id]
    return held


def faults_of(parcel: Parcel, known: Known, today: date) -> list[RowProblem]:
    """Every fault of every line of a parcel; lines count from 1, row 0 is the parcel itself."""
    return [*parcel_faults(parcel, today), *line_faults(parcel.items, known, parcel.sender, parcel.sent_on)]


def parcel_faults(parcel: Parcel, today: date) -> list[RowProblem]:
    problems = []
    if not parcel.items:
        problems.append(RowProblem(0, "items", "A parcel announces at least one item."))
    if parcel.sender == parcel.receiver:
        problems.append(RowProblem(0, "receiver", "A parcel goes from one institution to another."))
    facts = {name: getattr(parcel, name) for name in ("courier", "tracking", "sender_reference")}
    return problems + fact_faults(parcel.sent_on, facts, today)


def fact_faults(sent_on: date | None, facts: Mapping[str, str], today: date) -> list[RowProblem]:
    """What is wrong with what stands on a parcel, whoever sends it."""
    problems = []
    if sent_on and sent_on > today:
        problems.append(RowProblem(0, "sent_on", f"{sent_on} lies in the future.", str(sent_on)))
    return problems + [
        RowProblem(0, name, said, value) for name, value in facts.items() if (said := unfit(value, LONGEST_FACT))
    ]


def line_faults(
    items: Iterable[AnnouncedItem], known: Known, sender: Institution | None, sent_on: date | None
) -> Iterator[RowProblem]:
    """Every fault of each line in turn. Without a `sender`, nobody asks whether the tissue is with them."""
    seen: dict[tuple[object, ...], int] = {}
    for number, item in enumerate(items, start=1):
        for name, value, sentence in item_faults(item, known, sender, sent_on):
            yield RowProblem(number, name, sentence, value)
        identity = identity_of(item)
        if identity in seen:
            said = f"This line repeats line {seen[identity]}."
            yield RowProblem(number, "label", said, item.label, "duplicate")
        seen.setdefault(identity, number)


def identity_of(item: AnnouncedItem) -> tuple[object, ...]:
    """What makes two lines one and the same thing."""
    if thing := item.slide or item.block:
        return (thing._meta.model_name, thing.pk)
    return (item.kind, *key_of(item), item.specimen_label.strip(), item.block_label.strip(), item.label.strip())


def sent_twice(parcels: Sequence[Parcel]) -> list[RowProblem]:
    """A fault for each line whose tissue travels in an earlier parcel of the same batch."""
    seen: dict[tuple[object, ...], int] = {}
    problems = []
    for number, parcel in enumerate(parcels, start=1):
        for row, item in enumerate(parcel.items, start=1):
            if item.kind == ItemKind.ALIQUOT:
                continue
            if seen.setdefault(identity_of(item), number) != number:
                said = f"{item.label} travels in parcel {seen[identity_of(item)]} of this batch already."
                problems.append(RowProblem(row, "label", said, item.label, "duplicate"))
    return problems


def item_faults(
    item: AnnouncedItem, known: Known, sender: Institution | None, sent_on: date | None
) -> list[tuple[str, str, str]]:
    """(field, value, sentence) of what is wrong with one line."""
    faults = [
        (name, value[:40], said)
        for name, most in LONGEST.items()
        if (said := unfit(value := getattr(item, name), most))
    ]
    thing = item.slide or item.block or met_before(item, known)
    if thing and sender:
        last = known.held.get((thing._meta.model_name or "", thing.pk))
        if said := absence(thing, last, sender):
            faults.append(("label", item.label, said))
    if item.slide or item.block:
        return faults
    if not item.label.strip():
        faults.append(("label", "", "Say what stands on the item."))
    return faults if item.kind == ItemKind.ALIQUOT else faults + tissue_faults(item, known, sent_on)


def absence(thing: Block | Slide, last: CustodyEvent | None, sender: Institution) -> str:
    """Why `sender` cannot send this thing; blank when it can. What a closed parcel missed is with its sender."""
    if last is None:
        return ""
    if last.kind == CustodyKind.SHIPPED and last.shipment:
        here = hasattr(last.shipment, "closure") and last.shipment.sender_id == sender.pk
        return "" if here else f"{thing} is on its way in parcel {last.shipment}: receive it there."
    if last.kind in ENDED or last.holder_id != sender.pk:
        return f"{thing} is not with {sender.name}: it cannot be sent from there."
    return ""


def met_before(item: AnnouncedItem, known: Known) -> Block | Slide | None:
    """The block or slide on record that the line describes, if the core has met it."""
    patient = known.patients.get(key_of(item)) if describes(item) else None
    specimen = known.specimens.get((patient.pk, item.specimen_label.strip())) if patient else None
    block = known.blocks.get((specimen.pk, block_label(item))) if specimen else None
    if block and item.kind in GLASS:
        return known.slides.get((block.pk, item.label.strip()))
    return block


def tissue_faults(item: AnnouncedItem, known: Known, sent_on: date | None) -> list[tuple[str, str, str]]:
    """(field, value, sentence) of what is wrong with a description of tissue."""
    faults = []
    if key_of(item) not in known.patients:
        said = f"No patient {item.study_id or '(blank)'} is enrolled in trial {item.trial or '(blank)'}."
        faults.append(("study_id", item.study_id, said))
    if not item.specimen_label.strip():
        faults.append(("specimen_label", "", "Give the sender's label of the specimen."))
    if item.kind in GLASS and not item.block_label.strip():
        faults.append(("block_label", "", "A slide names the block it was cut from."))
    if not TOPOGRAPHY.fullmatch(item.topography):
        said = "Topography is an ICD-O-3 site such as C64.9."
        faults.append(("topography", item.topography, said))
    if item.procedure_on and item.cut_on and item.cut_on < item.procedure_on:
        faults.append(("cut_on", str(item.cut_on), f"Cut before the procedure of {item.procedure_on}."))
    if item.due_back_on and sent_on and item.due_back_on < sent_on:
        faults.append(("due_back_on", str(item.due_back_on), "The loan would end before the parcel was sent."))
    return faults


def block_label(item: AnnouncedItem) -> str:
    return (item.block_label or item.label).strip()
