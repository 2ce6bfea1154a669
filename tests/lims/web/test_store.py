"""The store's pages: how full it is, the map of a drawer, adding, renaming, retiring, labels."""

import pytest
import zxingcpp
from pypdfium2 import PdfDocument

from lims.vocabulary import Role
from specimens.models import Patient, StoragePlace
from specimens.placing import NewPlace, add_places
from specimens.vocabulary import PlaceKind
from tests.cast import AT, Cast, person
from tests.drawers import a_cabinet, a_drawer, put_away, some_slides
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House


@pytest.fixture
def drawer(cast: Cast, house: House) -> StoragePlace:
    return a_drawer(cast)


def test_the_store_says_how_full_it_is(
    enter: Enter, cast: Cast, house: House, patient: Patient, drawer: StoragePlace
) -> None:
    put_away(cast, drawer, some_slides(cast, house, patient))
    page = " ".join(shows(enter(cast.bench), "/store/", "Histology", "Cabinet 1", "Drawer 1", "7 free").split())
    assert "<b>10</b> positions" in page
    assert "<b>3</b> taken" in page


def test_an_empty_store_says_what_to_do(enter: Enter, cast: Cast, house: House) -> None:
    shows(enter(cast.bench), "/store/", "The store has no room yet", "/store/add/")


def test_who_sees_the_store(enter: Enter, cast: Cast, house: House, drawer: StoragePlace) -> None:
    site = person("cora", "Cora Bell", Role.COORDINATOR, house.mercy)
    for address in ("/store/", f"/store/{drawer.accession}/", "/store/desk/", "/store/waiting/", "/disposals/"):
        for somebody in (cast.reader, cast.adjudicator, cast.statistician, cast.administrator, site):
            assert enter(somebody).get(address).status_code == 403, (address, somebody)
        for somebody in (cast.bench, cast.coordinator):
            assert enter(somebody).get(address).status_code == 200
    assert "Store</a>" not in text(enter(site).get("/parcels/"))


def test_where_is_it(enter: Enter, cast: Cast, house: House, patient: Patient, drawer: StoragePlace) -> None:
    slides = some_slides(cast, house, patient, 2)
    put_away(cast, drawer, slides[:1])
    browser = enter(cast.bench)
    address = f"/store/{drawer.accession}/"
    assert browser.get("/store/", {"q": str(slides[0]).lower()})["Location"] == f"{address}#p-1"
    assert browser.get("/store/", {"q": drawer.accession})["Location"] == address
    assert browser.get("/find/", {"q": drawer.accession})["Location"] == address
    for sought, said in (
        (str(slides[1]), f"{slides[1]} stands in no drawer."),
        (str(slides[0].block.specimen), "is no block, slide or place"),
        ("what?", "is not an accession number"),
        ("SL-999999-X", "check character"),
    ):
        assert said in text(browser.get("/store/", {"q": sought}))


def test_the_map_of_a_drawer(enter: Enter, cast: Cast, house: House, patient: Patient, drawer: StoragePlace) -> None:
    slides = some_slides(cast, house, patient, 2)
    put_away(cast, drawer, slides)
    page = shows(enter(cast.bench), f"/store/{drawer.accession}/", "2 of 10", "free, next", patient.study_id)
    assert f'id="p-2" class="is-taken"><a href="/slides/{slides[1]}/"' in page
    assert f'href="/store/desk/?drawer={drawer.accession}&amp;position=3"' in page
    assert page.count('class="is-free"') == 8


def test_a_things_page_says_where_it_stands(
    enter: Enter, cast: Cast, house: House, patient: Patient, drawer: StoragePlace
) -> None:
    slides = some_slides(cast, house, patient, 1)
    browser = enter(cast.bench)
    shows(browser, f"/slides/{slides[0]}/", "stands in no drawer", "Put it away")
    put_away(cast, drawer, [slides[0], slides[0].block])
    shows(browser, f"/slides/{slides[0]}/", f"{drawer}, position 1", "put at")
    shows(browser, f"/blocks/{slides[0].block}/", f"{drawer}, position 2")
    page = shows(enter(cast.statistician), f"/slides/{slides[0]}/", f"{drawer}, position 1")
    assert "/store/" not in page


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    *_, small = a_cabinet(cast)
    put_away(cast, small, some_slides(cast, house, patient, 1))
    browser = enter(cast.bench)
    addresses = ["/store/", "/store/waiting/", f"/store/{small.accession}/", f"/store/desk/?drawer={small.accession}"]
    few = [questions(browser, address) for address in addresses]
    *_, large = a_cabinet(cast, drawers=20, positions=400)
    for _ in range(4):
        put_away(cast, large, some_slides(cast, house, patient, 50))
    some_slides(cast, house, patient, 55)
    addresses[2:] = [f"/store/{large.accession}/", f"/store/desk/?drawer={large.accession}"]
    assert [questions(browser, address) for address in addresses] == few
    assert max(few) <= MOST_QUERIES


