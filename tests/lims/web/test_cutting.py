"""The cutting list and cutting by scan."""

import re
from datetime import date

import pytest

from lims.vocabulary import Role
from specimens.consenting import withdraw_consent
from specimens.models import Block, BlockExhaustion, CuttingEnd, CuttingOrder, Patient, Slide
from specimens.ordering import NewOrder, exhaust_block, order_sections
from specimens.vocabulary import ItemKind, SpecimenKind, Stain
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.papers import read_paper
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import (
    CUT_ON,
    SENT_ON,
    House,
    a_patient,
    a_received_block,
    a_stained_slide,
    an_announced_parcel,
    an_item,
)

CUTTING = {"sections": "3", "cut_on": "2026-11-21", "thickness_um": "4.0", "position": "top"}


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


def ordered(cast: Cast, block: Block, day: int | None = None, **more: object) -> CuttingOrder:
    wanted = date(2026, 11, day) if day else None
    order = NewOrder(block, 3, Stain.CAIX, wanted_by=wanted, **more)  # type: ignore[arg-type]
    return order_sections(by=cast.coordinator, at=AT, orders=[order])[0]


# ---- the list ----
def test_the_list_shows_the_most_urgent_first(enter: Enter, cast: Cast, block: Block) -> None:
    someday, later, soon = ordered(cast, block), ordered(cast, block, 30), ordered(cast, block, 24, levels="3 levels")
    page = shows(enter(cast.bench), "/cutting/", "3 levels", "at the core", "CWG-0187")
    assert page.index(str(soon)) < page.index(str(later)) < page.index(str(someday))
    shows(enter(cast.bench), "/", "Cut sections", str(soon), f"?order={soon}")


