"""The table of scores: who may see it, its filters, its pages of fifty."""

import pytest

from lims.vocabulary import Role
from scoring.assessing import WORKER, assess_patients
from scoring.models import PatientScore
from specimens.actors import acting
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows
from tests.lims.web.visits import MOST_QUERIES, questions, status
from tests.scoring.desk import LATER, PAPILLARY, a_case, a_tumour, both_sign
from tests.stories import House, a_patient


def a_scored_patient(cast: Cast, house: House, study_id: str, **changes: str) -> None:
    case = a_case(cast, house, specimen=a_tumour(cast, house, study_id))
    both_sign(cast, case, changes, changes)
    assess_patients(by=WORKER, at=LATER, patient_ids=[case.specimen.patient_id])


@pytest.fixture
def two(cast: Cast, house: House) -> None:
    a_scored_patient(cast, house, "CWG-0001")
    a_scored_patient(cast, house, "CWG-0002", **PAPILLARY)


def test_every_row_carries_its_edition_and_the_page_its_notice(enter: Enter, cast: Cast, two: None) -> None:
    page = shows(
        enter(cast.statistician), "/scores/", "2 patients with a score", "CWG-0001", "CWG-0002", "poor",
        "not eligible",
        "indeterminate", "not validated for treatment decisions",
    )  # fmt: skip
    assert page.count('<span class="id">2005-R1</span></td>') == 2
    assert page.count(">why?</a>") == 2


@pytest.mark.parametrize(
    ("asked", "found", "left_out"),
    [
        ("risk=poor", "CWG-0002", "CWG-0001"),
        ("risk=intermediate", "CWG-0001", "CWG-0002"),
        ("eligibility=indeterminate", "CWG-0001", "CWG-0002"),
        ("trial=cwg&eligibility=not_eligible", "CWG-0002", "CWG-0001"),
    ],
)
def test_filters_narrow_the_table(enter: Enter, cast: Cast, two: None, asked: str, found: str, left_out: str) -> None:
    assert left_out not in shows(enter(cast.statistician), f"/scores/?{asked}", found)


def test_a_filter_that_fits_nothing_says_so(enter: Enter, cast: Cast, two: None) -> None:
    for asked in ("trial=OTHER", "risk=splendid", "before=0"):
        shows(
            enter(cast.statistician),
            f"/scores/?{asked}",
            "Nothing is computed" if "before" in asked else "No score fits",
        )


def test_more_than_fifty_go_on_the_next_page(enter: Enter, cast: Cast, house: House, two: None) -> None:
    patients = [a_patient(cast, house, f"CWG-0{number}") for number in range(100, 152)]
    with acting(WORKER):
        PatientScore.objects.bulk_create(
            PatientScore(
                patient=patient, basis="none", because="no specimen is adequate", model="cwg-two-compartment",
                edition="2005-R1", digest=f"{patient.pk:064}", computed_at=LATER,
            ) for patient in patients
        )  # fmt: skip
    first = shows(enter(cast.statistician), "/scores/", "Next 50", "CWG-0151")
    assert "CWG-0001" not in first
    onward = first.split('href="?before=')[1].split('"')[0]
    shows(enter(cast.statistician), f"/scores/?before={onward}", "CWG-0001", "CWG-0100", "Back to the start")


def test_the_table_asks_few_questions(enter: Enter, cast: Cast, two: None) -> None:
    assert questions(enter(cast.statistician), "/scores/") <= MOST_QUERIES


def test_another_sites_scores_are_not_shown(enter: Enter, cast: Cast, house: House, two: None) -> None:
    elsewhere = person("lena", "Lena Lake", Role.COORDINATOR, house.lakeshore)
    assert "CWG-0001" not in shows(enter(elsewhere), "/scores/", "0 patients with a score")


@pytest.mark.parametrize("who", ["reader", "adjudicator", "bench", "administrator"])
@pytest.mark.parametrize(
    "address",
    ["/scores/", "/export/", "/outcomes/", "/outcomes/add/", "/agreement/", "/agreement/scatter.svg", "/published/"],
)
def test_the_statisticians_pages_are_closed_to_others(
    enter: Enter, cast: Cast, house: House, who: str, address: str
) -> None:
    assert status(enter(getattr(cast, who)), address) == 403


@pytest.mark.parametrize("address", ["/export/", "/outcomes/", "/outcomes/add/", "/agreement/", "/published/"])
def test_a_coordinator_meets_no_outcome(enter: Enter, cast: Cast, house: House, address: str) -> None:
    assert status(enter(cast.coordinator), address) == 403
