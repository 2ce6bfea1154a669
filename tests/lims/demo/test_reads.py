"""Every synthetic read could be signed as it stands: the rules' own checks find nothing to refuse."""

from collections.abc import Iterator

import pytest

from lims.demo import words
from lims.demo.kirc import cohort
from lims.demo.opinions import inadequate, not_evaluable
from lims.demo.plans import Read
from lims.demo.synthetic import plan
from scoring.rules.consistency import may_be_signed, problems
from scoring.rules.discordance import compare
from scoring.rules.editions import CURRENT
from scoring.rules.findings import (
    CaixFindings,
    HistologyFindings,
    caix_from_mapping,
    histology_from_mapping,
)
from scoring.rules.types import BY_KEY
from scoring.rules.vocabulary import Assay, InadequateReason, NotEvaluableReason

Two = tuple[dict[str, str], dict[str, str]]


def _all() -> Iterator[Two]:
    for p in plan(cohort()).patients:
        for read in (*p.reads, *([p.adjudication] if p.adjudication else [])):
            yield read.histology, read.caix


@pytest.fixture(scope="module")
def reads() -> list[Two]:
    return list(_all())


def test_there_are_two_reads_a_concluded_patient_and_the_rulings(reads: list[Two]) -> None:
    assert len(reads) > 2 * 497


def test_every_read_may_be_signed(reads: list[Two]) -> None:
    for histology, caix in reads:
        for found, taken in (histology_from_mapping(histology), caix_from_mapping(caix)):
            assert taken == []
            assert may_be_signed(problems(found)), problems(found)


def test_fields_are_exactly_the_named_ones(reads: list[Two]) -> None:
    for histology, caix in reads:
        assert tuple(histology) == words.HISTOLOGY_FIELDS
        assert tuple(caix) == words.CAIX_FIELDS


def test_sums_are_exactly_100(reads: list[Two]) -> None:
    for histology, caix in reads:
        if histology["adequate"] == "yes":
            assert sum(float(histology[f"arch_{part}"]) for part in words.ARCHITECTURE) == 100
            assert sum(float(histology[f"cyto_{part}"]) for part in words.CYTOPLASM) == 100
        if caix["evaluable"] == "yes":
            assert sum(float(caix[f"pct_{step}"]) for step in range(4)) == 100


def test_sarcomatoid_or_rhabdoid_is_grade_4(reads: list[Two]) -> None:
    seen = [h for h, _ in reads if h["arch_sarcomatoid"] not in ("", "0") or h["rhabdoid"] not in ("", "0")]
    assert seen
    assert {h["who_isup"] for h in seen} == {"4"}


def test_a_few_are_inadequate_or_not_evaluable(reads: list[Two]) -> None:
    assert 0 < sum(h["adequate"] == "no" for h, _ in reads) < len(reads) * 0.05
    assert 0 < sum(c["evaluable"] == "no" for _, c in reads) < len(reads) * 0.08
    assert any(h["histologic_type"] == words.NOT_YET_TYPED for h, _ in reads)


def test_types_and_reasons_are_words_of_the_rules(reads: list[Two]) -> None:
    assert {h["histologic_type"] for h, _ in reads} - {""} <= set(BY_KEY)
    assert set(words.INADEQUATE) <= set(InadequateReason)
    assert {*words.NOT_EVALUABLE, words.NO_VIABLE_TUMOUR} <= set(NotEvaluableReason)


@pytest.mark.parametrize("reason", words.INADEQUATE)
def test_an_inadequate_read_carries_its_reason_alone(reason: str) -> None:
    assert {name: value for name, value in inadequate(reason).items() if value} == {
        "adequate": "no",
        "inadequate_reason": reason,
    }


@pytest.mark.parametrize("reason", [*words.NOT_EVALUABLE, words.NO_VIABLE_TUMOUR])
def test_a_stain_that_is_not_evaluable_carries_no_percentage(reason: str) -> None:
    found = not_evaluable(reason)
    assert not any(found[f"pct_{step}"] for step in range(4))
    assert problems(caix_from_mapping(found)[0]) == []


def test_two_readers_differ_by_a_realistic_amount() -> None:
    pairs = [p.reads for p in plan(cohort()).patients if len(p.reads) == 2 and not p.discordant]
    gaps = [abs(float(a.caix["pct_0"]) - float(b.caix["pct_0"])) for a, b in pairs if _both(a, b)]
    assert max(gaps) <= 10
    assert 1.5 < sum(gaps) / len(gaps) < 8


def _both(a, b) -> bool:
    return a.caix["evaluable"] == b.caix["evaluable"] == "yes"


def test_the_generator_and_the_rules_agree_on_what_is_discordant() -> None:
    """`lims.demo.agreement` only steers; were the rules to call a pair otherwise, this says so."""
    seen = set()
    for p in plan(cohort()).patients:
        if len(p.reads) == 2:
            a, b = p.reads
            told = compare(_histology(a), _histology(b), Assay.HISTOLOGY, CURRENT)
            stained = compare(_caix(a), _caix(b), Assay.CAIX, CURRENT)
            disputed = [assay for assay, held in (("histology", told), ("caix", stained)) if held]
            assert tuple(disputed) == p.discordant_assays
            assert set(p.discordant) <= set(told) | set(stained)
            seen |= set(told) | set(stained)
    assert {"risk", "type", "papillary", "caix_straddles", "caix_points", "evaluability", "adequacy"} <= seen


def _histology(read: Read) -> HistologyFindings:
    return histology_from_mapping(read.histology)[0]


def _caix(read: Read) -> CaixFindings:
    return caix_from_mapping(read.caix)[0]
