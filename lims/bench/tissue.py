"""Fills a throw-away database with the core's whole shelf: slides as a large trial leaves them, and all that hangs
on them: requests and their letters, parcels and receipts, custody, loans, orders, places, labels, queries, ledger."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from lims.bench.house import BENCH
from lims.bench.seeding import BATCH, STAINS, Seeder, rows
from specimens import identifiers, ledger
from specimens.accessions import take
from specimens.actors import acting
from specimens.ledger import Line
from specimens.models import (
    Block,
    Contact,
    CustodyEvent,
    CuttingOrder,
    Disposal,
    ItemQuery,
    ItemReceipt,
    LabelPrint,
    Letter,
    LetterAttempt,
    LetterResult,
    Loan,
    Move,
    RequestEvent,
    Shipment,
    ShipmentClosure,
    ShipmentItem,
    Slide,
    Standing,
    StoragePlace,
    TissueRequest,
)
from specimens.vocabulary import CustodyKind, ItemKind, NoTissueReason, RequestEventKind

SLIDES_EACH, BLOCKS_EACH, PER_PARCEL, PER_DRAWER = 10, 2, 20, 500
REASONS = [reason.value for reason in NoTissueReason if reason.value]
K = RequestEventKind
CHASES: tuple[tuple[RequestEventKind, ...], ...] = (
    (K.ASKED,), (K.ASKED, K.REMINDED), (K.ASKED, K.REMINDED, K.PROMISED), (K.ASKED, K.DECLINED),
    (K.ASKED, K.REMINDED, K.NO_TISSUE), (),
)  # fmt: skip
WITHOUT_TISSUE = 5  # of every so many patients one has none, and his request is at one of CHASES
AGES = tuple(range(3, 200, 7))


class TissueSeeder(Seeder):
    """Adds patients with everything that coordinators and the bench keep of them."""

    def fill(self, slides: int) -> None:
        """See that there are so many slides more, `SLIDES_EACH` a patient who has tissue."""
        self.today = timezone.localdate()
        left = slides // SLIDES_EACH
        while left > 0:
            with transaction.atomic(), acting(BENCH):
                self.shelf(min(BATCH, left))
            left -= BATCH
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def shelf(self, count: int) -> None:
        """`count` patients with tissue, and a few that are chased."""
        self.chased(self.enrolled(count // WITHOUT_TISSUE))
        patients = self.enrolled(count)
        specimens = self.accessioned(patients)
        owners = [specimen for specimen in specimens for _ in range(BLOCKS_EACH)]
        labels = [f"A{n % BLOCKS_EACH + 1}" for n in range(len(owners))]
        blocks = rows(Block, "specimen_id", owners, accession=take(identifiers.BLOCK, len(owners)), site_label=labels)
        requests = self.requested(patients, [(K.ASKED,)] * count)
        self.sent(blocks, [requests[n // BLOCKS_EACH] for n in range(len(blocks))])
        slides = self.cut(blocks)
        self.put_away(blocks, slides)
        self.read_some(specimens, slides)
        self.told(patients, slides)

    # ---- the chase ----
    def chased(self, patients: Sequence[int]) -> None:
        self.requested(patients, [CHASES[n % len(CHASES)] for n in range(len(patients))])

    def requested(self, patients: Sequence[int], chases: Sequence[Sequence[RequestEventKind]]) -> list[int]:
        """A request each, its events, and a letter that was sent."""
        sites = self.house.sites
        requests = rows(
            TissueRequest, "patient_id", patients, accession=take(identifiers.REQUEST, len(patients)),
            holding_site_id=[sites[n % len(sites)] for n in patients], wanted="either", round=1, **self.made(),
        )  # fmt: skip
        owners = [request for request, chase in zip(requests, chases, strict=True) for _ in chase]
        kinds = [kind for chase in chases for kind in chase]
        rows(RequestEvent, "request_id", owners, kind=[str(kind) for kind in kinds], on=self.days(owners, 40),
             reason=[REASONS[n % len(REASONS)] if k in (K.DECLINED, K.NO_TISSUE) else ""
                     for n, k in enumerate(kinds)], **self.recorded())  # fmt: skip
        self.written(requests)
        return requests

    def written(self, requests: Sequence[int]) -> None:
        letters = rows(Letter, "request_id", requests, key=[f"bench {n}" for n in requests], purpose="request",
                       institution_id=self.house.sites[0], to_address="pathology@example.org", subject="Tissue",
                       body="Please send.")  # fmt: skip
        attempts = rows(LetterAttempt, "letter_id", letters, number=1, message_id=[f"<{n}@bench>" for n in letters])
        rows(LetterResult, "attempt_id", attempts, sent=True)

    # ---- parcels, custody, loans ----
    def sent(self, blocks: Sequence[int], requests: Sequence[int]) -> None:
        """Every block came in a parcel; of each tenth parcel something is missing, and asked after."""
        sites, core = self.house.sites, self.house.core
        parcels = -(-len(blocks) // PER_PARCEL)
        shipments = rows(Shipment, "accession", take(identifiers.PARCEL, parcels), receiver_id=core,
                         sender_id=[sites[n % len(sites)] for n in range(parcels)], sent_on=self.today,
                         announced_by_id=self.house.statistician.pk)  # fmt: skip
        mine = [shipments[n // PER_PARCEL] for n in range(len(blocks))]
        items = rows(ShipmentItem, "block_id", blocks, shipment_id=mine, kind=str(ItemKind.BLOCK), terms="loan",
                     line=[n % PER_PARCEL + 1 for n in range(len(blocks))], label="A1", request_id=requests,
                     due_back_on=self.days(blocks, -60), announced=True)  # fmt: skip
        rows(ItemReceipt, "item_id", items, condition="intact", identifiers_agree=2, received_by_id=self.person,
             received_at=self.moments(items, 30))  # fmt: skip
        rows(ShipmentClosure, "shipment_id", shipments[::2], missing=0, closed_by_id=self.person)
        rows(CustodyEvent, "block_id", blocks, kind=str(CustodyKind.SHIPPED), holder_id=core, slide_id=None,
             shipment_id=mine)  # fmt: skip
        rows(CustodyEvent, "block_id", blocks, kind=str(CustodyKind.RECEIVED), holder_id=core, slide_id=None,
             shipment_id=mine)  # fmt: skip
        lent = items[::2]
        rows(Loan, "item_id", lent, accession=take(identifiers.LOAN, len(lent)), lender_id=sites[0],
             due_on=self.days(lent, -20))  # fmt: skip
        odd = items[:: PER_PARCEL * 2]
        rows(ItemQuery, "item_id", odd, accession=take(identifiers.QUERY, len(odd)), question="Which block is it?",
             asked_by_id=self.person)  # fmt: skip

    # ---- the bench ----
    def cut(self, blocks: Sequence[int]) -> list[int]:
        each = SLIDES_EACH // BLOCKS_EACH
        orders = rows(CuttingOrder, "block_id", blocks, accession=take(identifiers.CUTTING, len(blocks)),
                      sections=each, ordered_by_id=self.person)  # fmt: skip
        owners = [block for block in blocks for _ in range(each)]
        slides = rows(
            Slide, "block_id", owners, accession=take(identifiers.SLIDE, len(owners)), cut_at_core=True,
            order_id=[order for order in orders for _ in range(each)], cut_on=self.days(owners, AGES[-1]),
        )  # fmt: skip
        made = {"kind": str(CustodyKind.SECTIONED), "holder_id": self.house.core, "block_id": None}
        rows(CustodyEvent, "slide_id", slides, **made)
        return slides

    def put_away(self, blocks: Sequence[int], slides: Sequence[int]) -> None:
        """Everything in drawers, each put there once; a label printed for each slide."""
        room = self.place("room", None, 0)
        cabinet = self.place("cabinet", room, 0)
        things = [("block_id", list(blocks)), ("slide_id", list(slides))]
        for column, ids in things:
            drawers = [self.place("drawer", cabinet, PER_DRAWER) for _ in range(-(-len(ids) // PER_DRAWER))]
            where = [drawers[n // PER_DRAWER] for n in range(len(ids))]
            at = [n % PER_DRAWER + 1 for n in range(len(ids))]
            rows(Standing, column, ids, place_id=where, position=at)
            rows(Move, column, ids, place_id=where, position=at, moved_by_id=self.person)
        rows(LabelPrint, "slide_id", slides, batch=uuid4(), place=list(range(1, len(slides) + 1)), copy=1,
             format="sheet", stock="bench", printed_by_id=self.person)  # fmt: skip
        rows(Disposal, "slide_id", slides[:: SLIDES_EACH * 10], kind="destroyed", reason="empty",
             proposed_by_id=self.person)  # fmt: skip

    def place(self, kind: str, parent: int | None, positions: int) -> int:
        name = take(identifiers.PLACE)
        return rows(StoragePlace, "accession", name, kind=kind, parent_id=parent, name=name[0], positions=positions,
                    columns=25, added_by_id=self.person)[0]  # fmt: skip

    def read_some(self, specimens: Sequence[int], slides: Sequence[int]) -> None:
        """The first two sections of each patient's first block: stained, and of most patients read."""
        found = self.found(len(specimens), alike=True)
        for place, (stain, assay) in enumerate(STAINS):
            mine = slides[place::SLIDES_EACH]
            self.in_runs(mine, stain)
            most = len(mine) * 4 // 5
            self.read(specimens[:most], mine[:most], assay, [each[assay] for each in found[:most]])

    def told(self, patients: Sequence[int], slides: Sequence[int]) -> None:
        """A line of the ledger for each slide, and somebody to write to."""
        owner = [patients[n // SLIDES_EACH] for n in range(len(slides))]
        lines = [
            Line("cut sections", "specimens.slide", slide, f"slide {slide}", "A section was cut.", patient_id=patient)
            for slide, patient in zip(slides, owner, strict=True)
        ]
        ledger.write(lines, by=BENCH, at=timezone.now())
        rows(Contact, "institution_id", list(self.house.sites), duty="pathology", name="Somebody",
             email="pathology@example.org", added_by_id=self.person)  # fmt: skip

    # ---- columns ----
    @property
    def person(self) -> int:
        return self.house.statistician.pk

    def made(self) -> dict[str, Any]:
        return {"made_by_id": self.person}

    def days(self, things: Sequence[int], back: int) -> list[date]:
        """A day for each thing, spread from today to `back` days before it (after it, if negative)."""
        step = 1 if back > 0 else -1
        return [self.today - timedelta(days=step * (n % (abs(back) + 1))) for n in things]

    def moments(self, things: Sequence[int], back: int) -> list[Any]:
        now = timezone.now()
        return [now - timedelta(days=n % back, hours=1) for n in things]
