"""What both of the desk's sheets hold in common, and what each row becomes."""

from datetime import date

import pytest

from lims.intake.enrolment_sheet import read_enrolment
from lims.intake.parcel_sheet import read_items
from lims.intake.sheets import MOST_BYTES, MOST_ROWS
from specimens.errors import Rejected
from specimens.vocabulary import ConsentScope, ItemKind, SpecimenKind, Terms

PATIENTS = (
    b"\xef\xbb\xbfTreating_Site,study_id,consent,enrolled_on\r\n"
    b"MERCY, CWG-0001 ,this study|future_research,2026-11-01\r\n\r\n"
)
ITEMS = (
    b"kind,study_id,specimen_label,label,terms,due_back_on,specimen_kind\n"
    b"block,CWG-0001,S1,A1,loan,2027-01-31,metastasis\n"
)


def test_a_row_becomes_a_patient() -> None:
    rows, problems = read_enrolment(PATIENTS)
    assert problems == []
    assert [(r.study_id, r.treating_site, r.enrolled_on) for r in rows] == [("CWG-0001", "MERCY", date(2026, 11, 1))]
    assert rows[0].consent_scopes == (ConsentScope.THIS_STUDY, ConsentScope.FUTURE_RESEARCH)
    assert rows[0].consent_on is None


def test_a_row_becomes_an_item() -> None:
    items, problems = read_items(ITEMS, "CWG")
    assert problems == []
    (item,) = items
    assert (item.kind, item.trial, item.label) == (ItemKind.BLOCK, "CWG", "A1")
    assert (item.terms, item.due_back_on) == (Terms.LOAN, date(2027, 1, 31))
    assert (item.specimen_kind, item.topography) == (SpecimenKind.METASTASIS, "C64.9")


@pytest.mark.parametrize("cell", ["20261101", "2026-W45-1", "2026-11-1", "01/11/2026", "2026-02-30", "tomorrow"])
def test_a_date_is_never_guessed(cell: str) -> None:
    _, problems = read_enrolment(f"study_id,treating_site,enrolled_on\nA1,MERCY,{cell}\n".encode())
    assert [(p.row, p.field, p.value) for p in problems] == [(1, "enrolled_on", cell)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * (MOST_BYTES + 1), "larger than 2 MB"),
        (b"study_id,treating_site\n" + b"A1,M\n" * (MOST_ROWS + 1), "at most 5,000"),
        (b"study_id,treating_site\n" + b"A" * 501 + b",M\n", "longer than 500"),
        (b"study_id,treating_site\nA1,M,\n", "3 cells, the heading 2"),
    ],
)
def test_what_is_too_much_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_enrolment(content)
    assert said in refused.value.sentence
