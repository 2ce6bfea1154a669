"""Adjudication: what differs is lifted out, nobody is named, the decider's own form is blank."""

import pytest
from django.test import Client

from scoring.models import Read, ReadingCase
from scoring.phases import phase_of
from scoring.refusing import refuse_slide
from scoring.vocabulary import Wish
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import no_identity, shows, signing, text
from tests.lims.web.visits import questions, status
from tests.scoring.desk import LATER, LOW, PAPILLARY, a_case, both_sign, decides
from tests.stories import House


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    """CA-IX, 95 against 80 percent."""
    found = a_case(cast, house, Stain.CAIX)
    both_sign(cast, found, {}, LOW)
    return found


@pytest.fixture
def ravi(enter: Enter, cast: Cast) -> Client:
    return enter(cast.adjudicator)


def test_the_list_says_in_what_the_reads_differ(ravi: Client, case: ReadingCase) -> None:
    page = shows(
        ravi, "/decide/", "1 case to decide", case.code, "either side of the CA-IX cutoff", "too many points apart"
    )
    no_identity(page)
    no_identity(shows(ravi, "/", "1 due today", "Decide this case"))


def test_an_empty_list_says_what_will_fill_it(ravi: Client, house: House) -> None:
    shows(ravi, "/decide/", "A case comes here when its readers disagree")


def test_a_case_of_which_another_slide_was_asked_for_waits_and_stays_open(
    ravi: Client, cast: Cast, case: ReadingCase
) -> None:
    refuse_slide(by=cast.adjudicator, at=LATER, case=case, wish=Wish.RESTAIN, reason="washed out")
    shows(ravi, "/decide/", "0 cases to decide", case.code, "You asked for another slide", "waiting")
    assert "Decide this case" not in text(ravi.get("/"))
    assert ravi.post(f"/decide/{case.code}/", signing(case)).status_code == 302
    assert phase_of(case) == "concluded"


def test_both_reads_stand_side_by_side_without_names(ravi: Client, case: ReadingCase) -> None:
    page = shows(
        ravi, f"/decide/{case.code}/", "Read A", "Read B", "95 %", "80 %", "They differ", "They agree", "15 more in B"
    )
    no_identity(page)
    assert [name for name in ("Moreau", "Lindqvist") if name in page] == []
    differing = page.split("They differ")[1].split("They agree")[0]
    assert '<tr class="differs"><th scope="row">positive</th>' in differing
    assert "membranous, complete" not in differing


def test_the_deciders_own_form_is_blank(ravi: Client, case: ReadingCase) -> None:
    page = text(ravi.get(f"/decide/{case.code}/"))
    assert page.count('inputmode="decimal"') == page.count('value="" autocomplete="off" maxlength="40"') > 0
    assert 'name="pattern"' in page
    assert 'id="f-pattern-membranous_complete" value="membranous_complete" data-key="m" checked' not in page


def test_the_page_asks_few_questions(ravi: Client, case: ReadingCase) -> None:
    assert questions(ravi, f"/decide/{case.code}/") <= 12


def test_a_decision_alone_concludes_the_case(ravi: Client, cast: Cast, case: ReadingCase) -> None:
    answer = ravi.post(f"/decide/{case.code}/", {**signing(case), "how": "alone"})
    assert (answer.status_code, answer["Location"]) == (302, "/decide/")
    decision = Read.objects.get(slot=3)
    assert (decision.role, decision.reader, decision.present) == ("adjudicator", cast.adjudicator, "")
    assert phase_of(case) == "concluded"


def test_a_meeting_keeps_who_was_present(ravi: Client, case: ReadingCase) -> None:
    there = {"how": "meeting", "present": "Ines Moreau\nOtto Lindqvist\n"}
    assert ravi.post(f"/decide/{case.code}/", {**signing(case), **there}).status_code == 302
    decision = Read.objects.get(slot=3)
    assert (decision.role, decision.present) == ("meeting", "Ines Moreau; Otto Lindqvist")


def test_a_meeting_of_one_is_refused_beside_the_names(ravi: Client, case: ReadingCase) -> None:
    answer = ravi.post(
        f"/decide/{case.code}/", {**signing(case, comment="seen"), "how": "meeting", "present": "Ravi Nair"}
    )
    page = text(answer)
    assert "A meeting is at least two people" in page
    assert 'id="how-meeting" value="meeting" checked' in page
    assert [
        typed for typed in ("Ravi Nair</textarea>", ">seen</textarea>", 'name="pct_3" value="60"') if typed not in page
    ] == []
    assert Read.objects.count() == 2


def test_a_faulty_form_keeps_what_was_typed(ravi: Client, case: ReadingCase) -> None:
    page = text(ravi.post(f"/decide/{case.code}/", signing(case, pct_0="15")))
    assert "0, 1+, 2+ and 3+ sums to 110; it must be exactly 100." in page
    assert 'name="pct_0" value="15"' in page
    assert Read.objects.count() == 2


def test_a_wrong_password_decides_nothing(ravi: Client, case: ReadingCase) -> None:
    assert "That is not your password" in text(ravi.post(f"/decide/{case.code}/", signing(case, password="wrong")))
    assert Read.objects.count() == 2


def test_histology_is_decided_on_the_same_page(ravi: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, {}, PAPILLARY)
    shows(ravi, f"/decide/{case.code}/", "papillary present against absent", 'name="arch_alveolar"')
    assert ravi.post(f"/decide/{case.code}/", signing(case)).status_code == 302


def test_what_is_decided_is_not_decided_again(ravi: Client, enter: Enter, cast: Cast, case: ReadingCase) -> None:
    decides(cast.adjudicator, case)
    assert ravi.get(f"/decide/{case.code}/")["Location"] == f"/cases/{case.code}/"
    assert ravi.post(f"/decide/{case.code}/", signing(case))["Location"] == f"/cases/{case.code}/"
    assert Read.objects.count() == 3


def test_a_concordant_case_is_not_there_for_an_adjudicator(ravi: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    assert status(ravi, f"/decide/{case.code}/") == 404


@pytest.mark.parametrize("role", ["reader", "second_reader", "third_reader", "coordinator", "bench", "statistician"])
def test_only_adjudicators_decide(enter: Enter, cast: Cast, case: ReadingCase, role: str) -> None:
    browser = enter(getattr(cast, role))
    assert (status(browser, "/decide/"), status(browser, f"/decide/{case.code}/")) == (403, 403)
    assert browser.post(f"/decide/{case.code}/", signing(case)).status_code == 403
    assert Read.objects.count() == 2
