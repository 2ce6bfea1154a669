"""The ledger page: filtered by reach and by room; verified at the press of a button."""

from django.db import connection

from lims.vocabulary import Role
from specimens import guards
from specimens.models import LedgerEntry, Patient
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.stories import House, a_patient, an_announced_parcel, an_item


def test_every_deed_is_listed_and_filtered(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    an_announced_parcel(cast, house, an_item(patient))
    browser = enter(cast.coordinator)
    shows(browser, "/ledger/", "CWG-0187 was enrolled", "was accessioned", "Dana Whitfield")
    page = shows(browser, "/ledger/?deed=enrol+patient", "CWG-0187 was enrolled")
    assert "was accessioned" not in page
    assert "was enrolled" not in shows(browser, "/ledger/?q=no+such+words", "no line here")


def test_people_are_for_administrators(enter: Enter, cast: Cast, house: House) -> None:
    assert "was added as dana" in shows(enter(cast.administrator), "/ledger/")
    assert "was added as dana" not in shows(enter(cast.coordinator), "/ledger/")


def test_nothing_about_outcomes_is_ever_listed(enter: Enter, cast: Cast, patient: Patient) -> None:
    from specimens import ledger
    from specimens.actors import acting

    said = ledger.Line("import outcomes", "lims.outcomerelease", 1, "release", "Arm and survival came.", patient.pk)
    with acting(cast.statistician):
        ledger.write([said], by=cast.statistician, at=AT)
    for viewer in (cast.administrator, cast.coordinator, cast.bench):
        assert "Arm and survival" not in shows(enter(viewer), "/ledger/?q=survival")


def test_a_hospital_sees_its_own_patients_lines(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    own = a_patient(cast, house, "CWG-0301", site="LAKE")
    browser = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert patient.study_id not in shows(browser, "/ledger/", own.study_id)


def test_the_chain_is_verified(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.administrator)
    assert "The ledger is whole" in text(browser.post("/ledger/"))
    guards.remove()
    LedgerEntry.objects.filter(number=3).update(sentence="something else")
    page = text(browser.post("/ledger/"))
    guards.install()
    assert "The ledger is not whole" in page
    assert "Entry 3" in page
    assert connection.is_usable()


def test_only_who_may(enter: Enter, cast: Cast) -> None:
    assert status(enter(cast.reader), "/ledger/") == 403
    assert status(enter(cast.statistician), "/ledger/") == 403


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.administrator)
    assert questions(browser, "/ledger/") <= MOST_QUERIES
