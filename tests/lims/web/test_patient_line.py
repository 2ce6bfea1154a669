"""One patient's page: the line with its break, blinded by role, in a fixed number of queries; every event."""

from datetime import date

import pytest

from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from lims.vocabulary import Role
from scoring.models import ReadingCase
from specimens.consenting import withdraw_consent
from specimens.models import Patient, Specimen
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import ControlKind, SpecimenKind, Stain
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import questions, status
from tests.scoring.desk import LATER, LOW, a_case, a_tumour, both_sign, signs
from tests.stories import House, a_patient, a_run, a_stained_slide, an_announced_parcel, an_item

MOST = 15
FAILED = {ControlKind.POSITIVE: True, ControlKind.NEGATIVE: False}


@pytest.fixture
def tumour(cast: Cast, house: House) -> Specimen:
    return a_tumour(cast, house)


def scored(cast: Cast, house: House, tumour: Specimen) -> list[ReadingCase]:
    """Both cases read by two, and the score computed."""
    from scoring.assessing import WORKER, assess_patients

    cases = [a_case(cast, house, stain, tumour) for stain in (Stain.HE, Stain.CAIX)]
    for case in cases:
        both_sign(cast, case)
    assess_patients(by=WORKER, at=LATER, patient_ids=[tumour.patient_id])
    return cases


def outcome_of(cast: Cast, patient: Patient) -> None:
    said = NewOutcome(
        patient.study_id, arm="high-dose IL-2", response="CR", os_time=730, os_event=False, time_origin="registration"
    )
    import_release(
        by=cast.statistician, at=AT, trial=patient.trial, name="2005-01 cut", source="the registry",
        cut_on=date(2005, 1, 31), sha256="a" * 64, rows=[said],
    )  # fmt: skip


def address(patient: Patient) -> str:
    return f"/patients/{patient.pk}/"


def test_the_whole_line_from_parcel_to_eligibility(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    cases = scored(cast, house, tumour)
    page = shows(
        enter(cast.coordinator), address(tumour.patient), "Primary, kidney", tumour.accession, "nothing stops it",
        "Parcel", "Block", "Sections", "Stain", "Reads", "Consensus", "Score", "Eligibility", "Outcome",
        "controls passed", "2 slides", "eligible", *(case.code for case in cases),
    )  # fmt: skip
    assert page.count('<li class="station"') == 8, "all done but the outcome, which is not shown"
    assert "station broken" not in page


def test_the_address_people_can_type_leads_to_the_same_page(enter: Enter, cast: Cast, tumour: Specimen) -> None:
    browser = enter(cast.coordinator)
    pages = [text(browser.get(each)) for each in (address(tumour.patient), "/patients/cwg/cwg-0187/")]
    assert pages[0].split("<main")[1].split("<footer")[0] == pages[1].split("<main")[1].split("<footer")[0]


# ---- the break ----
def break_of(page: str) -> str:
    """The station at which the line breaks, and what it offers there."""
    station = page.split('class="station broken')[1].split("</li>")[0]
    assert page.count("station broken") == 1
    return station


def test_nothing_announced_is_the_coordinators_break(enter: Enter, cast: Cast, house: House) -> None:
    shows(enter(cast.coordinator), address(a_patient(cast, house)), "No tumour of this patient is on record yet")


def test_a_parcel_on_its_way_breaks_the_line(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    station = break_of(text(enter(cast.coordinator).get(address(patient))))
    assert "on its way" in station
    assert f'href="/parcels/{parcel.accession}/receive/"' in station


def test_an_uncut_block_is_the_benchs_break(enter: Enter, cast: Cast, tumour: Specimen) -> None:
    cutting = f'href="/blocks/{tumour.blocks.get().accession}/cut/"'
    assert cutting in break_of(text(enter(cast.bench).get(address(tumour.patient))))
    assert cutting not in text(enter(cast.coordinator).get(address(tumour.patient)))


def test_a_failed_control_breaks_the_line_at_the_stain(
    enter: Enter, cast: Cast, house: House, tumour: Specimen
) -> None:
    a_case(cast, house, Stain.HE, tumour)
    a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX, FAILED)
    page = shows(enter(cast.bench), address(tumour.patient), "stops at the stain")
    assert [word for word in ("control failed", "Stain another section") if word not in break_of(page)] == []


def test_controls_nobody_looked_at_break_the_line(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    a_case(cast, house, Stain.HE, tumour)
    slide = a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX, {})
    station = break_of(text(enter(cast.bench).get(address(tumour.patient))))
    assert f'href="/runs/{slide.staining.run.accession}/"' in station


def test_reads_that_differ_break_the_line_at_the_consensus(
    enter: Enter, cast: Cast, house: House, tumour: Specimen
) -> None:
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour), {}, LOW)
    station = break_of(text(enter(cast.coordinator).get(address(tumour.patient))))
    assert "waits for an adjudicator" in station


