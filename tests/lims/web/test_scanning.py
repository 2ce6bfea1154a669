"""The receiving desk by scanner alone: bench card, second identifiers, undo, strangers, two people at once."""

import pytest
from django.test import Client

from specimens.models import ItemReceipt, Patient, ReceiptVoid, Shipment
from specimens.receipts import look_of, standing
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2, 3)])


def scan(browser: Client, parcel: Shipment, item: str, **more: str) -> str:
    """What the desk says after one scan, as htmx swaps it in."""
    answer = browser.post(f"/parcels/{parcel}/receive/", {"item": item, **more}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return " ".join(text(answer).split())


@pytest.mark.parametrize(
    ("code", "word", "condition"),
    [
        ("*DAMAGED*", "damaged", "broken"),
        ("*wet*", "wet", "wet"),
        ("*MISMATCH*", "label mismatch", "label_mismatch"),
    ],
)
def test_a_code_of_the_bench_card_and_then_the_item(
    enter: Enter, cast: Cast, parcel: Shipment, code: str, word: str, condition: str
) -> None:
    browser = enter(cast.bench)
    page = scan(browser, parcel, code)
    assert f"Scan the item that is {word}" in page
    assert f'name="mark" value="{condition}"' in page
    assert not ItemReceipt.objects.exists()
    page = scan(browser, parcel, "A1", mark=condition)
    assert ItemReceipt.objects.get().condition == condition
    assert "Scan the next item" in page


def test_a_code_is_kept_by_a_wrong_scan_and_taken_back(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    assert 'name="mark" value="wet"' in scan(browser, parcel, "nothing like it", mark="wet")
    assert 'name="mark"' not in scan(browser, parcel, "*INTACT*", mark="wet")
    assert 'name="mark"' not in scan(browser, parcel, "A1", mark="melted")
    assert ItemReceipt.objects.get().condition == "intact"


def test_an_item_that_is_here_is_looked_at_again(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    scan(browser, parcel, "A1")
    scan(browser, parcel, "A2")
    page = scan(browser, parcel, "A1", mark="broken")
    receipt = ItemReceipt.objects.get(item__line=1)
    assert (receipt.condition, look_of(receipt).condition) == ("intact", "broken")
    assert page.index("Last scanned") < page.index(str(receipt.item.block)) < page.index("Needs you")
    assert "was received so already, by Rose Achebe" in scan(browser, parcel, "A1", mark="broken")


@pytest.mark.parametrize("code", ["*UNDO*", "u", "U"])
def test_undo_takes_back_ones_own_last_scan(enter: Enter, cast: Cast, parcel: Shipment, code: str) -> None:
    bench, coordinator = enter(cast.bench), enter(cast.coordinator)
    scan(bench, parcel, "A1")
    scan(coordinator, parcel, "A2")
    page = scan(bench, parcel, code)
    assert "The receipt of A1 was taken back" in page
    assert [receipt.item.label for receipt in standing()] == ["A2"]
    assert "You have scanned nothing in parcel" in scan(bench, parcel, code)
    assert ReceiptVoid.objects.count() == 1
    scan(bench, parcel, "A1")
    assert standing().count() == 2


def test_undo_without_a_script_goes_back_to_the_desk(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser, address = enter(cast.bench), f"/parcels/{parcel}/receive/"
    browser.post(address, {"item": "A1"})
    assert browser.post(address, {"item": "*UNDO*"})["Location"] == address
    shows(browser, address, "The receipt of A1 was taken back")


def test_x_leads_to_the_last_item(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser, address = enter(cast.bench), f"/parcels/{parcel}/receive/"
    browser.post(address, {"item": "A2"})
    assert browser.post(address, {"item": "x"})["Location"] == f"/parcels/{parcel}/items/2/"
    answer = browser.post(address, {"item": "x"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/parcels/{parcel}/items/2/"


@pytest.mark.parametrize(("second", "agree"), [("cwg-0187", 2), ("A1", 2), ("CWG-0188", 1), ("A2", 1)])
def test_a_second_identifier(enter: Enter, cast: Cast, parcel: Shipment, second: str, agree: int) -> None:
    browser = enter(cast.bench)
    number = str(parcel.items.get(line=1).block)
    page = scan(browser, parcel, number, two="on")
    assert f"Second identifier of {number}" in page
    assert 'name="first" value="1"' in page
    assert not ItemReceipt.objects.exists()
    page = scan(browser, parcel, second, two="on", first="1")
    assert ItemReceipt.objects.get().identifiers_agree == agree
    assert ("does not belong to it" in page) is (agree == 1)
    assert 'name="two" checked' in page


def test_a_second_identifier_may_be_the_hospitals_number_and_is_not_shown(
    enter: Enter, cast: Cast, parcel: Shipment, patient: Patient
) -> None:
    browser = enter(cast.bench)
    assert "SECRET" not in scan(browser, parcel, "A1", two="on")
    scan(browser, parcel, f"H26-{patient.pk}-SECRET", two="on", first="1")
    assert ItemReceipt.objects.get().identifiers_agree == 2


def test_what_is_on_record_nowhere_is_taken_in_below(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    page = scan(enter(cast.bench), parcel, "Z-77")
    assert "is not in parcel" in page
    assert "nor on record" in page
    assert 'id="extra" open' in page
    assert 'name="extra-label" value="Z-77"' in page


def test_a_stranger_is_quarantined_and_asked_about_with_one_press(
    enter: Enter, cast: Cast, house: House, patient: Patient, parcel: Shipment
) -> None:
    other = an_announced_parcel(cast, house, an_item(patient, label="D1"))
    browser = enter(cast.bench)
    page = scan(browser, parcel, str(other.items.get().block))
    assert "not announced" in page
    assert "Quarantine and ask" in page
    browser.post(f"/parcels/{parcel}/items/4/ask/")
    page = " ".join(shows(browser, f"/parcels/{parcel}/receive/", "Mercy General was asked about D1").split())
    assert "Asked, waiting for Mercy General" in page
    assert "quarantined" in page


def test_somebody_else_was_quicker(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    scan(enter(cast.bench), parcel, "A1")
    page = scan(enter(cast.coordinator), parcel, "A1")
    assert "was received already, by Rose Achebe, 2026-11-23 09:00:" in page
    assert "by Rose Achebe</span>" in page
    assert ItemReceipt.objects.count() == 1


def test_the_desk_of_a_large_parcel_shows_a_part_and_asks_no_more(
    enter: Enter, cast: Cast, house: House, patient: Patient, parcel: Shipment
) -> None:
    browser = enter(cast.bench)
    few = questions(browser, f"/parcels/{parcel}/receive/")
    large = an_announced_parcel(cast, house, *[an_item(patient, label=f"L{n}") for n in range(150)])
    assert questions(browser, f"/parcels/{large}/receive/") == few <= MOST_QUERIES
    page = shows(browser, f"/parcels/{large}/receive/", "125 more missing items")
    assert page.count('<td class="due">') == 25
    page = shows(browser, f"/parcels/{large}/", "Lines from 101", "100 of 150 lines shown")
    shows(browser, f"/parcels/{large}/?line=101", "50 of 150 lines shown", "Back to the start")
    shows(browser, f"/parcels/{large}/?line=abc", "100 of 150 lines shown")
