"""Recording clinical factors: all rows or none, corrections by further rows, and the groups that follow."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoring.chart import chart_of
from scoring.charting import NewFactor, record_clinical_factors
from scoring.models import ClinicalFact, TherapyStart
from specimens.consenting import withdraw_consent
from specimens.errors import Rejected, Unknown
from specimens.models import Job, LedgerEntry, Patient
from specimens.scope import EVERYTHING, Scope
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused

ON = date(2026, 11, 1)
CALCIUM = NewFactor("CWG", "CWG-0187", "calcium", "2.6", ON, "mmol/L", "2.1", "2.5", "chart")
CHART = {
    "karnofsky": ("90", ""), "albumin": ("40", "g/L"), "diagnosis_date": ("2024-01-10", ""),
    "metastasis_date": ("2025-06-01", ""), "systemic_therapy_start": ("2026-05-01", ""), "ecog": ("1", ""),
    "liver_metastases": ("no", ""), "bone_metastases": ("no", ""), "primary_in_place": ("no", ""),
    "metastatic_sites": ("1", ""), "nephrectomy": ("yes", ""), "nephrectomy_date": ("2024-02-01", ""),
    "til": ("no", ""),
}  # fmt: skip
LABS = [
    CALCIUM,
    replace(CALCIUM, factor="ldh", value="1.6", unit="x ULN", lower="", upper=""),
    replace(CALCIUM, factor="haemoglobin", value="120", unit="g/L", lower="130", upper="170"),
    replace(CALCIUM, factor="neutrophils", value="7500", unit="/uL", lower="1500", upper="7400"),
    replace(CALCIUM, factor="platelets", value="300", unit="10^9/L", lower="150", upper="400"),
]


def rows() -> list[NewFactor]:
    plain = [NewFactor("CWG", "CWG-0187", name, said[0], ON, said[1], source="chart") for name, said in CHART.items()]
    return LABS + plain


def record(cast: Cast, *told: NewFactor, **kwargs: Any) -> list[ClinicalFact]:
    return record_clinical_factors(by=cast.coordinator, at=AT, rows=told, **kwargs)


def groups(cast: Cast, patient: Patient) -> dict[str, str]:
    found = chart_of(cast.statistician, EVERYTHING, pk=patient.pk).groups
    return {each.model: each.verdict.group for each in found if each.verdict}


def test_every_system_answers_from_what_was_recorded(cast: Cast, patient: Patient) -> None:
    assert len(record(cast, *rows())) == len(rows())
    chart = chart_of(cast.coordinator, EVERYTHING, pk=patient.pk)
    assert groups(cast, patient) == {
        "mskcc-2002": "poor", "imdc-2009": "poor", "negrier-2005": "not_rapid", "figlin-1997": "after_6_months",
        "cwg-strata": "ps1_resected_other", "bui-2003": "indeterminate",
    }  # fmt: skip
    assert chart.groups[0].verdict
    assert chart.groups[0].verdict.reasons == ("LDH_OVER_LIMIT", "HAEMOGLOBIN_UNDER_LIMIT", "CALCIUM_OVER_LIMIT")
    assert chart.factors.calcium_mg_dl == Decimal("10.42028")
    assert {row.rule_unit for row in chart.rows if row.fact.factor == "calcium"} == {"mg/dL"}
    assert TherapyStart.objects.get().started_on == date(2026, 5, 1)
    assert Job.objects.filter(kind="therapy started").count() == 1


def test_once_is_enough(cast: Cast, patient: Patient) -> None:
    record(cast, *rows())
    written, lines = ClinicalFact.objects.count(), LedgerEntry.objects.count()
    assert record(cast, *rows()) == []
    assert (ClinicalFact.objects.count(), LedgerEntry.objects.count()) == (written, lines)


def test_what_differs_needs_a_reason_and_supersedes(cast: Cast, patient: Patient) -> None:
    first = record(cast, CALCIUM)[0]
    other = replace(CALCIUM, value="2.4")
    with refused("factors_rejected", "is recorded as 2.6 mmol/L: say why", Rejected):
        record(cast, other)
    second = record(cast, replace(other, reason="misread"))[0]
    assert (second.supersedes, second.reason) == (first, "misread")
    gone = record(cast, replace(CALCIUM, value="", unit="", lower="", upper="", reason="of another patient"))[0]
    assert (gone.supersedes, gone.value) == (second, "")
    chart = chart_of(cast.coordinator, EVERYTHING, pk=patient.pk)
    assert [row.state for row in chart.rows] == ["taken back", "corrected", "corrected"]
    assert chart.factors.calcium_mg_dl is None
    said = LedgerEntry.objects.latest("number")
    assert said.sentence == "calcium of CWG-0187 as of 2026-11-01 was taken back."
    assert "2.6" not in str(LedgerEntry.objects.filter(deed="record clinical factors").values())
    with refused("factors_rejected", "is recorded as taken back", Rejected):
        record(cast, CALCIUM)
    assert record(cast, replace(CALCIUM, reason="it was this patient after all"))[0].value == "2.6"


def test_the_latest_day_is_used(cast: Cast, patient: Patient) -> None:
    later = replace(CALCIUM, value="9.0", unit="mg/dL", lower="", upper="10.2", on=ON + timedelta(days=3))
    record(cast, later)
    record(cast, CALCIUM)
    assert chart_of(cast.coordinator, EVERYTHING, pk=patient.pk).factors.calcium_mg_dl == Decimal("9.0")


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"study_id": "CWG-9999"}, "study_id", "within your reach"),
        ({"study_id": "\0"}, "study_id", "within your reach"),
        ({"on": None}, "on", "Give the day"),
        ({"on": AT.date() + timedelta(days=1)}, "on", "lies in the future"),
        ({"source": " "}, "source", "Say where it comes from"),
        ({"source": "x" * 201}, "source", "At most 200"),
        ({"unit": "mg/l"}, "unit", "these would do: mg/dL, mmol/L"),
        ({"value": "", "reason": "gone"}, "value", "nothing recorded for that day"),
        ({"factor": "hope"}, "factor", "No factor is called"),
    ],
)
def test_each_fault_has_its_field(cast: Cast, patient: Patient, change: Any, field: str, says: str) -> None:
    with refused("factors_rejected", says, Rejected) as refusal:
        record(cast, replace(CALCIUM, factor="ldh", value="200", unit="U/L", lower="", upper="250"),
               replace(CALCIUM, **change))  # fmt: skip
    assert refusal.places[0] == (2, field)


def test_what_cannot_both_be_true_is_refused(cast: Cast, patient: Patient) -> None:
    born = NewFactor("CWG", "CWG-0187", "diagnosis_date", "2026-06-01", ON, source="chart")
    with refused("factors_rejected", "before the diagnosis", Rejected):
        record(cast, born, replace(born, factor="systemic_therapy_start", value="2026-05-01"))
    with refused("factors_rejected", "stands twice", Rejected):
        record(cast, born, replace(born, value="2026-05-01"))


def test_a_group_by_hand_comes_with_its_source(cast: Cast, patient: Patient) -> None:
    by_hand = NewFactor("CWG", "CWG-0187", "sani_2003_group", "low", ON, source="Leibovich 2003, by Dr Moreau")
    record(cast, by_hand, replace(by_hand, factor="tsh", value="2.5", unit="mIU/L"))
    sani, negrier = chart_of(cast.statistician, EVERYTHING, pk=patient.pk).by_hand
    assert (sani.group, sani.source, dict(sani.factors)["tsh"]) == ("low", by_hand.source, "2.5 mIU/L")
    assert negrier.group is None


def test_who_withdrew_is_left_alone(cast: Cast, patient: Patient) -> None:
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(scope="this_study"),
                     withdrawn_on=AT.date(), reason="")  # fmt: skip
    with refused("factors_rejected", "was withdrawn", Rejected):
        record(cast, CALCIUM)


def test_readers_and_others_neither_record_nor_see(cast: Cast, patient: Patient) -> None:
    record(cast, CALCIUM)
    for name in ("bench", "reader", "adjudicator", "administrator", "statistician"):
        with forbidden("Only coordinators record"):
            record_clinical_factors(by=getattr(cast, name), at=AT, rows=[CALCIUM])
    for name in ("bench", "reader", "adjudicator", "administrator"):
        with forbidden("are shown to coordinators"):
            chart_of(getattr(cast, name), EVERYTHING, pk=patient.pk)
    with pytest.raises(Unknown):
        chart_of(cast.statistician, Scope(frozenset({0})), pk=patient.pk)
