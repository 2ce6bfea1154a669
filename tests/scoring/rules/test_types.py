"""Each histologic type carries its own clear-cell answer."""

import pytest

from scoring.rules.types import TYPES, clear_cell_of, underlying_types

NO = ["papillary", "chromophobe", "collecting_duct", "medullary", "translocation", "mixed_subtypes"]


def test_clear_cell_is_the_only_yes():
    assert [term.code for term in TYPES if term.clear_cell == "yes"] == ["8310/3"]


@pytest.mark.parametrize("key", [*NO, "clear_cell_papillary", "unclassified"])
def test_not_clear_cell(key):
    assert clear_cell_of(key) == "no"


@pytest.mark.parametrize("key", [None, "not_yet_typed", "granular_cell", "sarcomatoid", "cyst_associated"])
def test_not_answered(key):
    assert clear_cell_of(key) is None


def test_two_terms_share_8312_and_answer_differently():
    shared = {term.key: term.clear_cell for term in TYPES if term.code == "8312/3"}
    assert shared == {"unclassified": "no", "not_yet_typed": None}


@pytest.mark.parametrize("key", ["sarcomatoid", "cyst_associated"])
def test_the_underlying_type_answers(key):
    assert clear_cell_of(key, "clear_cell") == "yes"
    assert clear_cell_of(key, "papillary") == "no"
    assert clear_cell_of(key, "not_yet_typed") is None
    assert clear_cell_of(key, "sarcomatoid") is None


def test_an_underlying_type_never_overrules_a_type_that_answers():
    assert clear_cell_of("papillary", "clear_cell") == "no"


def test_what_may_stand_beneath():
    keys = {term.key for term in underlying_types()}
    assert "clear_cell" in keys
    assert keys.isdisjoint({"sarcomatoid", "cyst_associated", "granular_cell"})


def test_only_chromophobe_is_not_graded():
    assert [term.key for term in TYPES if not term.graded] == ["chromophobe"]


def test_an_unknown_type_is_an_error():
    with pytest.raises(KeyError):
        clear_cell_of("onion")
