"""Questions to senders: the list, the answer of the hospital, the end; and what is due."""

import pytest

from lims.models import User
from lims.vocabulary import Role
from specimens.models import ItemQuery, Patient, QueryAnswer, QueryClosure, Shipment
from specimens.questioning import ask_sender
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.stories import House, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in range(1, 30)])


@pytest.fixture
def query(cast: Cast, parcel: Shipment) -> ItemQuery:
    return ask_sender(by=cast.bench, at=AT, item=parcel.items.get(line=1), question="Where is <it>?")


@pytest.fixture
def hugh(house: House) -> User:
    return person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy)


def test_the_hospital_answers_what_is_due_to_it(enter: Enter, cast: Cast, query: ItemQuery, hugh: User) -> None:
    browser = enter(hugh)
    shows(browser, "/", "Where is &lt;it&gt;?", "Answer")
    page = shows(browser, f"/queries/{query}/", "Where is &lt;it&gt;?", "Rose Achebe, who owns it", "Send this answer")
    assert "Close the question" not in page
    assert browser.post(f"/queries/{query}/answer/", {"answer-text": "On Monday."}).status_code == 302
    assert not QueryAnswer.objects.get().on_behalf
    page = text(browser.post(f"/queries/{query}/close/", {"closing-outcome": "ours"}))
    assert "Closing a question at CWG core is for its own people" in page
    assert not QueryClosure.objects.exists()
    shows(enter(cast.coordinator), "/", "Close the question")


def test_the_core_writes_down_what_it_was_told_and_closes(enter: Enter, cast: Cast, query: ItemQuery) -> None:
    browser = enter(cast.coordinator)
    browser.post(f"/queries/{query}/answer/", {"answer-text": "By telephone: never sent."})
    assert QueryAnswer.objects.get().on_behalf
    shows(browser, f"/queries/{query}/", "written down for Mercy General")
    page = text(browser.post(f"/queries/{query}/close/", {"closing-outcome": " "}))
    assert "This field is required" in page
    browser.post(f"/queries/{query}/close/", {"closing-outcome": "never sent"})
    assert QueryClosure.objects.get().outcome == "never sent"
    assert "Close the question" not in shows(browser, f"/queries/{query}/", "never sent", "closed")
    page = text(browser.post(f"/queries/{query}/close/", {"closing-outcome": "again"}))
    assert "is closed; ask anew" in page


def test_the_list_and_its_filters(enter: Enter, cast: Cast, parcel: Shipment, query: ItemQuery) -> None:
    browser = enter(cast.coordinator)
    few = questions(browser, "/queries/")
    for item in parcel.items.filter(line__gt=1):
        ask_sender(by=cast.coordinator, at=AT, item=item, question="And this?")
    assert questions(browser, "/queries/") == few <= MOST_QUERIES
    assert query.accession not in shows(browser, "/queries/?mine=1", "And this?")
    shows(browser, f"/queries/?state=open&sender=MERCY&parcel={parcel}", query.accession)
    for nothing in ("state=closed", "sender=LAKE", "parcel=PX-1", "state=answered"):
        shows(browser, f"/queries/?{nothing}", "No question")


def test_others_do_not_meet_it(enter: Enter, cast: Cast, house: House, query: ItemQuery) -> None:
    lola = person("lola", "Lola Lake", Role.COORDINATOR, house.lakeshore)
    assert status(enter(lola), f"/queries/{query}/") == 404
    assert status(enter(cast.reader), f"/queries/{query}/") == 403
    assert status(enter(cast.bench), "/queries/Q-000009-X/") in (400, 404)
    assert status(enter(cast.bench), f"/find/?q={query}") == 200


def test_a_question_is_handed_over(enter: Enter, cast: Cast, query: ItemQuery, hugh: User) -> None:
    browser = enter(cast.bench)
    page = shows(browser, f"/queries/{query}/", "Hand it over from Rose Achebe", "Dana Whitfield")
    assert "Hugh Okello</option>" not in page
    where = f"/queries/{query}/hand-over/"
    page = text(browser.post(where, {"handing-to": hugh.pk, "handing-reason": "x"}))
    assert "is not one of the available choices" in page
    said = {"handing-to": cast.coordinator.pk, "handing-reason": "on leave"}
    assert browser.post(where, said).status_code == 302
    shows(browser, f"/queries/{query}/", "handed over to Dana Whitfield by Rose Achebe", "on leave")
    shows(enter(cast.coordinator), "/queries/?mine=1", str(query), "Dana Whitfield")
    assert str(query) not in text(browser.get("/queries/?mine=1"))
    assert enter(cast.statistician).post(where, said).status_code == 403
