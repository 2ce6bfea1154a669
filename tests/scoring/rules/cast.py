"""Reads and inputs that the tests of the rules start from; each test changes what it is about."""

from decimal import Decimal

from hypothesis import strategies as st

from scoring.rules.editions import CURRENT
from scoring.rules.findings import CaixFindings, HistologyFindings
from scoring.rules.model import Inputs, Verdict, assess
from scoring.rules.vocabulary import (
    CaixMode,
    ClearCell,
    ControlState,
    Pattern,
    YesNo,
)

D = Decimal
# Cutoffs and their neighbours come often; anything else with up to three decimals sometimes.
AROUND = [D(each) for each in ["0", "0.1", "1", "49.9", "50", "50.1", "84.9", "85", "85.1", "99.9", "100"]]
PERCENTS = st.sampled_from(AROUND) | st.decimals(0, 100, places=3)
MAYBE = st.none() | PERCENTS
TYPES = st.none() | st.sampled_from(ClearCell)
INPUTS = st.builds(Inputs, TYPES, MAYBE, MAYBE, MAYBE, MAYBE, st.booleans())


def inputs(clear_cell="yes", alveolar=None, granular=None, papillary=None, caix=None, evaluable=True):
    def number(value):
        return None if value is None else D(str(value))

    answer = ClearCell(clear_cell) if clear_cell else None
    return Inputs(answer, number(alveolar), number(granular), number(papillary), number(caix), evaluable)


def verdict(*args, **kwargs) -> Verdict:
    return assess(inputs(*args, **kwargs), CURRENT)


def section(**changes) -> HistologyFindings:
    """A clear cell section that may be signed: alveolar 60, solid 40, all clear, grade 2."""
    whole = {
        "adequate": YesNo.YES,
        "viable_tumour": D(70),
        "necrosis": D(10),
        "histologic_type": "clear_cell",
        "arch_alveolar": D(60),
        "arch_solid": D(40),
        **dict.fromkeys(("arch_tubular", "arch_papillary", "arch_cystic", "arch_trabecular", "arch_sarcomatoid"), D(0)),
        "arch_other": D(0),
        "cyto_clear": D(100),
        "cyto_granular": D(0),
        "cyto_other": D(0),
        "rhabdoid": D(0),
        "fuhrman": 2,
        "who_isup": 2,
    }
    return HistologyFindings(**(whole | changes))


def stain(**changes) -> CaixFindings:
    """A CA-IX stain that may be signed: 5, 10, 25, 60; 95 % positive."""
    whole = {
        "mode": CaixMode.INTENSITIES,
        "pct_0": D(5),
        "pct_1": D(10),
        "pct_2": D(25),
        "pct_3": D(60),
        "at_least_100_cells": YesNo.YES,
        "pattern": Pattern.MEMBRANOUS_COMPLETE,
        "internal_control": ControlState.PASSED,
        "evaluable": YesNo.YES,
    }
    return CaixFindings(**(whole | changes))


def positive(percent, **changes) -> CaixFindings:
    """A stain recorded as % positive only."""
    number = D(str(percent))
    blank = dict.fromkeys(("pct_0", "pct_1", "pct_2", "pct_3"))
    given = {
        "mode": CaixMode.POSITIVE_ONLY,
        "pct_positive": number,
        "predominant_intensity": 2 if number else 0,
    }
    return stain(**(blank | given | changes))
