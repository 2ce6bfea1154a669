"""import_release: one file of outcomes, all of it or nothing; the ledger tells no value."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest

from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from specimens.errors import Forbidden, Refused, Rejected
from specimens.models import LedgerEntry
from tests.cast import AT, make_cast
from tests.stories import a_house, a_patient

GOOD = NewOutcome(
    "CWG-0187", arm="A", regimen="IL-2", response="PR", response_days=120, pfs_time=200, pfs_event=True,
    os_time=412, os_event=False, time_origin="registration", vital_status="Alive", days_to_death="[Not Applicable]",
    days_to_last_contact="412", stage="Stage IV",
)  # fmt: skip


@pytest.fixture
def importing(db: None) -> Callable[..., OutcomeRelease]:
    cast, house = make_cast(), a_house()
    for study_id in ("CWG-0187", "CWG-0200"):
        a_patient(cast, house, study_id)

    def imported(*rows: NewOutcome, by: Any = None, **changes: Any) -> OutcomeRelease:
        said = {
            "name": "cut 1",
            "source": "the office",
            "cut_on": date(2026, 11, 1),
            "sha256": "a" * 64,
        } | changes
        return import_release(by=by or cast.statistician, at=AT, trial=house.trial, rows=rows, **said)

    imported.cast = cast  # type: ignore[attr-defined]
    return imported


def test_a_release_is_kept_with_its_source_cut_and_rows(importing: Any) -> None:
    release = importing(GOOD, NewOutcome("CWG-0200"))
    kept = Outcome.objects.get(release=release, patient__study_id="CWG-0187")
    assert (release.name, release.cut_on, release.imported_at) == ("cut 1", date(2026, 11, 1), AT)
    assert (kept.response, kept.os_time, kept.os_event, kept.days_to_death) == (
        "PR",
        412,
        False,
        "[Not Applicable]",
    )
    blank = Outcome.objects.get(release=release, patient__study_id="CWG-0200")
    assert (blank.response, blank.os_time, blank.os_event) == ("", None, None)


def test_the_ledger_has_a_line_for_each_row_and_tells_no_value(importing: Any) -> None:
    importing(replace(GOOD, arm="CANARYARM", stage="CANARYSTAGE"), NewOutcome("CWG-0200"))
    lines = LedgerEntry.objects.filter(deed="import outcome")
    assert [(line.patient_id is not None, list(line.became)) for line in lines] == [(True, ["digest"])] * 2
    said = orjson.dumps(list(LedgerEntry.objects.values("sentence", "was", "became", "label", "reason")))
    assert b"CANARY" not in said
    assert b"412" not in b"".join(line.sentence.encode() for line in lines)


def test_a_study_id_is_met_as_enrolment_keeps_it(importing: Any) -> None:
    release = importing(NewOutcome(" cwg-0187"))
    assert release.outcomes.get().patient.study_id == "CWG-0187"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"study_id": "CWG-9999"}, "study_id"),
        ({"response": "better"}, "response"),
        ({"response_days": -1}, "response_days"),
        ({"pfs_time": -5}, "pfs_time"),
        ({"os_time": 10**9}, "os_time"),
        ({"os_time": "400"}, "os_time"),
        ({"os_time": True}, "os_time"),
        ({"os_time": None}, "os_event"),
        ({"os_event": None}, "os_time"),
        ({"os_event": 1}, "os_event"),
        ({"pfs_time": None}, "pfs_event"),
        ({"time_origin": ""}, "time_origin"),
        ({"time_origin": "birth"}, "time_origin"),
        ({"time_unit": "weeks"}, "time_unit"),
        ({"response": ""}, "response_days"),
        ({"regimen": "x" * 201}, "regimen"),
        ({"arm": "A\nB"}, "arm"),
        ({"stage": "a\x00b"}, "stage"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_kept(importing: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        importing(NewOutcome("CWG-0200"), replace(GOOD, **changes))
    assert (2, field) in [(problem.row, problem.field) for problem in refused.value.problems]
    assert not OutcomeRelease.objects.exists()
    assert not Outcome.objects.exists()


def test_the_same_patient_twice_is_refused(importing: Any) -> None:
    with pytest.raises(Rejected) as refused:
        importing(GOOD, replace(GOOD, study_id="cwg-0187"))
    assert [(p.row, p.field, p.code) for p in refused.value.problems] == [(2, "study_id", "duplicate_row")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cut_on": date(2026, 11, 24)}, "cut_on"),
        ({"name": "  "}, "name"),
        ({"source": ""}, "source"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"sha256": "a" * 63}, "sha256"),
    ],
)
def test_a_faulty_release_is_refused(importing: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        importing(GOOD, **changes)
    assert [(problem.row, problem.field) for problem in refused.value.problems] == [(0, field)]


def test_an_empty_release_is_refused(importing: Any) -> None:
    with pytest.raises(Rejected, match="no rows"):
        importing()


def test_every_fault_is_told_at_once(importing: Any) -> None:
    with pytest.raises(Rejected) as refused:
        importing(replace(GOOD, response="x", os_time=-1), NewOutcome("NOBODY"), cut_on=date(2027, 1, 1))
    assert [(p.row, p.field) for p in refused.value.problems] == [
        (0, "cut_on"), (1, "response"), (1, "os_time"), (2, "study_id"),
    ]  # fmt: skip


def test_the_same_name_or_file_again_is_refused(importing: Any) -> None:
    importing(GOOD)
    with pytest.raises(Refused, match="of that name"):
        importing(GOOD, sha256="b" * 64)
    with pytest.raises(Refused, match="very file"):
        importing(GOOD, name="cut 2")
    assert OutcomeRelease.objects.count() == 1


def test_two_releases_stand_beside_each_other(importing: Any) -> None:
    importing(GOOD)
    importing(replace(GOOD, os_time=500), name="cut 2", sha256="b" * 64)
    assert sorted(Outcome.objects.values_list("os_time", flat=True)) == [412, 500]


@pytest.mark.parametrize("who", ["reader", "adjudicator", "coordinator", "bench", "administrator"])
def test_only_a_statistician_imports(importing: Any, who: str) -> None:
    with pytest.raises(Forbidden):
        importing(GOOD, by=getattr(importing.cast, who))
    assert not OutcomeRelease.objects.exists()
