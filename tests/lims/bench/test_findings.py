"""What the measurements score is what readers could have signed."""

from random import Random

from lims.bench.findings import pairs
from scoring.rules.consensus import compare, consensus, inputs_from
from scoring.rules.consistency import may_be_signed, problems
from scoring.rules.editions import CURRENT
from scoring.rules.model import assess
from scoring.rules.vocabulary import Assay, Risk

PATIENTS = [pairs(dice) for dice in [Random(7)] for _ in range(300)]


def test_every_read_may_be_signed() -> None:
    reads = [read for patient in PATIENTS for pair in patient.values() for read in pair]
    assert len(reads) == 4 * len(PATIENTS)
    assert [read for read in reads if not may_be_signed(problems(read))] == []


def test_readers_agree_without_saying_the_same() -> None:
    found = [(assay, *pair) for patient in PATIENTS for assay, pair in patient.items()]
    assert [each for each in found if compare(each[1], each[2], each[0], CURRENT)] == []
    assert sum(first != second for _, first, second in found) > len(found) / 2


def test_patients_differ_as_a_trial_s_do() -> None:
    both = (Assay.HISTOLOGY, Assay.CAIX)
    inputs = [inputs_from(*(consensus(patient[a], a, CURRENT) for a in both), True) for patient in PATIENTS]
    assert len(set(inputs)) > len(inputs) / 2
    assert {assess(each, CURRENT).risk for each in inputs} == {Risk.GOOD, Risk.INTERMEDIATE, Risk.POOR}
