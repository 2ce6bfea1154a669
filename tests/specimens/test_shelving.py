"""Many rows at once: in order, with every guard and constraint of a single row."""

import pytest
from django.db import IntegrityError, transaction

from specimens.actors import acting
from specimens.models import Consent, LedgerEntry, Patient
from specimens.shelving import add_rows, put_rows
from tests.cast import AT, FOUNDER, Cast
from tests.stories import House

PATIENT = ("trial_id", "study_id", "treating_site_id", "enrolled_at", "synthetic")
CONSENT = ("patient_id", "scope", "version", "recorded_at", "recorded_by_id")


def rows_for(house: House, *names: str) -> list[tuple[object, ...]]:
    return [(house.trial.pk, name, house.mercy.pk, AT, False) for name in names]


def test_rows_get_ids_in_order_beside_those_of_single_inserts(house: House) -> None:
    ids = add_rows(Patient, PATIENT, rows_for(house, "B-2", "B-1", "B-3"))
    found = Patient.objects.in_bulk(ids)
    assert [found[pk].study_id for pk in ids] == ["B-2", "B-1", "B-3"]
    after = Patient.objects.create(trial=house.trial, study_id="B-4", treating_site=house.mercy, enrolled_at=AT)
    assert after.pk not in ids


def test_no_rows_are_no_work(db: None) -> None:
    assert add_rows(Patient, PATIENT, []) == []


def test_json_is_kept_and_nothing_stays_nothing(db: None) -> None:
    columns = ("number", "recorded_at", "happened_at", "actor_name", "deed", "thing", "thing_id", "label", "sentence",
               "was", "became", "reason", "previous_hash", "hash")  # fmt: skip
    row = (9, AT, AT, "x", "d", "t", "1", "l", "s", None, {"word": "“é” \\ \t \n"}, "", "0", "1")
    with transaction.atomic(), acting(FOUNDER):
        put_rows(LedgerEntry, columns, [row])
    assert LedgerEntry.objects.get(number=9).became == {"word": "“é” \\ \t \n"}
    assert LedgerEntry.objects.filter(number=9, was__isnull=True).exists()


def test_a_broken_constraint_is_django_s_own_error(house: House) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        add_rows(Patient, PATIENT, rows_for(house, "B-1", "B-1"))
    assert not Patient.objects.filter(study_id="B-1").exists()


def test_guarded_tables_stay_guarded(cast: Cast, house: House) -> None:
    patient = add_rows(Patient, PATIENT, rows_for(house, "B-1"))[0]
    row = (patient, "this_study", "1", AT, cast.coordinator.pk)
    with pytest.raises(IntegrityError, match="written by deeds only"), transaction.atomic(), acting(Nobody()):
        add_rows(Consent, CONSENT, [row])
    assert not Consent.objects.exists()


class Nobody:
    pk = None

    def __str__(self) -> str:
        return ""

    def has_perm(self, perm: str) -> bool:
        return False
