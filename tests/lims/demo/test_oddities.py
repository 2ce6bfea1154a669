"""What is odd in the cohort is counted from it, with the counts its description gives."""

from collections import Counter
from dataclasses import replace

from lims.demo.kirc import cohort
from lims.demo.oddities import oddities, release_conflicts

COUNTS = {
    "not_100": 12,
    "partly_blank": 33,
    "two_faces": 50,
    "normal_without_percentages": 561,
    "dead_in_later_form": 15,
    "alive_in_later_form": 0,
    "no_status": 2,
    "shipped_before_created": 579,
    "unknown_portion": 6,
    "site_na": 1,
    "ffpe_samples": 4,
    "diagnostic_slides": 524,
    "karnofsky_known": 47,
    "ldh_known": 86,
}


def test_the_counts_are_exactly_those_described() -> None:
    assert {finding.code: finding.count for finding in oddities(cohort())} == COUNTS


def test_rows_and_slides_are_both_told() -> None:
    said = {finding.code: finding.sentence for finding in oddities(cohort())}
    assert "12 slide rows (10 slides)" in said["not_100"]
    assert "(90 to 115)" in said["not_100"]
    assert "561 normal-tissue slide rows (560 slides)" in said["normal_without_percentages"]


def test_each_finding_shows_a_few_examples() -> None:
    for finding in oddities(cohort()):
        assert len(finding.examples) == min(finding.count, 5)


def test_the_counts_follow_the_rows() -> None:
    found = cohort()
    fewer = replace(found, aliquots=found.aliquots[:100], slides=found.slides[:100], follow_ups=())
    counts = {finding.code: finding.count for finding in oddities(_with_one_sum(fewer))}
    assert counts["dead_in_later_form"] == counts["no_status"] == 0
    assert counts["shipped_before_created"] < 579
    assert counts["not_100"] >= 1


def _with_one_sum(found):
    whole = next(slide for slide in found.slides if None not in slide.of_four)
    return replace(found, slides=(*found.slides, replace(whole, necrosis=77)))


def test_releases_differ_where_they_are_said_to() -> None:
    conflicts = release_conflicts(cohort().release("a"), cohort().release("b"))
    assert Counter(conflict.field for conflict in conflicts) == {
        "vital_status": 3,
        "days_to_death": 6,
        "days_to_last_contact": 6,
        "stage": 3,
    }


def test_a_bracketed_word_is_a_value_that_conflicts() -> None:
    conflicts = release_conflicts(cohort().release("a"), cohort().release("b"))
    told = [(c.a, c.b) for c in conflicts if c.patient == "tcga-bp-4326" and c.field == "vital_status"]
    assert told == [("Alive", "[Discrepancy]")]


def test_a_release_does_not_differ_from_itself() -> None:
    assert release_conflicts(cohort().release("a"), cohort().release("a")) == []
