"""Blinding through the pages: every item of a case against every viewer, before and after it concludes."""

import pytest

from scoring.assessing import WORKER, assess_patients
from scoring.models import ReadingCase
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import no_identity, shows, text
from tests.lims.web.visits import questions, status
from tests.scoring.desk import LATER, LOW, a_case, both_sign, decides, signs
from tests.stories import House

# What tells of each item, were it on the page.
TELLS = {
    "other read": "the second reader",
    "own read": "the first reader",
    "decision": "the decider",
    "names": "name of another reader",
    "patient": "CWG-0187",
    "hospital number": "SECRET",
    "arm or outcome": "responded",
}
READER, COORDINATOR = {"own read"}, {"patient"}
CONCLUDED = {"own read", "other read", "decision"}
SEEN = {
    # phase: who -> what stands on the page of the case; None: there is no such page
    "awaiting": {
        "reader": READER, "second_reader": None, "adjudicator": None, "coordinator": COORDINATOR,
        "bench": COORDINATOR, "statistician": COORDINATOR, "administrator": COORDINATOR,
    },
    "discordant": {
        "reader": READER, "second_reader": {"other read"}, "adjudicator": {"own read", "other read"},
        "coordinator": COORDINATOR, "bench": COORDINATOR, "statistician": COORDINATOR,
        "administrator": COORDINATOR,
    },
    "concluded": {
        "reader": CONCLUDED, "second_reader": CONCLUDED, "adjudicator": CONCLUDED,
        "coordinator": CONCLUDED | {"patient", "names"}, "bench": COORDINATOR,
        "statistician": CONCLUDED | {"patient", "names"}, "administrator": COORDINATOR,
    },
}  # fmt: skip


def brought_to(phase: str, cast: Cast, house: House) -> ReadingCase:
    case = a_case(cast, house, Stain.CAIX)
    signs(cast.reader, case, comment="the first reader")
    if phase != "awaiting":
        signs(cast.second_reader, case, **LOW, comment="the second reader")
    if phase == "concluded":
        decides(cast.adjudicator, case, comment="the decider")
    return case


@pytest.mark.parametrize(("phase", "who"), [(phase, who) for phase, viewers in SEEN.items() for who in viewers])
def test_each_viewer_sees_just_what_the_phase_allows(
    enter: Enter, cast: Cast, house: House, phase: str, who: str
) -> None:
    case = brought_to(phase, cast, house)
    answer = enter(getattr(cast, who)).get(f"/cases/{case.code}/", follow=True)
    page, expected = text(answer), SEEN[phase][who]
    if expected is None:
        allowed = answer.redirect_chain == [(f"/read/{case.code}/", 302)] or answer.status_code == 404
        assert allowed
        expected = set()
    another = "Moreau" if who == "second_reader" else "Lindqvist"
    main = (page.split("<main")[1] if "<main" in page else page).replace(another, TELLS["names"])
    assert {item for item, tell in TELLS.items() if tell in main} == expected


def test_after_the_end_a_reader_sees_both_reads_and_why_without_identity(
    enter: Enter, cast: Cast, house: House
) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, {}, {"arch_alveolar": "35", "arch_solid": "50"})
    assess_patients(by=WORKER, at=LATER, patient_ids=[case.specimen.patient_id])
    page = shows(
        enter(cast.reader), f"/cases/{case.code}/", "the mean of two concordant reads", "40 %",
        "Intermediate pathology from this case alone, under edition 2005-R1", "not validated for treatment decisions",
        "granular above 50 %",
    )  # fmt: skip
    no_identity(page)
    assert "Lindqvist" not in page


def test_the_other_assays_case_is_not_given_away(enter: Enter, cast: Cast, house: House) -> None:
    """A reader of the histology may still have the CA-IX case of the same tumour to read."""
    section = a_case(cast, house)
    stain = a_case(cast, house, Stain.CAIX, section.specimen)
    both_sign(cast, section)
    signs(cast.second_reader, stain)
    signs(cast.third_reader, stain)
    assess_patients(by=WORKER, at=LATER, patient_ids=[section.specimen.patient_id])
    page = text(enter(cast.reader).get(f"/cases/{section.code}/"))
    assert [word for word in ("CA-IX", "eligible", stain.code, "95 %") if word in page] == []


def test_a_case_page_asks_few_questions(enter: Enter, cast: Cast, house: House) -> None:
    case = brought_to("concluded", cast, house)
    assert questions(enter(cast.coordinator), f"/cases/{case.code}/") <= 14


def test_an_unknown_case_is_not_there_for_anybody(enter: Enter, cast: Cast, house: House) -> None:
    assert {status(enter(who), "/cases/NONE9/") for who in cast.everybody().values()} == {404}
