"""From request to receipt: the days, by hospital and by month, and every count with its requests."""

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from lims.vocabulary import Role
from lims.web.boxes import SMALL, WIDE, Strip, boxes
from specimens.models import Patient
from specimens.receiving import ReceivedItem, receive_items
from specimens.requesting import NewRequest, decline, open_requests
from specimens.vocabulary import NoTissueReason
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, a_patient, an_announced_parcel, an_item

LINK = re.compile(r'<a href="(/flow/turnaround/requests/[^"]*)">(\d+)</a>')


def asked(cast: Cast, house: House, study_id: str, days_ago: int, site: object = None) -> Patient:
    patient, at = a_patient(cast, house, study_id), AT - timedelta(days=days_ago)
    wanted = [NewRequest(patient, site or house.mercy)]  # type: ignore[arg-type]
    open_requests(by=cast.coordinator, at=at, wanted=wanted, send=True)
    return patient


def came(cast: Cast, house: House, patient: Patient, at: datetime) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient), sent_on=at.date(), at=at)
    receive_items(by=cast.coordinator, at=at, shipment=parcel, items=[ReceivedItem(line=1)])


@pytest.fixture
def five(cast: Cast, house: House) -> None:
    """Mercy: received after 10, 20 and 40 days, one waits for 15. Lakeshore: one declined."""
    for n, (ago, took) in enumerate([(50, 10), (30, 20), (45, 40)]):
        patient = asked(cast, house, f"CWG-000{n}", ago)
        came(cast, house, patient, AT - timedelta(days=ago - took))
    asked(cast, house, "CWG-0007", 15)
    last = asked(cast, house, "CWG-0009", 5, house.lakeshore)
    decline(by=cast.coordinator, at=AT, request=last.requests.get(), reason=NoTissueReason.POLICY)


def links(browser: Client, address: str = "/flow/turnaround/") -> list[tuple[str, int]]:
    return [(unescape(where), int(count)) for where, count in LINK.findall(text(browser.get(address)))]


@pytest.mark.usefixtures("five")
def test_the_days_are_told_by_hospital(enter: Enter, cast: Cast) -> None:
    page = shows(
        enter(cast.coordinator), "/flow/turnaround/", "Half of what came took 20 days or less",
        "1 of 5 requests still wait", "Mercy General", "Lakeshore University", "2026-10", "not reached",
    )  # fmt: skip
    mercy = page.split('<th scope="row">Mercy General</th>')[1].split("</tr>")[0]
    assert re.sub(r"<[^>]+>", " ", mercy).split() == ["4", "3", "15", "20", "30", "40", "1", "0", "20"]


@pytest.mark.usefixtures("five")
def test_every_count_leads_to_as_many_requests(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.coordinator)
    found = links(browser)
    assert len(found) >= 8
    for address, number in found:
        page = text(browser.get(address))
        assert f'<p class="quiet">{number} request' in page
        assert page.count('<td class="due">') == number


@pytest.mark.usefixtures("five")
def test_filters_and_scope_narrow_it(enter: Enter, cast: Cast, house: House) -> None:
    assert links(enter(cast.coordinator), "/flow/turnaround/?site=LAKE")[0][1] == 1
    shows(enter(cast.coordinator), "/flow/turnaround/?trial=OTHER", "No request was sent under these filters")
    lena = person("lena", "Lena Lake", Role.COORDINATOR, house.lakeshore)
    page = text(enter(lena).get("/flow/turnaround/"))
    assert "Mercy" not in page
    assert links(enter(lena))[0][1] == 1


@pytest.mark.usefixtures("five")
def test_few_questions(enter: Enter, cast: Cast) -> None:
    for address in ("/flow/turnaround/", "/flow/turnaround/requests/", "/flow/turnaround/plot.svg"):
        assert questions(enter(cast.coordinator), address) <= MOST_QUERIES


def test_the_plot_marks_what_came_and_what_waits() -> None:
    strips = [Strip("Mercy & Sons", (10, 20, 40), (15,), (15.0, 20.0, 30.0)), Strip("Lake", (), (3, 9), None)]
    for sheet in (WIDE, SMALL):
        drawn = boxes(strips, sheet)
        assert drawn.count("<circle") == 6
        assert drawn.count('fill="#fff" fill-opacity') == 3
        assert "Mercy &amp; Sons" in drawn
        assert " style=" not in drawn
    assert "<svg" in boxes([Strip("None", (), (), None)], WIDE)


def test_a_month_goes_by_the_day_of_asking(cast: Cast, house: House, enter: Enter) -> None:
    asked(cast, house, "CWG-0001", (AT.date() - date(2026, 9, 30)).days)
    shows(enter(cast.coordinator), "/flow/turnaround/requests/?month=2026-09", "asked in 2026-09", "CWG-0001")
    shows(enter(cast.coordinator), "/flow/turnaround/requests/?month=2026-10", "No request fits")
