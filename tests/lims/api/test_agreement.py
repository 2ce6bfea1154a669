"""GET agreement/: the worked example from signed reads, to six decimals; who may see it; what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scoring.assessing import WORKER
from scoring.models import Assignment, ReadingCase
from scoring.reading import sign_read
from scoring.vocabulary import AssignedHow
from specimens.actors import acting
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.scoring.desk import LATER, a_case, a_tumour, both_sign, decides, found
from tests.stories import House

A = (95, 90, 85, 80, 100, 60, 0, 88, 86, 40, 92, 70)
B = (90, 95, 90, 80, 100, 50, 0, 80, 90, 55, 85, 75)
RISK_A, RISK_B = "ggiigppgiigp", "giiigppggigi"
SECTION = {
    "g": {"arch_alveolar": "60", "arch_solid": "25", "cyto_clear": "100", "cyto_granular": "0"},
    "i": {},
    "p": {"cyto_clear": "40", "cyto_granular": "60"},
}
"""What makes a section good, intermediate, poor."""


def stained(percent: int) -> dict[str, str]:
    more = {} if percent else {"pattern": ""}
    return {"pct_0": str(100 - percent), "pct_1": "0", "pct_2": "0", "pct_3": str(percent), **more}


@pytest.fixture
def twelve(cast: Cast, house: House) -> None:
    """The twelve specimens of the model reference, read and where the reads differ decided."""
    for n in range(12):
        tumour = a_tumour(cast, house, f"CWG-{n:04d}")
        caix = a_case(cast, house, Stain.CAIX, tumour)
        histology = a_case(cast, house, Stain.HE, tumour)
        both_sign(cast, caix, stained(A[n]), stained(B[n]))
        both_sign(cast, histology, SECTION[RISK_A[n]], SECTION[RISK_B[n]])
        if (A[n] > 85) != (B[n] > 85) or abs(A[n] - B[n]) > 10:
            decides(cast.adjudicator, caix, **stained(A[n]))
        if RISK_A[n] != RISK_B[n]:
            decides(cast.adjudicator, histology, **SECTION[RISK_A[n]])


def test_the_worked_example_from_signed_reads(twelve: None, calling: Callable[..., Any], cast: Cast) -> None:
    answer = calling(cast.statistician).get("agreement/")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    found = {(each["of"], each["measure"]): each["value"] for each in told["figures"]}
    assert {
        ("pathology risk", "raw"): 0.75,
        ("pathology risk", "kappa"): 0.612903,
        ("pathology risk", "kappa_linear"): 0.694915,
        ("pathology risk", "kappa_quadratic"): 0.785714,
        ("pathology risk", "alpha_nominal"): 0.627027,
        ("pathology risk", "alpha_ordinal"): 0.779511,
        ("CA-IX level", "raw"): 0.75,
        ("CA-IX level", "kappa"): 0.5,
        ("CA-IX percentage", "icc_2_1"): 0.970955,
        ("CA-IX percentage", "mean_difference"): -0.333333,
        ("CA-IX percentage", "lower_limit"): -14.226184,
        ("CA-IX percentage", "upper_limit"): 13.559517,
    }.items() <= {key: round(value, 6) for key, value in found.items() if value is not None}.items()
    assert (told["cutoff"], told["waiting"]) == (85, 0)
    assert "not validated" in told["investigational"]
    assert [each["name"] for each in told["by_readers"]] == ["R1 and R2"]
    assert "Moreau" not in answer.content.decode()
    pairs = calling(cast.statistician).get("agreement/pairs/?readers=R1+and+R2").json()["results"]
    assert len(pairs) == 24


@pytest.mark.parametrize("who", ["reader", "adjudicator", "coordinator", "bench", "administrator"])
def test_others_are_turned_away(who: str, calling: Callable[..., Any], cast: Cast) -> None:
    for address in ("agreement/", "agreement/pairs/"):
        assert calling(getattr(cast, who)).get(address).status_code == 403


def test_a_case_that_has_not_concluded_is_not_there(cast: Cast, house: House, calling: Callable[..., Any]) -> None:
    both_sign(cast, a_case(cast, house, Stain.CAIX), stained(95), stained(70))
    told = calling(cast.statistician).get("agreement/").json()
    assert (told["waiting"], {each["n"] for each in told["figures"]}) == (1, {0})
    assert calling(cast.statistician).get("agreement/pairs/").json() == {"results": []}


@pytest.mark.parametrize("query", ["trial=%00", "month=2026-11-30", "reader=R1"])
def test_what_cannot_be_asked_is_refused(query: str, calling: Callable[..., Any], cast: Cast) -> None:
    assert calling(cast.statistician).get(f"agreement/?{query}").status_code == 400


def test_a_repeat_is_held_against_the_same_readers_earlier_read(
    cast: Cast, house: House, calling: Callable[..., Any]
) -> None:
    case = a_case(cast, house, Stain.CAIX)
    both_sign(cast, case, stained(90), stained(95))
    with acting(WORKER):
        again = ReadingCase.objects.create(
            code="AGAIN", specimen=case.specimen, slide=case.slide, assay=case.assay, readers_required=1,
            repeats=case, opened_at=LATER,
        )  # fmt: skip
        Assignment.objects.create(case=again, reader=cast.reader, how=AssignedHow.RULE, assigned_at=LATER)
    rested = LATER + timedelta(days=30)
    sign_read(by=cast.reader, at=rested, case=again, findings=found(again, **stained(80)), method="password")
    told = calling(cast.statistician).get("agreement/").json()["repeats"]
    assert [(row["name"], row["caix_n"], row["level_agree"]) for row in told] == [("R1", 1, 0)]
    pairs = calling(cast.statistician).get("agreement/pairs/").json()["results"]
    (row,) = [each for each in pairs if each["kind"] == "repeat"]
    assert (row["reader_a"], row["reader_b"], row["caix_a"], row["caix_b"], row["difference"]) == (
        "R1", "R1", 90, 80, 10,
    )  # fmt: skip
