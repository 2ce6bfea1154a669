"""One item of a parcel: second looks, photographs, settling, asking, taking back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lims.vocabulary import Role
from specimens.models import ItemQuery, ItemReceipt, Patient, ReceiptPhoto, Shipment
from specimens.receipts import look_of, standing
from specimens.receiving import ReceivedItem, receive_items
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.pictures import a_picture
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    parcel = an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2)])
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])
    return parcel


def address(parcel: Shipment, line: int = 1) -> str:
    return f"/parcels/{parcel}/items/{line}/"


def test_the_page_tells_what_happened(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    shows(browser, address(parcel), "What happened", "received", "Rose Achebe", "Change the condition")
    page = shows(browser, address(parcel, 2), "It is here, but…", "missing", "Ask Mercy General")
    assert "Keep this photograph" not in page
    assert questions(browser, address(parcel)) <= MOST_QUERIES + 3
    assert browser.get(address(parcel, 9)).status_code == 404


def test_a_condition_is_changed_and_one_is_back_at_the_scan_box(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.coordinator)
    said = {"look-condition": "broken", "look-identifiers_agree": "2", "look-note": "cracked corner"}
    answer = browser.post(address(parcel) + "amend/", said)
    assert answer["Location"] == f"/parcels/{parcel}/receive/"
    assert look_of(ItemReceipt.objects.get()).condition == "broken"
    shows(browser, f"/parcels/{parcel}/receive/", "cracked corner", "damaged")
    page = text(browser.post(address(parcel) + "amend/", said | {"look-condition": "melted"}))
    assert "melted is not one of the available choices" in page
    assert 'value="cracked corner"' in page


def test_a_photograph_is_kept_and_served_to_be_saved(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    upload = SimpleUploadedFile("corner.png", a_picture(), "image/png")
    assert browser.post(address(parcel) + "photograph/", {"photo-file": upload}).status_code == 302
    photo = ReceiptPhoto.objects.get()
    shows(browser, address(parcel), f"/receipt-photos/{photo.pk}/small/", "photographed")
    shows(browser, f"/parcels/{parcel}/", "1 photograph")
    for size in ("whole", "small"):
        answer = browser.get(f"/receipt-photos/{photo.pk}/{size}/")
        assert answer["Content-Disposition"].startswith('attachment; filename="receipt-')
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
        assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "image/png")
    assert browser.get(f"/receipt-photos/{photo.pk}/huge/").status_code == 404
    assert enter(cast.reader).get(f"/receipt-photos/{photo.pk}/whole/").status_code == 403


def test_a_photograph_of_another_hospitals_parcel_is_not_there(
    enter: Enter, cast: Cast, house: House, parcel: Shipment
) -> None:
    upload = SimpleUploadedFile("corner.png", a_picture(), "image/png")
    enter(cast.bench).post(address(parcel) + "photograph/", {"photo-file": upload})
    photo = ReceiptPhoto.objects.get()
    hugh = person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy)
    lola = person("lola", "Lola Lake", Role.COORDINATOR, house.lakeshore)
    seen = enter(hugh).get(f"/receipt-photos/{photo.pk}/small/")
    assert b"".join(seen.streaming_content).startswith(b"\x89PNG")
    assert enter(lola).get(f"/receipt-photos/{photo.pk}/small/").status_code == 404


def test_what_is_no_photograph_says_so_beside_the_field(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    upload = SimpleUploadedFile("corner.png", b"<svg onload=alert(1)>", "image/png")
    page = text(enter(cast.bench).post(address(parcel) + "photograph/", {"photo-file": upload}))
    assert "corner.png is not a JPEG, PNG or TIFF picture" in page
    assert not ReceiptPhoto.objects.exists()


def test_a_receipt_is_taken_back_with_a_reason(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    page = text(browser.post(address(parcel) + "take-back/", {"back-reason": " "}))
    assert "This field is required" in page
    assert 'id="back" open' in page
    browser.post(address(parcel) + "take-back/", {"back-reason": "it was A2"})
    assert not standing().exists()
    shows(browser, address(parcel), "receipt taken back", "it was A2", "missing")
    assert browser.post(address(parcel) + "take-back/", {"back-reason": "again"}).status_code == 404


def test_asking_in_ones_own_words(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    said = {"ask-question": "Is it the one from the left kidney?", "ask-apart": "on"}
    assert browser.post(address(parcel) + "ask/", said).status_code == 302
    query = ItemQuery.objects.get()
    assert query.question == said["ask-question"]
    assert look_of(ItemReceipt.objects.get()).apart
    shows(browser, address(parcel), query.accession, "quarantined")
    page = text(browser.post(address(parcel) + "ask/", said))
    assert f"{query} is open." in page


def test_asking_with_one_press(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    browser.post(address(parcel, 2) + "ask/")
    assert ItemQuery.objects.get().question.startswith("It was announced on line 2 and was not in the parcel.")
    browser.post(address(parcel, 2) + "ask/")
    shows(browser, f"/parcels/{parcel}/receive/", "is open.", "Asked, waiting for Mercy General")
    assert ItemQuery.objects.count() == 1


def test_who_only_looks_is_offered_nothing(enter: Enter, cast: Cast, house: House, parcel: Shipment) -> None:
    hugh = enter(person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy))
    page = shows(hugh, address(parcel), "What happened")
    assert "Change the condition" not in page
    assert hugh.post(address(parcel) + "accept/").status_code == 403
    for step in ("receive", "amend", "settle", "accept", "ask", "take-back", "photograph"):
        assert enter(cast.statistician).post(address(parcel) + f"{step}/").status_code == 403
