"""The paper of a signed read: for whom, with what, and never more than its viewer may see."""

import pytest

from scoring.models import Read, ReadingCase
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.papers import read_paper
from tests.lims.web.reads import shows
from tests.scoring.desk import LOW, a_case, corrects, decides, signs
from tests.stories import House

RESULTS = ("intermediate", "eligible", "favourable", "CWG-0187", "Mercy", "SECRET")


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX)


def paper(browser, read: Read) -> str:
    answer = browser.get(f"/cases/{read.case.code}/reads/{read.pk}/paper/")
    assert answer.status_code == 200, answer.status_code
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    return " ".join(read_paper(answer.content)[0].split())


def test_the_signed_read_has_its_paper(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    read = signs(cast.reader, case, comment="membranes crisp")
    browser = enter(cast.reader)
    shows(browser, f"/cases/{case.code}/", f"/cases/{case.code}/reads/{read.pk}/paper/")
    said = paper(browser, read)
    for words in ("Ines Moreau", "Meaning", "read", "UTC", read.digest[:12], "95", "membranes crisp", "holds"):
        assert words in said, words
    assert [word for word in RESULTS if word in said] == []


def test_the_other_reader_has_none_of_it_before_the_case_concludes(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    first = signs(cast.reader, case)
    second = signs(cast.second_reader, case, **LOW)
    for somebody, read in (
        (cast.second_reader, first), (cast.reader, second), (cast.third_reader, first), (cast.coordinator, first),
        (cast.statistician, second), (cast.bench, first), (cast.administrator, first),
    ):  # fmt: skip
        assert enter(somebody).get(f"/cases/{case.code}/reads/{read.pk}/paper/").status_code == 404, somebody
    adjudicator = paper(enter(cast.adjudicator), first)
    assert "name withheld" in adjudicator
    assert "Ines Moreau" not in adjudicator


def test_once_concluded_readers_see_it_without_the_name_coordinators_with(
    enter: Enter, cast: Cast, case: ReadingCase
) -> None:
    first = signs(cast.reader, case)
    signs(cast.second_reader, case, **LOW)
    decision = decides(cast.adjudicator, case)
    said = paper(enter(cast.second_reader), first)
    assert "name withheld" in said
    assert "Ines Moreau" not in said
    assert "Ines Moreau" in paper(enter(cast.coordinator), first)
    assert "Meaning" in paper(enter(cast.adjudicator), decision)


def test_a_correction_says_what_it_supersedes(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    before = signs(cast.reader, case)
    after = corrects(cast.reader, before, **LOW)
    said = paper(enter(cast.reader), after)
    for words in ("Supersedes", "a slip of the pen", before.digest[:12], "60"):
        assert words in said, words
    assert "Superseded: the reader has corrected" in paper(enter(cast.reader), before)


def test_a_read_of_another_case_is_not_found_here(enter: Enter, cast: Cast, house: House, case: ReadingCase) -> None:
    read = signs(cast.reader, case)
    other = a_case(cast, house, Stain.HE, case.specimen)
    signs(cast.reader, other)
    assert enter(cast.reader).get(f"/cases/{other.code}/reads/{read.pk}/paper/").status_code == 404
