"""What keeps a read from being signed, and what only warns."""

from datetime import date

import pytest

from scoring.rules.consistency import date_problems, may_be_signed, missing_from_sum, problems
from scoring.rules.findings import ARCHITECTURE, INTENSITIES, CaixFindings, HistologyFindings
from scoring.rules.vocabulary import (
    CaixMode,
    ControlState,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
    YesNo,
)
from tests.scoring.rules.cast import D, positive, section, stain

INADEQUATE = HistologyFindings(adequate=YesNo.NO, inadequate_reason=InadequateReason.NO_VIABLE_TUMOUR)
NOT_EVALUABLE = CaixFindings(evaluable=YesNo.NO, not_evaluable_reason=NotEvaluableReason.UNREADABLE_BACKGROUND)
ALL_ZERO = {"pct_0": D(100), "pct_1": D(0), "pct_2": D(0), "pct_3": D(0)}

SIGNABLE = {
    "whole section": section(),
    "inadequate": INADEQUATE,
    "inadequate for want of viable tumour": HistologyFindings(
        adequate=YesNo.NO, inadequate_reason=InadequateReason.NO_VIABLE_TUMOUR, viable_tumour=D(0)
    ),
    "fractions that make exactly 100": section(arch_alveolar=D("59.999999"), arch_solid=D("40.000001")),
    "sarcomatoid with grade 4": section(arch_sarcomatoid=D(5), arch_solid=D(35), who_isup=4),
    "sarcomatoid chromophobe, not graded": section(
        histologic_type="chromophobe", arch_sarcomatoid=D(5), arch_solid=D(35), fuhrman=None, who_isup=None
    ),
    "not yet typed": section(histologic_type="not_yet_typed"),
    "clear cell with half papillary": section(arch_alveolar=D(50), arch_papillary=D(50), arch_solid=D(0)),
    "whole stain": stain(),
    "% positive only": positive(90),
    "0 % positive": positive(0, pattern=None),
    "cytoplasmic, 0 %": stain(pattern=Pattern.CYTOPLASMIC, **ALL_ZERO),
    "not evaluable": NOT_EVALUABLE,
    "not evaluable with its numbers": stain(
        evaluable=YesNo.NO, not_evaluable_reason=NotEvaluableReason.TOO_FEW_CELLS, at_least_100_cells=YesNo.NO
    ),
    "internal control absent": stain(internal_control=ControlState.ABSENT),
    "% positive repeated rightly": stain(pct_positive=D(95)),
}

REFUSED = [
    (section(adequate=None), "adequate", "blank"),
    (section(inadequate_reason=InadequateReason.OTHER), "inadequate_reason", "reason_on_adequate"),
    (HistologyFindings(adequate=YesNo.NO), "inadequate_reason", "reason_needed"),
    (
        HistologyFindings(adequate=YesNo.NO, inadequate_reason=InadequateReason.OTHER, cyto_clear=D(0)),
        "cyto_clear",
        "percent_on_inadequate",
    ),
    (section(viable_tumour=None), "viable_tumour", "blank"),
    (section(viable_tumour=D(0)), "viable_tumour", "no_viable_tumour"),
    (section(necrosis=D(101)), "necrosis", "out_of_range"),
    (section(rhabdoid=D(-1)), "rhabdoid", "out_of_range"),
    (section(arch_solid=D("39.9")), "arch_alveolar", "sum_not_100"),
    (section(arch_solid=D("40.1")), "arch_alveolar", "sum_not_100"),
    (section(arch_cystic=None), "arch_cystic", "blank_part"),
    (section(cyto_other=None), "cyto_other", "blank_part"),
    (section(cyto_granular=D(1)), "cyto_clear", "sum_not_100"),
    (section(histologic_type=None), "histologic_type", "blank"),
    (section(histologic_type="papillary"), "arch_papillary", "papillary_type_without_papillary"),
    (
        section(histologic_type="sarcomatoid", underlying_type="papillary"),
        "arch_papillary",
        "papillary_type_without_papillary",
    ),
    (section(underlying_type="papillary"), "underlying_type", "underlying_not_needed"),
    (
        section(histologic_type="sarcomatoid", underlying_type="cyst_associated"),
        "underlying_type",
        "underlying_not_allowed",
    ),
    (section(arch_sarcomatoid=D(5), arch_solid=D(35), who_isup=3), "who_isup", "grade_4_needed"),
    (section(rhabdoid=D("0.1"), who_isup=None), "who_isup", "grade_4_needed"),
    (section(histologic_type="chromophobe", fuhrman=None), "who_isup", "not_graded"),
    (stain(mode=None), "mode", "blank"),
    (stain(pct_3=D(61)), "pct_0", "sum_not_100"),
    (stain(pct_3=None), "pct_3", "blank_part"),
    (stain(pct_positive=D(94)), "pct_positive", "positive_mismatch"),
    (stain(pattern=Pattern.CYTOPLASMIC), "pattern", "cytoplasmic_but_positive"),
    (stain(pattern=None), "pattern", "blank"),
    (stain(evaluable=None), "evaluable", "blank"),
    (stain(evaluable=YesNo.NO), "not_evaluable_reason", "reason_needed"),
    (
        stain(not_evaluable_reason=NotEvaluableReason.OTHER),
        "not_evaluable_reason",
        "reason_on_evaluable",
    ),
    (stain(at_least_100_cells=None), "at_least_100_cells", "blank"),
    (stain(at_least_100_cells=YesNo.NO), "evaluable", "too_few_cells"),
    (stain(internal_control=None), "internal_control", "blank"),
    (stain(internal_control=ControlState.FAILED), "evaluable", "internal_control_failed"),
    (positive(90, pct_positive=None), "pct_positive", "blank_part"),
    (positive(90, predominant_intensity=0), "predominant_intensity", "intensity_mismatch"),
    (positive(90, predominant_intensity=None), "predominant_intensity", "intensity_mismatch"),
    (positive(0, predominant_intensity=2), "predominant_intensity", "intensity_mismatch"),
    (positive(90, pct_0=D(10)), "pct_0", "intensity_in_positive_only"),
    (positive(90, pattern=Pattern.CYTOPLASMIC), "pattern", "cytoplasmic_but_positive"),
]


