"""Synthetic: one parcel half received with its troubles, a second whose block came in the first, and a form from an
afternoon without the system. The photograph is a drawing and says so."""

import io
from datetime import date, timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from lims.demo.load_parcels import Lines
from lims.demo.sections import workday
from lims.demo.stage import KIRC, PLAYERS, Stage, Step, Tick, at, coded
from specimens.announced import AnnouncedItem, Parcel
from specimens.announcing import announce_shipments
from specimens.downtime import FromForm, print_forms
from specimens.models import Shipment, ShipmentItem
from specimens.questioning import answer_query, ask_sender
from specimens.receiving import ReceivedItem, receive_items
from specimens.second_looks import attach_photo, keep_apart_and_ask, void_receipt
from specimens.strangers import receive_stranger
from specimens.vocabulary import Condition, DowntimeKind, ItemKind, Preservation, Terms

SITE = PLAYERS["hospital"].site
FIRST, SECOND = f"SYN-{SITE}-HALF", f"SYN-{SITE}-REST"
ENDING, MOST_BLOCKS, IN_SECOND = "-SYN-R1", 11, 3


def steps(stage: Stage) -> list[Step]:
    return [Step("a parcel half received", 1, lambda tick: load(stage, tick))]


def load(stage: Stage, tick: Tick) -> None:
    """The whole story or nothing of it."""
    if not Shipment.objects.filter(sender_reference=FIRST).exists() and enough(stage):
        with transaction.atomic():
            tell(stage)
    tick(1)


def sent(stage: Stage) -> date:
    return workday(stage.as_of - timedelta(days=6), -1)


def opened(stage: Stage) -> date:
    return min(workday(sent(stage) + timedelta(days=2)), stage.as_of)


def patients(stage: Stage) -> list[str]:
    return sorted(row.barcode for row in stage.cohort.patients if row.site == SITE)[:MOST_BLOCKS]


def enough(stage: Stage) -> bool:
    return len(patients(stage)) > IN_SECOND + 6


def tell(stage: Stage) -> None:
    bench, hospital = stage.people["bench"], stage.people["hospital"]
    before_noon, day = sent(stage), opened(stage)
    form = print_forms(by=bench, at=at(before_noon, 7), kind=DowntimeKind.RECEIPT)[0]
    print_forms(by=bench, at=at(before_noon, 7), kind=DowntimeKind.READS)
    first, second = announced(stage)
    before = FromForm(form, at(day, 9), bench.printed_name)
    line = ReceivedItem(1, note="Synthetic: written by hand, the network was away.", synthetic=True)
    receive_items(by=bench, at=at(day, 13), shipment=first, items=[line], written=before)
    broken = ReceivedItem(
        3, Condition.BROKEN, note="Synthetic: cracked across one corner, tissue whole.", synthetic=True
    )
    wrong = ReceivedItem(4, Condition.LABEL_MISMATCH, 1, "Synthetic: the label ends in R7.", synthetic=True)
    scanned = [ReceivedItem(2, synthetic=True), broken, wrong, ReceivedItem(5, synthetic=True)]
    receipts = receive_items(by=bench, at=at(day, 14), shipment=first, items=scanned)
    attach_photo(by=bench, at=at(day, 14), receipt=receipts[1], name="corner.png", content=drawn())
    question = "Synthetic: the label on it ends in R7, you announced R1. Which is right?"
    query = keep_apart_and_ask(by=bench, at=at(day, 15), item=receipts[2].item, question=question)
    said = "Synthetic: R1 is right, the cassette was printed twice."
    answer_query(by=hospital, at=at(day, 16), query=query, text=said)
    void_receipt(by=bench, at=at(day, 16), receipt=receipts[3], reason="Synthetic: the wrong block was scanned.")
    astray = second.items.order_by("line")[0].block
    assert astray, "the second parcel announces blocks"
    receive_stranger(by=bench, at=at(day, 16), shipment=first, thing=astray)
    ask_sender(by=bench, at=at(day, 17), item=last_line(first), question="Synthetic: was it sent with the others?")


def last_line(parcel: Shipment) -> ShipmentItem:
    return parcel.items.filter(announced=True).select_related("shipment", "block__specimen").order_by("-line")[0]


def announced(stage: Stage) -> list[Shipment]:
    lines, found = Lines(stage), patients(stage)
    blocks = [block_of(stage, patient, lines) for patient in found]
    rest, half = blocks[:IN_SECOND], blocks[IN_SECOND:]
    parcels = [parcel(stage, FIRST, half), parcel(stage, SECOND, rest)]
    return announce_shipments(by=stage.people["hospital"], at=at(sent(stage), 8), parcels=parcels)


def block_of(stage: Stage, patient: str, lines: Lines) -> AnnouncedItem:
    return AnnouncedItem(
        kind=ItemKind.BLOCK,
        label=coded(patient) + ENDING,
        trial=KIRC,
        study_id=coded(patient),
        specimen_label=coded(lines.primary[patient]),
        block_label=coded(patient) + ENDING,
        preservation=Preservation.FFPE,
        terms=Terms.LOAN,
        due_back_on=stage.as_of + timedelta(days=90),
        synthetic=True,
    )


def parcel(stage: Stage, reference: str, items: list[AnnouncedItem]) -> Parcel:
    return Parcel(
        sender=stage.sites[SITE],
        receiver=stage.core,
        items=tuple(items),
        sent_on=sent(stage),
        courier="Northline Courier",
        tracking=f"SYN{sent(stage):%Y%m%d}{reference[-4:]}",
        sender_reference=reference,
        synthetic=True,
    )


def drawn() -> bytes:
    """A block with a crack across one corner, drawn: nobody's tissue."""
    picture = Image.new("RGB", (640, 440), (236, 233, 226))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((90, 70, 550, 370), 18, fill=(222, 214, 236), outline=(120, 112, 140), width=4)
    pen.rectangle((170, 120, 470, 320), fill=(246, 240, 226), outline=(190, 180, 160), width=3)
    pen.ellipse((240, 160, 400, 280), fill=(196, 120, 150))
    pen.line([(430, 72), (455, 130), (490, 150), (548, 205)], fill=(70, 40, 50), width=6)
    pen.text((100, 385), "synthetic: a drawing, not a photograph", fill=(70, 66, 82))
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()
