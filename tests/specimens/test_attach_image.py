"""Attaching a picture: its bytes count, not its name, and nothing but pixels is kept."""

import io
from datetime import date

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from PIL import Image, PngImagePlugin

from specimens.consenting import withdraw_consent
from specimens.errors import Invalid
from specimens.imaging import TooLarge, WrongKind, attach_image
from specimens.models import LedgerEntry, Patient, Slide, SlideImage
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_received_block, a_stained_slide


def a_picture(kind: str = "PNG", size: tuple[int, int] = (400, 300), colour: str = "plum", **kwargs: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, format=kind, **kwargs)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.fixture
def slide(cast: Cast, house: House, patient: Patient) -> Slide:
    return a_stained_slide(cast, a_received_block(cast, house, patient))


def attach(by: object, slide: Slide, content: bytes, name: str = "A1.png", **changes: object) -> SlideImage:
    return attach_image(by=by, at=AT, slide=slide, name=name, content=content, **changes)


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("TIFF", "image/png")])
def test_a_picture_is_attached_with_a_small_one(cast: Cast, slide: Slide, kind: str, media_type: str) -> None:
    image = attach(cast.bench, slide, a_picture(kind), name="whatever.bin", demonstration=True)
    assert (image.width, image.height, image.media_type, image.demonstration) == (400, 300, media_type, True)
    with default_storage.open(image.thumbnail) as small:
        assert Image.open(small).size == (256, 192)
    line = LedgerEntry.objects.latest("number")
    assert line.sentence == f"A picture of 400 x 300 pixels was attached to slide {slide}."
    assert line.became == {"sha256": image.sha256}


def test_nothing_but_the_pixels_is_kept(cast: Cast, slide: Slide) -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "CANARY Jane Doe")
    exif = Image.Exif()
    exif[0x010E] = "CANARY Jane Doe"
    for content in (a_picture("PNG", pnginfo=said), a_picture("JPEG", colour="navy", exif=exif)):
        assert b"CANARY" in content
        image = attach(cast.bench, slide, content)
        for name in (image.file, image.thumbnail):
            with default_storage.open(name) as kept:
                assert b"CANARY" not in kept.read()


def test_only_the_bench_attaches(cast: Cast, slide: Slide) -> None:
    for name, person in cast.everybody().items():
        if name != "bench":
            with forbidden("Only histotechnologists attach pictures"):
                attach(person, slide, a_picture())


def test_not_after_a_withdrawal(cast: Cast, slide: Slide, patient: Patient) -> None:
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(), withdrawn_on=date(2026, 11, 21))
    with refused("consent_withdrawn", "Picturing is stopped"):
        attach(cast.bench, slide, a_picture())


def test_the_same_picture_again(cast: Cast, slide: Slide) -> None:
    attach(cast.bench, slide, a_picture())
    with refused("image_once", "This picture is attached to this slide already."):
        attach(cast.bench, slide, a_picture(), name="renamed.png")


def test_an_empty_file(cast: Cast, slide: Slide) -> None:
    with refused("empty_file", "A1.png is empty.", Invalid):
        attach(cast.bench, slide, b"")


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n",
        b"GIF89a\x01\x00\x01\x00",
        b"<svg xmlns='x'/>",
        b"\0" * 64,
    ],
)
def test_a_file_that_is_not_what_its_name_says(cast: Cast, slide: Slide, content: bytes) -> None:
    with refused("not_an_image", "is not a JPEG, PNG or TIFF picture, whatever its name says.", WrongKind) as refusal:
        attach(cast.bench, slide, content)
    assert refusal.field == "file"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_picture_cut_short(cast: Cast, slide: Slide, kind: str) -> None:
    whole = a_picture(kind)
    with refused("broken_image", "is damaged or cut short", Invalid):
        attach(cast.bench, slide, whole[: len(whole) * 2 // 3])


def test_a_file_too_large(cast: Cast, slide: Slide, settings: LazySettings) -> None:
    settings.PARAFFIN_MAX_UPLOAD_BYTES = 2**20
    with refused("file_too_large", "A1.png is larger than 1 MB.", TooLarge):
        attach(cast.bench, slide, a_picture() + b"\0" * 2**20)


def test_a_small_file_of_too_many_pixels(cast: Cast, slide: Slide) -> None:
    for side in (9_000, 12_000, 20_000):
        bomb = Image.new("1", (side, side))
        buffer = io.BytesIO()
        bomb.save(buffer, format="PNG")
        assert len(buffer.getvalue()) < 2**20
        with refused("image_too_large", " pixels", TooLarge):
            attach(cast.bench, slide, buffer.getvalue())
