"""read_outcomes: a CSV of outcomes, strictly; nothing is guessed, every fault has its row and field."""

import pytest

from lims.intake.outcome_sheet import read_outcomes
from lims.outcome_rows import NewOutcome
from specimens.errors import Rejected


def faults(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(Rejected) as refused:
        read_outcomes(content)
    assert all(problem.sentence for problem in refused.value.problems)
    return [(problem.row, problem.field) for problem in refused.value.problems]


def test_columns_come_in_any_order_and_blanks_are_unknown() -> None:
    sheet = b"os_event,study_id,os_time,arm\n1,CWG-1,412,A\n,CWG-2,,\n"
    assert read_outcomes(sheet) == [
        NewOutcome("CWG-1", arm="A", os_time=412, os_event=True),
        NewOutcome("CWG-2"),
    ]


def test_a_byte_order_mark_other_line_ends_and_blank_lines_do_no_harm() -> None:
    sheet = '\ufeffstudy_id,regimen\r\nCWG-1,"IL-2, high dose"\r\n,\r\n\r\n'.encode()
    assert read_outcomes(sheet) == [NewOutcome("CWG-1", regimen="IL-2, high dose")]


@pytest.mark.parametrize(
    ("sheet", "where"),
    [
        (b"", [(0, "file")]),
        (b"study_id\n", [(0, "file")]),
        (b"study_id;arm\nCWG-1;A\n", [(0, "file")]),
        (b"study_id,arm,arm\nCWG-1,A,A\n", [(0, "arm")]),
        (b"study_id,hair\nCWG-1,red\n", [(0, "hair")]),
        (b"arm\nA\n", [(0, "study_id")]),
        ("study_id,arm\nCWG-1,é\n".encode("latin-1"), [(0, "file")]),
        ("study_id\nCWG-1\n".encode("utf-16"), [(0, "file")]),
        (b"study_id\nCWG\x001\n", [(0, "file")]),
        (b'study_id,arm\nCWG-1,"A\n', [(0, "file")]),
        (b"study_id,arm\nCWG-1\n", [(1, "row")]),
        (b"study_id,arm\n,A\n", [(1, "study_id")]),
        (b"study_id,os_time\nCWG-1,12.5\n", [(1, "os_time")]),
        (b"study_id,os_time\nCWG-1,1e3\n", [(1, "os_time")]),
        (b"study_id,os_time\nCWG-1,twelve\n", [(1, "os_time")]),
        ("study_id,os_time\nCWG-1,１２\n".encode(), [(1, "os_time")]),
        (b"study_id,os_event\nCWG-1,yes\n", [(1, "os_event")]),
        (
            b"study_id,os_event,os_time\nCWG-1,2,x\nCWG-2,0,y\n",
            [(1, "os_event"), (1, "os_time"), (2, "os_time")],
        ),
    ],
)
def test_a_faulty_sheet_is_refused_with_its_places(sheet: bytes, where: list[tuple[int, str]]) -> None:
    assert faults(sheet) == where


def test_a_negative_time_is_read_and_left_to_the_deed() -> None:
    assert read_outcomes(b"study_id,os_time\nCWG-1,-4\n")[0].os_time == -4
