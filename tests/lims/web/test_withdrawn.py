"""The page of a withdrawn patient's tissue, custody's own page, lost and found, and the tree."""

import pytest
from django.test import Client

from specimens import custody_desk, jobs
from specimens.actors import acting
from specimens.models import Block, CustodyCheck, CustodyEvent, Patient
from tests.cast import AT, FOUNDER, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.specimens.loans import mercy_coordinator
from tests.specimens.test_withdrawals import withdraws
from tests.stories import CUT_ON, House, a_received_block, a_stained_slide


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def core(enter: Enter, cast: Cast) -> Client:
    return enter(cast.coordinator)


def test_a_withdrawal_opens_a_task(core: Client, cast: Cast, patient: Patient, block: Block) -> None:
    slide = a_stained_slide(cast, block)
    shows(core, f"/patients/{patient.pk}/tissue/", "Nothing has to go")
    withdraws(cast, patient)
    shows(
        core, "/", "Consent withdrawn: 1 block and 1 slide to return or destroy", "all work stopped", "Plan the return"
    )
    page = shows(core, f"/patients/{patient.pk}/tissue/", str(block), str(slide), "2026-11-23", "What is kept",
                 "Return all of it", "Mercy General")  # fmt: skip
    assert f"things={block}+{slide}+" in page
    shows(core, f"/returns/new/?things={block}+{slide}+", "Announce 1 return parcel")
    core.post("/returns/new/", {"things": f"{block} {slide}", "commit": "1"})
    assert "Plan the return" not in text(core.get("/"))
    shows(core, f"/patients/{patient.pk}/tissue/", "is at the core any more")
    assert questions(core, f"/patients/{patient.pk}/tissue/") <= MOST_QUERIES


def test_who_may_see_it(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    for reader in (cast.reader, cast.adjudicator, cast.bench):
        assert status(enter(reader), f"/patients/{patient.pk}/tissue/") == 403
    assert status(enter(mercy_coordinator(house)), f"/patients/{patient.pk}/tissue/") == 200


def test_custody_is_whole(enter: Enter, core: Client, cast: Cast, block: Block) -> None:
    shows(core, "/custody/", "has not been walked over yet")
    assert core.post("/custody/").status_code == 302
    jobs.work_off()
    shows(core, "/custody/", "has one holder at every instant")
    shows(enter(cast.administrator), "/custody/", "Walk over it again")
    assert status(enter(cast.bench), "/custody/") == 403


def test_broken_custody_is_the_first_thing_one_hears_of(core: Client, house: House, block: Block) -> None:
    with acting(FOUNDER):
        CustodyEvent.objects.create(block=block, kind="received", holder=house.lakeshore, occurred_at=AT)
    custody_desk.check_custody()
    assert CustodyCheck.objects.get().findings == 1
    shows(core, "/", "1 finding: somewhere a block or slide has no one holder", "See what")
    shows(core, "/custody/", str(block), "It was received in no parcel.")
    shows(core, f"/blocks/{block}/", "custody is broken")


def test_lost_and_found_on_the_things_page(enter: Enter, cast: Cast, block: Block) -> None:
    browser = enter(cast.bench)
    shows(browser, f"/blocks/{block}/", "held", "It cannot be found…")
    assert browser.post(f"/custody/{block}/lost/", {"reason": "not in drawer 4"}).status_code == 302
    shows(browser, f"/blocks/{block}/", "lost", "not in drawer 4", "It was found…")
    page = text(browser.post(f"/custody/{block}/lost/", {"reason": ""}, follow=True))
    assert "This field is required." in page
    browser.post(f"/custody/{block}/found/", {"reason": "drawer 5"})
    shows(browser, f"/blocks/{block}/", "found", "drawer 5")


def test_the_timeline_reads_line_by_line_in_the_sites_zone(
    core: Client, cast: Cast, house: House, block: Block
) -> None:
    type(house.mercy).objects.filter(pk=house.mercy.pk).update(time_zone="America/New_York")
    page = shows(core, f"/blocks/{block}/", "collected", "from Mercy General to CWG core", "2026-11-06 10:00 UTC")
    assert "2026-08-14 08:00 EDT" in page


def test_the_tree_marks_the_thing(core: Client, cast: Cast, house: House, patient: Patient, block: Block) -> None:
    slide = a_stained_slide(cast, block)
    other = a_received_block(cast, house, patient, label="A2")
    a_stained_slide(cast, other)
    page = shows(core, f"/slides/{slide}/", "this page", f"cut {CUT_ON}", "1 slide, on the block’s page", str(other))
    assert page.count('aria-current="true"') == 1
    shows(core, f"/specimens/{block.specimen}/", str(slide), "this page")