@pytest.mark.parametrize("read", SIGNABLE.values(), ids=SIGNABLE)
def test_may_be_signed(read):
    assert problems(read) == []


@pytest.mark.parametrize(("read", "field", "code"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_is_refused_for_exactly_this(read, field, code):
    found = problems(read)
    assert [(each.field, each.code, each.severity) for each in found] == [(field, code, "refuse")]
    assert found[0].sentence.endswith(".")
    assert not may_be_signed(found)


@pytest.mark.parametrize(
    ("read", "field", "code"),
    [
        (
            section(arch_alveolar=D(49), arch_papillary=D(51), arch_solid=D(0)),
            "histologic_type",
            "clear_cell_mostly_papillary",
        ),
        (section(histologic_type="sarcomatoid"), "underlying_type", "underlying_missing"),
        (section(histologic_type="granular_cell"), "histologic_type", "obsolete_type"),
    ],
)
def test_only_warns(read, field, code):
    found = problems(read)
    assert [(each.field, each.code, each.severity) for each in found] == [(field, code, "warn")]
    assert may_be_signed(found)


def test_everything_wrong_is_told_at_once():
    wrong = section(viable_tumour=D(0), arch_solid=D(0), who_isup=1, rhabdoid=D(3))
    assert {each.code for each in problems(wrong)} == {"no_viable_tumour", "sum_not_100", "grade_4_needed"}


def test_the_refusal_of_a_grade_names_what_was_given():
    wrong = section(arch_sarcomatoid=D(5), arch_solid=D(35), who_isup=3)
    assert problems(wrong)[0].sentence == "Sarcomatoid 5 % needs WHO/ISUP grade 4; you gave 3."
    assert problems(wrong)[0].other_fields == ("arch_sarcomatoid",)


def test_one_key_fills_blanks_only_when_the_typed_parts_reach_100():
    assert missing_from_sum(section(arch_cystic=None), ARCHITECTURE) == ("arch_cystic",)
    assert missing_from_sum(section(arch_solid=None), ARCHITECTURE) == ()
    assert missing_from_sum(CaixFindings(mode=CaixMode.INTENSITIES), INTENSITIES) == ()


CUT, STAINED, READ = date(2026, 11, 10), date(2026, 11, 20), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("dates", "fields"),
    [
        ((CUT, STAINED, READ), []),
        ((CUT, CUT, CUT), []),
        ((None, STAINED, READ), []),
        ((None, None, None), []),
        ((STAINED, CUT, READ), ["stain"]),
        ((CUT, READ, STAINED), ["read"]),
        ((STAINED, None, CUT), ["read"]),
        ((READ, STAINED, CUT), ["stain", "read"]),
    ],
)
def test_cut_then_stained_then_read(dates, fields):
    assert [each.field for each in date_problems(*dates)] == fields
