"""Who may open which page: every page of tissue and of the house, by every role."""

import pytest

from specimens.models import Patient
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import status, text
from tests.stories import House

COORDINATOR, BENCH, STATISTICIAN, ADMINISTRATOR = "coordinator", "bench", "statistician", "administrator"
READERS = ("reader", "adjudicator")
EVERYBODY = {COORDINATOR, BENCH, STATISTICIAN, ADMINISTRATOR, *READERS}
PAGES = {
    "/": EVERYBODY,
    "/find/": EVERYBODY,
    "/tokens/": EVERYBODY,
    "/password/": EVERYBODY,
    "/patients/": EVERYBODY - set(READERS),
    "/patients/enrol/": {COORDINATOR, ADMINISTRATOR},
    "/patients/enrol/file/": {COORDINATOR, ADMINISTRATOR},
    "/parcels/": EVERYBODY - set(READERS),
    "/parcels/announce/": {COORDINATOR},
    "/corrections/": {COORDINATOR},
    "/flow/": {COORDINATOR, STATISTICIAN, ADMINISTRATOR},
    "/flow/turnaround/": {COORDINATOR, STATISTICIAN, ADMINISTRATOR},
    "/flow/inventory/": EVERYBODY - set(READERS),
    "/cutting/": {COORDINATOR, BENCH},
    "/lots/add/": {BENCH},
    "/runs/": EVERYBODY - set(READERS),
    "/runs/stain/": {BENCH},
    "/people/": {ADMINISTRATOR},
    "/people/add/": {ADMINISTRATOR},
    "/institutions/": {ADMINISTRATOR},
    "/trials/": {ADMINISTRATOR},
    "/jobs/": {ADMINISTRATOR},
    "/ledger/": {COORDINATOR, BENCH, ADMINISTRATOR},
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_opens_for_its_roles_alone(enter: Enter, cast: Cast, house: House, address: str) -> None:
    people = {role: getattr(cast, role) for role in EVERYBODY}
    answers = {role: status(enter(someone), address) for role, someone in people.items()}
    assert answers == {role: 200 if role in PAGES[address] else 403 for role in EVERYBODY}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_no_inline_style_or_script(enter: Enter, cast: Cast, house: House, address: str) -> None:
    for role in PAGES[address]:
        page = text(enter(getattr(cast, role)).get(address))
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=")


def test_the_header_leads_only_where_one_may_go(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    for role in EVERYBODY:
        browser = enter(getattr(cast, role))
        links = [
            part.split('"')[0]
            for part in text(browser.get("/", follow=True)).split('<a href="')[1:]
            if "data-go" in part
        ]
        assert {status(browser, link) for link in links} == {200}, f"{role}: {links}"
