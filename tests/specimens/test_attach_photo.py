"""Photographs of how an item came: verified, stripped, kept once."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from specimens.errors import Invalid
from specimens.imaging import WrongKind
from specimens.item_story import photos_of, story_of
from specimens.models import ItemReceipt, LedgerEntry, Patient
from specimens.receiving import ReceivedItem, receive_items
from specimens.second_looks import attach_photo
from tests.cast import AT, Cast
from tests.lims.web.pictures import a_picture
from tests.refusals import forbidden, refused
from tests.stories import House, an_announced_parcel, an_item


@pytest.fixture
def receipt(cast: Cast, house: House, patient: Patient) -> ItemReceipt:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    return receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])[0]


def held_sideways() -> bytes:
    """A photograph of 30 x 20 pixels whose camera says that it was turned, and where it was taken."""
    exif = Image.Exif()
    exif[274], exif[270] = 6, "Mercy General, room 4"
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 80, 90)).save(buffer, format="JPEG", exif=exif)
    return buffer.getvalue()


def test_it_is_turned_upright_and_says_nothing_but_its_pixels(cast: Cast, receipt: ItemReceipt) -> None:
    photo = attach_photo(by=cast.bench, at=AT, receipt=receipt, name="IMG_1.jpg", content=held_sideways())
    with default_storage.open(photo.file) as file:
        kept = file.read()
    assert Image.open(io.BytesIO(kept)).size == (20, 30)
    assert b"Mercy" not in kept
    assert LedgerEntry.objects.get(deed="photograph item").became == {"sha256": photo.sha256}
    assert photos_of(receipt.item_id) == [photo]
    assert [told.word for told in story_of(receipt.item_id)] == ["received", "photographed"]


def test_the_same_photograph_is_kept_once(cast: Cast, receipt: ItemReceipt) -> None:
    attach_photo(by=cast.bench, at=AT, receipt=receipt, name="a.png", content=a_picture())
    with refused("receipt_photo_once", "is with this item already."):
        attach_photo(by=cast.bench, at=AT, receipt=receipt, name="b.png", content=a_picture())


def test_what_is_no_photograph(cast: Cast, receipt: ItemReceipt) -> None:
    with refused("not_an_image", "is not a JPEG, PNG or TIFF picture", WrongKind):
        attach_photo(by=cast.bench, at=AT, receipt=receipt, name="a.png", content=b"<svg onload=alert(1)>")
    with refused("empty_file", "a.png is empty.", Invalid):
        attach_photo(by=cast.bench, at=AT, receipt=receipt, name="a.png", content=b"")
    with forbidden("Only the core's coordinators and bench receive parcels"):
        attach_photo(by=cast.reader, at=AT, receipt=receipt, name="a.png", content=a_picture())
