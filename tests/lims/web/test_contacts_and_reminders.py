"""An institution's contacts and courier accounts, and a trial's reminders, on their pages."""

import pytest
from django.test import Client

from lims.vocabulary import Role
from specimens.models import Contact, CourierAccount, ReminderStep
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text
from tests.stories import House

RUTH = {"contact-name": "Dr Ruth Okafor", "contact-duty": "pathology", "contact-email": "ruth@example.org",
        "contact-telephone": "+1 555 0100", "contact-postal_address": "1 Mercy Street"}  # fmt: skip


@pytest.fixture
def browser(enter: Enter, cast: Cast) -> Client:
    return enter(cast.coordinator)


def test_a_contact_comes_and_goes(browser: Client, house: House) -> None:
    shows(browser, "/institutions/MERCY/", "Nobody yet: letters to Mercy General are printed and posted.")
    assert browser.post("/institutions/mercy/contacts/", RUTH)["Location"] == "/institutions/MERCY/"
    contact = Contact.objects.get()
    shows(browser, "/institutions/MERCY/", "ruth@example.org", "+1 555 0100", "Has left")
    browser.post(f"/contacts/{contact.pk}/end/")
    shows(browser, "/institutions/MERCY/", "left")
    answer = browser.post(f"/contacts/{contact.pk}/end/", follow=True)
    assert "left already" in text(answer)


def test_a_bad_address_is_said_and_stays(browser: Client, house: House) -> None:
    answer = browser.post("/institutions/MERCY/contacts/", RUTH | {"contact-email": "ruth at mercy"})
    page = text(answer)
    assert "Enter a valid email address" in page
    assert "ruth at mercy" in page
    assert not Contact.objects.exists()


def test_a_courier_account_comes_and_goes(browser: Client, house: House) -> None:
    said = {"courier-courier": "FedEx", "courier-account": "1234", "courier-note": "ground only"}
    browser.post("/institutions/MERCY/couriers/", said)
    shows(browser, "/institutions/MERCY/", "FedEx", "1234", "ground only")
    answer = browser.post("/institutions/MERCY/couriers/", said)
    assert "on record already" in text(answer)
    browser.post(f"/couriers/{CourierAccount.objects.get().pk}/end/")
    shows(browser, "/institutions/MERCY/", "ended")


def test_a_hospital_keeps_its_own(enter: Enter, cast: Cast, house: House) -> None:
    own = enter(person("vera", "Vera Site", Role.COORDINATOR, house.mercy))
    far = enter(person("leo", "Leo Site", Role.COORDINATOR, house.lakeshore))
    own.post("/institutions/MERCY/contacts/", RUTH)
    contact = Contact.objects.get()
    assert far.get("/institutions/MERCY/").status_code == 404
    assert far.post("/institutions/MERCY/contacts/", RUTH).status_code == 404
    assert far.post(f"/contacts/{contact.pk}/end/").status_code == 404
    assert far.post("/couriers/99/end/").status_code == 404
    for who in (cast.reader, cast.bench, cast.statistician):
        assert enter(who).get("/institutions/MERCY/").status_code == 403
    shows(enter(cast.administrator), "/institutions/", "/institutions/MERCY/")


def test_the_reminders_of_a_trial(browser: Client, house: House) -> None:
    shows(browser, "/trials/cwg/reminders/", "14, 28", "reminder 1 after 14 days", "0 open requests")
    browser.post("/trials/CWG/reminders/", {"days": "7; 21 60"})
    assert list(ReminderStep.objects.order_by("number").values_list("after_days", flat=True)) == [7, 21, 60]
    browser.post("/trials/CWG/reminders/", {"days": ""})
    shows(browser, "/trials/CWG/reminders/", "no reminders go out")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("soon", "Write whole numbers"), ("28, 14", "later than the one before"), ("0", "1 to 365 days")],
)
def test_a_schedule_that_makes_no_sense(browser: Client, house: House, typed: str, said: str) -> None:
    page = text(browser.post("/trials/CWG/reminders/", {"days": typed}))
    assert said in page
    assert f'value="{typed}"' in page


def test_who_sets_them(enter: Enter, cast: Cast, house: House) -> None:
    own = enter(person("vera", "Vera Site", Role.COORDINATOR, house.mercy))
    for browser in (own, enter(cast.reader), enter(cast.administrator)):
        assert browser.get("/trials/CWG/reminders/").status_code == 403
    assert enter(cast.coordinator).get("/trials/NONE/reminders/").status_code == 404
