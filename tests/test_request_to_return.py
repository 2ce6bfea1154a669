"""From a request to the confirmed return in a real browser, by keyboard and scanner alone: not one click."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from lims.models import User
from lims.people import add_person
from lims.vocabulary import Role
from specimens.loan_state import stated
from specimens.models import (
    Block,
    CustodyEvent,
    Letter,
    Loan,
    Patient,
    Shipment,
    Slide,
    StainRun,
    StoragePlace,
    TissueRequest,
)
from specimens.vocabulary import LoanState, Stain
from tests.by_keys import fill, heading, press, sat_down, scan, tab_to
from tests.cast import AT, FOUNDER, PASSWORD, Cast
from tests.drawers import a_drawer
from tests.stories import House, a_lot

pytestmark = pytest.mark.django_db(transaction=True)
Sit = Callable[[User], Page]


@pytest.fixture
def sit(browser: Browser, live_server: object) -> Iterator[Sit]:
    pages: list[Page] = []

    def down(person: User) -> Page:
        pages.append(sat_down(browser, str(live_server), person))
        return pages[-1]

    yield down
    for page in pages:
        page.context.close()


@pytest.fixture
def hugh(cast: Cast, house: House) -> User:
    """The coordinator of the hospital that holds the tissue."""
    return add_person(
        by=FOUNDER, at=AT, username="hugh", name="Hugh Mercer", password=PASSWORD, role=Role.COORDINATOR,
        institution=house.mercy,
    )  # fmt: skip


def ask(desk: Page) -> TissueRequest:
    """The core's coordinator asks for the one patient of whom nothing is here."""
    press(desk, "g", "q")
    expect(desk).to_have_url(re.compile("/requests/$"))
    press(desk, "n")
    expect(desk).to_have_url(re.compile("/requests/ask/$"))
    tab_to(desk, "patient")
    press(desk, "Space", "Control+Enter")
    heading(desk, "Request RQ-")
    return TissueRequest.objects.get()


def announce(site: Page, request: TissueRequest) -> Shipment:
    """The hospital answers the request with a parcel."""
    expect(site.locator("main")).to_contain_text(str(request))
    press(site, "n")
    heading(site, "Announce a parcel")
    fill(site, "form-0-label", "A1")
    fill(site, "form-0-specimen_label", "S1")
    tab_to(site, "form-0-terms")
    site.keyboard.type("loan")
    press(site, "Control+Enter")
    heading(site, "Parcel PX-")
    return Shipment.objects.get()


def receive(bench: Page, parcel: Shipment) -> Block:
    """Scan the parcel, scan what is in it, close it."""
    press(bench, "/")
    scan(bench, parcel)
    heading(bench, f"Parcel {parcel}")
    press(bench, "n")
    expect(bench.locator("#item")).to_be_focused()
    scan(bench, "A1")
    expect(bench.locator(".last")).to_contain_text("here, as announced")
    press(bench, "Escape", "c")
    expect(bench.get_by_role("button", name="Close the parcel")).to_be_visible()
    press(bench, "Control+Enter")
    expect(bench.locator(".strip")).to_contain_text("closed")
    return parcel.items.get().block


def put_away(bench: Page, drawer: StoragePlace, *things: object) -> None:
    press(bench, "Escape", "g", "w")
    heading(bench, "Store")
    press(bench, "n")
    expect(bench.locator("#scan-it")).to_be_focused()
    scan(bench, drawer.accession, *things)
    for thing in things:
        expect(bench.locator("#desk")).to_contain_text(str(thing))


def cut(bench: Page, block: Block) -> list[str]:
    """Order the usual, then scan the block for each order."""
    press(bench, "Escape", "g", "c")
    expect(bench.locator("#unordered")).to_contain_text(str(block))
    press(bench, "Control+Enter")
    expect(bench.locator(".said-so")).to_contain_text("2 orders for 1 block")
    for _ in range(2):
        expect(bench.get_by_label("Scan a block to cut")).to_be_focused()
        scan(bench, block)
        heading(bench, f"Cut block {block}")
        press(bench, "Control+Enter")
        expect(bench.locator(".scanner .last")).to_contain_text("SL-")
    return list(Slide.objects.order_by("id").values_list("accession", flat=True))


def stain(bench: Page, slides: list[str]) -> StainRun:
    """A CA-IX run with its two control slides, which pass."""
    press(bench, "Escape", "g", "r")
    heading(bench, "Stain runs")
    press(bench, "n")
    heading(bench, "Stain a run")
    for slide in slides:
        scan(bench, slide)
        expect(bench.locator("#looked tbody tr").first).to_contain_text(slide)
    fill(bench, "positive", "kidney tumour TC-7")
    fill(bench, "negative", "no primary antibody")
    press(bench, "Control+Enter")
    heading(bench, "Run RUN-")
    press(bench, "Space", "Tab", "Space", "Control+Enter")
    expect(bench.locator(".strip")).to_contain_text("controls passed")
    return StainRun.objects.get()


def send_back(desk: Page, block: Block) -> Shipment:
    """The block goes home before it was read, for a reason; its packing list lies in the parcel."""
    press(desk, "g", "h")
    heading(desk, "Loans")
    press(desk, "n")
    heading(desk, "Send tissue back")
    scan(desk, block)
    press(desk, "Control+Enter")
    expect(desk.get_by_role("button", name=re.compile("Announce 1 return parcel"))).to_be_visible()
    fill(desk, "sent_on", f"{timezone.localdate()}")
    fill(desk, "courier", "FedEx")
    press(desk, "Control+Enter")
    heading(desk, "Parcel PX-")
    return Shipment.objects.latest("id")


def read_packing_list(desk: Page, parcel: Shipment) -> None:
    with desk.context.expect_event(
        "response", lambda answer: answer.url.endswith(f"/parcels/{parcel}/packing-list/")
    ) as got:
        press(desk, "p")
    assert got.value.headers["content-type"] == "application/pdf"


def test_from_request_to_confirmed_return(sit: Sit, cast: Cast, house: House, hugh: User, patient: Patient) -> None:
    drawer = a_drawer(cast)
    for kind in (Stain.HE, Stain.CAIX):
        a_lot(cast, kind)

    desk = sit(cast.coordinator)
    request = ask(desk)
    assert Letter.objects.get().request == request

    site = sit(hugh)
    parcel = announce(site, request)

    bench = sit(cast.bench)
    block = receive(bench, parcel)
    put_away(bench, drawer, block)
    slides = cut(bench, block)
    assert len(slides) == 3
    run = stain(bench, slides[1:])
    assert run.stain == Stain.CAIX

    back = send_back(desk, block)
    read_packing_list(desk, back)

    site.goto("/")
    press(site, "n")
    heading(site, f"{back}")
    press(site, "n")
    expect(site.locator(".strip")).to_contain_text("closed")
    loan = stated(Loan.objects.filter(item__block=block), timezone.localdate()).get()
    assert loan.state == LoanState.RETURNED
    assert CustodyEvent.objects.filter(block=block).latest("id").holder == house.mercy
