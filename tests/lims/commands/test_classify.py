"""bin/manage classify: one call, its two streams and its exit status."""

import io
import sys

import pytest
from django.core.management import call_command

from scoring.rules.vectors import FILE

HEADING = "id,clear_cell,alveolar,granular,papillary,caix\n"


def run(sheet):
    """(exit status, standard output, standard error)."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("classify", str(sheet), stdout=out, stderr=err, no_color=True)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_good_sheet_ends_well_and_says_nothing_else():
    status, out, err = run(FILE)
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 35
    assert out.startswith("id,risk,possible_risks,caix_level,compartment,il2_eligibility,reasons,missing\n1,good,")


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{HEADING}a,no,,,,\n".encode())))
    status, out, _ = run("-")
    assert status == 0
    assert out.endswith("a,poor,poor,missing,unfavourable,not_eligible,NON_CLEAR_CELL,\n")


def test_a_bad_row_makes_the_exit_status_one(tmp_path):
    sheet = tmp_path / "cases.csv"
    sheet.write_text(f"{HEADING}a,yes,101,0,0,\nb,no,,,,\n")
    status, out, err = run(sheet)
    assert status == 1
    assert out.endswith("b,poor,poor,missing,unfavourable,not_eligible,NON_CLEAR_CELL,\n")
    assert err == "line 2, alveolar: 101 is not between 0 and 100.\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read: No such file"), (b"\x00\x01", "not UTF-8 text"), (b"a,b\n", "lacks id")],
)
def test_a_wrong_sheet_gets_one_sentence(tmp_path, content, says):
    sheet = tmp_path / "cases.csv"
    if content is not None:
        sheet.write_bytes(content)
    status, out, err = run(sheet)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert says in err


def test_help_says_the_columns_and_that_it_is_investigational(capsys):
    with pytest.raises(SystemExit):
        call_command("classify", "--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "indeterminate_type" in said
    assert "research use only" in said
