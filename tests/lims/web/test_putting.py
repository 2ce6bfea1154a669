"""Putting away by scan: a drawer, then thing after thing; out again, back again; and what stands nowhere."""

import pytest
from django.test import Client

from specimens.models import Move, Patient, Slide, Standing, StoragePlace
from specimens.storing import take_out
from tests.cast import AT, Cast
from tests.drawers import a_cabinet, put_away, some_slides
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text
from tests.stories import House, a_received_block

DESK = "/store/desk/"


@pytest.fixture
def drawers(cast: Cast, house: House) -> list[StoragePlace]:
    return a_cabinet(cast, drawers=2)[2:]


@pytest.fixture
def slides(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    return some_slides(cast, house, patient, 4)


def scan(browser: Client, scanned: object, **state: str) -> str:
    """Where the desk leads after a scan, or its page when it refuses."""
    answer = browser.post(DESK, {"scan": str(scanned)} | state)
    return answer["Location"] if answer.status_code == 302 else text(answer)


def test_a_drawer_and_then_thing_after_thing(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]
) -> None:
    browser, one = enter(cast.bench), drawers[0].accession
    shows(browser, DESK, "No drawer is chosen yet: scan one first.", "autofocus")
    after = scan(browser, one.lower())
    assert after == f"{DESK}?drawer={one}"
    shows(browser, after, "next free <b>1</b>")
    for slide in slides[:3]:
        assert scan(browser, slide, drawer=one) == after
    page = shows(browser, after, "position <b>3</b>", "next free <b>4</b>", str(slides[2]))
    assert page.index("Scan a drawer, then one thing") < page.index("position <b>3</b>")
    assert scan(browser, drawers[1].accession, drawer=one) == f"{DESK}?drawer={drawers[1].accession}"
    assert dict(Standing.objects.values_list("position", "slide__accession")) == {
        n: str(slide) for n, slide in enumerate(slides[:3], start=1)
    }


def test_a_position_chosen_on_the_map(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]
) -> None:
    browser, one = enter(cast.bench), drawers[0].accession
    shows(browser, f"{DESK}?drawer={one}&position=7", "to position <b>7</b>")
    assert scan(browser, slides[0], drawer=one, position="7") == f"{DESK}?drawer={one}"
    assert Standing.objects.get().position == 7
    assert "holds" in scan(browser, slides[1], drawer=one, position="7")


def test_out_and_in_by_code(enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]) -> None:
    put_away(cast, drawers[0], slides)
    browser, one = enter(cast.coordinator), drawers[0].accession
    after = scan(browser, "]d1*out*", drawer=one)
    assert after == f"{DESK}?drawer={one}&out=1"
    shows(browser, after, "taking out", 'value="to the bench"')
    assert scan(browser, slides[1], drawer=one, out="1", why="to the scanner").endswith("why=to+the+scanner")
    assert Move.objects.latest("id").note == "to the scanner"
    shows(browser, after, "taken out", "to the scanner")
    assert f"{slides[1]} stands in no drawer." in scan(browser, slides[1], out="1")
    assert scan(browser, "*IN*", drawer=one, out="1") == f"{DESK}?drawer={one}"


def test_the_last_move_is_undone_by_code_and_by_button(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]
) -> None:
    browser, one = enter(cast.bench), drawers[0].accession
    assert "You have moved nothing here today" in scan(browser, "*UNDO*")
    scan(browser, slides[0], drawer=one)
    scan(browser, "*UNDO*", drawer=one)
    assert not Standing.objects.exists()
    scan(browser, slides[0], drawer=one)
    move = Move.objects.latest("id")
    answer = browser.post(f"/moves/{move.pk}/undo/", {"drawer": one, "out": ""}, follow=True)
    assert "the move was undone" in text(answer)
    assert answer.redirect_chain[0][0] == f"{DESK}?drawer={one}"
    again = browser.post(f"/moves/{move.pk}/undo/", {"drawer": one}, follow=True)
    assert "was moved again since" in text(again)
    assert "no such move of yours" in text(enter(cast.coordinator).post(f"/moves/{move.pk}/undo/", follow=True))


