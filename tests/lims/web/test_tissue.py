"""One specimen, block, slide; pictures."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lims.vocabulary import Role
from specimens.models import Patient, Slide, SlideImage
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import (
    MOST_OF_ONE,
    questions,
    shows,
    status,
    text,
)
from tests.stories import House, a_received_block, a_stained_slide


@pytest.fixture
def slide(cast: Cast, house: House, patient: Patient) -> Slide:
    return a_stained_slide(cast, a_received_block(cast, house, patient))


def png(width: int = 64, height: int = 48) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "purple").save(buffer, "PNG")
    return buffer.getvalue()


def picture(content: bytes, name: str = "slide.png") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def test_each_thing_tells_its_history(enter: Enter, cast: Cast, slide: Slide) -> None:
    browser, block = enter(cast.coordinator), slide.block
    shows(
        browser,
        f"/slides/{slide}/",
        "sectioned",
        "stained",
        "H&amp;E",
        str(block),
        "was stained H&amp;E in run",
    )
    shows(browser, f"/blocks/{block}/", "collected", "shipped", "received", "loan", str(slide))
    shows(browser, f"/specimens/{block.specimen}/", "primary", "C64.9", str(block), "CWG-0187")


def test_the_hospitals_number_is_the_coordinators(enter: Enter, cast: Cast, slide: Slide) -> None:
    address = f"/specimens/{slide.block.specimen}/"
    assert "SECRET" in shows(enter(cast.coordinator), address)
    for other in (cast.bench, cast.statistician, cast.administrator):
        assert "SECRET" not in shows(enter(other), address)


def test_tissue_of_another_site_is_not_found(enter: Enter, cast: Cast, house: House, slide: Slide) -> None:
    browser = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    things = [f"/slides/{slide}/", f"/blocks/{slide.block}/", f"/specimens/{slide.block.specimen}/"]
    assert [status(browser, address) for address in things] == [404, 404, 404]
    home = enter(person("mo", "Mo Mercy", Role.COORDINATOR, house.mercy))
    assert [status(home, address) for address in things] == [200, 200, 200]


def test_a_reader_gets_no_tissue(enter: Enter, cast: Cast, slide: Slide) -> None:
    for reader in (cast.reader, cast.adjudicator):
        assert status(enter(reader), f"/slides/{slide}/") == 403


def test_a_number_that_is_none_gets_a_sentence(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    answer = browser.get("/slides/SL-000001-X/")
    assert answer.status_code == 400
    assert "check character" in text(answer)
    assert status(browser, "/blocks/B-999999-0/") in (400, 404)


def test_a_picture_is_attached_and_shown(enter: Enter, cast: Cast, slide: Slide) -> None:
    browser = enter(cast.bench)
    answer = browser.post(f"/slides/{slide}/pictures/", picture(png()))
    assert answer["Location"] == f"/slides/{slide}/"
    image = SlideImage.objects.get()
    shows(browser, f"/slides/{slide}/", "64 × 48 px", image.sha256)
    small = browser.get(f"/pictures/{image.pk}/small/")
    assert small["Content-Type"] == "image/png"
    assert b"".join(small.streaming_content).startswith(b"\x89PNG")
    assert status(browser, f"/pictures/{image.pk}/huge/") == 404


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.png", "is empty"),
        (b"<html>hello</html>", "page.png", "is not a JPEG, PNG or TIFF picture"),
        (png()[:60], "cut.png", "damaged or cut short"),
        (b"GIF89a" + b"\x00" * 40, "moving.png", "is not a JPEG, PNG or TIFF picture"),
    ],
)
def test_what_is_no_picture_gets_a_sentence(
    enter: Enter, cast: Cast, slide: Slide, content: bytes, name: str, said: str
) -> None:
    answer = enter(cast.bench).post(f"/slides/{slide}/pictures/", picture(content, name))
    assert answer.status_code == 200
    assert said in text(answer)
    assert not SlideImage.objects.exists()


def test_a_picture_past_the_limit_gets_a_sentence(enter: Enter, cast: Cast, slide: Slide, settings: object) -> None:
    settings.PARAFFIN_MAX_UPLOAD_BYTES = 2**20  # type: ignore[attr-defined]
    page = text(enter(cast.bench).post(f"/slides/{slide}/pictures/", picture(b"\x89PNG" + b"0" * 2**20)))
    assert "is larger than 1 MB" in page


def test_a_picture_of_another_site_is_not_found(enter: Enter, cast: Cast, house: House, slide: Slide) -> None:
    enter(cast.bench).post(f"/slides/{slide}/pictures/", picture(png()))
    browser = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert status(browser, f"/pictures/{SlideImage.objects.get().pk}/whole/") == 404


def test_query_counts_are_fixed(enter: Enter, cast: Cast, slide: Slide) -> None:
    browser = enter(cast.coordinator)
    things = [f"/slides/{slide}/", f"/blocks/{slide.block}/", f"/specimens/{slide.block.specimen}/"]
    few = [questions(browser, address) for address in things]
    for _ in range(4):
        a_stained_slide(cast, slide.block)
    assert [questions(browser, address) for address in things] == few
    assert max(few) <= MOST_OF_ONE
