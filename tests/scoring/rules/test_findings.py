"""Findings from what was typed or sent, and their one written form."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.rules.findings import (
    CAIX_PERCENTS,
    HISTOLOGY_PERCENTS,
    CaixFindings,
    HistologyFindings,
    caix_from_mapping,
    from_mapping,
    histology_from_mapping,
    to_mapping,
)
from scoring.rules.types import BY_KEY
from scoring.rules.vocabulary import (
    Assay,
    CaixMode,
    ControlState,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
    YesNo,
)
from tests.scoring.rules.cast import D, positive, section, stain


def maybe(values):
    return st.none() | st.sampled_from(list(values))


GRADE = st.none() | st.integers(1, 4)
COMMENT = st.none() | st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=50).map(
    lambda text: text.strip() or None
)
SECTIONS = st.builds(
    HistologyFindings,
    adequate=maybe(YesNo),
    inadequate_reason=maybe(InadequateReason),
    histologic_type=maybe(BY_KEY),
    underlying_type=maybe(BY_KEY),
    fuhrman=GRADE,
    who_isup=GRADE,
    comment=COMMENT,
    **dict.fromkeys(HISTOLOGY_PERCENTS, st.none() | st.decimals(0, 100, places=6)),
)
STAINS = st.builds(
    CaixFindings,
    mode=maybe(CaixMode),
    predominant_intensity=st.none() | st.integers(0, 3),
    at_least_100_cells=maybe(YesNo),
    pattern=maybe(Pattern),
    internal_control=maybe(ControlState),
    evaluable=maybe(YesNo),
    not_evaluable_reason=maybe(NotEvaluableReason),
    comment=COMMENT,
    **dict.fromkeys(CAIX_PERCENTS, st.none() | st.decimals(0, 100, places=1)),
)


def test_strings_numbers_and_blanks_become_findings():
    findings, problems = histology_from_mapping(
        {"adequate": "yes", "viable_tumour": " 70 ", "arch_alveolar": 42.5, "arch_solid": 0, "fuhrman": "3"}
    )
    assert problems == []
    assert findings == HistologyFindings(
        adequate=YesNo.YES, viable_tumour=D(70), arch_alveolar=D("42.5"), arch_solid=D(0), fuhrman=3
    )


@given(SECTIONS)
@settings(deadline=None)
def test_histology_written_and_read_back_is_the_same(findings):
    written = json.loads(json.dumps(to_mapping(findings)))
    assert from_mapping(Assay.HISTOLOGY, written) == (findings, [])


@given(STAINS)
@settings(deadline=None)
def test_caix_written_and_read_back_is_the_same(findings):
    written = json.loads(json.dumps(to_mapping(findings)))
    assert from_mapping(Assay.CAIX, written) == (findings, [])


def test_the_written_form_is_plain_and_one():
    assert to_mapping(stain(pct_0=D("5.0"), pct_1=D("1E+1")))["pct_0"] == "5"
    assert to_mapping(stain(pct_1=D("1E+1")))["pct_1"] == "10"
    assert to_mapping(HistologyFindings())["arch_alveolar"] is None


@pytest.mark.parametrize("blank", [None, "", "   "])
def test_a_blank_is_none_and_never_zero(blank):
    assert caix_from_mapping({"pct_0": blank, "pattern": blank, "comment": blank})[0] == CaixFindings()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("NaN", "plain digits"),
        ("Infinity", "plain digits"),
        (float("nan"), "plain digits"),
        (float("inf"), "plain digits"),
        (1e309, "plain digits"),
        ("1e1", "plain digits"),
        ("+5", "plain digits"),
        (".5", "plain digits"),
        ("\u0668\u0665", "plain digits"),
        ("85%", "percent sign"),
        ("85,5", "write 85.5"),
        ("-0", "is written 0"),
        (-1, "not between 0 and 100"),
        ("100.1", "not between 0 and 100"),
        ("85.05", "at most 1"),
        ("0" * 60, "plain digits"),
        (True, "a number from 0 to 100"),
        ([85], "a number from 0 to 100"),
        (D("NaN"), "plain digits"),
    ],
)
def test_a_percentage_that_is_not_one_is_refused_and_nothing_is_rounded(written, says):
    findings, problems = caix_from_mapping({"pct_0": written})
    assert findings.pct_0 is None
    assert [(each.field, each.code) for each in problems] == [("pct_0", "malformed")]
    assert says in problems[0].sentence


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("adequate", "maybe"),
        ("histologic_type", "8310/3"),
        ("fuhrman", "5"),
        ("fuhrman", "2.0"),
        ("who_isup", 0),
        ("who_isup", True),
        ("inadequate_reason", "tired"),
        ("comment", "nul \x00"),
        ("comment", "x" * 4001),
    ],
)
def test_an_unknown_code_is_refused(field, written):
    findings, problems = histology_from_mapping({field: written})
    assert [each.field for each in problems] == [field]
    assert getattr(findings, field) is None


def test_trailing_zeros_are_not_decimals():
    assert caix_from_mapping({"pct_0": "85.50"}) == (CaixFindings(pct_0=D("85.5")), [])


def test_an_unknown_field_is_refused():
    assert caix_from_mapping({"outcome": "alive"})[1][0].code == "unknown_field"


def test_positive_and_h_score_are_computed():
    assert (stain().positive, stain().h_score) == (D(95), D(240))
    assert (positive(90).positive, positive(90).h_score) == (D(90), None)
    assert (stain(pct_2=None).positive, stain(pct_2=None).h_score) == (None, None)
    assert stain(pct_0=D(100), pct_1=D(0), pct_2=D(0), pct_3=D(0)).h_score == Decimal(0)


def test_evaluable_needs_cells_and_an_internal_control_that_did_not_fail():
    assert stain().is_evaluable
    assert not stain(evaluable=YesNo.NO).is_evaluable
    assert not stain(at_least_100_cells=YesNo.NO).is_evaluable
    assert not stain(internal_control=ControlState.FAILED).is_evaluable
    assert section().clear_cell == "yes"