def test_a_metastasis_has_a_line_of_its_own(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    a_tumour(cast, house, kind=SpecimenKind.METASTASIS)
    page = shows(
        enter(cast.coordinator), address(tumour.patient), "The line of the primary", "The line of the metastasis"
    )
    assert page.count("<h3>Eligibility</h3>") == 1


# ---- blinded by role ----
OUTCOME = ("high-dose IL-2", "response CR", "730", "2005-01 cut")


def test_the_outcome_is_shown_to_statisticians_alone(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    outcome_of(cast, tumour.patient)
    shows(enter(cast.statistician), address(tumour.patient), *OUTCOME)
    for who in (cast.coordinator, cast.bench, cast.administrator):
        page = text(enter(who).get(address(tumour.patient)))
        assert [word for word in OUTCOME if word in page] == []
        assert "recorded or not" in page


def test_not_shown_looks_the_same_whether_recorded_or_not(
    enter: Enter, cast: Cast, house: House, tumour: Specimen
) -> None:
    browser = enter(cast.coordinator)
    before = text(browser.get(address(tumour.patient))).split("<main")[1].split("<footer")[0]
    outcome_of(cast, tumour.patient)
    assert text(browser.get(address(tumour.patient))).split("<main")[1].split("<footer")[0] == before


@pytest.mark.parametrize(
    ("who", "seen"), [("coordinator", True), ("bench", False), ("statistician", False), ("administrator", False)]
)
def test_the_hospital_number_is_the_coordinators_alone(
    enter: Enter, cast: Cast, tumour: Specimen, who: str, seen: bool
) -> None:
    assert ("SECRET" in text(enter(getattr(cast, who)).get(address(tumour.patient)))) is seen


@pytest.mark.parametrize("who", ["bench", "administrator"])
def test_no_score_for_those_who_may_not_see_one(
    enter: Enter, cast: Cast, house: House, tumour: Specimen, who: str
) -> None:
    scored(cast, house, tumour)
    page = text(enter(getattr(cast, who)).get(address(tumour.patient)))
    assert [word for word in ("intermediate", "eligible", "CA-IX high", "95 %") if word in page] == []
    assert "computed or not" in page


def test_nobody_is_named_as_a_reader(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    scored(cast, house, tumour)
    page = text(enter(cast.coordinator).get(address(tumour.patient)))
    assert [name for name in ("Moreau", "Lindqvist") if name in page] == []


@pytest.mark.parametrize("who", ["reader", "second_reader", "adjudicator"])
def test_readers_have_no_patients_page(enter: Enter, cast: Cast, tumour: Specimen, who: str) -> None:
    browser = enter(getattr(cast, who))
    addresses = (address(tumour.patient), f"{address(tumour.patient)}events/", "/patients/CWG/CWG-0187/")
    assert [status(browser, each) for each in addresses] == [403, 403, 403]


def test_another_sites_patient_is_not_there(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    elsewhere = person("lena", "Lena Lake", Role.COORDINATOR, house.lakeshore)
    at_home = person("mary", "Mary Mercy", Role.COORDINATOR, house.mercy)
    assert [status(enter(who), address(tumour.patient)) for who in (elsewhere, at_home)] == [404, 200]


def test_withdrawn_consent_is_the_first_thing_said(enter: Enter, cast: Cast, tumour: Specimen) -> None:
    consent = tumour.patient.consents.get()
    withdraw_consent(by=cast.coordinator, at=AT, consent=consent, withdrawn_on=date(2026, 11, 22), reason="asked")
    shows(enter(cast.coordinator), address(tumour.patient), "Consent was withdrawn.", "this study withdrawn")


# ---- speed ----
@pytest.mark.parametrize("slides", [3, 60])
@pytest.mark.parametrize("who", ["coordinator", "statistician"])
def test_the_page_asks_the_same_few_questions_whatever_the_slides(
    enter: Enter, cast: Cast, house: House, tumour: Specimen, who: str, slides: int
) -> None:
    scored(cast, house, tumour)
    outcome_of(cast, tumour.patient)
    cut = Cut(block=tumour.blocks.get(), sections=slides - 2, cut_on=date(2026, 11, 10))
    more = cut_sections(by=cast.bench, at=AT, cuts=[cut])
    a_run(cast, more[:1], Stain.CAIX)
    browser = enter(getattr(cast, who))
    assert f"{slides} slides" in text(browser.get(address(tumour.patient)))
    assert questions(browser, address(tumour.patient)) <= MOST


# ---- every event ----
def test_every_event_is_told_without_naming_readers(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    case = a_case(cast, house, Stain.HE, tumour)
    signs(cast.reader, case)
    page = shows(
        enter(cast.coordinator), f"{address(tumour.patient)}events/", "was enrolled",
        f"Case {case.code}: histology read signed",
        "name withheld", "Dana Whitfield", "Rose Achebe",
    )  # fmt: skip
    assert "Moreau" not in page


def test_that_an_outcome_came_in_is_no_event_for_who_may_not_know(enter: Enter, cast: Cast, tumour: Specimen) -> None:
    outcome_of(cast, tumour.patient)
    assert "outcome" not in text(enter(cast.coordinator).get(f"{address(tumour.patient)}events/")).lower()


def test_scores_are_no_event_for_the_bench(enter: Enter, cast: Cast, house: House, tumour: Specimen) -> None:
    scored(cast, house, tumour)
    events = f"{address(tumour.patient)}events/"
    shows(enter(cast.coordinator), events, "Intermediate pathology, CA-IX high: eligible")
    assert "eligible" not in text(enter(cast.bench).get(events))
