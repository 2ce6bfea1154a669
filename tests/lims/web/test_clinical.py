"""A patient's clinical factors on a page: recorded by coordinators, told to who may see them."""

from django.test import Client

from lims.vocabulary import Role
from scoring.models import ClinicalFact
from specimens.models import Patient
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_OF_ONE, questions, shows, text
from tests.stories import House

TYPED = {"factor": "haemoglobin", "value": "120", "unit": "g/L", "lower": "130", "upper": "170", "on": "2026-11-01",
         "source": "chart of 1 November"}  # fmt: skip


def page_of(patient: Patient) -> str:
    return f"/patients/{patient.pk}/clinical/"


def records(browser: Client, patient: Patient, **changes: str) -> str:
    return text(browser.post(page_of(patient), TYPED | changes, follow=True))


def test_a_factor_is_recorded_and_every_system_answers(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    browser = enter(cast.coordinator)
    shows(browser, f"/patients/{patient.pk}/", page_of(patient))
    shows(browser, page_of(patient), "Nothing is recorded yet.", "Record this factor", "MSKCC 2002", "Investigational")
    assert "haemoglobin was recorded." in records(browser, patient)
    assert "is recorded already: nothing changed." in records(browser, patient)
    shows(browser, page_of(patient), "120 g/L", "130–170", "12 g/dL", "haemoglobin under limit", "2002-R1", "used",
          "intermediate, poor", "never computed", "Dana Whitfield")  # fmt: skip
    assert "say why it is corrected" in records(browser, patient, value="125")
    assert "was recorded." in records(browser, patient, value="125", reason="misread")
    shows(browser, page_of(patient), "corrected", "misread")
    assert questions(browser, page_of(patient)) <= MOST_OF_ONE


def test_a_wrong_unit_is_told_beside_its_field(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    assert "these would do: g/dL, g/L, mmol/L" in records(browser, patient, unit="mg")
    assert "was it measured in g/L?" in records(browser, patient, unit="g/dL")
    assert not ClinicalFact.objects.exists()


def test_statisticians_see_and_do_not_record(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.statistician)
    assert "Record this factor" not in shows(browser, page_of(patient), "What each system says")
    answer = browser.post(page_of(patient), TYPED)
    assert (answer.status_code, "Only coordinators record" in text(answer)) == (403, True)


def test_readers_the_bench_and_far_hospitals_get_nothing(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    for who in (cast.reader, cast.adjudicator, cast.bench, cast.administrator):
        assert enter(who).get(page_of(patient)).status_code == 403
    far = person("fay", "Fay Holm", Role.COORDINATOR, house.lakeshore)
    assert enter(far).get(page_of(patient)).status_code == 404
