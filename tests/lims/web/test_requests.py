"""The requests' worklist: what is due, counts that agree, filters, many at once, saved views, in few queries."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from lims.models.desk import SavedView
from lims.vocabulary import Role
from specimens import jobs
from specimens.models import Letter, Patient, RequestEvent, TissueRequest
from specimens.requesting import NewRequest, decline, open_requests, promise
from specimens.vocabulary import NoTissueReason
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.specimens.chase import a_request, state
from tests.stories import House, a_patient

DAY = AT.date()


@pytest.fixture
def chase(cast: Cast, house: House) -> dict[str, TissueRequest]:
    """One overdue (a promise broken), one due today (not sent), one later (a reminder ahead), one declined."""
    found = {}
    for number, name in enumerate(("overdue", "today", "later", "declined")):
        patient = a_patient(cast, house, f"CWG-{number:04}")
        at = AT - timedelta(days=20) if name == "overdue" else AT
        found[name] = a_request(cast, house, patient, send=name != "today", at=at)
    day = DAY - timedelta(days=3)
    promise(by=cast.coordinator, at=AT - timedelta(days=10), request=found["overdue"], promised_for=day)
    decline(by=cast.coordinator, at=AT, request=found["declined"], reason=NoTissueReason.POLICY)
    return found


def numbers(page: str) -> list[str]:
    return re.findall(r'name="request" value="(RQ-[0-9A-Z-]+)"', page)


def test_the_most_urgent_first_and_the_counts_agree(enter: Enter, cast: Cast, chase: Any) -> None:
    page = shows(enter(cast.coordinator), "/requests/", "1 overdue, 1 due today", "Open 3", "Later 1", "3 d late")
    assert numbers(page) == [str(chase[name]) for name in ("overdue", "today", "later")]
    for due in ("overdue", "today", "later"):
        narrowed = shows(enter(cast.coordinator), f"/requests/?due={due}", f"{due.capitalize()} 1")
        assert numbers(narrowed) == [str(chase[due])]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"trial": "CWG"}, ["overdue", "today", "later"]),
        ({"trial": "NONE"}, []),
        ({"site": "mercy"}, ["overdue", "today", "later"]),
        ({"site": "LAKE"}, []),
        ({"state": "declined"}, ["declined"]),
        ({"state": "all"}, ["declined", "later", "today", "overdue"]),
        ({"state": "promised", "due": "overdue"}, ["overdue"]),
        ({"q": "cwg-0002"}, ["later"]),
        ({"q": "mercy gen"}, ["overdue", "today", "later"]),
        ({"q": "<b>\x00"}, []),
        ({"state": "nonsense", "due": "never", "after": "x_y"}, ["overdue", "today", "later"]),
        ({"after": "9" * 25}, ["overdue", "today", "later"]),
    ],
)
def test_filters_narrow_it(enter: Enter, cast: Cast, chase: Any, query: dict[str, str], names: list[str]) -> None:
    page = shows(enter(cast.coordinator), f"/requests/?{urlencode(query)}")
    assert numbers(page) == [str(chase[name]) for name in names]


def many(cast: Cast, house: House, count: int) -> list[TissueRequest]:
    patients = [a_patient(cast, house, f"M-{n:04}") for n in range(count)]
    wanted = [NewRequest(each, house.mercy) for each in patients]
    return open_requests(by=cast.coordinator, at=AT, wanted=wanted, send=True)


def test_pages_go_on_where_they_stopped(enter: Enter, cast: Cast, house: House) -> None:
    made, browser = many(cast, house, 60), enter(cast.coordinator)
    first = shows(browser, "/requests/?trial=CWG", "Open 60", "Next 50")
    onward = re.search(r'href="\?([^"]*after[^"]*)"', first)
    assert onward
    second = shows(browser, "/requests/?" + onward[1].replace("&amp;", "&"), "Back to the start")
    assert numbers(first) + numbers(second) == [str(each) for each in made]
    every = shows(browser, "/requests/?state=all", "Next 50")
    assert numbers(every)[0] == str(made[-1])


def test_the_queries_do_not_grow_with_the_rows(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    many(cast, house, 2)
    few = questions(browser, "/requests/")
    many_patients = [a_patient(cast, house, f"N-{n:04}") for n in range(30)]
    for each in many_patients:
        a_request(cast, house, each)
    assert questions(browser, "/requests/") == few <= MOST_QUERIES


# ---- many at once ----
def test_ticked_rows_are_sent_together(enter: Enter, cast: Cast, house: House) -> None:
    waiting = [a_request(cast, house, a_patient(cast, house, f"CWG-{n:04}"), send=False) for n in range(3)]
    said = {"do": "send", "request": [str(each) for each in waiting[:2]], "filters": "trial=CWG"}
    answer = enter(cast.coordinator).post("/requests/many/", said, follow=True)
    assert answer.redirect_chain == [("/requests/?trial=CWG", 302)]
    assert "2 requests were sent." in text(answer)
    assert [state(each) for each in waiting] == ["asked", "asked", "not_sent"]


def test_one_row_that_cannot_stops_all_and_says_why(enter: Enter, cast: Cast, chase: Any) -> None:
    said = {"do": "remind", "request": [str(chase["later"]), str(chase["today"])], "filters": "q=CWG"}
    browser, letters = enter(cast.coordinator), Letter.objects.count()
    answer = browser.post("/requests/many/", said)
    page = text(answer)
    assert answer.status_code == 200
    assert "Nothing was done" in page
    assert f"{chase['today']} is not sent: there is nothing to remind of." in page
    assert page.count(" checked") == 2, "the ticks stay"
    assert Letter.objects.count() == letters
    assert not RequestEvent.objects.filter(kind="reminded").exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "cancel", "reason": ""}, "Say why the tissue is no longer wanted."),
        ({"do": "send", "request": []}, "Choose at least one."),
        ({"do": "send", "request": ["RQ-999999-X"]}, "There is no request RQ-999999-X within your reach."),
        ({"do": "dance"}, "Requests"),
        ({"do": "cancel", "reason": "x" * 501}, "501"),
    ],
)
def test_a_bulk_that_cannot_be_done(enter: Enter, cast: Cast, chase: Any, said: Any, words: str) -> None:
    answer = enter(cast.coordinator).post("/requests/many/", {"request": [str(chase["later"])]} | said)
    assert answer.status_code == 200
    assert words in text(answer)
    assert state(chase["later"]) == "asked"


def test_ticked_rows_are_cancelled_with_a_reason(enter: Enter, cast: Cast, chase: Any) -> None:
    said = {"do": "cancel", "request": [str(chase["later"])], "reason": "found elsewhere"}
    enter(cast.coordinator).post("/requests/many/", said)
    assert state(chase["later"]) == "cancelled"


# ---- saved views ----
def test_filters_are_kept_under_a_name(enter: Enter, cast: Cast, chase: Any) -> None:
    browser = enter(cast.coordinator)
    kept = {"name": "  Mercy,  overdue ", "query": "site=MERCY&due=overdue"}
    assert browser.post("/requests/views/", kept)["Location"] == "/requests/?site=MERCY&due=overdue"
    page = shows(browser, "/requests/", "Mercy, overdue")
    assert 'href="?site=MERCY&amp;due=overdue"' in page
    browser.post("/requests/views/", kept | {"query": "site=LAKE"})
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Mercy, overdue", "site=LAKE")
    assert "Mercy, overdue" not in shows(enter(person("eve", "Eve Coordinator", Role.COORDINATOR)), "/requests/")
    shows(browser, "/requests/?site=LAKE", 'aria-current="true">Mercy, overdue')
    browser.post(f"/requests/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    assert browser.post(f"/requests/views/{view.pk}/delete/").status_code == 404


@pytest.mark.parametrize("said", [{"name": " "}, {"name": "x" * 61}, {"name": "nul\0"}])
def test_a_view_without_a_fit_name(enter: Enter, cast: Cast, said: Any) -> None:
    answer = enter(cast.coordinator).post("/requests/views/", {"query": ""} | said, follow=True)
    assert "attention" in text(answer)
    assert not SavedView.objects.exists()


# ---- who ----
def test_a_hospital_sees_what_is_asked_of_it(enter: Enter, cast: Cast, house: House, chase: Any) -> None:
    far = a_request(cast, house, a_patient(cast, house, "FAR-0001"), holding_site=house.lakeshore)
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    page = shows(enter(visitor), "/requests/", str(chase["later"]), str(chase["overdue"]), "Answer")
    assert str(far) not in page
    assert "FAR-0001" not in page
    assert str(chase["today"]) not in page, "it was not sent to them yet"
    assert "Send the requests" not in page
    assert "Ask for tissue" not in page
    for address in (f"/requests/{far}/", f"/requests/{chase['today']}/"):
        assert enter(visitor).get(address).status_code == 404


@pytest.mark.parametrize("who", ["reader", "adjudicator", "bench", "statistician", "administrator"])
def test_other_roles_have_no_worklist_of_requests(enter: Enter, cast: Cast, who: str) -> None:
    assert enter(getattr(cast, who)).get("/requests/").status_code == 403


def test_home_says_what_waits(enter: Enter, cast: Cast, house: House, chase: Any) -> None:
    page = shows(enter(cast.coordinator), "/", str(chase["overdue"]), str(chase["today"]), "Send the request")
    assert f"/requests/{chase['later']}/" not in page, "its reminder goes out by itself"
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    shows(enter(visitor), "/", str(chase["later"]), "Answer the request")


def test_after_the_last_reminder_the_telephone(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    for day in (14, 28):
        with time_machine.travel(AT + timedelta(days=day)):
            jobs.sweep()
            jobs.work_off()
    with time_machine.travel(AT + timedelta(days=36)):
        said = "No reply to 2 reminders: telephone, then ask for a reason"
        shows(enter(cast.coordinator), "/requests/", said, "no reply, 36 d", "Record a call", str(request))


def test_a_coordinator_sees_their_own_requests_alone(enter: Enter, cast: Cast, house: House, chase: Any) -> None:
    other = person("erin", "Erin Sole", Role.COORDINATOR)
    browser = enter(other)
    assert numbers(shows(browser, "/requests/?mine=1", "No request fits")) == []
    mine = NewRequest(a_patient(cast, house, "CWG-0777"), house.mercy)
    request = open_requests(by=other, at=AT, wanted=[mine])[0]
    page = shows(browser, "/requests/?mine=1", "Open 1", "opened by me")
    assert numbers(page) == [str(request)]
    assert len(numbers(shows(browser, "/requests/"))) == 4
