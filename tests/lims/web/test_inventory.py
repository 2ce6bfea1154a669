"""The slide inventory: filters, ages, what remains of blocks, and the same as a file."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest

from lims.vocabulary import Role
from specimens import inventory, queries, slide_sheet
from specimens.announced import Parcel
from specimens.announcing import AnnouncedItem, announce_shipments
from specimens.consenting import withdraw_consent
from specimens.inventory import Sought
from specimens.models import Block, Patient, Slide, Trial
from specimens.ordering import NewOrder, exhaust_block, order_sections
from specimens.scope import EVERYTHING
from specimens.sectioning import Cut, cut_sections
from specimens.staining import age_band
from specimens.vocabulary import AgeBand, ItemKind, Presence
from specimens.whereabouts import found_at, placed, whereabouts
from tests.cast import AT, Cast, person
from tests.drawers import a_drawer, put_away
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, a_patient, a_received_block, a_stained_slide, an_announced_parcel, an_item

TODAY = AT.date()


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    """A block at the core for so long that sections of any age can have been cut from it there."""
    arrived = AT - timedelta(days=310)
    return a_received_block(cast, house, patient, arrived=arrived, procedure_on=date(2026, 1, 5))


def section(cast: Cast, block: Block, days: int) -> Slide:
    cut = Cut(block=block, sections=1, cut_on=TODAY - timedelta(days=days))
    return cut_sections(by=cast.bench, at=AT, cuts=[cut])[0]


def without_day(cast: Cast, house: House, patient: Patient) -> Slide:
    glass = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, label="u1", block_label="A1", terms="", cut_on=None)
    return an_announced_parcel(cast, house, glass).items.get().slide


def listed(enter: Enter, user: Any, **asked: str) -> set[str]:
    """The accession numbers that the file of these filters holds."""
    answer = enter(user).get("/inventory/slides.csv", asked)
    rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    return {row["slide"] for row in rows}


def test_ages_and_bands_are_shown(enter: Enter, cast: Cast, house: House, patient: Patient, block: Block) -> None:
    for days in (10, 43, 91):
        section(cast, block, days)
    without_day(cast, house, patient)
    page = shows(enter(cast.bench), "/inventory/", "10 days", "43 days", "91 days", "not known", "at the core")
    assert page.count("is-stop") == 1


@pytest.mark.parametrize("days", [0, 42, 43, 90, 91, 400, None])
def test_bands_agree_with_the_database(
    cast: Cast, house: House, patient: Patient, block: Block, days: int | None
) -> None:
    slide = section(cast, block, 5) if days is None else section(cast, block, min(days, 300))
    cut_on = None if days is None else TODAY - timedelta(days=days)
    Slide.objects.filter(pk=slide.pk).update(cut_on=cut_on)
    slide = queries.slides(EVERYTHING).get(pk=slide.pk)
    said = age_band(inventory.age_today(slide, TODAY), patient.trial)
    found = {band for band in AgeBand if inventory.of_age(Slide.objects.all(), band, TODAY).exists()}
    assert found == {said}


def test_limits_are_the_trials_own(cast: Cast, house: House, block: Block) -> None:
    section(cast, block, 20)
    Trial.objects.update(section_age_warn_days=14, section_age_limit_days=30)
    assert inventory.of_age(Slide.objects.all(), AgeBand.AGEING, TODAY).count() == 1


def send_home(cast: Cast, house: House, slide: Slide) -> None:
    item = AnnouncedItem(kind=ItemKind.UNSTAINED_SLIDE, label="1", slide=slide)
    parcel = Parcel(sender=house.core, receiver=house.mercy, items=(item,))
    announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])


def test_whereabouts_agree_with_the_database(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    here, away = section(cast, block, 5), section(cast, block, 6)
    send_home(cast, house, away)
    coming = without_day(cast, house, patient)
    held = queries.latest_events(slides=[slide.pk for slide in (here, away, coming)])
    for slide, where in ((here, Presence.CORE), (away, Presence.AWAY), (coming, Presence.AWAY)):
        assert whereabouts(held.get(("slide", slide.pk)), house.core.pk) is where
        found = {each for each in Presence if slide in found_at(Slide.objects.all(), each)}
        assert found == {where}
        assert placed(Slide.objects.all()).get(pk=slide.pk).where == where


def test_filters_narrow_the_list(enter: Enter, cast: Cast, house: House, patient: Patient, block: Block) -> None:
    fresh, old, away = section(cast, block, 5), section(cast, block, 60), section(cast, block, 7)
    send_home(cast, house, away)
    stained = a_stained_slide(cast, block)
    gone = a_patient(cast, house, "CWG-0300")
    theirs = section(cast, a_received_block(cast, house, gone), 8)
    withdraw_consent(by=cast.coordinator, at=AT, consent=gone.consents.get(), withdrawn_on=TODAY)
    everything = {str(slide) for slide in (fresh, old, away, stained, theirs)}
    user = cast.bench
    assert listed(enter, user) == everything
    assert listed(enter, user, state="unstained") == everything - {str(stained)}
    assert listed(enter, user, state="stained") == listed(enter, user, state="he") == {str(stained)}
    assert listed(enter, user, state="caix") == set()
    assert listed(enter, user, age="ageing") == {str(old)}
    assert listed(enter, user, age="fresh", where="core") == {str(fresh), str(theirs)}
    assert listed(enter, user, where="away") == {str(away)}
    assert listed(enter, user, where="gone") == set()
    assert listed(enter, user, consent="withdrawn") == {str(theirs)}
    assert listed(enter, user, consent="given", block=str(block).lower()) == everything - {str(theirs)}
    assert listed(enter, user, consent="none") == set()
    assert listed(enter, user, trial="CWG") == everything
    page = text(enter(user).get("/inventory/", {"block": "B-1", "age": "ancient"}))
    assert "is not an accession number" in page
    assert "B-1" in page
    shows(enter(user), "/inventory/?age=past", "No slide fits", "Show all slides")


def test_a_file_is_harmless_and_whole(enter: Enter, cast: Cast, block: Block) -> None:
    cut = Cut(block=block, sections=1, cut_on=TODAY, position="=1+1")
    slide = cut_sections(by=cast.bench, at=AT, cuts=[cut])[0]
    answer = enter(cast.bench).get("/inventory/slides.csv")
    assert answer["Content-Type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert (row["slide"], row["level"], row["section_age_days"], row["age"]) == (str(slide), "'=1+1", "0", "fresh")
    assert (row["where"], row["consent"], row["unstained_left_of_block"]) == ("core", "given", "1")


def test_files_come_in_bites(cast: Cast, block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    made = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=7, cut_on=TODAY)])
    monkeypatch.setattr(slide_sheet, "AT_ONCE", 3)
    rows = list(slide_sheet.sheet(EVERYTHING, Sought(), TODAY))
    assert [row.slide for row in rows] == [str(slide) for slide in made[::-1]]


def test_the_file_says_what_the_page_says(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    """A stained slide, one put away, one of unknown age, one whose patient withdrew: each cell is the page's."""
    a_stained_slide(cast, block)
    put_away(cast, a_drawer(cast), [section(cast, block, 5)])
    section(cast, block, 60)
    gone = a_received_block(cast, house, a_patient(cast, house, "CWG-0099"), label="Z1")
    section(cast, gone, 5)
    consent = gone.specimen.patient.consents.get()
    withdraw_consent(by=cast.coordinator, at=AT, consent=consent, withdrawn_on=TODAY)
    Slide.objects.filter(block=gone).update(cut_on=None)
    page = inventory.slide_page(EVERYTHING, Sought(), TODAY, None).rows
    rows = list(slide_sheet.sheet(EVERYTHING, Sought(), TODAY))
    assert len(rows) == 4
    for row, told in zip(rows, page, strict=True):
        slide, specimen = told.slide, told.slide.block.specimen
        assert row[:10] == (
            str(slide), str(slide.block), str(specimen), specimen.patient.trial.code, specimen.patient.study_id,
            slide.position, slide.cut_on, slide.thickness_um, told.stain, str(slide.staining.run) if told.stain else "",
        )  # fmt: skip
        assert row[10:] == (
            told.age, told.band.value, told.where, told.place, told.consent, told.left, slide.synthetic,
        )  # fmt: skip
    assert {row.consent for row in rows} == {"given", "withdrawn"}
    assert {row.stain for row in rows} == {"", "he"}
    assert {bool(row.place) for row in rows} == {True, False}


