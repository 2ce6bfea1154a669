"""Two blinded reads: when they are discordant, what their consensus is, and the phase of a case."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.rules.consensus import Consensus, compare, consensus, inputs_from, mean, phase
from scoring.rules.consistency import problems
from scoring.rules.editions import CURRENT
from scoring.rules.findings import CaixFindings, HistologyFindings
from scoring.rules.model import Inputs, assess
from scoring.rules.vocabulary import (
    Assay,
    CaixMode,
    ControlState,
    HowDecided,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
    YesNo,
)
from tests.scoring.rules.cast import AROUND, D, inputs, positive, section, stain

UNREAD = CaixFindings(evaluable=YesNo.NO, not_evaluable_reason=NotEvaluableReason.TOO_FEW_CELLS)
INADEQUATE = HistologyFindings(adequate=YesNo.NO, inadequate_reason=InadequateReason.NO_TUMOUR)


def alveolar(percent, granular=0, papillary=0, **changes):
    """A section with so much alveolar, granular and papillary; the rest solid and clear."""
    parts = {
        "arch_alveolar": D(percent),
        "arch_papillary": D(papillary),
        "arch_solid": 100 - D(percent) - D(papillary),
        "cyto_granular": D(granular),
        "cyto_clear": 100 - D(granular),
    }
    return section(**(parts | changes))


HISTOLOGY = [
    (alveolar(60), alveolar(70), []),
    (alveolar(60), alveolar(50), ["risk"]),
    (alveolar(60), alveolar(60, papillary=1), ["papillary", "risk"]),
    (alveolar(60), alveolar(60, histologic_type="chromophobe"), ["type", "clear_cell", "risk"]),
    (alveolar(0), alveolar(0, histologic_type="chromophobe"), ["type", "clear_cell"]),
    (alveolar(0), alveolar(0, histologic_type="not_yet_typed"), ["type", "blank_field"]),
    (
        alveolar(0, histologic_type="unclassified"),
        alveolar(0, histologic_type="not_yet_typed"),
        ["type", "blank_field"],
    ),
    (
        alveolar(60, histologic_type="sarcomatoid", underlying_type="clear_cell"),
        alveolar(60, histologic_type="sarcomatoid"),
        ["type", "risk", "blank_field"],
    ),
    (alveolar(60), alveolar(60, cyto_granular=None), ["risk", "blank_field"]),
    (alveolar(0), alveolar(0, cyto_granular=None), ["blank_field"]),
    (alveolar(60), INADEQUATE, ["adequacy", "type", "risk", "blank_field"]),
    (INADEQUATE, INADEQUATE, []),
    # Both poor for different reasons; their mean (granular 30, alveolar 5) is intermediate.
    (alveolar(10, granular=60), alveolar(0), ["mean_category"]),
    (alveolar(10, granular=60), alveolar(0, granular=60), []),
    (alveolar(60, fuhrman=2), alveolar(60, fuhrman=3), []),
]
CAIX = [
    (positive(90), positive(95), []),
    (positive(86), positive(96), []),
    (positive(86), positive("96.1"), ["caix_points"]),
    (positive(85), positive("85.1"), ["caix_straddles"]),
    (positive(85), positive(84), []),
    (positive(80), positive("90.5"), ["caix_straddles", "caix_points"]),
    (positive(0), positive("10.1"), ["caix_points"]),
    (stain(), positive(95), []),
    (stain(), UNREAD, ["evaluability", "blank_field"]),
    (UNREAD, UNREAD, []),
    (stain(), stain(internal_control=ControlState.FAILED), ["evaluability"]),
    (stain(), stain(pattern=Pattern.MIXED), []),
    # Numbers that nobody evaluates are not compared.
    (positive(90, evaluable=YesNo.NO), positive(20, evaluable=YesNo.NO), []),
    (positive(90), positive(20, evaluable=YesNo.NO), ["evaluability"]),
]


@pytest.mark.parametrize(("a", "b", "triggers"), HISTOLOGY)
def test_histology_triggers(a, b, triggers):
    assert list(compare(a, b, Assay.HISTOLOGY, CURRENT)) == triggers
    assert list(compare(b, a, Assay.HISTOLOGY, CURRENT)) == triggers


@pytest.mark.parametrize(("a", "b", "triggers"), CAIX)
def test_caix_triggers(a, b, triggers):
    assert list(compare(a, b, Assay.CAIX, CURRENT)) == triggers
    assert list(compare(b, a, Assay.CAIX, CURRENT)) == triggers


def test_reads_of_different_assays_are_not_compared():
    with pytest.raises(TypeError, match="two histology reads"):
        compare(section(), stain(), Assay.HISTOLOGY, CURRENT)


SECTIONS = st.builds(
    alveolar,
    st.sampled_from(AROUND),
    st.sampled_from(AROUND),
    st.just(0),
    histologic_type=st.sampled_from(["clear_cell", "papillary", "not_yet_typed"]),
    adequate=st.sampled_from([YesNo.YES, YesNo.YES, YesNo.NO]),
)
STAINS = st.builds(positive, st.sampled_from(AROUND), evaluable=st.sampled_from([YesNo.YES, YesNo.NO]))


@given(SECTIONS, SECTIONS)
@settings(deadline=None)
def test_histology_comparison_is_symmetric_and_a_concordant_mean_keeps_the_category(a, b):
    found = compare(a, b, Assay.HISTOLOGY, CURRENT)
    assert found == compare(b, a, Assay.HISTOLOGY, CURRENT)
    assert compare(a, a, Assay.HISTOLOGY, CURRENT) == ()
    if not found:
        agreed = consensus([a, b], Assay.HISTOLOGY, CURRENT)
        each = [consensus([read], Assay.HISTOLOGY, CURRENT) for read in (a, b)]
        risks = {assess(inputs_from(one, None), CURRENT).possible_risks for one in (agreed, *each)}
        assert len(risks) == 1


@given(STAINS, STAINS)
@settings(deadline=None)
def test_caix_comparison_is_symmetric_and_a_concordant_mean_keeps_the_level(a, b):
    found = compare(a, b, Assay.CAIX, CURRENT)
    assert found == compare(b, a, Assay.CAIX, CURRENT)
    if not found:
        agreed = consensus([a, b], Assay.CAIX, CURRENT)
        one = consensus([a], Assay.CAIX, CURRENT)
        levels = {assess(inputs_from(None, each), CURRENT).caix_level for each in (agreed, one)}
        assert len(levels) == 1


def test_a_single_read_stands():
    assert consensus([section()], Assay.HISTOLOGY, CURRENT) == Consensus(section(), HowDecided.SINGLE)


def test_a_concordant_mean():
    a = alveolar("42.5", granular=20, who_isup=2, fuhrman=3, comment="one")
    b = alveolar(40, granular=15, who_isup=3, fuhrman=2, comment="two")
    found = consensus([a, b], Assay.HISTOLOGY, CURRENT)
    assert found.how is HowDecided.CONCORDANT_MEAN
    assert isinstance(found.findings, HistologyFindings)
    assert (found.findings.arch_alveolar, found.findings.cyto_granular) == (D("41.25"), D("17.5"))
    assert (found.findings.who_isup, found.findings.fuhrman) == (3, 3)
    assert found.findings.comment is None
    assert found.listed == {"comment": ("one", "two")}
    assert problems(found.findings) == []


def test_coded_fields_that_differ_are_blank_and_listed():
    found, listed = mean(stain(), stain(pattern=Pattern.MIXED))
    assert (found.pattern, found.internal_control) == (None, ControlState.PASSED)
    assert listed == {"pattern": (Pattern.MEMBRANOUS_COMPLETE, Pattern.MIXED)}


def test_a_blank_is_not_averaged():
    found, listed = mean(section(necrosis=None, who_isup=None), section())
    assert (found.necrosis, found.who_isup) == (None, None)
    assert listed == {"necrosis": (None, D(10)), "who_isup": (None, 2)}


def test_stains_recorded_differently_share_only_their_positive_percent():
    found, listed = mean(stain(), positive(90))
    assert (found.mode, found.positive, found.h_score) == (CaixMode.POSITIVE_ONLY, D("92.5"), None)
    assert "pct_positive" not in listed
    assert listed["mode"] == (CaixMode.INTENSITIES, CaixMode.POSITIVE_ONLY)


DECISION = alveolar(45)
APART = [alveolar(60), alveolar(50)]


@pytest.mark.parametrize(("meeting", "how"), [(False, HowDecided.ADJUDICATED), (True, HowDecided.CONSENSUS_MEETING)])
def test_a_decision_stands_alone_and_is_never_an_average(meeting, how):
    found = consensus(APART, Assay.HISTOLOGY, CURRENT, decision=DECISION, meeting=meeting)
    assert found == Consensus(DECISION, how)


def test_discordant_reads_have_no_consensus_until_decided():
    with pytest.raises(ValueError, match="discordant"):
        consensus(APART, Assay.HISTOLOGY, CURRENT)


@pytest.mark.parametrize("reads", [[], [section()] * 3])
def test_a_case_has_one_or_two_reads(reads):
    with pytest.raises(ValueError, match="one or two reads"):
        consensus(reads, Assay.HISTOLOGY, CURRENT)


PHASES = [
    # readers required, reads, discordant, decided -> phase
    (1, 0, None, False, "awaiting_first"),
    (2, 0, None, False, "awaiting_first"),
    (1, 1, None, False, "concluded"),
    (2, 1, None, False, "awaiting_second"),
    (2, 1, None, True, "awaiting_second"),
    (2, 2, False, False, "concluded"),
    (2, 2, False, True, "concluded"),
    (2, 2, True, False, "discordant"),
    (2, 2, True, True, "concluded"),
]


@pytest.mark.parametrize(("required", "reads", "discordant", "decided", "expected"), PHASES)
def test_phase(required, reads, discordant, decided, expected):
    assert phase(required, reads, discordant, decided) == expected


def test_two_reads_must_have_been_compared():
    with pytest.raises(ValueError, match="compare them"):
        phase(2, 2, None, False)


def agreed(findings):
    return Consensus(findings, HowDecided.SINGLE)


def test_inputs_come_from_both_cases():
    found = inputs_from(agreed(alveolar(40, granular=20)), agreed(positive(90)), True)
    assert found == inputs("yes", 40, 20, 0, 90)
    assert assess(found, CURRENT).eligibility == "eligible"


def test_a_control_that_failed_later_makes_it_not_evaluable_and_keeps_the_number():
    found = inputs_from(agreed(alveolar(40)), agreed(positive(90)), False)
    assert (found.caix, found.caix_evaluable) == (D(90), False)
    assert assess(found, CURRENT).caix_level == "not_evaluable"


@pytest.mark.parametrize(
    "read", [UNREAD, stain(internal_control=ControlState.FAILED), stain(at_least_100_cells=YesNo.NO)]
)
def test_a_stain_that_is_not_evaluable(read):
    assert not inputs_from(None, agreed(read), True).caix_evaluable


def test_nothing_concluded_gives_blanks_only():
    assert inputs_from(None, None) == Inputs()


def test_an_inadequate_section_gives_nothing():
    odd = replace(section(), adequate=YesNo.NO)
    assert inputs_from(agreed(odd), None) == Inputs()


def test_the_cases_are_not_mistaken_for_each_other():
    for wrong in product([agreed(stain())], [None, agreed(section())]):
        with pytest.raises(TypeError, match="histology consensus first"):
            inputs_from(*wrong)
