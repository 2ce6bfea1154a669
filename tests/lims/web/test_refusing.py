"""Another slide asked for from the desk: the page, what the bench sees of it, and what becomes of the case."""

import pytest
from django.test import Client

from scoring.models import ReadingCase, SlideRefusal
from specimens.models import CuttingOrder
from specimens.ordering import cancel_order
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import no_identity, shows, text
from tests.scoring.desk import a_case, signs
from tests.stories import House

ASKED = {"wish": "recut", "reason": "folded over"}


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX)


@pytest.fixture
def ines(enter: Enter, cast: Cast) -> Client:
    return enter(cast.reader)


def asks(browser: Client, case: ReadingCase, **changes: str) -> object:
    return browser.post(f"/read/{case.code}/refuse/", {**ASKED, **changes}, follow=True)


def test_the_desk_leads_to_it_and_the_bench_sees_it(ines: Client, enter: Enter, cast: Cast, case: ReadingCase) -> None:
    shows(ines, f"/read/{case.code}/", f'href="/read/{case.code}/refuse/"')
    no_identity(shows(ines, f"/read/{case.code}/refuse/", "Ask the bench for another slide", case.slide.accession))
    page = text(asks(ines, case))
    assert "Another slide is asked for" in page
    no_identity(page)
    rose = enter(cast.bench)
    bench = shows(rose, "/cutting/", "A reader asks for a recut: folded over", case.slide.accession)
    order = CuttingOrder.objects.get()
    bench += shows(rose, f"/cutting/{order}/", "· a reader")
    bench += text(rose.get("/ledger/"))
    assert "Ines" not in bench
    assert "Moreau" not in bench


def test_the_case_waits_and_comes_back_when_the_bench_cannot(ines: Client, cast: Cast, case: ReadingCase) -> None:
    asks(ines, case)
    shows(ines, "/read/", "0 cases to read", "Waiting <span", "the bench has it on its list")
    shows(ines, "/", "Nothing is due")
    shows(ines, f"/read/{case.code}/", "You may still read this one")
    cancel_order(by=cast.bench, at=AT, order=CuttingOrder.objects.get(), reason="Block BL is broken")
    shows(ines, "/read/", "1 case to read")
    page = shows(ines, f"/read/{case.code}/", "the bench can give none")
    assert "broken" not in page


def test_the_other_reader_sees_no_difference(enter: Enter, cast: Cast, ines: Client, case: ReadingCase) -> None:
    asks(ines, case)
    shows(enter(cast.second_reader), "/read/", "1 case to read", case.code)


def test_sent_twice_it_is_asked_once(ines: Client, case: ReadingCase) -> None:
    asks(ines, case)
    assert "You have asked for another slide of case" in text(asks(ines, case))
    assert (SlideRefusal.objects.count(), CuttingOrder.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("reason", "sentence"), [("", "This field is required"), ("x" * 401, "At most 400 characters")]
)
def test_the_bench_needs_a_reason_and_what_was_typed_stays(
    ines: Client, case: ReadingCase, reason: str, sentence: str
) -> None:
    page = text(asks(ines, case, reason=reason, wish="restain"))
    assert sentence in page
    assert 'value="restain"' in page
    assert "checked" in page
    assert reason in page
    assert not SlideRefusal.objects.exists()


def test_after_signing_it_leads_to_ones_own_read(ines: Client, cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    assert ines.post(f"/read/{case.code}/refuse/", ASKED)["Location"] == f"/cases/{case.code}/"
    assert not SlideRefusal.objects.exists()


@pytest.mark.parametrize("role", ["coordinator", "bench", "statistician", "administrator"])
def test_only_readers_ask(enter: Enter, cast: Cast, case: ReadingCase, role: str) -> None:
    assert enter(getattr(cast, role)).post(f"/read/{case.code}/refuse/", ASKED).status_code == 403


def test_who_may_not_see_the_case_asks_nothing(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    assert enter(cast.adjudicator).post(f"/read/{case.code}/refuse/", ASKED).status_code == 404
