"""Trials."""

from datetime import date

from specimens import request_desk
from specimens.enrolling import close_trial
from specimens.errors import Rejected
from specimens.models import LedgerEntry, Patient, Trial
from specimens.scope import EVERYTHING
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text
from tests.refusals import refused
from tests.specimens.chase import a_request
from tests.stories import House, a_patient

NEW = {"code": "select2", "title": "A second trial", "readers_per_case": "2", "note": ""}


def test_a_trial_is_opened(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.administrator)
    assert browser.post("/trials/", NEW | {"synthetic": "on"}).status_code == 302
    shows(browser, "/trials/", "SELECT2", "A second trial", "synthetic", "2 trials")


def test_the_same_code_twice_is_refused(enter: Enter, cast: Cast, house: House) -> None:
    page = text(enter(cast.administrator).post("/trials/", NEW | {"code": "cwg"}))
    assert "exists already" in page
    assert 'value="A second trial"' in page
    assert Trial.objects.count() == 1


def test_a_trial_is_closed_with_a_reason_and_says_what_it_stops(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    a_request(cast, house, patient)
    browser = enter(cast.administrator)
    shows(browser, "/trials/", "Close it…")
    shows(browser, "/trials/cwg/close/", "nobody is enrolled in it", "1 request for its tissue is open")
    page = text(browser.post("/trials/CWG/close/", {"closed_on": "2099-01-01", "reason": "over"}))
    assert "lies in the future" in page
    page = text(browser.post("/trials/CWG/close/", {"closed_on": "2026-11-23", "reason": " "}))
    assert "This field is required" in page
    assert browser.post("/trials/CWG/close/", {"closed_on": "2026-11-23", "reason": "accrual met"}).status_code == 302
    line = LedgerEntry.objects.get(deed="close trial")
    assert (line.reason, Trial.objects.get().closed_on) == ("accrual met", date(2026, 11, 23))
    shows(browser, "/trials/", "closed")
    page = shows(browser, "/trials/CWG/close/", "It was closed on")
    assert "Close this trial" not in page
    again = text(browser.post("/trials/CWG/close/", {"closed_on": "2026-11-23", "reason": "again"}))
    assert "It was closed on" in again
    assert LedgerEntry.objects.filter(deed="close trial").count() == 1


def test_only_an_administrator_closes_trials(enter: Enter, cast: Cast, house: House) -> None:
    for someone in (cast.coordinator, cast.bench, cast.reader, cast.statistician):
        assert enter(someone).get("/trials/CWG/close/").status_code == 403
    assert enter(cast.administrator).get("/trials/NONE/close/").status_code == 404


def test_a_closed_trial_takes_nobody_and_asks_for_nothing(cast: Cast, house: House, patient: Patient) -> None:
    close_trial(by=cast.administrator, at=AT, trial=house.trial, closed_on=AT.date(), reason="over")
    with refused("trial_closed", "nobody is enrolled in it any more"):
        a_patient(cast, house, "CWG-0999")
    with refused("requests_refused", "is closed: no tissue is asked for", Rejected):
        a_request(cast, house, patient)
    assert not request_desk.to_ask_for(EVERYTHING).rows
