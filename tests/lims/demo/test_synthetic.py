"""The synthetic part: the same from the same seed, with the published margins, and work in every queue."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from datetime import date

import pytest

from lims.demo.agreement import positive
from lims.demo.kirc import cohort
from lims.demo.plans import PatientPlan, Plan
from lims.demo.synthetic import AS_OF, OPEN_STAGES, plan
from lims.demo.truth import HIGH_BY_GRADE

CHECKSUM = "c9d442f8e76b5d882179d67ce8eb862becf156f619805fe65119ba127f293090"


@pytest.fixture(scope="module")
def made() -> Plan:
    return plan(cohort())


def test_the_same_seed_gives_the_same_bytes(made: Plan) -> None:
    assert _checksum(plan(cohort())) == _checksum(made) == CHECKSUM


def test_another_seed_gives_others(made: Plan) -> None:
    assert _checksum(plan(cohort(), seed=7)) != _checksum(made)


def test_the_categories_are_in_the_printed_proportion(made: Plan) -> None:
    counts = Counter(p.truth.category for p in made.patients)
    for category, of_231 in {"good": 56, "intermediate": 99, "poor": 50, "not_clear_cell": 26}.items():
        assert counts[category] == pytest.approx(537 * of_231 / 231, abs=1)


def test_71_percent_of_clear_cell_and_3_percent_of_others_are_high(made: Plan) -> None:
    assert _high(p for p in made.patients if p.truth.category != "not_clear_cell") == pytest.approx(0.71, abs=0.01)
    assert _high(p for p in made.patients if p.truth.category == "not_clear_cell") == pytest.approx(0.03, abs=0.01)


def test_high_falls_with_grade_near_the_printed_shares(made: Plan) -> None:
    grades = {p.barcode: p.grade for p in cohort().patients}
    clear = [p for p in made.patients if p.truth.category != "not_clear_cell"]
    shares = [_high(p for p in clear if grades[p.patient] == f"g{grade}") for grade in (1, 2, 3, 4)]
    assert shares == sorted(shares, reverse=True)
    assert shares == pytest.approx([HIGH_BY_GRADE[grade] for grade in (1, 2, 3, 4)], abs=0.08)


def test_what_the_readers_sign_keeps_the_margin(made: Plan) -> None:
    signed = [
        positive(read.caix)
        for p in made.patients
        for read in p.reads
        if read.caix["evaluable"] == "yes" and p.truth.category != "not_clear_cell"
    ]
    assert sum(value > 85 for value in signed) / len(signed) == pytest.approx(0.71, abs=0.03)


def test_ten_to_fifteen_percent_of_cases_are_discordant(made: Plan) -> None:
    concluded = [p for p in made.patients if p.stage == "concluded"]
    assert 0.10 < sum(bool(p.discordant) for p in concluded) / len(concluded) < 0.15
    assert all((p.adjudication is not None) == bool(p.discordant) for p in concluded)


def test_disagreement_is_of_several_kinds(made: Plan) -> None:
    reasons = Counter(reason for p in made.patients for reason in p.discordant)
    kinds = {"caix_straddles", "caix_points", "risk", "papillary", "type", "adequacy", "evaluability"}
    assert kinds <= set(reasons)
    assert reasons.most_common(1)[0][0] == "caix_straddles"


def test_every_queue_has_work(made: Plan) -> None:
    stages = Counter(p.stage for p in made.patients)
    assert stages == OPEN_STAGES | {"concluded": 497}


def test_each_stage_has_come_as_far_as_it_says(made: Plan) -> None:
    reads = {"second_read": 1, "adjudication": 2, "concluded": 2}
    for p in made.patients:
        assert len(p.reads) == reads.get(p.stage, 0)
        assert bool(p.sections) == (p.stage not in ("announced", "received"))
        assert any(section.run for section in p.sections) == (p.stage not in ("announced", "received", "cut"))
    waiting = [p for p in made.patients if p.stage == "adjudication"]
    assert all(p.discordant and p.adjudication is None for p in waiting)


def test_open_work_lies_just_before_the_day_it_is_looked_at() -> None:
    as_of = date(2026, 3, 2)
    for p in plan(cohort(), as_of=as_of).patients:
        if p.stage != "concluded":
            dates = [section.cut for section in p.sections] + [read.on for read in p.reads]
            assert all(0 <= (as_of - day).days < 90 for day in dates)


def test_dates_come_in_order(made: Plan) -> None:
    created = {portion.barcode: portion.created for portion in cohort().portions}
    for p in made.patients:
        for section in p.sections:
            assert created[section.portion] < section.cut <= (section.stained or section.cut)
        for stain in ("he", "caix"):
            section = p.read_section(stain)
            assert all(section.stained < read.on <= AS_OF for read in p.reads)
        if p.adjudication:
            assert p.adjudication.on > p.reads[1].on


def test_about_24_slides_to_a_run_and_each_slide_stained_once(made: Plan) -> None:
    assert all(0 < len(run.slides) <= 24 for run in made.runs)
    stained = [label for run in made.runs for label in run.slides]
    sections = [s for p in made.patients for s in p.sections]
    assert sorted(stained) == sorted(s.label for s in sections if s.run)
    assert len({s.label for s in sections}) == len(sections)


def test_one_control_failed_and_its_run_was_repeated_on_new_sections(made: Plan) -> None:
    failed = [run for run in made.runs if run.controls == "failed"]
    repeats = [run for run in made.runs if run.repeats]
    assert [run.number for run in failed] == [run.repeats for run in repeats]
    assert len(failed) == 1
    assert set(failed[0].slides).isdisjoint(repeats[0].slides)
    read = {p.read_section("caix").label for p in made.patients if p.reads}
    assert read.isdisjoint(failed[0].slides)
    assert set(repeats[0].slides) <= read


def test_one_run_awaits_its_controls(made: Plan) -> None:
    assert [run.number for run in made.runs if run.controls is None] == ["SYN-CA9-91"]


def test_some_sections_are_older_than_42_days(made: Plan) -> None:
    ages = [s.age_days for p in made.patients for s in p.sections if s.age_days is not None]
    assert 0.01 < sum(age > 42 for age in ages) / len(ages) < 0.10
    assert max(ages) <= 90


def test_everything_is_marked_synthetic(made: Plan) -> None:
    rows = [*made.runs, *made.parcels, *made.patients]
    rows += [row for p in made.patients for row in (*p.sections, *p.reads)]
    rows += [p.adjudication for p in made.patients if p.adjudication]
    assert all(row.synthetic is True for row in rows)


def _high(plans) -> float:
    values = [p.truth.caix > 85 for p in plans]
    return sum(values) / len(values)


def _checksum(made: Plan) -> str:
    return hashlib.sha256(json.dumps(asdict(made), default=str, sort_keys=True).encode()).hexdigest()


def test_the_plan_of_a_patient_names_the_assays_in_dispute(made: Plan) -> None:
    named = {p.discordant_assays for p in made.patients if p.discordant}
    assert ("caix",) in named
    assert ("histology",) in named
    assert all(isinstance(p, PatientPlan) and p.discordant_assays for p in made.patients if p.discordant)
