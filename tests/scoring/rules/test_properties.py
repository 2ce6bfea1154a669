"""What must hold for every input: section 4 of the model reference."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.rules.editions import CURRENT
from scoring.rules.inputs import AXES, value_of
from scoring.rules.model import assess
from scoring.rules.vocabulary import ClearCell, Compartment, Risk
from tests.scoring.rules.cast import AROUND, INPUTS, PERCENTS, TYPES

ORDER = [Risk.GOOD, Risk.INTERMEDIATE, Risk.POOR]
quick = settings(max_examples=150, deadline=None)


def ask(inputs):
    return assess(inputs, CURRENT)


def span(inputs):
    """Best and worst category still possible."""
    ranks = [ORDER.index(risk) for risk in ask(inputs).possible_risks]
    return ranks[0], ranks[-1]


@quick
@given(INPUTS, st.sampled_from(["papillary", "granular"]), PERCENTS, PERCENTS)
def test_more_papillary_or_granular_never_improves_the_category(inputs, axis, one, other):
    less, more = sorted([one, other])
    before, after = (span(replace(inputs, **{axis: value})) for value in (less, more))
    assert before[0] <= after[0]
    assert before[1] <= after[1]


@quick
@given(INPUTS, PERCENTS, PERCENTS)
def test_less_alveolar_never_improves_the_category(inputs, one, other):
    less, more = sorted([one, other])
    before, after = (span(replace(inputs, alveolar=value)) for value in (more, less))
    assert before[0] <= after[0]
    assert before[1] <= after[1]


@quick
@given(INPUTS, PERCENTS, PERCENTS)
def test_more_caix_never_moves_favourable_to_unfavourable(inputs, one, other):
    less, more = sorted([one, other])
    before = ask(replace(inputs, caix=less, caix_evaluable=True)).compartment
    after = ask(replace(inputs, caix=more, caix_evaluable=True)).compartment
    assert not (before is Compartment.FAVOURABLE and after is not Compartment.FAVOURABLE)
    assert not (before is not Compartment.UNFAVOURABLE and after is Compartment.UNFAVOURABLE)


@quick
@given(INPUTS, st.none() | PERCENTS, st.booleans())
def test_category_and_decided_compartment_do_not_depend_on_caix(inputs, caix, evaluable):
    before, after = ask(inputs), ask(replace(inputs, caix=caix, caix_evaluable=evaluable))
    assert (before.risk, before.possible_risks, before.reasons) == (
        after.risk,
        after.possible_risks,
        after.reasons,
    )
    if before.risk in (Risk.GOOD, Risk.POOR):
        assert before.compartment is after.compartment is not Compartment.INDETERMINATE


@quick
@given(INPUTS, st.sampled_from(AXES), PERCENTS, st.sampled_from(ClearCell))
def test_filling_a_blank_only_shrinks_the_set(inputs, axis, number, answer):
    assume(value_of(inputs, axis) is None)
    filled = replace(inputs, **{axis: answer if axis == "clear_cell" else number})
    if axis == "caix":
        filled = replace(filled, caix_evaluable=True)
    before, after = ask(inputs), ask(filled)
    assert set(after.possible_risks) <= set(before.possible_risks)
    assert before.compartment in (after.compartment, Compartment.INDETERMINATE)
    assert set(before.reasons) <= set(after.reasons)
    assert set(after.missing) <= set(before.missing)


def grid(axis):
    return list(ClearCell) if axis == "clear_cell" else AROUND


def filled(inputs, axis, value):
    return replace(inputs, **{axis: value}, **({"caix_evaluable": True} if axis == "caix" else {}))


def every_filling(inputs, axes):
    """All ways of filling these axes from a grid of cutoffs and their neighbours."""
    if not axes:
        yield inputs
        return
    for value in grid(axes[0]):
        yield from every_filling(filled(inputs, axes[0], value), axes[1:])


def could_change(inputs, axis):
    others = [each for each in AXES if each != axis and value_of(inputs, each) is None]
    for rest in every_filling(inputs, others):
        answers = [ask(filled(rest, axis, value)) for value in grid(axis)]
        if len({(each.risk, each.compartment) for each in answers}) > 1:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(INPUTS)
def test_missing_names_exactly_the_blanks_that_matter(inputs):
    blank = [axis for axis in AXES if value_of(inputs, axis) is None]
    assume(len(blank) <= 3)
    assert ask(inputs).missing == tuple(axis for axis in blank if could_change(inputs, axis))


@quick
@given(TYPES, INPUTS)
def test_the_answer_is_the_union_over_both_types(answer, inputs):
    unknown = ask(replace(inputs, clear_cell=None)).possible_risks
    both = [ask(replace(inputs, clear_cell=each)).possible_risks for each in ClearCell]
    assert set(unknown) == set(both[0]) | set(both[1])
    assert set(ask(replace(inputs, clear_cell=answer)).possible_risks) <= set(unknown)
