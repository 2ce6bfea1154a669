"""Why: the sentence first, the row that applied, each condition, the reads it came from, what would change it."""

import pytest
from django.test import Client

from scoring.assessing import WORKER, assess_patients
from scoring.models import ReadingCase
from specimens.vocabulary import SpecimenKind, Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.scoring.desk import INADEQUATE, LATER, LOW, PAPILLARY, a_case, a_tumour, both_sign, decides
from tests.stories import HISTOLOGY, House


@pytest.fixture
def dana(enter: Enter, cast: Cast) -> Client:
    return enter(cast.coordinator)


def page_of(browser: Client, case: ReadingCase, *words: str) -> str:
    patient = case.specimen.patient_id
    assess_patients(by=WORKER, at=LATER, patient_ids=[patient])
    return shows(browser, f"/patients/{patient}/", *words)


def applied(page: str) -> list[str]:
    return [part.split("</tr>")[0] for part in page.split('<tr class="applies">')[1:]]


def test_the_sentence_comes_first_with_edition_and_notice(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    both_sign(cast, a_case(cast, house, Stain.CAIX, case.specimen))
    page = page_of(dana, case, "because it is the only adequate primary")
    verdict = page.split('class="verdict"')[1]
    places = [
        verdict.index(words)
        for words in (
            "Intermediate pathology, CA-IX high: eligible under edition 2005-R1. Investigational.",
            "not validated for treatment decisions", "Compartment and IL-2 eligibility", "Pathology risk",
            "The reads it came from", "What would change it",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_the_rows_that_applied_are_marked(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    both_sign(cast, a_case(cast, house, Stain.CAIX, case.specimen))
    compartment, risk = applied(page_of(dana, case))
    assert "high, above 85 %" in compartment
    assert "(here 95 %)" in compartment
    assert "everything else" in risk


def test_a_poor_pathology_needs_no_stain(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, PAPILLARY, PAPILLARY)
    page = page_of(dana, case, "Poor pathology, CA-IX missing: not eligible")
    assert [row for row in applied(page) if "papillary above 0 %" in row]
    assert "nothing stops it" in page


def test_what_is_missing_is_told_and_nothing_is_inferred(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    page_of(dana, case, "CA-IX missing: indeterminate under edition 2005-R1; still needed: CA-IX", "not known")


def test_it_says_on_whose_desk_the_missing_input_is(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    stain = a_case(cast, house, Stain.CAIX, case.specimen)
    rows = page_of(dana, case).split('<table id="waits">')[1].split("</table>")[0]
    told = ("CA-IX", "readers", f"/cases/{stain.code}/", "waits for a reader")
    assert [word for word in told if word not in rows] == []
    both_sign(cast, stain)
    assert '<table id="waits">' not in page_of(dana, case)


def test_the_reads_stand_beside_the_value_used(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, {}, {"arch_alveolar": "40", "arch_solid": "45"})
    stain = a_case(cast, house, Stain.CAIX, case.specimen)
    both_sign(cast, stain, {}, LOW)
    decides(cast.adjudicator, stain)
    rows = page_of(dana, case).split('<table id="reads">')[1].split("</table>")[0].split("<tr>")
    alveolar = next(row for row in rows if ">alveolar<" in row)
    assert [word for word in ("45 %", "40 %", "42.5 %", "mean") if word not in alveolar] == []
    caix = next(row for row in rows if ">CA-IX positive<" in row)
    assert [word for word in ("95 %", "80 %", "adjudicated") if word not in caix] == []


def test_what_would_change_it_is_listed(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    both_sign(cast, a_case(cast, house, Stain.CAIX, case.specimen))
    page_of(dana, case, "CA-IX were 85 % or less", "any papillary were found", "good: eligible whatever CA-IX")


def test_no_specimen_that_speaks_is_said_with_its_reason(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    blank = dict.fromkeys(HISTOLOGY, "")
    both_sign(cast, case, {**blank, **INADEQUATE}, {**blank, **INADEQUATE})
    page_of(dana, case, "No score speaks for this patient", "not validated for treatment decisions")


def test_nothing_computed_yet_says_what_it_waits_for(dana: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    assert "Nothing is computed yet" in text(dana.get(f"/patients/{case.specimen.patient_id}/"))


def test_a_metastasis_is_compared_and_never_pooled(dana: Client, cast: Cast, house: House) -> None:
    primary = a_case(cast, house)
    both_sign(cast, primary)
    other = a_tumour(cast, house, kind=SpecimenKind.METASTASIS)
    both_sign(cast, a_case(cast, house, Stain.HE, other), PAPILLARY, PAPILLARY)
    page = page_of(dana, primary, "compared, never pooled", "Speaks for the patient: the primary")
    others = page.split("Other specimens of this patient")[1]
    assert other.accession in others
    assert "poor" in others
