"""The catalogue: every model in one shape, saying what the models themselves say."""

import pytest

from scoring.rules.catalogue import Faulty, card, card_of, names
from scoring.rules.vectors import vectors
from scoring.rules.vocabulary import INVESTIGATIONAL


def test_every_worked_case_comes_out_the_same() -> None:
    judge, count = card("cwg-two-compartment").judge, 0
    for vector in vectors():
        answer, count = judge(vector.written), count + 1
        assert (answer.group, answer.possible_groups) == (vector.risk, vector.possible_risks), vector.name
        assert dict(answer.further)["compartment"] == vector.compartment
    assert count > 30


@pytest.mark.parametrize(
    ("model", "typed", "group", "possible"),
    [
        ("mskcc-2002", {"karnofsky": "70", "ldh": "301", "ldh_uln": "200", "haemoglobin": "11",
                        "haemoglobin_lln": "12"}, "poor", ("poor",)),
        ("bui-2003", {"caix": "85"}, "low", ("low",)),
        ("bui-2003", {"caix": "not_evaluable"}, "indeterminate", ("high", "low")),
        ("cwg-strata", {"ecog": "2"}, "not_applicable", ("not_applicable",)),
        ("figlin-1997", {"til": "yes", "nephrectomy": "yes"}, "til", ("til",)),
    ],
)  # fmt: skip
def test_clinical_systems(model: str, typed: dict[str, str], group: str, possible: tuple[str, ...]) -> None:
    answer = card(model).judge(typed)
    assert (answer.group, answer.possible_groups, answer.statement) == (group, possible, INVESTIGATIONAL)


@pytest.mark.parametrize("name", names())
def test_every_card_says_all_there_is(name: str) -> None:
    found = card(name)
    assert found.statement == INVESTIGATIONAL
    assert [row for row in found.rule if not (row.says and row.value and row.source)] == []
    assert sum(each.current for each in found.history) == 1
    assert found.inputs
    assert found.groups
    assert found.sources
    assert found.limits


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Faulty) as wrong:
        card("cwg-two-compartment").judge({"alveolar": "101", "caix": "much", "clear_cell": "maybe"})
    assert [name for name, _ in wrong.value.faults] == ["clear_cell", "alveolar", "caix"]
    with pytest.raises(Faulty) as wrong:
        card("imdc-2009").judge({"karnofsky": "x", "diagnosis_date": "2020-13-01"})
    assert {name for name, _ in wrong.value.faults} == {"karnofsky", "diagnosis_date"}
    with pytest.raises(Faulty, match="before the diagnosis"):
        card("mskcc-2002").judge({"diagnosis_date": "2020-02-01", "systemic_therapy_start": "2020-01-01"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("model = ", "The file is no TOML"), ('model = "x"', "“x” is none of cwg-two-compartment"), ("", "is none of")],
)
def test_a_file_of_no_model_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        card_of(text)