def test_a_hospital_sees_its_own(enter: Enter, cast: Cast, house: House, block: Block) -> None:
    slide = section(cast, block, 5)
    lakeshore = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    mercy = person("mo", "Mo Mercy", Role.COORDINATOR, house.mercy)
    assert listed(enter, lakeshore) == set()
    assert listed(enter, mercy) == {str(slide)}
    for address in ("/inventory/", "/inventory/slides.csv", "/inventory/blocks/"):
        assert enter(cast.reader).get(address).status_code == 403


def test_what_remains_of_blocks(enter: Enter, cast: Cast, house: House, patient: Patient, block: Block) -> None:
    section(cast, block, 5)
    order_sections(by=cast.bench, at=AT, orders=[NewOrder(block, 4)])
    bare = a_received_block(cast, house, patient, label="A2")
    empty = a_received_block(cast, house, patient, label="A3")
    exhaust_block(by=cast.bench, at=AT, block=empty)
    browser = enter(cast.bench)
    page = shows(browser, "/inventory/blocks/", str(block), str(bare), "used up", "nothing left: ask for more tissue")
    assert '<td class="minor num">4</td>' in page
    page = shows(browser, "/inventory/blocks/?left=none&trial=CWG", str(bare), str(empty))
    assert str(block) not in page
    page = shows(browser, "/inventory/blocks/?left=empty", str(empty))
    assert str(bare) not in page
    assert browser.get("/inventory/blocks/", {"left": "x", "trial": "\0", "before": "y"}).status_code == 200


def test_query_counts_are_fixed(enter: Enter, cast: Cast, house: House, patient: Patient, block: Block) -> None:
    browser = enter(cast.bench)
    addresses = ("/inventory/", "/inventory/?age=fresh&where=core&consent=given&trial=CWG", "/inventory/blocks/")
    section(cast, block, 5)
    few = [questions(browser, address) for address in addresses]
    for number in range(6):
        other = a_patient(cast, house, f"CWG-1{number:03}")
        more = a_received_block(cast, house, other)
        section(cast, more, number)
        a_stained_slide(cast, more)
    assert [questions(browser, address) for address in addresses] == few
    assert max(few) <= MOST_QUERIES
