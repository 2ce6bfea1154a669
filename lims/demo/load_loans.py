"""Synthetic loans in every state: a hospital lends blocks, asks for some back, gives one. Their days are counted from
the day of the load, so that some are due and some are late whenever the demo is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from lims.demo.load_parcels import Lines
from lims.demo.stage import KIRC, PLAYERS, Stage, Step, Tick, at, coded
from specimens.announced import AnnouncedItem, Parcel
from specimens.announcing import announce_shipments
from specimens.lending import answer_extension, ask_extension, donate, recall
from specimens.losing import declare_lost
from specimens.models import Block, ConsentWithdrawal, Loan, Shipment
from specimens.receiving import ReceivedItem, receive_items
from specimens.returning import Return, confirm_return, send_back
from specimens.vocabulary import ItemKind, Preservation, Terms

REFERENCE = "SYN-LOANS"
WHY = "synthetic"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lent:
    """One block on loan: how many days from the day of the load it is due, and what becomes of it."""

    becomes: str
    due: int


LENT = (
    Lent("here", 40),
    Lent("due soon", 6),
    Lent("asked for more time", 3),
    Lent("extended", -2),
    Lent("overdue", -9),
    Lent("recalled", 30),
    Lent("on its way back", 2),
    Lent("returned", 1),
    Lent("returned late", -20),
    Lent("donated", 5),
    Lent("lost", -5),
)


def today() -> date:
    return timezone.localdate()


def steps(stage: Stage) -> list[Step]:
    return [Step("loans", len(LENT), lambda tick: lend(stage, tick))]


def lend(stage: Stage, tick: Tick) -> None:
    """All of it at once or, when it is there, nothing."""
    if not Shipment.objects.filter(sender_reference=REFERENCE).exists():
        with transaction.atomic():
            loans = received(stage)
            for lent, loan in zip(LENT, loans, strict=False):
                STORIES.get(lent.becomes, nothing)(stage, loan)
    tick(len(LENT))


def received(stage: Stage) -> list[Loan]:
    """The parcel that brought them, and the loans that began with its receipt."""
    site, people = PLAYERS["hospital"].site, stage.people
    sent, came = today() - 60 * DAY, today() - 58 * DAY
    primary = Lines(stage).primary
    own = [row.barcode for row in stage.cohort.patients if row.site == site and row.barcode in primary]
    lent = list(zip(LENT, filter(consents, own), strict=False))
    items = tuple(
        AnnouncedItem(
            kind=ItemKind.BLOCK,
            label=f"{coded(patient)}-SYN-L",
            trial=KIRC,
            study_id=coded(patient),
            specimen_label=coded(primary[patient]),
            preservation=Preservation.FFPE,
            terms=Terms.LOAN,
            due_back_on=today() + each.due * DAY,
            synthetic=True,
        )
        for each, patient in lent
    )
    parcel = Parcel(
        sender=stage.sites[site],
        receiver=stage.core,
        items=items,
        sent_on=sent,
        courier="Northline Courier",
        tracking="SYNLOANS",
        sender_reference=REFERENCE,
        synthetic=True,
    )
    shipment = announce_shipments(by=people["coordinator"], at=at(sent, 8), parcels=[parcel])[0]
    hand = [ReceivedItem(line, synthetic=True) for line in range(1, len(items) + 1)]
    receive_items(by=people["bench"], at=at(came, 10), shipment=shipment, items=hand)
    return list(
        Loan.objects.filter(item__shipment=shipment)
        .select_related("item__block__specimen__patient", "item__block__specimen__holding_site", "lender")
        .order_by("id")
    )


def consents(patient: str) -> bool:
    """A patient who withdrew sends nothing any more."""
    gone = ConsentWithdrawal.objects.filter(consent__patient__study_id=coded(patient), consent__scope="this_study")
    return not gone.exists()


def block_of(loan: Loan) -> Block:
    assert loan.item.block, "only blocks are lent here"
    return loan.item.block


def nothing(stage: Stage, loan: Loan) -> None:
    return


def asked(stage: Stage, loan: Loan) -> None:
    ask_extension(by=stage.people["coordinator"], at=at(today() - 4 * DAY), loan=loan, until=today() + 60 * DAY,
                  reason="synthetic: CA-IX is not read yet")  # fmt: skip


def extended(stage: Stage, loan: Loan) -> None:
    answer_extension(by=stage.people["hospital"], at=at(today() - 8 * DAY), loan=loan, granted=True,
                     until=today() + 45 * DAY, reason=WHY)  # fmt: skip


def recalled(stage: Stage, loan: Loan) -> None:
    recall(by=stage.people["hospital"], at=at(today() - 5 * DAY), loan=loan, reason="synthetic: needed for the clinic")


def given(stage: Stage, loan: Loan) -> None:
    donate(by=stage.people["hospital"], at=at(today() - 12 * DAY), loan=loan, reason=WHY)


def lost(stage: Stage, loan: Loan) -> None:
    declare_lost(by=stage.people["bench"], at=at(today() - 3 * DAY), thing=block_of(loan),
                 reason="synthetic: not in its drawer")  # fmt: skip


def sent(stage: Stage, loan: Loan, day: date) -> Shipment:
    what = Return([block_of(loan)], day, "Meridian Medical Freight", f"SYN{day:%Y%m%d}", synthetic=True)
    return send_back(by=stage.people["coordinator"], at=at(day, 15), what=what)[0]


def on_its_way(stage: Stage, loan: Loan) -> None:
    sent(stage, loan, today() - 2 * DAY)


def came_back(stage: Stage, loan: Loan) -> None:
    parcel = sent(stage, loan, today() - 10 * DAY)
    confirm_return(by=stage.people["hospital"], at=at(today() - 7 * DAY), shipment=parcel, note=WHY)


STORIES: dict[str, Callable[[Stage, Loan], None]] = {
    "asked for more time": asked,
    "extended": extended,
    "recalled": recalled,
    "on its way back": on_its_way,
    "returned": came_back,
    "returned late": came_back,
    "donated": given,
    "lost": lost,
}
