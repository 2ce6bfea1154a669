"""Agreement of the readers: the worked example of the model reference, the figure, what is left out."""

import csv
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from lims.analysis.tables import TABLES
from lims.web.agreement import counts_of, in_words, measures, rows_of
from lims.web.scatter import Counts, Point, scatter
from scoring.agreement_desk import Opinion, Pair, Pairs, pairs_of
from scoring.rules.vocabulary import Assay
from specimens.actors import Automaton
from specimens.errors import Forbidden
from specimens.scope import EVERYTHING
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import MOST_QUERIES, questions
from tests.scoring.desk import LOW, a_case, a_tumour, both_sign, decides
from tests.stories import House

A = (95, 90, 85, 80, 100, 60, 0, 88, 86, 40, 92, 70)
B = (90, 95, 90, 80, 100, 50, 0, 80, 90, 55, 85, 75)
RISK_A, RISK_B = "ggiigppgiigp", "giiigppggigi"
RISKS = {"g": "good", "i": "intermediate", "p": "poor"}


def read(percent: int) -> Opinion:
    return Opinion(evaluable="yes", caix=Decimal(percent), level="high" if percent > 85 else "low")


@pytest.fixture
def worked() -> Pairs:
    """The twelve specimens of the model reference."""
    caix = tuple(Pair(f"C{n}", Assay.CAIX, read(a), read(b), True) for n, (a, b) in enumerate(zip(A, B, strict=True)))
    pairs = zip(RISK_A, RISK_B, strict=True)
    section = tuple(
        Pair(
            f"H{n}",
            Assay.HISTOLOGY,
            Opinion("yes", "clear_cell", RISKS[a]),
            Opinion("yes", "clear_cell", RISKS[b]),
            True,
        )
        for n, (a, b) in enumerate(pairs)
    )
    return Pairs(section, caix, 0)


def test_the_grade_is_weighed_too_where_both_reads_give_one() -> None:
    grades = [(1, 1), (2, 3), (3, 3), (4, 2), (2, None)]
    pairs = [Pair("H", Assay.HISTOLOGY, Opinion(grade=a), Opinion(grade=b), True) for a, b in grades]
    said = {(m.name, m.of): (m.value, m.raw) for m in measures(Pairs(tuple(pairs), (), 0))}
    assert said["weighted kappa, linear", "WHO/ISUP grade"] == ("0.333", "2 of 4")
    assert said["weighted kappa, quadratic", "WHO/ISUP grade"] == ("0.375", "2 of 4")


def test_the_worked_example_comes_out(worked: Pairs) -> None:
    said = {(m.name, m.of): (m.value, m.raw) for m in measures(worked)}
    assert said["Cohen’s kappa", "CA-IX level"] == ("0.500", "9 of 12")
    assert said["ICC(2,1), absolute", "CA-IX percentage"][0] == "0.971"
    assert said["mean difference A − B", "CA-IX percentage"][0] == "−0.33"
    assert said["lower limit of agreement", "CA-IX percentage"][0] == "−14.23"
    assert said["upper limit of agreement", "CA-IX percentage"][0] == "13.56"
    assert said["weighted kappa, linear", "pathology risk"] == ("0.695", "9 of 12")
    assert said["weighted kappa, quadratic", "pathology risk"][0] == "0.786"
    assert said["Krippendorff’s alpha, ordinal", "pathology risk"][0] == "0.780"
    assert said["Cohen’s kappa", "adequacy"] == ("undefined", "12 of 12"), "no spread: neither 0 nor 1"


def test_quadrants_and_words_tell_that_the_cutoff_is_the_trouble(worked: Pairs) -> None:
    assert counts_of(worked.caix) == Counts(both_high=4, first_high=2, second_high=1, both_low=5)
    assert "ICC is 0.97" in in_words(worked)[0]
    assert in_words(worked)[1] == "It is the cutoff, not the percentage, that needs the report."


def test_those_that_disagree_come_first(worked: Pairs) -> None:
    rows = rows_of(worked.caix)
    assert [row.word for row in rows][:4] == ["on both sides of 85"] * 3 + ["more than 10 apart"]
    assert rows[0].apart == "+8"


def test_a_blank_answer_is_no_pair(worked: Pairs) -> None:
    dumb = Pair("C99", Assay.CAIX, Opinion(evaluable="no"), read(90), True)
    more = Pairs(worked.histology, (*worked.caix, dumb), 0)
    assert {m.raw for m in measures(more) if m.of == "CA-IX level"} == {"9 of 12"}


def test_the_figure_is_a_picture_without_script_or_style() -> None:
    drawn = scatter([Point(95, 90, "A<B"), Point(88, 80, "C&D")], 85, Counts(1, 1, 0, 0))
    tags = {each.tag.rpartition("}")[2] for each in ET.fromstring(drawn).iter()}
    assert tags <= {"svg", "title", "rect", "path", "text", "tspan", "circle"}
    assert ("A<B" in drawn, "C&amp;D" in drawn, "style=" in drawn) == (False, True, False)


