"""What was said of a patient as of a day: proved equal to what was answered that day, as page, JSON and paper."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from lims import tokens
from lims.vocabulary import Role
from specimens import jobs
from specimens.models import Patient, Specimen
from specimens.vocabulary import Stain
from tests.cast import Cast, person
from tests.lims.api.conftest import Caller
from tests.lims.web.conftest import Enter
from tests.lims.web.papers import words_of
from tests.lims.web.visits import shows, text
from tests.scoring.desk import LATER, PAPILLARY, a_case, a_tumour, both_sign, corrects
from tests.stories import House

GOOD = {"arch_alveolar": "55", "arch_solid": "30", "cyto_clear": "100", "cyto_granular": "0"}
DAYS = [LATER + timedelta(days=number) for number in range(4)]


@pytest.fixture
def tumour(cast: Cast, house: House) -> Specimen:
    return a_tumour(cast, house)


def why(cast: Cast, patient: Patient, **query: str) -> Any:
    caller = Caller(tokens.make(by=cast.statistician, at=LATER, lifetime=timedelta(days=9)))
    return caller.get(f"patients/CWG/{patient.study_id}/why/", **query)


def day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def without_desks(answer: Any) -> dict[str, Any]:
    """Whose desk a missing input is on is said of today alone: a past day has no desk to go to."""
    return {key: value for key, value in answer.json().items() if key != "waits_for"}


def test_each_day_is_answered_as_it_was_that_day(cast: Cast, house: House, tumour: Specimen) -> None:
    """Nothing; histology alone; CA-IX too; both readers corrected themselves."""
    answers: list[Any] = []

    def histology() -> None:
        both_sign(cast, a_case(cast, house, specimen=tumour))

    def caix() -> None:
        both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))

    def corrected() -> None:
        for read in tumour.cases.get(assay="histology").reads.order_by("slot"):
            corrects(read.reader, read, **GOOD)

    for moment, deed in zip(DAYS, (lambda: None, histology, caix, corrected), strict=True):
        with time_machine.travel(moment):
            deed()
            jobs.work_off()
            answers.append(why(cast, tumour.patient))
    assert [answer.status_code for answer in answers] == [404, 200, 200, 200]
    risks = [answer.json()["score"]["risk"] for answer in answers[1:]]
    assert (len({answer.content for answer in answers}), risks) == (4, ["intermediate", "intermediate", "good"])
    with time_machine.travel(DAYS[-1] + timedelta(days=3)):
        then = [why(cast, tumour.patient, as_of=day(moment)) for moment in DAYS]
    assert then[0].json()["sentence"] == f"Nothing had been computed of CWG-0187 by {day(DAYS[0])}."
    assert [answer.json()["waits_for"] for answer in then[1:]] == [[]] * 3
    assert [without_desks(answer) for answer in then[1:]] == [without_desks(answer) for answer in answers[1:]]


def scored(cast: Cast, house: House, tumour: Specimen) -> None:
    for stain in (Stain.HE, Stain.CAIX):
        both_sign(cast, a_case(cast, house, stain, tumour))
    jobs.work_off()


def test_the_page_and_the_paper(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    with time_machine.travel(LATER):
        scored(cast, house, tumour)
    address, before = f"/patients/{tumour.patient_id}/said/", day(LATER - timedelta(days=1))
    with time_machine.travel(LATER + timedelta(days=1)):
        browser = enter(cast.statistician)
        page = shows(browser, f"{address}?as_of={day(LATER)}", "Intermediate pathology, CA-IX high", "Investigational",
                     "Ines Moreau", "What would change it", "Every time something was computed")  # fmt: skip
        assert f"as_of={day(LATER)}" in page
        shows(browser, f"{address}?as_of={before}", "Nothing had been computed by then.")
        paper = words_of(browser.get(f"{address}paper/?as_of={day(LATER)}").content)
        assert [word for word in ("Investigational", "2005-R1", "Ines Moreau", "Otto Lindqvist", "eligible", "RUN-")
                if word not in paper] == []  # fmt: skip
        assert "Nothing had been computed" in words_of(browser.get(f"{address}paper/?as_of={before}").content)


def test_a_day_that_cannot_be_is_told_beside_the_field(
    enter: Enter, cast: Cast, house: House, tumour: Specimen
) -> None:
    scored(cast, house, tumour)
    browser, address = enter(cast.coordinator), f"/patients/{tumour.patient_id}/said/"
    page = shows(browser, f"{address}?as_of=2199-01-01", "has not come yet", "2199-01-01")
    assert "Intermediate pathology" not in page
    shows(browser, f"{address}?as_of=last+week", "Write the date as 2026-11-23.")
    assert browser.get(f"{address}paper/?as_of=soon")["Location"] == f"{address}?as_of=soon"
    assert why(cast, tumour.patient, as_of="soon").status_code == 400


def test_while_a_case_is_read_again_nobody_sees_what_was_read_before(
    enter: Enter, cast: Cast, house: House, tumour: Specimen
) -> None:
    scored(cast, house, tumour)
    today = day(LATER + timedelta(days=1))
    mine = tumour.cases.get(assay="histology").reads.get(slot=1)
    with time_machine.travel(LATER + timedelta(days=1)):
        corrects(mine.reader, mine, **PAPILLARY)
        answer = enter(cast.statistician).get(f"/patients/{tumour.patient_id}/said/?as_of={today}")
    assert (answer.status_code, "is being read again" in text(answer)) == (409, True)


def test_readers_the_bench_and_far_hospitals_get_nothing(
    enter: Enter, cast: Cast, house: House, tumour: Specimen
) -> None:
    for who in (cast.reader, cast.adjudicator, cast.bench, cast.administrator):
        assert enter(who).get(f"/patients/{tumour.patient_id}/said/").status_code == 403
    far = person("fay", "Fay Holm", Role.COORDINATOR, house.lakeshore)
    assert enter(far).get(f"/patients/{tumour.patient_id}/said/").status_code == 404
