"""A sheet of cases in, a sheet of verdicts out."""

import csv
import io

import pytest

from lims.intake.classify_sheet import WrongSheet, classify
from scoring.rules.vectors import FILE, vectors

HEADING = "id,clear_cell,alveolar,granular,papillary,caix\n"
ANSWER = "id,risk,possible_risks,caix_level,compartment,il2_eligibility,reasons,missing\n"


def run(sheet):
    """(every row good, what came out, what was told)."""
    out, told = io.StringIO(), []
    written = sheet if isinstance(sheet, bytes) else sheet.encode()
    return classify(io.BytesIO(written), out, told.append), out.getvalue(), told


def test_every_worked_case_comes_out_right():
    good, out, told = run(FILE.read_bytes())
    assert (good, told) == (True, [])
    rows = list(csv.DictReader(io.StringIO(out)))
    for row, case in zip(rows, vectors(), strict=True):
        names = ("risk", "possible_risks", "caix_level", "compartment")
        assert row["id"] == case.name
        assert [row[name] for name in names] == [case.written[name] for name in names]


def test_lists_are_joined_in_the_rules_order():
    assert run(HEADING + "a,no,0,51,1,\nb,,,,,\n")[1] == (
        ANSWER
        + "a,poor,poor,missing,unfavourable,not_eligible,"
        + "NON_CLEAR_CELL|PAPILLARY_PRESENT|NO_ALVEOLAR|GRANULAR_OVER_50,\n"
        + "b,indeterminate,good|intermediate|poor,missing,indeterminate,indeterminate,,"
        + "clear_cell|alveolar|granular|papillary|caix\n"
    )


def test_columns_in_any_order_with_others_beside_a_bom_and_windows_line_ends():
    sheet = b"\xef\xbb\xbfcaix,risk, papillary,granular,alveolar,clear_cell,id\r\n90,poor,0,0,40, yes ,x 1\r\n"
    good, out, _ = run(sheet)
    assert good
    assert out == ANSWER + "x 1,intermediate,intermediate,high,favourable,eligible,,\n"


def test_an_unclassified_type_signed_centrally_is_not_clear_cell():
    assert "NON_CLEAR_CELL" in run(HEADING + "a,indeterminate_type,80,0,0,\n")[1]


def test_not_evaluable_caix():
    assert (
        "a,intermediate,intermediate,not_evaluable,indeterminate,indeterminate,,caix\n"
        in (run(HEADING + "a,yes,40,0,0,not_evaluable\n")[1])
    )


def test_ids_are_kept_as_they_are():
    assert '"1,""é"" ",good' in run(HEADING + '"1,""é"" ",yes,80,0,0,\n')[1]


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("a,maybe,80,0,0,", "clear_cell", "yes, no, indeterminate_type or blank"),
        ("a,YES,80,0,0,", "clear_cell", "“YES”"),
        ("a,yes,100.01,0,0,", "alveolar", "between 0 and 100"),
        ("a,yes,-1,0,0,", "alveolar", "between 0 and 100"),
        ("a,yes,80,NaN,0,", "granular", "plain digits"),
        ("a,yes,80,inf,0,", "granular", "plain digits"),
        ("a,yes,80,0,some,", "papillary", "plain digits"),
        ("a,yes,80,0,0,95%", "caix", "percent sign"),
        ('a,yes,80,0,0,"85,5"', "caix", "write 85.5"),
        ("a,yes,80,0,0,failed", "caix", "not_evaluable"),
        (",yes,80,0,0,90", "id", "give every row an id"),
        ("a,yes,80,0,0", "row", "5 cells"),
        ("a,yes,80,0,0,90,9", "row", "7 cells"),
    ],
)
def test_a_bad_row_is_told_with_line_and_field_and_the_good_ones_come_out(row, field, says):
    good, out, told = run(f"{HEADING}first,yes,80,0,0,\n{row}\nlast,no,,,,\n")
    assert not good
    assert [line.split(",")[0] for line in out.splitlines()] == ["id", "first", "last"]
    assert len(told) == 1
    assert told[0].startswith(f"line 3, {field}: ")
    assert says in told[0]


def test_every_fault_of_a_row_is_told():
    assert len(run(HEADING + "a,perhaps,101,x,-1,?\n")[2]) == 5


def test_lines_are_counted_in_the_file_not_in_the_rows():
    sheet = HEADING + '"two\nlines",yes,80,0,0,\n\n\nb,yes,x,0,0,\n'
    assert run(sheet)[2][0].startswith("line 6, alveolar: ")


def test_a_repeated_id_is_answered_twice_and_told():
    good, out, told = run(HEADING + "a,yes,80,0,0,\na,no,,,,\n")
    assert good
    assert out.count("\na,") == 2
    assert told == ["line 3, id: a was given on line 2 already; both rows are answered."]


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (b"", "lacks id"),
        (b"id,alveolar\n1,2\n", "lacks clear_cell, granular, papillary, caix"),
        (HEADING.replace("caix", "caix,caix").encode(), "names caix more than once"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8 text"),
        (HEADING.encode("utf-16"), "not UTF-8 text"),
        (b"PK\x03\x04\x00\x00", "not UTF-8 text"),
    ],
)
def test_a_wrong_sheet_gets_one_sentence_and_nothing_comes_out(sheet, says):
    out = io.StringIO()
    with pytest.raises(WrongSheet, match=says):
        classify(io.BytesIO(sheet), out, print)
    assert out.getvalue() == ""


@pytest.mark.parametrize("tail", ['"never closed,yes\n', "caf\xe9,yes,80,0,0,\n"])
def test_a_sheet_that_breaks_off_gives_the_rows_before(tail):
    out = io.StringIO()
    sheet = (HEADING + "a,yes,80,0,0,\n" + tail).encode("latin-1")
    with pytest.raises(WrongSheet, match=r"(?i)line 3"):
        classify(io.BytesIO(sheet), out, print)
    assert out.getvalue().startswith(ANSWER + "a,good")