def test_the_list_says_what_stands_against_a_cut(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    coming = an_announced_parcel(cast, house, an_item(patient)).items.get().block
    gone = a_patient(cast, house, "CWG-0300")
    withdrawn = a_received_block(cast, house, gone)
    ordered(cast, coming)
    ordered(cast, withdrawn)
    withdraw_consent(by=cast.coordinator, at=AT, consent=gone.consents.get(), withdrawn_on=CUT_ON)
    shows(enter(cast.bench), "/cutting/", "not at the core", "consent withdrawn")


def test_a_long_list_turns_its_pages(enter: Enter, cast: Cast, block: Block) -> None:
    orders = [NewOrder(block, 1, wanted_by=date(2026, 11, 25) if n % 2 else None) for n in range(120)]
    made = order_sections(by=cast.bench, at=AT, orders=orders)
    browser, seen, address = enter(cast.bench), [], "/cutting/"
    while address:
        page = text(browser.get(address))
        seen += [str(order) for order in made if f"Cut order {order}" in page]
        onward = re.search(r'href="(\?after=[^"]+)"', page)
        address = f"/cutting/{onward[1]}" if onward else ""
    assert len(seen) == 120
    assert set(seen) == {str(order) for order in made}
    for junk in ("x", "none.x", "2026-13-40.5", "none.99999999999999999999"):
        assert browser.get("/cutting/", {"after": junk}).status_code == 200


def test_the_printed_list_carries_codes(enter: Enter, cast: Cast, block: Block) -> None:
    order = ordered(cast, block, 27, levels="3 levels, 50 µm apart")
    answer = enter(cast.bench).get("/cutting/list.pdf")
    assert answer["Content-Type"] == "application/pdf"
    words, codes = read_paper(answer.content)
    assert codes == {str(block), str(order)}
    for said in ("3 levels, 50 µm apart", "CA-IX", "wanted by 2026-11-27", "CWG-0187"):
        assert said in words


def test_it_is_the_cores_own(enter: Enter, cast: Cast, house: House, block: Block) -> None:
    order = ordered(cast, block)
    hospital = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    for address in ("/cutting/", "/cutting/list.pdf", "/cutting/order/", f"/cutting/scan/?thing={block}"):
        assert hospital.get(address).status_code == 403, address
    assert hospital.post("/cutting/usual/", {"block": str(block)}).status_code == 403
    assert hospital.get(f"/cutting/{order}/").status_code == 404
    assert enter(cast.reader).get("/cutting/").status_code == 403
    shows(enter(cast.coordinator), "/cutting/", str(order))


# ---- what nobody has ordered ----
def test_the_usual_is_ordered_of_the_ticked_blocks(
    enter: Enter, cast: Cast, house: House, patient: Patient, block: Block
) -> None:
    second = a_received_block(cast, house, patient, label="A2")
    normal = a_received_block(cast, house, patient, specimen_kind=SpecimenKind.NORMAL, specimen_label="N1")
    browser = enter(cast.bench)
    page = shows(browser, "/cutting/", "Nothing cut, nothing ordered", str(block), "1 H&amp;E + 2 CA-IX")
    assert str(normal) not in page
    assert "Tick the blocks" in text(browser.post("/cutting/usual/", {}))
    answer = browser.post("/cutting/usual/", {"block": [str(block), str(second)]})
    assert answer["Location"] == "/cutting/"
    assert CuttingOrder.objects.count() == 4
    shows(browser, "/cutting/", "4 orders for 2 blocks")
    page = text(browser.post("/cutting/usual/", {"block": [str(second)]}))
    assert "has sections cut or ordered already" in page
    assert "Nothing cut, nothing ordered" not in text(browser.get("/cutting/"))


def test_a_block_that_came_with_its_own_slides_waits_to_be_cut(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    slide = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, block_label="A1", label="1", terms="", cut_on=SENT_ON)
    an_announced_parcel(cast, house, slide)
    block = a_received_block(cast, house, patient)
    shows(enter(cast.bench), "/cutting/", str(block), "Nothing cut, nothing ordered")


# ---- orders ----
def test_sections_are_ordered_by_a_form(enter: Enter, cast: Cast, block: Block) -> None:
    browser = enter(cast.coordinator)
    shows(browser, f"/cutting/order/?block={block}", f'value="{block}"')
    form = {"block": str(block).lower(), "sections": "2", "stain": "he", "thickness_um": "4", "wanted_by": "2026-11-30"}
    slide = a_stained_slide(cast, block)
    for field, typed, said in (
        ("block", "B-000001-W", "check character"),
        ("wanted_by", "2026-11-01", "lies in the past"),
        ("replaces", str(slide), ""),
    ):
        page = text(browser.post("/cutting/order/", form | {field: typed}))
        place = "reason" if field == "replaces" else field
        assert said in page.split(f'id="id_{place}_error"')[1]
        assert typed in page
    assert not CuttingOrder.objects.exists()
    answer = browser.post("/cutting/order/", form | {"replaces": str(slide), "reason": "folded"})
    assert answer["Location"] == "/cutting/"
    order = CuttingOrder.objects.get()
    assert (order.sections, order.stain, order.replaces, order.reason) == (2, "he", slide, "folded")
    shows(browser, f"/cutting/{order}/", "folded", str(slide), "open")
    assert browser.get("/find/", {"q": str(order)})["Location"] == f"/cutting/{order}/"


def test_an_order_is_cancelled_with_a_reason(enter: Enter, cast: Cast, block: Block) -> None:
    order = ordered(cast, block)
    browser = enter(cast.coordinator)
    assert "This field is required" in text(browser.post(f"/cutting/{order}/", {"reason": " "}))
    browser.post(f"/cutting/{order}/", {"reason": "ordered twice"})
    shows(browser, f"/cutting/{order}/", "cancelled", "ordered twice")
    shows(browser, f"/blocks/{block}/", str(order), "cancelled")


# ---- scan, cut, scan ----
def test_a_scan_leads_to_the_order_and_back(enter: Enter, cast: Cast, block: Block) -> None:
    order = ordered(cast, block, 27)
    browser = enter(cast.bench)
    for scan in (str(block).lower(), str(order)):
        address = browser.get("/cutting/scan/", {"thing": scan})["Location"]
        assert address == f"/blocks/{block}/cut/?order={order}"
    shows(browser, address, 'name="sections" value="3"', str(order), "wanted by")
    answer = browser.post(f"/blocks/{block}/cut/", CUTTING | {"order": str(order)})
    slides = list(Slide.objects.order_by("id"))
    assert answer["Location"] == f"/cutting/?cut={','.join(map(str, slides))}"
    shows(browser, answer["Location"], "Last cut", "3 slides", str(slides[0]), "3 sections were cut", "autofocus")
    assert {slide.order for slide in slides} == {order}
    shows(browser, f"/cutting/{order}/", "Slides cut for it", str(slides[2]))
    page = text(browser.get("/cutting/scan/", {"thing": str(order)}))
    assert f"Order {order} was cut already." in page
    assert f'value="{order}"' in page
    page = text(browser.post(f"/blocks/{block}/cut/", CUTTING | {"order": str(order)}))
    assert "is no longer open: look at the cutting list again" in page
    assert Slide.objects.count() == 3


@pytest.mark.parametrize("scan", ["nonsense", "", "SL-000001-X", "B-000001-W", "\0"])
def test_a_wrong_scan_says_so_and_stays(enter: Enter, cast: Cast, block: Block, scan: str) -> None:
    answer = enter(cast.bench).get("/cutting/scan/", {"thing": scan})
    assert answer.status_code == 200
    assert 'id="thing-error"' in text(answer)


def test_a_block_without_an_order_is_cut_at_once(enter: Enter, cast: Cast, block: Block) -> None:
    browser = enter(cast.bench)
    assert browser.get("/cutting/scan/", {"thing": str(block)})["Location"] == f"/blocks/{block}/cut/"
    assert browser.post(f"/blocks/{block}/cut/", CUTTING).status_code == 302
    shows(browser, f"/blocks/{block}/", *(str(s) for s in Slide.objects.all()))
    assert "Nothing cut" not in text(browser.get("/cutting/"))


def test_fewer_than_ordered_say_why(enter: Enter, cast: Cast, block: Block) -> None:
    order = ordered(cast, block)
    browser, few = enter(cast.bench), CUTTING | {"order": str(order), "sections": "1"}
    page = text(browser.post(f"/blocks/{block}/cut/", few))
    assert "1 of 3 sections: say why fewer." in page.split('id="id_shortfall_error"')[1]
    assert not Slide.objects.exists()
    browser.post(f"/blocks/{block}/cut/", few | {"shortfall": "folds", "reorder_rest": "on"})
    assert CuttingOrder.objects.get(end__isnull=True).sections == 2


def test_the_last_cut_uses_the_block_up(enter: Enter, cast: Cast, block: Block) -> None:
    order = ordered(cast, block)
    browser = enter(cast.bench)
    said = {"order": str(order), "sections": "1", "shortfall": "nothing left", "used_up": "on"}
    browser.post(f"/blocks/{block}/cut/", CUTTING | said)
    shows(browser, f"/blocks/{block}/", "block used up", "Ask for more tissue")
    shows(browser, f"/blocks/{block}/cut/", "recorded as used up on")
    assert "is used up: nothing more is cut from it" in text(browser.post(f"/blocks/{block}/cut/", CUTTING))


def test_a_block_is_said_to_be_used_up(enter: Enter, cast: Cast, block: Block) -> None:
    order = ordered(cast, block)
    browser = enter(cast.bench)
    shows(browser, f"/blocks/{block}/exhaust/", "1 open order", str(order))
    assert browser.post(f"/blocks/{block}/exhaust/", {"note": "only wax"})["Location"] == f"/blocks/{block}/"
    assert (BlockExhaustion.objects.get().note, CuttingEnd.objects.get().cut) == ("only wax", False)
    assert "is recorded as used up already" in text(browser.post(f"/blocks/{block}/exhaust/", {}))
    assert enter(cast.coordinator).get(f"/blocks/{block}/exhaust/").status_code == 403
    page = text(enter(cast.coordinator).post("/cutting/order/", {"block": str(block), "sections": "1"}))
    assert "is used up: ask for more tissue instead." in page.split('id="id_block_error"')[1]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("sections", "0", "greater than or equal to 1"),
        ("sections", "61", "less than or equal to 60"),
        ("sections", "many", "whole number"),
        ("cut_on", "2026-12-01", "lies in the future"),
        ("cut_on", "2026-08-01", "before the procedure"),
        ("thickness_um", "4.55", "1 decimal place"),
    ],
)
def test_a_cut_is_refused_beside_its_field(
    enter: Enter, cast: Cast, block: Block, field: str, typed: str, said: str
) -> None:
    page = text(enter(cast.bench).post(f"/blocks/{block}/cut/", CUTTING | {field: typed}))
    assert said in page.split(f'id="id_{field}_error"')[1]
    assert f'value="{typed}"' in page
    assert not Slide.objects.exists()


def test_a_block_that_is_not_here_is_not_cut(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    away = parcel.items.get().block
    assert "is not at the core: receive it first" in text(enter(cast.bench).post(f"/blocks/{away}/cut/", CUTTING))


def test_query_counts_are_fixed(enter: Enter, cast: Cast, house: House, patient: Patient, block: Block) -> None:
    browser, order = enter(cast.bench), ordered(cast, block)
    a_received_block(cast, house, patient, label="A0")
    addresses = ("/cutting/", f"/cutting/{order}/", f"/blocks/{block}/cut/?order={order}")
    few = [questions(browser, address) for address in addresses]
    for label in ("A2", "A3", "A4"):
        more = a_received_block(cast, house, patient, label=label)
        ordered(cast, more, 28)
        a_received_block(cast, house, patient, label=f"{label}x")
    exhaust_block(by=cast.bench, at=AT, block=more)
    assert [questions(browser, address) for address in addresses] == few
    assert max(few) <= MOST_QUERIES
