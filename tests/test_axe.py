"""Every page that takes no more than its address, looked at by axe as the person whose page it is."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page

from lims.bench.routes import routes
from lims.models import User
from lims.vocabulary import Role
from tests.cast import Cast, person
from tests.lims.web.conftest import BACKEND
from tests.scoring.desk import a_case, a_tumour, both_sign
from tests.specimens.chase import a_request
from tests.stories import House
from tests.windows import window_of

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
GRAVE = {"serious", "critical"}


@pytest.fixture
def people(cast: Cast, house: House) -> dict[str, User]:
    """The cast and a lead pathologist, in a house where something has happened."""
    case = a_case(cast, house)
    both_sign(cast, case)
    a_case(cast, house, specimen=a_tumour(cast, house, "CWG-0300"))
    a_request(cast, house, case.specimen.patient)
    return {**cast.everybody(), "lead": person("lena", "Lena Brandt", Role.LEAD_PATHOLOGIST)}


def pages_of(client: Client) -> Iterator[str]:
    for route in routes():
        answer = client.get(route.address)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 200 and is_page and not answer.streaming:
            yield route.address


def grave(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:120]) for each in found if each["impact"] in GRAVE]


@pytest.mark.parametrize(
    "who", ["administrator", "coordinator", "bench", "reader", "adjudicator", "lead", "statistician"]
)
def test_nothing_serious_on_any_page(browser: Browser, live_server: object, people: dict[str, User], who: str) -> None:
    client = Client()
    client.force_login(people[who], backend=BACKEND)
    window = window_of(browser, live_server, people[who])
    page, found, looked = window.new_page(), {}, 0
    for address in pages_of(client):
        page.goto(address)
        looked += 1
        if wrong := grave(page):
            found[address] = wrong
    window.close()
    assert looked >= 4
    assert found == {}
