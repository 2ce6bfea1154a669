"""The long tables: what each tells, what it leaves out, what it said at a moment; alike on both databases."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lims.export import rows
from lims.export.query import TABLES, Asked
from lims.outcome_rows import NewOutcome, NewValue
from lims.outcome_variables import declare_variable
from lims.outcomes import import_release
from scoring.models import ReadingCase
from scoring.phases import with_phase
from scoring.rules.vocabulary import Phase
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.models import Consent
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import Stain
from tests.cast import AT, Cast, make_cast
from tests.scoring.desk import LATER, LOW, PAPILLARY, a_case, a_tumour, both_sign, corrects, decides, signs
from tests.stories import House, a_house

ALL = Asked(EVERYTHING)


class Place:
    """Two patients: one with a concluded H&E, one with a CA-IX decided by the adjudicator."""

    def __init__(self) -> None:
        self.cast: Cast = make_cast()
        self.house: House = a_house()
        with time_machine.travel(LATER):
            self.tumour = a_tumour(self.cast, self.house)
            self.plain = a_case(self.cast, self.house, specimen=self.tumour)
            self.first, self.second = both_sign(self.cast, self.plain)
            self.disputed = a_case(self.cast, self.house, Stain.CAIX, a_tumour(self.cast, self.house, "CWG-0200"))
            both_sign(self.cast, self.disputed, {}, LOW)


@pytest.fixture
def place(db: None) -> Place:
    return Place()


def told(name: str, asked: Asked = ALL) -> list[dict[str, str]]:
    export = rows.export(TABLES[name], asked, rows.as_csv, at=AT)
    found = list(csv.DictReader(io.StringIO(b"".join(export.chunks).decode(), newline="")))
    assert export.count == len(found)
    return found


def test_what_the_database_writes_is_what_python_writes(place: Place) -> None:
    for table in TABLES.values():
        written = b"".join(rows.written(rows.Sheet(table, table.columns, ALL, AT, 0)))
        assert written == b"".join(rows.export(table, ALL, rows.as_csv, at=AT).chunks), table.name


def test_tissue_is_traced_from_specimen_to_slide_and_hand(place: Place) -> None:
    (near, other) = told("specimens")
    assert (near["study_id"], near["blocks"], near["slides"]) == ("CWG-0187", "1", "1")
    slide = told("slides")[1]
    assert (slide["specimen"], slide["stain"]) == (other["specimen"], "caix")
    assert (slide["positive_control"], slide["negative_control"]) == ("passed", "passed")
    events = told("custody")
    assert {row["event_kind"] for row in events} >= {"received", "stained"}
    assert {row["item"] for row in events if row["item_kind"] == "slide"} <= {row["slide"] for row in told("slides")}


def test_reads_of_a_concluded_case_alone(place: Place) -> None:
    """A disputed case is told of only after its adjudication, in reads and in agreement."""
    assert {row["case"] for row in told("reads")} == {row["case"] for row in told("agreement")} == {place.plain.code}
    read = told("reads")[0]
    assert (read["role"], read["slot"], read["arch_alveolar"], read["superseded"]) == ("reader", "1", "45", "no")
    decided = decides(place.cast.adjudicator, place.disputed)
    found = [row for row in told("reads") if row["case"] == place.disputed.code]
    assert [row["role"] for row in found] == ["reader", "reader", "adjudicator"]
    assert (found[0]["caix_percent"], found[0]["h_score"]) != ("", "")
    (pair,) = [row for row in told("agreement") if row["case"] == place.disputed.code]
    assert (pair["discordant"], pair["decided_by"]) == ("yes", str(decided.pk))
    assert pair["discordances"]
    assert pair["first_caix"] != pair["second_caix"]


def test_the_condition_is_the_phase(place: Place) -> None:
    """What SQL calls concluded is what scoring.phases calls so, through corrections too."""
    for deed in (
        lambda: None,
        lambda: corrects(place.cast.reader, place.first, **PAPILLARY),
        lambda: corrects(place.cast.second_reader, place.second, **PAPILLARY),
        lambda: signs(place.cast.reader, a_case(place.cast, place.house, specimen=place.tumour)),
        lambda: decides(place.cast.adjudicator, place.disputed),
    ):
        deed()
        concluded = with_phase(ReadingCase.objects.all()).filter(phase=Phase.CONCLUDED)
        assert {row["case"] for row in told("reads")} == set(concluded.values_list("code", flat=True))


def test_a_corrected_read_stays_and_says_so(place: Place) -> None:
    corrects(place.cast.reader, place.first, **PAPILLARY)
    assert told("reads") == []
    new = corrects(place.cast.second_reader, place.second, **PAPILLARY)
    found = {row["read"]: row for row in told("reads")}
    assert (found[str(place.second.pk)]["superseded"], found[str(new.pk)]["superseded"]) == ("yes", "no")
    assert found[str(new.pk)]["supersedes"] == str(place.second.pk)
    assert [row["second_read"] for row in told("agreement")] == [str(new.pk)]


def test_scores_of_every_time_and_which_one_speaks(place: Place) -> None:
    jobs.work_off()
    for reader, read in ((place.cast.reader, place.first), (place.cast.second_reader, place.second)):
        corrects(reader, read, **PAPILLARY)
    jobs.work_off()
    mine = [row for row in told("scores") if row["study_id"] == "CWG-0187"]
    assert (mine[-1]["risk"], mine[-1]["reasons"]) == ("poor", "PAPILLARY_PRESENT")
    assert [(row["current"], row["speaks_for_patient"]) for row in mine][-1] == ("yes", "yes")
    assert {(row["current"], row["speaks_for_patient"]) for row in mine[:-1]} == {("no", "no")}
    assert mine[0]["investigational"].startswith("Investigational")
    assert {row["risk"] for row in told("scores", replace(ALL, risk="poor"))} == {"poor"}


def release(place: Place, name: str, **values: Any) -> None:
    import_release(
        by=place.cast.statistician, at=AT, trial=place.house.trial, name=name, source="the office", cut_on=None,
        sha256=f"{sum(name.encode()):064x}", rows=[NewOutcome("CWG-0187", **values)],
    )  # fmt: skip


def test_outcomes_of_every_release_and_their_declared_values(place: Place) -> None:
    declare_variable(
        by=place.cast.statistician, at=AT, trial=place.house.trial, name="qlq_fa", label="Fatigue", kind="number",
        source="QLQ-C30", by_time_point=True,
    )  # fmt: skip
    release(place, "a", response="CR")
    release(place, "b", response="PD", vital_status="=Dead", values=(NewValue("qlq_fa", "week 6", "33.3"),))
    found = told("outcomes")
    assert [(row["release"], row["response"], row["vital_status"]) for row in found] == [
        ("a", "CR", ""), ("b", "PD", "'=Dead"),
    ]  # fmt: skip
    (value,) = told("outcome_values")
    assert (value["variable"], value["time_point"], value["value"], value["number"]) == (
        "qlq_fa", "week 6", "33.3", "33.3",
    )  # fmt: skip
    assert [row["release"] for row in told("outcomes", replace(ALL, release="b"))] == ["b"]


def test_as_of_a_moment_nothing_later_is_there(place: Place) -> None:
    then = LATER + timedelta(minutes=1)
    with time_machine.travel(LATER + timedelta(days=1)):
        decides(place.cast.adjudicator, place.disputed)
    before = {name: told(name, replace(ALL, as_of=then)) for name in ("reads", "agreement", "slides", "scores")}
    with time_machine.travel(LATER + timedelta(days=2)):
        jobs.work_off()
    assert {name: told(name, replace(ALL, as_of=then)) for name in before} == before
    assert told("scores")
    assert {row["case"] for row in before["reads"]} == {place.plain.code}
    assert told("slides", replace(ALL, as_of=AT - timedelta(days=999))) == []


def test_withdrawn_consent_and_other_sites_are_absent_from_every_table(place: Place) -> None:
    release(place, "a", response="CR")
    jobs.work_off()
    site = Asked(Scope(frozenset({place.house.lakeshore.pk})))
    for name in TABLES:
        assert "CWG-0187" not in {row["study_id"] for row in told(name, site)}
    consent = Consent.objects.get(patient=place.tumour.patient, scope="this_study")
    withdraw_consent(by=place.cast.coordinator, at=LATER, consent=consent, withdrawn_on=AT.date())
    for name in TABLES:
        assert "CWG-0187" not in {row["study_id"] for row in told(name)}


def test_while_a_case_is_read_again_no_score_tells_of_it_on_any_day(place: Place) -> None:
    with time_machine.travel(LATER + timedelta(seconds=30)):
        jobs.work_off()
    then = replace(ALL, as_of=LATER + timedelta(minutes=1))
    assert [row["alveolar_percent"] for row in told("patients", then)] == ["45", ""]
    assert [row["study_id"] for row in told("scores", then) if row["alveolar_percent"]] == ["CWG-0187"]
    corrects(place.cast.reader, place.first, **PAPILLARY)
    for asked in (ALL, then):
        assert [row for row in told("scores", asked) if row["alveolar_percent"]] == []
    assert {row["alveolar_percent"] for row in told("patients", then)} == {""}
    corrects(place.cast.second_reader, place.second, **PAPILLARY)
    assert [row["study_id"] for row in told("scores") if row["alveolar_percent"]]
