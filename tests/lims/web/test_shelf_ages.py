"""The inventory by age: bands against the trial's limits, and every count with its things."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine

from lims.vocabulary import Role
from specimens.announcing import Parcel, announce_shipments
from specimens.lending import recall
from specimens.models import Block, Trial
from specimens.receiving import ReceivedItem, receive_items
from specimens.scope import EVERYTHING
from specimens.sectioning import Cut, cut_sections
from specimens.shelf_ages import (
    FRESH,
    TOO_OLD,
    UNKNOWN,
    WARNED,
    YOUNG,
    blocks_by_time,
    loans_by_lateness,
    sections_by_age,
)
from specimens.vocabulary import ItemKind
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.specimens.loans import a_loan, mercy_coordinator
from tests.stories import House, a_patient, a_stained_slide, an_announced_parcel, an_item

TODAY = AT.date()
LINK = re.compile(r'<a href="(/flow/inventory/(?:sections|blocks)/[^"]*)"[^>]*>(?:<b>)?(\d+)(?:</b>)?</a>')


def a_block_of_august(cast: Cast, house: House) -> Block:
    """Here since the day of the operation, so that sections of every age could be cut from it."""
    long_ago = AT - timedelta(days=101)
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=(an_item(a_patient(cast, house)),))
    shipment = announce_shipments(by=cast.coordinator, at=long_ago, parcels=[parcel])[0]
    return receive_items(by=cast.bench, at=long_ago, shipment=shipment, items=[ReceivedItem(line=1)])[0].item.block


@pytest.fixture
def block(cast: Cast, house: House) -> Block:
    """A block at the core with a section of every age, and one stained."""
    found = a_block_of_august(cast, house)
    for days in (0, 21, 22, 42, 43, 90, 91, 101):
        cut = Cut(block=found, sections=1, cut_on=TODAY - timedelta(days=days))
        cut_sections(by=cast.bench, at=AT, cuts=[cut])
    a_stained_slide(cast, found)
    return found


def counts(today: date = TODAY) -> dict[str, int]:
    return {each.band: each.count for each in sections_by_age(EVERYTHING, today)}


def test_sections_stand_against_their_trial_s_limits(block: Block) -> None:
    """Warning after 42 days, limit at 90: the last day of each still counts to it."""
    assert counts() == {YOUNG: 2, FRESH: 2, WARNED: 2, TOO_OLD: 2}
    Trial.objects.update(section_age_warn_days=200, section_age_limit_days=500)
    assert counts() == {YOUNG: 7, FRESH: 1}


def test_a_section_of_unknown_day_is_apart(block: Block) -> None:
    block.slides.filter(staining__isnull=True).update(cut_on=None)
    assert counts() == {UNKNOWN: 8}


def test_what_came_as_h_and_e_is_no_unstained_section(cast: Cast, house: House) -> None:
    patient = a_patient(cast, house)
    a_received = an_announced_parcel(
        cast, house, an_item(patient, kind=ItemKind.HE_SLIDE, label="H1", block_label="A1")
    )
    assert a_received
    assert counts() == {}


def test_blocks_by_their_time_here(cast: Cast, block: Block) -> None:
    came = TODAY - timedelta(days=101)
    for days, band in ((0, "to_30"), (30, "to_30"), (31, "to_90"), (180, "to_180"), (365, "to_365"), (366, "longer")):
        assert [each.band for each in blocks_by_time(EVERYTHING, came + timedelta(days=days))] == [band]


@pytest.mark.usefixtures("block")
def test_every_count_leads_to_as_many_things(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.coordinator)
    found = [(unescape(where), int(count)) for where, count in LINK.findall(text(browser.get("/flow/inventory/")))]
    assert len(found) == 10
    for address, number in found:
        page = text(browser.get(address))
        assert page.count('<td class="due">') == number
        assert f'<p class="quiet">{number} ' in page


@pytest.mark.usefixtures("block")
def test_words_and_places(enter: Enter, cast: Cast) -> None:
    shows(enter(cast.bench), "/flow/inventory/", "past the limit: stain only with a reason", "8 sections, 1 block,")
    shows(enter(cast.bench), "/flow/inventory/sections/?band=too_old", "no place on record", ">101<")
    shows(enter(cast.coordinator), "/flow/inventory/blocks/", "Mercy General", "loan")
    shows(enter(cast.coordinator), "/flow/inventory/blocks/?band=longer", "No block fits")
    shows(enter(cast.coordinator), "/flow/inventory/sections/?trial=NONE", "No section fits")


@pytest.mark.usefixtures("block")
def test_another_hospital_sees_none_of_it(enter: Enter, cast: Cast, house: House) -> None:
    elsewhere = enter(person("lena", "Lena Lake", Role.COORDINATOR, house.lakeshore))
    shows(elsewhere, "/flow/inventory/", "0 sections, 0 blocks,")
    for address in ("/flow/inventory/", "/flow/inventory/sections/", "/flow/inventory/blocks/"):
        assert status(enter(cast.reader), address) == 403
        assert questions(enter(cast.coordinator), address) <= MOST_QUERIES


@pytest.mark.usefixtures("block")
def test_the_day_is_the_person_s_own(enter: Enter, cast: Cast) -> None:
    with time_machine.travel(AT + timedelta(days=100)):
        page = text(enter(cast.bench).get("/flow/inventory/"))
    assert "100.0 %" in page


LOANS = re.compile(r'<a href="(/flow/inventory/loans/[^"]*)"[^>]*>(?:<b>)?(\d+)(?:</b>)?</a>')


@pytest.fixture
def late(cast: Cast, house: House) -> None:
    """Loans due 3, 10 and 17 days ago, one recalled, one not due yet."""
    patient = a_patient(cast, house)
    for n, days in enumerate((3, 10, 17)):
        a_loan(cast, house, patient, f"L{n}", due=TODAY - timedelta(days=days))
    recall(by=mercy_coordinator(house), at=AT, loan=a_loan(cast, house, patient, "R1"), reason="Needed for care.")
    a_loan(cast, house, patient, "F1", due=TODAY + timedelta(days=60))


@pytest.mark.usefixtures("late")
def test_late_loans_by_days_and_owner_lead_to_their_rows(enter: Enter, cast: Cast) -> None:
    found = {each.band: each.count for each in loans_by_lateness(EVERYTHING, TODAY)}
    assert found == {"recalled": 1, "to_7": 1, "to_30": 2}
    later = {each.band: each.count for each in loans_by_lateness(EVERYTHING, TODAY + timedelta(days=75))}
    assert later == {"recalled": 1, "to_30": 1, "to_90": 2, "longer": 1}
    browser = enter(cast.coordinator)
    page = shows(browser, "/flow/inventory/", "4 late loans")
    links = [(unescape(where), int(number)) for where, number in LOANS.findall(page)]
    assert len(links) == 6
    for address, number in links:
        page = text(browser.get(address))
        assert page.count('<td class="due">') == number
        assert f'<p class="quiet">{number} loan' in page


@pytest.mark.usefixtures("late")
def test_late_loans_stay_within_reach(enter: Enter, cast: Cast, house: House) -> None:
    elsewhere = enter(person("lena", "Lena Lake", Role.COORDINATOR, house.lakeshore))
    shows(elsewhere, "/flow/inventory/", "0 late loans")
    shows(elsewhere, "/flow/inventory/loans/", "No loan is late here")
    assert status(enter(cast.reader), "/flow/inventory/loans/") == 403
    for address in ("/flow/inventory/", "/flow/inventory/loans/"):
        assert questions(enter(cast.coordinator), address) <= MOST_QUERIES
