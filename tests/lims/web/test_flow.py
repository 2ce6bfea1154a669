"""The flow of tissue as a page: every number leads to as many rows, and nobody sees more than their own."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from lims.vocabulary import Role
from lims.web.sankey import Leaf, Step, along, upright
from specimens.models import Patient
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.scoring.test_flow import many  # noqa: F401 - a fixture
from tests.stories import House

LINK = re.compile(r'<a href="(/flow/patients/[^"]*)"[^>]*>(?:<b>)?(\d+)(?:</b>)?</a>')
COUNT = re.compile(r'<p class="quiet">([\d,]+) patients?')
SVG = "{http://www.w3.org/2000/svg}"


def figures(page: str) -> list[tuple[str, int]]:
    """(address, number) of each number on the page that leads somewhere."""
    return [(unescape(address), int(count)) for address, count in LINK.findall(page)]


@pytest.mark.usefixtures("many")
def test_every_number_leads_to_as_many_patients(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.coordinator)
    found = figures(text(browser.get("/flow/")))
    assert len(found) > 40
    for address, number in found:
        page = text(browser.get(address))
        told = int(COUNT.findall(page)[0].replace(",", ""))
        rows = page.count('aria-label="Follow the line of')
        assert (address, told, rows) == (address, number, min(number, 50))


@pytest.mark.usefixtures("many")
def test_the_filters_are_kept_on_the_way_to_the_rows(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    mercy = figures(text(browser.get("/flow/?site=MERCY&trial=CWG")))
    theirs = Patient.objects.filter(treating_site=house.mercy).count()
    assert mercy[0] == ("/flow/patients/?trial=CWG&site=MERCY&stage=enrolled", theirs)
    assert all("site=MERCY" in address for address, _ in mercy)
    shows(browser, mercy[0][0], "Mercy General")
    shows(browser, "/flow/?trial=NONE", "No patient is enrolled here under these filters")


@pytest.mark.usefixtures("many")
def test_a_hospital_sees_its_own_patients_alone(enter: Enter, cast: Cast, house: House) -> None:
    theirs = enter(person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy))
    page = shows(theirs, "/flow/")
    assert figures(page)[0][1] == Patient.objects.filter(treating_site=house.mercy).count()
    assert "Lakeshore" not in page
    assert "Nobody stands here now" in text(theirs.get("/flow/patients/?stage=enrolled&site=LAKE"))


@pytest.mark.usefixtures("many")
def test_what_readers_found_is_told_to_who_sees_scores(enter: Enter, cast: Cast) -> None:
    inadequate = "/flow/patients/?stage=received&stopped=inadequate:no_viable_tumour"
    for who in (cast.coordinator, cast.statistician):
        assert "inadequate: no viable tumour" in text(enter(who).get("/flow/"))
        assert status(enter(who), inadequate) == 200
    administrator = enter(cast.administrator)
    for address in ("/flow/", "/flow/picture.svg", "/flow/patients/?stage=received&stopped=inadequate"):
        said = text(administrator.get(address))
        assert "inadequate" in said
        assert "viable" not in said
    assert status(administrator, inadequate) == 404


@pytest.mark.parametrize(
    "address", ["/flow/", "/flow/picture.svg", "/flow/picture-small.svg", "/flow/patients/", "/flow/turnaround/",
                "/flow/turnaround/plot.svg", "/flow/turnaround/requests/"],
)  # fmt: skip
def test_readers_and_the_bench_do_not_meet_it(enter: Enter, cast: Cast, house: House, address: str) -> None:
    for who in (cast.reader, cast.adjudicator, cast.bench):
        assert status(enter(who), address) == 403
    for who in (cast.coordinator, cast.statistician, cast.administrator):
        assert status(enter(who), address) == 200


@pytest.mark.usefixtures("many")
def test_no_arm_outcome_or_hospital_number(enter: Enter, cast: Cast) -> None:
    for address in ("/flow/", "/flow/patients/?stage=received"):
        assert "SECRET" not in text(enter(cast.statistician).get(address))


@pytest.mark.usefixtures("many")
def test_the_pictures_show_the_page_s_numbers(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.coordinator)
    page = text(browser.get("/flow/"))
    stages = [count for address, count in figures(page) if "stopped" not in address][:7]
    for cut in ("picture", "picture-small"):
        answer = browser.get(f"/flow/{cut}.svg")
        assert answer["Content-Type"].startswith("image/svg+xml")
        drawn = ElementTree.fromstring(answer.content)
        assert not list(drawn.iter(f"{SVG}style"))
        assert not list(drawn.iter(f"{SVG}script"))
        assert " style=" not in answer.content.decode()
        said = drawn.find(f"{SVG}title").text or ""  # type: ignore[union-attr]
        assert [int(number) for number in re.findall(r" (\d+)", said)] == stages


def test_a_picture_with_nobody_in_it_is_still_one() -> None:
    for cut in (along, upright):
        assert "<svg" in cut([Step("Enrolled", 0, ()), Step("Asked", 0, ())])


def test_many_reasons_are_drawn_as_a_few_that_add_up() -> None:
    leaves = tuple(Leaf(f"reason {n}", n + 1, lost=n % 2 == 0) for n in range(12))
    step = Step("Asked", 100, leaves)
    assert len(step.drawn) <= 5
    assert sum(leaf.count for leaf in step.drawn) == sum(leaf.count for leaf in leaves)
    assert {leaf.words for leaf in step.drawn} >= {"other losses", "others, not yet"}


def test_a_stage_that_is_none_says_so(enter: Enter, cast: Cast, house: House) -> None:
    answer = enter(cast.coordinator).get("/flow/patients/?stage=splendid")
    assert answer.status_code == 404
    assert "There is no stage" in text(answer)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("address", ["/flow/", "/flow/patients/?stage=enrolled"])
def test_pages_ask_few_questions(enter: Enter, cast: Cast, address: str) -> None:
    assert questions(enter(cast.coordinator), address) <= MOST_QUERIES
