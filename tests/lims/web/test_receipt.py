"""Receipt: a parcel one slide short, with one extra and one broken, is received to the end."""

import pytest
from django.test import Client

from specimens.models import ItemReceipt, Patient, Shipment
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, a_patient, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    """Three blocks announced."""
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2, 3)])


def number(parcel: Shipment, line: int) -> str:
    return str(parcel.items.get(line=line).block)


def test_a_scan_receives_and_stays(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser, address = enter(cast.coordinator), f"/parcels/{parcel}/receive/"
    answer = browser.post(address, {"item": number(parcel, 1).lower()})
    assert answer["Location"] == address
    page = shows(browser, address, "autofocus", "Last scanned", "1 of 3 scanned")
    assert page.index("Scan the next item") < page.index("Needs you")


def test_a_scan_by_htmx_answers_with_the_desk_alone(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    answer = enter(cast.bench).post(f"/parcels/{parcel}/receive/", {"item": "A2"}, headers={"HX-Request": "true"})
    page = text(answer)
    assert answer.status_code == 200
    assert "<html" not in page
    assert "1 of 3 scanned" in page


def test_one_short_one_extra_one_broken(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser: Client = enter(cast.coordinator)
    address = f"/parcels/{parcel}/"
    browser.post(address + "receive/", {"item": number(parcel, 1)})
    broken = {"look-condition": "broken", "look-identifiers_agree": "2", "look-note": "cracked corner"}
    assert browser.post(address + "items/2/receive/", broken).status_code == 302
    extra = {
        "extra-kind": "block",
        "extra-label": "Z9",
        "extra-study_id": "",
        "extra-specimen_kind": "primary",
    }
    assert browser.post(address + "unannounced/", extra).status_code == 302
    page = " ".join(shows(browser, address + "receive/", "cracked corner", "Close with 1 missing").split())
    assert "<b>3</b> announced" in page
    assert "<b>1</b> here and intact" in page
    assert "<b>1</b> damaged" in page
    assert "<b>1</b> missing" in page
    assert "1 more was not announced" in page
    assert browser.post(address + "close/", {"closing-note": "asked by mail"}).status_code == 302
    shows(browser, address, "closed", "was closed with 1 missing")
    browser.post(address + "receive/", {"item": "A3"})
    assert ItemReceipt.objects.filter(item__shipment=parcel).count() == 4


@pytest.mark.parametrize(
    ("scanned", "said"),
    [
        ("", "Scan an item"),
        ("B-000001", "is not in parcel"),
        ("SL-999999-K", "is not in parcel"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_a_wrong_scan_says_why_and_keeps_it(
    enter: Enter, cast: Cast, parcel: Shipment, scanned: str, said: str
) -> None:
    answer = enter(cast.coordinator).post(f"/parcels/{parcel}/receive/", {"item": scanned})
    assert answer.status_code == 200
    assert said in text(answer)
    assert not ItemReceipt.objects.exists()


def test_the_same_item_twice_is_refused(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.coordinator)
    browser.post(f"/parcels/{parcel}/receive/", {"item": "A1"})
    page = text(browser.post(f"/parcels/{parcel}/receive/", {"item": "A1"}))
    assert "was received already" in page
    assert ItemReceipt.objects.count() == 1


def test_a_label_that_two_items_carry_asks_for_the_number(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    other = a_patient(cast, house, "CWG-0400")
    parcel = an_announced_parcel(cast, house, an_item(patient), an_item(other))
    page = text(enter(cast.coordinator).post(f"/parcels/{parcel}/receive/", {"item": "a1"}))
    assert "2 items carry the label" in page


def test_a_mismatch_is_kept_apart_and_settled(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser, address = enter(cast.bench), f"/parcels/{parcel}/"
    doubtful = {"look-condition": "label_mismatch", "look-identifiers_agree": "1", "look-note": ""}
    browser.post(address + "items/1/receive/", doubtful)
    shows(browser, address + "receive/", "quarantined", "Settle the quarantine")
    refused = {"settle-outcome": "accepted", "settle-reason": " "}
    page = text(browser.post(address + "items/1/settle/", refused))
    assert "This field is required" in page
    said = {"settle-outcome": "accepted", "settle-reason": "the sender confirmed by telephone"}
    browser.post(address + "items/1/settle/", said)
    shows(browser, address, "accepted: the sender confirmed by telephone")


def test_a_line_that_is_not_there_gets_a_sentence(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser, intact = enter(cast.bench), {"look-condition": "intact", "look-identifiers_agree": "2"}
    assert browser.post(f"/parcels/{parcel}/items/9/receive/", intact).status_code == 404
    said = {"settle-outcome": "accepted", "settle-reason": "x"}
    assert "no received item on line 1" in text(browser.post(f"/parcels/{parcel}/items/1/settle/", said))


def test_a_refused_extra_stays_open_and_typed(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    extra = {
        "extra-kind": "block",
        "extra-label": "Z9",
        "extra-study_id": "CWG-9999",
        "extra-specimen_kind": "primary",
        "extra-trial": "CWG",
        "extra-specimen_label": "S9",
    }
    page = text(enter(cast.bench).post(f"/parcels/{parcel}/unannounced/", extra))
    assert "No patient CWG-9999 is enrolled" in page
    assert 'id="extra" open' in page
    assert 'value="S9"' in page


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, house: House, patient: Patient, parcel: Shipment) -> None:
    browser = enter(cast.coordinator)
    few = questions(browser, f"/parcels/{parcel}/receive/")
    large = an_announced_parcel(cast, house, *[an_item(patient, label=f"C{n}") for n in range(12)])
    assert questions(browser, f"/parcels/{large}/receive/") == few <= MOST_QUERIES


def test_a_label_misread_is_no_extra_item(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    block = number(parcel, 1)
    misread = block[:-1] + ("A" if block[-1] != "A" else "C")
    page = text(enter(cast.coordinator).post(f"/parcels/{parcel}/receive/", {"item": misread}))
    assert f"The check character of {misread} is wrong" in page
    assert "add it below" not in page


def test_an_item_of_another_parcel_names_that_parcel(
    enter: Enter, cast: Cast, house: House, patient: Patient, parcel: Shipment
) -> None:
    other = an_announced_parcel(cast, house, an_item(patient, label="D1"))
    browser = enter(cast.coordinator)
    browser.post(f"/parcels/{parcel}/receive/", {"item": number(other, 1)})
    page = shows(browser, f"/parcels/{parcel}/receive/", f"announced in {other}", "Accept it here")
    assert "1 more was not announced" in " ".join(page.split())
    browser.post(f"/parcels/{parcel}/items/4/accept/")
    shows(browser, f"/parcels/{parcel}/", "accepted here")
    shows(browser, f"/parcels/{other}/", "in another parcel")


def test_an_extra_keeps_how_it_looks(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    extra = {
        "extra-kind": "block",
        "extra-label": "Z9",
        "extra-specimen_kind": "primary",
        "extra-condition": "wet",
        "extra-note": "soaked label",
    }
    browser = enter(cast.bench)
    assert browser.post(f"/parcels/{parcel}/unannounced/", extra).status_code == 302
    receipt = ItemReceipt.objects.get()
    assert (receipt.condition, receipt.note) == ("wet", "soaked label")
    shows(browser, f"/parcels/{parcel}/receive/", "soaked label", "Settle the quarantine")
    shows(browser, f"/parcels/{parcel}/items/4/", "Whose it is has not been said")


def test_what_somebody_else_did_meanwhile_is_said(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser, address = enter(cast.coordinator), f"/parcels/{parcel}/"
    intact = {"look-condition": "intact", "look-identifiers_agree": "2"}
    browser.post(address + "items/1/receive/", intact)
    assert "A1 of parcel" in text(browser.post(address + "items/1/receive/", intact))
    browser.post(address + "close/", {"closing-note": ""})
    browser.get(address)
    assert "was closed already" in text(browser.post(address + "close/", {"closing-note": "mine"}))
