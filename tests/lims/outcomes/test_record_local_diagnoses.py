"""record_local_diagnoses: what the hospital called the tumour, kept away from readers and out of the ledger."""

from typing import Any

import pytest

from lims.models.outcomes import LocalDiagnosis
from lims.outcome_rows import NewLocalDiagnosis
from lims.outcomes import record_local_diagnoses
from specimens.errors import Forbidden, Refused, Rejected
from specimens.models import LedgerEntry
from tests.cast import AT, make_cast
from tests.stories import a_house, a_patient


@pytest.fixture
def place(db: None) -> Any:
    cast, house = make_cast(), a_house()
    a_patient(cast, house)
    return cast, house


def record(place: Any, *rows: NewLocalDiagnosis, by: Any = None) -> int:
    cast, house = place
    return record_local_diagnoses(by=by or cast.statistician, at=AT, trial=house.trial, source="hospital", rows=rows)


def test_a_diagnosis_is_kept_and_the_ledger_does_not_tell_it(place: Any) -> None:
    assert record(place, NewLocalDiagnosis("CWG-0187", icd_o_3="8310/3", histology="CANARY")) == 1
    assert LocalDiagnosis.objects.get().histology == "CANARY"
    line = LedgerEntry.objects.get(deed="record local diagnosis")
    assert "CANARY" not in f"{line.sentence}{line.became}{line.label}"


def test_an_unknown_patient_refuses_them_all(place: Any) -> None:
    with pytest.raises(Rejected) as refused:
        record(place, NewLocalDiagnosis("CWG-0187"), NewLocalDiagnosis("CWG-0404"))
    assert [(p.row, p.field) for p in refused.value.problems] == [(2, "study_id")]
    assert not LocalDiagnosis.objects.exists()


def test_a_stage_too_long_to_keep_is_refused(place: Any) -> None:
    with pytest.raises(Refused) as refused:
        record(place, NewLocalDiagnosis("CWG-0187", stage="x" * 21))
    assert refused.value.field == "stage"


def test_the_same_source_again_is_refused(place: Any) -> None:
    record(place, NewLocalDiagnosis("CWG-0187"))
    with pytest.raises(Refused, match="recorded already"):
        record(place, NewLocalDiagnosis("CWG-0187"))


def test_a_reader_may_not(place: Any) -> None:
    with pytest.raises(Forbidden):
        record(place, NewLocalDiagnosis("CWG-0187"), by=place[0].reader)
