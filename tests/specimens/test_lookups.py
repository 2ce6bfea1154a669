"""`__among` finds what `__in` finds."""

import pytest
from django.db import connection

from specimens.models import Patient, Specimen
from tests.cast import Cast
from tests.stories import House, a_patient, a_specimen


@pytest.fixture
def three(cast: Cast, house: House) -> list[Patient]:
    return [a_patient(cast, house, study_id=f"CWG-{n}") for n in (11, 12, 13)]


def test_ids_are_found_and_others_are_not(three: list[Patient]) -> None:
    wanted = {three[0].pk, three[2].pk, 999_999}
    assert set(Patient.objects.filter(pk__among=wanted)) == {three[0], three[2]}
    assert set(Patient.objects.exclude(pk__among=wanted)) == {three[1]}


def test_none_wanted_is_none_found_without_asking(three: list[Patient], django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert list(Patient.objects.filter(pk__among=[])) == []
    assert Patient.objects.exclude(pk__among=[]).count() == 3


def test_it_follows_relations(cast: Cast, house: House, three: list[Patient]) -> None:
    tumour = a_specimen(cast, house, three[1])
    assert list(Specimen.objects.filter(patient_id__among=[three[1].pk])) == [tumour]
    assert list(Patient.objects.filter(specimens__patient_id__among=[three[1].pk])) == [three[1]]


def test_on_postgresql_many_ids_are_one_parameter(db: None) -> None:
    _, params = Patient.objects.filter(pk__among=range(1, 5000)).query.sql_with_params()
    assert len(params) == (1 if connection.vendor == "postgresql" else 4999)


def test_what_is_no_number_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(Patient.objects.filter(pk__among=["1); --"]))