# ---- the page ----
@pytest.fixture
def sam(enter: Enter, cast: Cast, house: House) -> Client:
    """One concordant case, one decided, one not decided yet."""
    for study_id, second in (("CWG-0001", {}), ("CWG-0002", LOW), ("CWG-0003", LOW)):
        case = a_case(cast, house, Stain.CAIX, a_tumour(cast, house, study_id))
        both_sign(cast, case, {}, second)
        if study_id == "CWG-0002":
            decides(cast.adjudicator, case)
    return enter(cast.statistician)


def test_open_cases_are_counted_and_left_out(sam: Client) -> None:
    page = shows(
        sam, "/agreement/", "0 histology, 2 CA-IX", "1 not decided yet", "not validated for treatment decisions"
    )
    assert [name for name in ("Moreau", "Lindqvist") if name in page] == []


def test_the_figure_has_an_address_of_its_own(sam: Client) -> None:
    page = shows(sam, "/agreement/?trial=CWG", "Both high 1, both low 0, A high and B low 1, A low and B high 0")
    assert 'src="/agreement/scatter.svg?trial=CWG"' in page
    answer = sam.get("/agreement/scatter.svg?trial=CWG")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/svg+xml; charset=utf-8", "nosniff")
    assert "2 cases" in text(answer)


def test_names_are_for_who_oversees_reading_and_for_nobody_else(sam: Client, cast: Cast) -> None:
    assert "R1 and R2" in shows(sam, "/agreement/")
    told = pairs_of(cast.statistician, EVERYTHING)
    assert {pair.readers for pair in told.caix} == {("R1", "R2")}
    lead = Automaton("lead", frozenset({"scoring.oversee"}))
    assert {pair.readers for pair in pairs_of(lead, EVERYTHING).caix} == {("Ines Moreau", "Otto Lindqvist")}
    for stranger in (cast.reader, cast.adjudicator, cast.coordinator):
        with pytest.raises(Forbidden):
            pairs_of(stranger, EVERYTHING)


def test_what_the_case_concluded_with_stands_beside_the_pair(sam: Client, cast: Cast) -> None:
    told = sorted(pairs_of(cast.statistician, EVERYTHING).caix, key=lambda pair: pair.code)
    assert {pair.value.caix for pair in told if pair.value} == {Decimal(95)}
    assert {pair.month for pair in told} == {"2026-11"}


def test_narrowing_to_a_pair_or_a_month(sam: Client) -> None:
    shows(sam, "/agreement/?readers=R1+and+R2&month=2026-11", "0 histology, 2 CA-IX")
    shows(sam, "/agreement/?month=2025-01", "under these filters", "Show all")
    shows(sam, "/agreement/?readers=R1+and+R9", "under these filters")


@pytest.mark.parametrize("name", ["scatter", "differences", "line", "drift"])
def test_every_figure_is_a_well_formed_picture_in_both_cuts(sam: Client, name: str) -> None:
    for cut in ("", "?cut=small"):
        answer = sam.get(f"/agreement/{name}.svg{cut}")
        assert answer["Content-Type"].startswith("image/svg+xml")
        drawn = text(answer)
        tags = {each.tag.rpartition("}")[2] for each in ET.fromstring(drawn).iter()}
        assert tags <= {"svg", "title", "rect", "path", "text", "tspan", "circle", "defs", "pattern"}
        assert "style=" not in drawn


def test_each_figure_has_its_rows_as_csv(sam: Client) -> None:
    rows = {
        name: list(csv.DictReader(sam.get(f"/agreement/{name}.csv").content.decode().splitlines())) for name in TABLES
    }
    assert [(row["reader_a"], row["caix_a"]) for row in rows["pairs"]] == [("R1", "95.0")] * 2
    assert {row["caix_b"]: row["level_b"] for row in rows["pairs"]} == {"95.0": "high", "80.0": "low"}
    level = {row["measure"]: row for row in rows["figures"] if row["of"] == "CA-IX level"}
    assert (level["raw"]["agree"], level["raw"]["n"], level["raw"]["value"]) == ("1", "2", "0.5")
    assert [row["on_different_sides"] for row in rows["around_cutoff"] if row["mean_to"] == "90.0"] == ["1"]
    assert rows["repeats"] == []
    assert sam.get("/agreement/names.csv").status_code == 404


def test_a_trial_without_pairs_says_so(sam: Client) -> None:
    shows(sam, "/agreement/?trial=OTHER", "there is nothing to compare")


def test_the_page_asks_few_questions(sam: Client) -> None:
    assert questions(sam, "/agreement/") <= MOST_QUERIES + 2
