"""The desk's own door for drafts: kept, refused politely, given back; and what the rules say meanwhile."""

import re
from typing import Any

import pytest
from django.test import Client

from scoring.models import Draft, Read, ReadingCase
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import kept_back, no_identity, sent, shows, signing, text
from tests.lims.web.visits import MOST_QUERIES, questions
from tests.scoring.desk import LOW, a_case, both_sign, found, signs
from tests.stories import House

JSON = "application/json"


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house)


@pytest.fixture
def stained(cast: Cast, house: House, case: ReadingCase) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX, case.specimen)


@pytest.fixture
def ines(enter: Enter, cast: Cast) -> Client:
    return enter(cast.reader)


def saves(browser: Client, case: ReadingCase, typed: dict[str, Any], version: int = 0, **more: Any) -> Any:
    body = {"typed": typed, "version": version, "window": "one", "form": "read", **more}
    return browser.post(f"/read/{case.code}/draft/", body, content_type=JSON)


def test_what_is_typed_is_kept_and_the_page_gives_it_back(ines: Client, stained: ReadingCase) -> None:
    answer = saves(ines, stained, {"pct_0": "12", "comment": "a <b> word", "downtime_form": "DF-1"})
    told = answer.json()
    assert (answer.status_code, told["version"]) == (200, 1)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", told["saved"])
    page = shows(
        ines, f"/read/{stained.code}/", 'name="pct_0" value="12"', "a &lt;b&gt; word", f"saved {told['saved']}"
    )
    assert 'value="DF-1"' in page
    assert 'data-version="1"' in page
    del told["said"]
    assert ines.get(f"/read/{stained.code}/draft/").json() == told


def test_another_reader_meets_nothing_of_it(enter: Enter, ines: Client, cast: Cast, stained: ReadingCase) -> None:
    otto = enter(cast.second_reader)
    before = re.sub(r'csrf\w+" value="\w+"', "", text(otto.get(f"/read/{stained.code}/")))
    saves(ines, stained, {"pct_0": "12", "comment": "CANARY"})
    assert otto.get(f"/read/{stained.code}/draft/").json()["version"] == 0
    assert re.sub(r'csrf\w+" value="\w+"', "", text(otto.get(f"/read/{stained.code}/"))) == before
    assert "Begun" not in text(otto.get("/read/"))


def test_an_older_version_is_told_of_the_later(ines: Client, stained: ReadingCase) -> None:
    saves(ines, stained, {"pct_0": "1"})
    saves(ines, stained, {"pct_0": "2"}, 1, window="two")
    answer = saves(ines, stained, {"pct_0": "3"}, 1)
    told = answer.json()
    assert (answer.status_code, told["code"], told["version"], told["window"]) == (412, "draft_older", 2, "two")
    assert Draft.objects.get().typed["pct_0"] == "2"
    assert saves(ines, stained, {"pct_0": "3"}, told["version"]).status_code == 200


def test_it_says_what_is_wrong_so_far_and_stores_no_read(ines: Client, case: ReadingCase) -> None:
    five = found(case, arch_sarcomatoid="5", arch_tubular="10", comment="")
    said = saves(ines, case, five).json()["said"]
    assert [(each["field"], each["refuses"]) for each in said] == [("who_isup", True)]
    assert said[0]["others"] == ["arch_sarcomatoid"]
    assert not Read.objects.exists()
    assert saves(ines, case, {"adequate": "yes"}, 1).json()["said"] == [], "what is not typed yet is no mistake"
    assert saves(ines, case, {"adequate": "yes"}, 2, everything=True).json()["said"] != []


def test_nothing_of_risk_or_cutoff_ever_comes_back(ines: Client, stained: ReadingCase, case: ReadingCase) -> None:
    for number, percent in enumerate(("0", "84", "85", "86", "100", "some", "145")):
        for each, typed in ((stained, {"pct_0": percent, "pct_3": percent}), (case, {"cyto_granular": percent})):
            told = text(saves(ines, each, found(each) | typed, number, everything=True)).lower()
            words = re.findall(r"\b(?:eligib\w*|intermediate|favourable|poor|risk|cutoff|category|level)\b", told)
            assert words == []
            no_identity(told)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[]", 400),
        ("{}", 400),
        ('{"typed": []}', 400),
        ('{"typed": {}, "version": "one", "form": "read"}', 400),
        ('{"typed": {}, "version": true, "form": "read"}', 400),
        ('{"typed": {}, "version": 0, "form": "wish"}', 400),
        ('{"typed": {}, "version": 0, "form": "read", "window": "' + "w" * 40 + '"}', 400),
        ('{"typed": {}, "version": 7, "form": "read"}', 412),
    ],
)
def test_what_no_desk_sends_is_refused_in_json(ines: Client, stained: ReadingCase, body: str, status: int) -> None:
    answer = ines.post(f"/read/{stained.code}/draft/", body, content_type=JSON)
    assert (answer.status_code, answer["Content-Type"]) == (status, JSON)
    assert answer.json()["sentence"]
    assert not Draft.objects.exists()