def test_a_large_store_lists_its_drawers_by_cabinet(enter: Enter, cast: Cast, house: House) -> None:
    _, cabinet, *drawers = a_cabinet(cast, drawers=70)
    browser = enter(cast.bench)
    page = shows(browser, "/store/", "70 drawers", "listed on the page of their cabinet")
    assert drawers[0].accession not in page
    shows(browser, f"/store/{cabinet.accession}/", drawers[0].accession, drawers[69].accession, "0 of 700")


# ---- adding and changing ----
def test_places_are_added(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    answer = browser.post("/store/add/", {"kind": "room", "name": "Histology", "inside": ""})
    room = StoragePlace.objects.get()
    assert answer["Location"] == f"/store/{room.accession}/"
    cabinet = {"kind": "cabinet", "name": "A", "inside": room.accession, "drawers": 3, "positions": 20, "columns": 4}
    answer = browser.post("/store/add/", cabinet, follow=True)
    assert "Histology / A was added with 3 drawers. Print the labels next." in text(answer)
    assert StoragePlace.objects.filter(kind="drawer", positions=20, columns=4).count() == 3
    again = text(browser.post("/store/add/", cabinet))
    assert "There is a place of that name here already." in again
    assert 'value="A"' in again
    assert "Give it a name" not in again


def test_a_place_that_cannot_be_is_said_beside_its_field(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.bench)
    page = text(browser.post("/store/add/", {"kind": "drawer", "name": "A", "inside": "", "positions": 5}))
    assert "A drawer stands in a cabinet: say which." in page
    for wrong in ({"positions": "many"}, {"positions": "0"}, {"drawers": "101"}, {"inside": "ST-000999-X"}):
        assert browser.post("/store/add/", {"kind": "drawer", "name": "A"} | wrong).status_code == 200
    assert not StoragePlace.objects.exists()


def test_a_place_is_renamed_and_retired(
    enter: Enter, cast: Cast, house: House, patient: Patient, drawer: StoragePlace
) -> None:
    browser, address = enter(cast.bench), f"/store/{drawer.accession}/"
    browser.post(address + "change/", {"rename-name": "Kept apart"})
    shows(browser, address, "Kept apart")
    put_away(cast, drawer, some_slides(cast, house, patient, 1))
    page = text(browser.post(address + "change/", {"retire": "1", "retire-reason": "rusted"}))
    assert "still holds 1 thing: take everything out first." in page
    assert "rusted" in page
    assert "This field is required" in text(browser.post(address + "change/", {"rename-name": " "}))
    empty = a_drawer(cast)
    answer = browser.post(f"/store/{empty.accession}/change/", {"retire": "1", "retire-reason": "rusted"}, follow=True)
    assert "is used no more." in text(answer)
    page = shows(browser, f"/store/{empty.accession}/", "retired")
    assert "position=" not in page
    assert browser.get(f"/store/{empty.accession}/change/")["Location"] == f"/store/{empty.accession}/"


def test_a_place_that_is_not_there(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.bench)
    assert browser.get("/store/ST-000009-9/").status_code in (400, 404)
    assert browser.get("/store/nowhere/").status_code == 400


# ---- labels ----
def sheets(enter: Enter, cast: Cast, address: str) -> tuple[str, list[str], int]:
    """The words on the sheets, what an independent reader decodes of their codes, and how many sheets there are."""
    answer = enter(cast.bench).get(address)
    assert answer["Content-Type"] == "application/pdf"
    pages = list(PdfDocument(answer.content))
    codes = [code.text for page in pages for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]
    return "".join(page.get_textpage().get_text_bounded() for page in pages), codes, len(pages)


def test_labels_of_drawers_decode(enter: Enter, cast: Cast, house: House) -> None:
    room, cabinet, *drawers = a_cabinet(cast, drawers=3)
    words, codes, _ = sheets(enter, cast, f"/store/labels/?in={cabinet.accession}")
    wanted = [cabinet.accession, *(d.accession for d in drawers), "*OUT*", "*IN*", "*UNDO*"]
    assert sorted(codes) == sorted(wanted)
    assert [each for each in wanted if each not in words] == []
    assert room.accession not in words


def test_many_labels_take_many_sheets(enter: Enter, cast: Cast, house: House) -> None:
    room = a_cabinet(cast, drawers=40)[0]
    add_places(by=cast.bench, at=AT, places=[NewPlace(PlaceKind.CABINET, "Blocks", room)])
    _, codes, pages = sheets(enter, cast, "/store/labels/")
    assert (len(codes), pages) == (43, 3)
