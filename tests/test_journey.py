"""The main job through the front door, in a real browser: from an announced parcel to the statistician's export."""

import csv
import io
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lims.models import User
from lims.people import add_person
from lims.vocabulary import Role
from scoring.models import ReadingCase
from specimens import jobs
from specimens.models import Shipment, Slide
from specimens.vocabulary import Stain
from tests.cast import AT, FOUNDER, PASSWORD, Cast
from tests.stories import House, a_lot, a_patient

Enter = Callable[[User], Page]


@pytest.fixture
def enter(browser: Browser, live_server: object) -> Iterator[Enter]:
    """Somebody signs in with name and password, in a window of their own."""
    windows = []

    def entered(user: User) -> Page:
        window = browser.new_context(base_url=str(live_server), viewport={"width": 1440, "height": 1000})
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(20_000)
        page.goto("/")
        page.get_by_label(re.compile("user ?name", re.I)).fill(user.username)
        page.get_by_label("Password", exact=False).first.fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".who")).to_contain_text(user.printed_name)
        return page

    yield entered
    for window in windows:
        window.close()


def announce(page: Page) -> Shipment:
    """The hospital's coordinator announces one block on loan."""
    page.goto("/parcels/announce/")
    page.locator("[name=courier]").fill("FedEx")
    page.locator("[name$='-0-label']").fill("A1")
    page.locator("[name$='-0-study_id']").fill("CWG-0187")
    page.locator("[name$='-0-specimen_label']").fill("S1")
    page.get_by_role("button", name="Announce this parcel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("PX-")
    return Shipment.objects.get()


def receive(page: Page, shipment: Shipment) -> str:
    """The core's coordinator scans the block, then closes the parcel."""
    page.goto(f"/parcels/{shipment}/receive/")
    block = shipment.items.get().block.accession
    page.get_by_label("Scan the next item").fill(block)
    page.keyboard.press("Enter")
    expect(page.locator(".last")).to_contain_text("here")
    expect(page.get_by_label("Scan the next item")).to_be_focused()
    page.locator("#closing summary").click()
    page.get_by_role("button", name="Close the parcel").click()
    expect(page.locator("body")).to_contain_text("closed")
    return block


def cut(page: Page, block: str) -> list[str]:
    page.goto(f"/blocks/{block}/cut/")
    page.locator("[name=sections]").fill("2")
    page.get_by_role("button", name="Cut these sections").click()
    expect(page.locator("body")).to_contain_text("SL-")
    return list(Slide.objects.order_by("id").values_list("accession", flat=True))


def stain(page: Page, slide: str, lot: str) -> None:
    """A run of one slide, scanned; then its controls, which pass."""
    page.goto("/runs/stain/")
    page.get_by_label("Scan a slide").fill(slide)
    page.keyboard.press("Enter")
    page.locator("[name=lot]").select_option(lot)
    page.locator("[name=positive]").fill("kidney tumour TC-7")
    page.locator("[name=negative]").fill("tonsil T-2")
    page.get_by_role("button", name="Stain these slides").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("RUN-")
    for control in ("positive", "negative"):
        page.locator(f"[name={control}][value=passed]").check()
    page.get_by_role("button", name="Record the controls").click()
    expect(page.locator("body")).to_contain_text("passed")


def type_parts(page: Page, parts: dict[str, str]) -> None:
    for name, value in parts.items():
        page.locator(f"[name={name}]").fill(value)


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}][value='{value}']").check()


def sign(page: Page) -> None:
    page.get_by_label(re.compile("Your password")).fill(PASSWORD)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".messages, [role=status]").first).to_contain_text("signed")


def read_histology(page: Page, code: str) -> None:
    page.goto(f"/read/{code}/")
    choose(page, "adequate", "yes")
    type_parts(page, {"viable_tumour": "70", "necrosis": "0", "arch_alveolar": "45", "arch_solid": "55"})
    page.locator("[name=histologic_type]").select_option("clear_cell")
    type_parts(page, {"cyto_clear": "80", "cyto_granular": "20", "rhabdoid": "0"})
    page.locator("[data-zero]").first.click()
    choose(page, "who_isup", "2")
    sign(page)


def read_caix(page: Page, code: str) -> None:
    page.goto(f"/read/{code}/")
    type_parts(page, {"pct_0": "5", "pct_1": "10", "pct_2": "25", "pct_3": "60"})
    expect(page.locator("[data-hscore]")).to_have_text("240")
    for name, value in {
        "pattern": "membranous_complete", "at_least_100_cells": "yes", "internal_control": "passed", "evaluable": "yes",
    }.items():  # fmt: skip
        choose(page, name, value)
    sign(page)


@pytest.mark.django_db(transaction=True)
def test_from_shipment_to_export(enter: Enter, cast: Cast, house: House) -> None:
    a_patient(cast, house)
    lots = {stain: str(a_lot(cast, stain).pk) for stain in (Stain.HE, Stain.CAIX)}
    sender = add_person(
        by=FOUNDER, at=AT, username="hugh", name="Hugh Mercer", password=PASSWORD, role=Role.COORDINATOR,
        institution=house.mercy,
    )  # fmt: skip

    shipment = announce(enter(sender))
    desk = enter(cast.coordinator)
    block = receive(desk, shipment)

    bench = enter(cast.bench)
    for slide, which in zip(cut(bench, block), (Stain.HE, Stain.CAIX), strict=True):
        stain(bench, slide, lots[which])
    jobs.work_off()

    codes = dict(ReadingCase.objects.values_list("assay", "code"))
    for reader in (cast.reader, cast.second_reader):
        page = enter(reader)
        read_histology(page, codes["histology"])
        read_caix(page, codes["caix"])
    jobs.work_off()

    desk.goto("/patients/CWG/CWG-0187/")
    expect(desk.locator(".verdict .sentence")).to_contain_text("Intermediate pathology, CA-IX high: eligible")
    expect(desk.locator(".verdict")).to_contain_text("Investigational, for research use only")

    statistician = enter(cast.statistician)
    answer = statistician.request.get("/api/v1/export/patients/?format=csv&trial=CWG")
    assert answer.status == 200
    (row,) = csv.DictReader(io.StringIO(answer.text()))
    assert (row["study_id"], row["risk"], row["il2_eligibility"]) == ("CWG-0187", "intermediate", "eligible")