def test_what_is_no_field_of_the_form_is_left_out(ines: Client, stained: ReadingCase) -> None:
    saves(ines, stained, {"pct_0": "1", "password": "secret", "other": "x", "comment": ["a"]})
    assert Draft.objects.get().typed == {"pct_0": "1", "comment": "['a']", "form": "read"}


def test_a_forged_save_is_refused(cast: Cast, enter: Enter, stained: ReadingCase) -> None:
    browser = enter(cast.reader)
    browser.handler.enforce_csrf_checks = True
    assert saves(browser, stained, {"pct_0": "1"}).status_code == 403
    assert not Draft.objects.exists()


@pytest.mark.parametrize("role", ["coordinator", "bench", "statistician", "administrator"])
def test_only_readers_have_drafts(enter: Enter, cast: Cast, stained: ReadingCase, role: str) -> None:
    browser = enter(getattr(cast, role))
    assert saves(browser, stained, {}).status_code == 403
    assert browser.get(f"/read/{stained.code}/draft/").status_code == 403


def test_a_signed_case_says_so_and_keeps_nothing(ines: Client, cast: Cast, stained: ReadingCase) -> None:
    saves(ines, stained, {"pct_0": "1"})
    signs(cast.reader, stained)
    assert ines.get(f"/read/{stained.code}/draft/").json()["signed"] is True
    answer = saves(ines, stained, {"pct_0": "1"}, 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "read_reader_once")
    assert not Draft.objects.exists()


def test_signing_on_the_page_takes_the_draft_and_a_refusal_keeps_it(ines: Client, stained: ReadingCase) -> None:
    saves(ines, stained, {"pct_0": "1"})
    kept_back(sent(ines, stained, pct_0="99"))
    assert Draft.objects.count() == 1
    assert sent(ines, stained).status_code == 302
    assert not Draft.objects.exists()


def test_begun_cases_stand_first_with_when_they_were_saved(
    ines: Client, case: ReadingCase, stained: ReadingCase
) -> None:
    saves(ines, stained, {"pct_0": "1"})
    page = shows(ines, "/read/", "2 cases to read", "Begun <span", "Due <span", "Go on", ", saved <time")
    assert page.index(stained.code) < page.index(case.code)
    no_identity(page)
    assert questions(ines, "/read/") <= MOST_QUERIES + 4


def test_begun_and_closed_meanwhile_is_not_lost(ines: Client, cast: Cast, house: House, stained: ReadingCase) -> None:
    saves(ines, stained, {"pct_0": "17"})
    a_case(cast, house, Stain.CAIX, stained.specimen)
    shows(ines, "/read/", "Begun, and not to be read now", stained.code)
    shows(ines, f"/read/{stained.code}/", "This case cannot be read now", 'value="17"', "data-closed")


def test_throwing_it_away_begins_anew(ines: Client, stained: ReadingCase) -> None:
    saves(ines, stained, {"pct_0": "17"})
    shows(ines, f"/read/{stained.code}/", "Throw it away")
    answer = ines.post(f"/read/{stained.code}/draft/drop/", {"pct_0": "17"})
    assert answer["Location"] == f"/read/{stained.code}/"
    assert 'value="17"' not in shows(ines, f"/read/{stained.code}/", "is thrown away")
    assert ines.get(f"/read/{stained.code}/draft/drop/").status_code == 405


def test_a_correction_is_taken_up_again_with_its_reason(ines: Client, cast: Cast, stained: ReadingCase) -> None:
    signs(cast.reader, stained)
    answer = saves(ines, stained, {**found(stained), "pct_0": "7", "reason": "a slip"}, form="amend")
    assert answer.status_code == 200
    shows(ines, f"/read/{stained.code}/amend/", 'name="pct_0" value="7"', ">a slip</textarea>")
    ines.post(f"/read/{stained.code}/amend/", {**signing(stained, **LOW), "reason": "a slip"})
    assert not Draft.objects.exists()


def test_a_decision_is_taken_up_again(enter: Enter, cast: Cast, stained: ReadingCase) -> None:
    both_sign(cast, stained, second=LOW)
    ravi = enter(cast.adjudicator)
    typed = {"pct_0": "33", "how": "meeting", "present": "A B\nC D"}
    assert saves(ravi, stained, typed, form="decide").status_code == 200
    page = shows(ravi, f"/decide/{stained.code}/", 'name="pct_0" value="33"', "A B C D")
    assert 'value="meeting" checked' in page
    assert 'data-form="decide"' in page
