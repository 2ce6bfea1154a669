"""What must hold for every patient and every clinical system."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.rules.clinical.days import months_after
from scoring.rules.clinical.factors import ANSWERS, COUNTS, DATES, LIMITS, MEASURED, NAMES, Factors, contradictions
from scoring.rules.clinical.model import MODELS, assess
from scoring.rules.vocabulary import YesNo

quick = settings(max_examples=150, deadline=None)
# Few values, close together, so that cutoffs are met and crossed.
NEAR = [date(2020, 2, 28), date(2020, 2, 29), date(2020, 8, 29), date(2021, 2, 28), date(2021, 3, 1), date(2021, 3, 2)]
LABS = st.sampled_from([Decimal(each) for each in ("4", "6.5", "7.5", "9.6", "9.999", "10")])
KINDS = {
    **dict.fromkeys(("karnofsky", "caix"), st.sampled_from([Decimal(each) for each in ("79", "80", "85", "85.1")])),
    **dict.fromkeys((*MEASURED, *LIMITS), LABS),
    **dict.fromkeys(DATES, st.sampled_from(NEAR)),
    **dict.fromkeys(COUNTS, st.integers(0, 3)),
    **dict.fromkeys(ANSWERS, st.sampled_from(YesNo)),
}
PATIENTS = st.builds(Factors, **{name: st.none() | kind for name, kind in KINDS.items()})


def test_every_factor_is_drawn():
    assert set(KINDS) == set(NAMES)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@quick
@given(patient=PATIENTS, choice=st.randoms(use_true_random=False), draw=st.data())
def test_filling_a_blank_never_leads_outside_the_possible_groups(model, patient, choice, draw):
    blanks = [name for name in model.inputs if getattr(patient, name) is None]
    assume(blanks)
    name = choice.choice(blanks)
    filled = replace(patient, **{name: draw.draw(KINDS[name])})
    assume(not contradictions(filled, model.inputs))
    before, after = assess(model, patient), assess(model, filled)
    assert set(after.possible_groups) <= set(before.possible_groups)
    assert set(before.reasons) <= set(after.reasons)
    assert set(after.missing) <= set(before.missing)
    if name not in before.missing:
        assert after.possible_groups == before.possible_groups


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@quick
@given(patient=PATIENTS)
def test_group_possible_groups_and_missing_agree(model, patient):
    assume(not contradictions(patient, model.inputs))
    found = assess(model, patient)
    assert found.possible_groups
    assert set(found.possible_groups) <= set(model.groups)
    if found.group == "indeterminate":
        assert len(found.possible_groups) > 1
        assert found.missing
    else:
        assert (found.possible_groups, found.missing) == ((found.group,), ())
    assert all(getattr(patient, name) is None for name in found.missing)
    assert (found.points is None) is not model.counts


@quick
@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(0, 40))
def test_months_after_is_the_same_day_or_the_first_of_the_next_month(day, months):
    later = months_after(day, months)
    moved = (later.year - day.year) * 12 + later.month - day.month - months
    assert (later.day, moved) in ((day.day, 0), (1, 1))
    assert (moved == 0) or day.day > 28
