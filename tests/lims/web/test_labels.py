"""The labels page: look, print once, fetch the file, print again with a reason."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from lims.papers.stock import STOCK
from lims.vocabulary import Role
from specimens.models import Block, LabelPrint, Patient, Slide
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import Stain
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import CUT_ON, House, a_received_block, a_run


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def slides(cast: Cast, block: Block) -> list[Slide]:
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=3, cut_on=CUT_ON, position="level 2")])


def a_form(*things: object, **changes: object) -> dict[str, object]:
    items = "\r\n".join(str(thing) for thing in things)
    return {"items": items, "stock": "avery-l7651", "start": "1", "reason": "", "batch": str(uuid4()), **changes}


def test_what_will_be_printed_is_shown_first(enter: Enter, cast: Cast, block: Block, slides: list[Slide]) -> None:
    page = shows(
        enter(cast.bench), f"/labels/?items={slides[0]},{str(block).lower()}", "<svg", "CWG-0187", "level 2",
        f"{block} A1", "part A1", "Print 2 labels", "never",
    )  # fmt: skip
    assert "SECRET" not in page
    assert LabelPrint.objects.count() == 0


def test_one_comes_from_a_block_a_parcel_or_a_run(enter: Enter, cast: Cast, block: Block, slides: list[Slide]) -> None:
    browser = enter(cast.coordinator)
    page = shows(browser, f"/labels/?block={block}", "Print 3 labels")
    assert all(str(slide) in page for slide in slides)
    parcel = block.shipment_items.get().shipment
    shows(browser, f"/labels/?parcel={parcel}", "Print 1 label", str(block))
    run = a_run(cast, slides[:2], Stain.CAIX)
    shows(browser, f"/labels/?run={run}", "Print 2 labels", "CA-IX")


def test_printing_puts_on_record_and_gives_the_file(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    form = a_form(*slides, start="64", print="1")
    answer = browser.post("/labels/", form)
    assert answer["Location"] == f"/labels/printed/{form['batch']}/"
    shows(browser, answer["Location"], "3 labels on record", "Fetch the file")
    file = browser.get(f"{answer['Location']}file/")
    assert (file["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    assert re.fullmatch(r'attachment; filename="labels-[\d-]+\.pdf"', file["Content-Disposition"])
    assert file.content == browser.get(f"{answer['Location']}file/").content
    for page in (f"/slides/{slides[0]}/", f"/labels/?items={slides[0]}"):
        shows(browser, page, "copy 1", "Rose Achebe")
    assert "used up to place 1" in shows(browser, "/labels/")


def test_a_double_click_prints_once(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser, form = enter(cast.bench), a_form(*slides, print="1")
    first, second = (browser.post("/labels/", form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert LabelPrint.objects.count() == 3


def test_a_reprint_asks_why_and_keeps_what_was_typed(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    browser.post("/labels/", a_form(*slides, print="1"))
    page = text(browser.post("/labels/", a_form(*slides, print="1")))
    assert "say why" in page
    assert "3 printed before" in page
    assert str(slides[2]) in page
    answer = browser.post("/labels/", a_form(*slides, print="1", reason="smeared"))
    assert answer.status_code == 302
    shows(browser, f"/slides/{slides[0]}/", "copy 2", "smeared")


def test_a_thermal_printer_gets_zpl(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    answer = browser.post("/labels/", a_form(*slides, stock="slide-22-203", start="9", print="1"))
    file = browser.get(f"{answer['Location']}file/")
    assert file["Content-Disposition"].endswith('.zpl"')
    assert file.content.count(b"^XA") == 3
    assert f"^FH^FD{slides[0]}^FS".encode() in file.content


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ("SL-000001-K", "check character"),
        ("hello", "is not an accession number"),
        ("SL-000099-{}", "is no block or slide within your reach"),
        ("SP-000001-{}", "is no block or slide"),
        ("", "This field is required"),
    ],
)
def test_a_wrong_list_says_what_is_wrong_and_stays(
    enter: Enter, cast: Cast, slides: list[Slide], items: str, words: str
) -> None:
    from specimens.identifiers import joined

    prefix, _, digits = items.removesuffix("-{}").partition("-")
    typed = joined(prefix, digits) if items.endswith("{}") else items
    page = text(enter(cast.bench).post("/labels/", a_form(typed, print="1")))
    assert words in page
    assert typed in page
    assert LabelPrint.objects.count() == 0


def test_a_wrong_start_or_stock_is_refused(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    assert "has places 1 to 65" in text(browser.post("/labels/", a_form(*slides, start="66", print="1")))
    assert "Select a valid choice" in text(browser.post("/labels/", a_form(*slides, stock="papyrus", print="1")))
    for start in ("0", "-1", "x", "9" * 30):
        assert browser.post("/labels/", a_form(*slides, start=start, print="1")).status_code == 200
    assert LabelPrint.objects.count() == 0


def test_another_sites_tissue_is_unknown(enter: Enter, cast: Cast, house: House, slides: list[Slide]) -> None:
    lia = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    shows(lia, f"/labels/?items={slides[0]}", "is no block or slide within your reach")
    assert lia.get(f"/labels/?block={slides[0].block}").status_code == 404


def test_the_file_is_its_printers_own_and_for_an_hour(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser, other = enter(cast.bench), enter(cast.coordinator)
    address = browser.post("/labels/", a_form(*slides, print="1"))["Location"]
    assert other.get(address).status_code == 404
    assert other.get(f"{address}file/").status_code == 404
    with time_machine.travel(AT + timedelta(hours=2)):
        browser = enter(cast.bench)
        assert "An hour has passed" in text(browser.get(address))
        assert browser.get(f"{address}file/").status_code == 403


def test_who_prints_labels(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    for who in (cast.reader, cast.adjudicator, cast.statistician, cast.administrator):
        assert enter(who).get("/labels/").status_code == 403
        assert enter(who).post("/labels/", a_form(*slides, print="1")).status_code == 403
    assert "/labels/" not in shows(enter(cast.statistician), f"/slides/{slides[0]}/")


def test_home_says_which_sections_have_no_label(enter: Enter, cast: Cast, block: Block, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    shows(browser, "/", "Print 3 labels", f"/labels/?block={block}", "3 sections cut without a label")
    browser.post("/labels/", a_form(*slides, print="1"))
    assert "without a label" not in shows(browser, "/")


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, block: Block, slides: list[Slide]) -> None:
    browser: Client = enter(cast.bench)
    few = questions(browser, f"/labels/?items={slides[0]}")
    more = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=40, cut_on=CUT_ON)])
    browser.post("/labels/", a_form(*more[:20], print="1"))
    assert questions(browser, f"/labels/?items={','.join(map(str, more))}") <= few + 2 <= MOST_QUERIES + 2
    assert len(STOCK) == 8
