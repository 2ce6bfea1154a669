"""A freeze: every table of one moment, kept with its checksum, made again to the byte, held against another."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from lims.export.query import TABLES
from lims.freeze_differences import difference
from lims.freezing import freeze_export, made_again, make_freeze, opened, sealed_since, tables_of
from lims.models.freezes import Freeze, FrozenTable
from lims.vocabulary import Role
from scoring.adjudicating import adjudicate
from scoring.models import Read
from scoring.reading import amend_read
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.enrolling import NewPatient, enrol_patients
from specimens.errors import Forbidden, Invalid, Refused
from specimens.models import Consent
from specimens.models.ledger import LedgerEntry
from specimens.vocabulary import Stain
from tests.cast import Cast, make_cast, person
from tests.scoring.desk import LATER, LOW, a_case, both_sign, found
from tests.stories import House, a_house

HOUR = timedelta(hours=1)
PAPILLARY = {"arch_alveolar": "40", "arch_papillary": "45", "arch_solid": "0"}


@pytest.fixture
def place(db: None, settings: LazySettings, tmp_path: Any) -> tuple[Cast, House, Any]:
    settings.MEDIA_ROOT = str(tmp_path)
    cast, house = make_cast(), a_house()
    with time_machine.travel(LATER):
        reads = both_sign(cast, a_case(cast, house))
        jobs.work_off()
    return cast, house, reads


def frozen(cast: Cast, name: str = "first", hours: int = 1, **changes: Any) -> Freeze:
    with time_machine.travel(LATER + hours * HOUR):
        told = {"by": cast.statistician, "at": LATER + hours * HOUR, "name": name, "reason": "interim"} | changes
        freeze: Freeze = freeze_export(**told)
        jobs.work_off()
    return freeze


def amended(cast: Cast, reads: list[Read], hours: int) -> None:
    for read in reads:
        by = cast.reader if read.reader_id == cast.reader.pk else cast.second_reader
        amend_read(
            by=by, at=LATER + hours * HOUR, read=read, findings=found(read.case, **PAPILLARY), reason="a slip",
            method="password",
        )  # fmt: skip


def test_every_table_is_kept_with_its_rows_and_checksum(place: Any) -> None:
    cast, house, _ = place
    freeze = frozen(cast, trial=house.trial)
    kept = tables_of(freeze)
    assert [each.table for each in kept] == list(TABLES)
    for each in kept:
        _, file = opened(freeze, each.table)
        with file:
            content = file.read()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (each.sha256, each.size)
    assert {each.table: each.rows for each in kept}["reads"] == 2
    assert (freeze.dictionary, freeze.edition) == ("1.1", "2005-R1")
    said = LedgerEntry.objects.get(deed="keep freeze")
    assert said.became == {each.table: each.sha256 for each in kept}
    assert LedgerEntry.objects.get(deed="freeze export").reason == "interim"


def test_made_again_later_it_gives_the_same_bytes(place: Any) -> None:
    cast, house, reads = place
    freeze = frozen(cast)
    with time_machine.travel(LATER + 5 * HOUR):
        row = NewPatient(study_id="CWG-0300", treating_site="MERCY", consent_on=LATER.date())
        enrol_patients(by=cast.coordinator, at=LATER + 5 * HOUR, trial=house.trial, rows=[row])
        amended(cast, reads, 5)
        jobs.work_off()
        assert [each.table for each in made_again(freeze) if not each.same] == []


def test_a_dispute_open_at_its_moment_leaves_it_the_same_once_decided(place: Any) -> None:
    cast, house, _ = place
    with time_machine.travel(LATER):
        case = a_case(cast, house, Stain.CAIX, house.trial.patients.get().specimens.get())
        both_sign(cast, case, {}, LOW)
        jobs.work_off()
    freeze = frozen(cast)
    with time_machine.travel(LATER + 5 * HOUR):
        adjudicate(by=cast.adjudicator, at=LATER + 5 * HOUR, case=case, findings=found(case), method="password")
        jobs.work_off()
        assert [each.table for each in made_again(freeze) if not each.same] == []


def test_the_worker_told_twice_keeps_once(place: Any) -> None:
    cast, *_ = place
    freeze = frozen(cast)
    make_freeze(freeze.pk)
    assert FrozenTable.objects.filter(freeze=freeze).count() == len(TABLES)


def test_a_file_left_by_a_dead_worker_is_written_anew(place: Any) -> None:
    cast, *_ = place
    first = frozen(cast)
    default_storage.save(f"freezes/{first.pk + 1}/reads.csv", ContentFile(b"half a ta"))
    again = frozen(cast, "second", 2)
    assert {each.table: each.file for each in tables_of(again)}["reads"] == f"freezes/{again.pk}/reads.csv"


@pytest.mark.parametrize(
    ("changes", "field"), [({"name": " "}, "name"), ({"reason": ""}, "reason"), ({"name": "x" * 61}, "name")]
)
def test_a_freeze_has_a_name_and_a_reason(place: Any, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        frozen(place[0], **changes)
    assert refused.value.field == field


def test_a_name_is_used_once(place: Any) -> None:
    frozen(place[0])
    with pytest.raises(Refused, match="a freeze of that name already"):
        frozen(place[0])


def test_only_the_cores_statistician_freezes(place: Any) -> None:
    cast, house, _ = place
    for somebody in (cast.coordinator, person("stu", "Stu Reyes", Role.STATISTICIAN, house.mercy)):
        with pytest.raises(Forbidden):
            frozen(cast, by=somebody)


def test_two_freezes_are_told_apart_by_patient_column_and_deed(place: Any) -> None:
    cast, _, reads = place
    first = frozen(cast)
    with time_machine.travel(LATER + 2 * HOUR):
        amended(cast, reads, 2)
        jobs.work_off()
    told = difference(frozen(cast, "second", 3), first)
    assert (told.earlier.name, told.later.name) == ("first", "second")
    assert told.patients == [("CWG", "CWG-0187")]
    tables = {table.table: table for table in told.tables if not table.same}
    assert {"patients", "reads", "scores", "agreement"} <= set(tables)
    assert (tables["reads"].came, tables["reads"].changed) == (2, 2)
    risk = next(each for each in tables["patients"].changes if each.column == "risk")
    assert (risk.study_id, risk.was, risk.became) == ("CWG-0187", "intermediate", "poor")
    assert any(each.times == 2 for each in told.why)
    assert difference(first, first).patients == []


def test_its_files_close_while_they_would_tell_too_much(place: Any) -> None:
    cast, _, (first, second) = place
    freeze = frozen(cast)
    assert sealed_since(freeze) == ""
    with time_machine.travel(LATER + 2 * HOUR):
        amended(cast, [first], 2)
        assert "being read again" in sealed_since(freeze)
        with pytest.raises(Refused, match="being read again"):
            opened(freeze, "reads")
        amended(cast, [second], 2)
        assert sealed_since(freeze) == ""
        consent = Consent.objects.get(scope="this_study")
        withdraw_consent(by=cast.coordinator, at=LATER + 2 * HOUR, consent=consent, withdrawn_on=LATER.date())
    assert "withdrawn consent" in sealed_since(freeze)