def test_what_the_desk_refuses(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide], patient: Patient
) -> None:
    browser, one = enter(cast.bench), drawers[0].accession
    misread = str(slides[0])[:-1] + ("A" if str(slides[0])[-1] != "A" else "C")
    for scanned, state, said in (
        ("", {}, "Scan a drawer, a block or a slide"),
        ("rubbish", {"drawer": one}, "is not an accession number"),
        (misread, {"drawer": one}, f"The check character of {misread} is wrong"),
        (slides[0].block.specimen, {"drawer": one}, "is no block, slide or drawer"),
        (slides[0], {}, f"Scan the drawer first, then {slides[0]}."),
        (drawers[0].parent.accession, {}, "is a cabinet: scan one of its drawers."),
        ("SL-999999-8", {"drawer": one}, "999999"),
    ):
        page = scan(browser, scanned, **state)
        assert said in page
        assert "autofocus" in page
    assert f'value="{misread}"' in scan(browser, misread, drawer=one)
    assert not Move.objects.exists()
    assert browser.get(f"{DESK}?drawer=nonsense&position=x").status_code == 200


def test_a_full_drawer_says_so(enter: Enter, cast: Cast, house: House, slides: list[Slide]) -> None:
    small = a_cabinet(cast, positions=4)[-1]
    put_away(cast, small, slides)
    browser = enter(cast.bench)
    shows(browser, f"{DESK}?drawer={small.accession}", "full: scan another drawer")
    assert "no free position left" in scan(browser, slides[0].block, drawer=small.accession)


def test_a_scan_by_htmx_answers_with_the_desk_alone(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]
) -> None:
    said = {"scan": str(slides[0]), "drawer": drawers[0].accession}
    answer = enter(cast.bench).post(DESK, said, headers={"HX-Request": "true"})
    page = text(answer)
    assert "<html" not in page
    assert "position <b>1</b>" in page
    assert answer["HX-Replace-Url"] == f"{DESK}?drawer={drawers[0].accession}"


# ---- what stands nowhere ----
def test_what_stands_nowhere_is_put_away_in_bulk(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]
) -> None:
    browser, one = enter(cast.bench), drawers[0].accession
    page = shows(browser, "/store/waiting/", *(str(slide) for slide in slides))
    assert str(slides[0].block) not in page.split("<table")[1].split("Choose SL")[0]
    chosen = [str(slide) for slide in slides[:2]]
    answer = browser.post("/store/waiting/", {"thing": chosen, "drawer": one})
    assert answer["Location"] == f"/store/{one}/"
    page = shows(browser, "/store/waiting/", str(slides[2]))
    assert str(slides[0]) not in page
    shows(browser, "/store/waiting/?kind=block", str(slides[0].block))
    take_out(by=cast.bench, at=AT, things=slides[:1], why="to the bench")
    shows(browser, "/store/waiting/", str(slides[0]))


def test_a_bulk_that_is_refused_keeps_what_was_chosen(
    enter: Enter, cast: Cast, drawers: list[StoragePlace], slides: list[Slide]
) -> None:
    put_away(cast, drawers[0], slides[:1])
    browser, one = enter(cast.bench), drawers[0].accession
    for said, words in (
        ({"thing": [str(s) for s in slides], "drawer": one}, f"{slides[0]} stands at position 1 of"),
        ({"thing": [str(slides[1])], "drawer": ""}, "Scan the drawer they go into."),
        ({"thing": [str(slides[1])], "drawer": "ST-1"}, "is not an accession number"),
        ({"drawer": one}, "Scan at least one block or slide."),
        ({"thing": ["rubbish"], "drawer": one}, "is not an accession number"),
    ):
        page = text(browser.post("/store/waiting/", said))
        assert words in page
        assert "Nothing was put away." in page
    page = text(browser.post("/store/waiting/", {"thing": [str(s) for s in slides], "drawer": one}))
    assert page.count(" checked") == 3
    assert f'value="{one}"' in page


def test_nothing_left_says_so(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    shows(enter(cast.bench), "/store/waiting/", "Every slide at the core stands in a drawer.")
    a_received_block(cast, house, patient)
    shows(enter(cast.bench), "/store/waiting/?kind=block", "B-000001")
