"""Which specimen speaks for a patient."""

from datetime import date

import pytest

from scoring.choice import Choice, Tumour, choose
from scoring.vocabulary import Basis

MARCH, MAY, AUGUST = date(2026, 3, 1), date(2026, 5, 1), date(2026, 8, 1)


def primary(pk: int, on: date | None = None, adequate: bool | None = True) -> Tumour:
    return Tumour(pk, True, on, adequate)


def metastasis(pk: int, on: date | None = None, adequate: bool | None = True) -> Tumour:
    return Tumour(pk, False, on, adequate)


P, M, NONE = Basis.PRIMARY, Basis.METASTASIS, Basis.NONE


@pytest.mark.parametrize(
    ("tumours", "therapy", "expected", "basis", "words"),
    [
        ([], None, None, NONE, "no tumour specimen"),
        ([primary(1)], None, 1, P, "only adequate primary"),
        ([primary(1, adequate=None)], None, None, NONE, "primary is pending"),
        ([primary(1, adequate=False)], None, None, NONE, "no specimen is adequate"),
        ([metastasis(2), primary(1)], None, 1, P, "only adequate primary"),
        ([metastasis(2), primary(1, adequate=None)], None, None, NONE, "primary is pending"),
        ([metastasis(2), primary(1, adequate=False)], None, 2, M, "every primary is inadequate"),
        ([metastasis(2)], None, 2, M, "there is no primary"),
        (
            [metastasis(2, adequate=None), primary(1, adequate=False)],
            None,
            None,
            NONE,
            "metastasis is pending",
        ),
        ([metastasis(2), primary(1, adequate=False), primary(3, adequate=None)], None, None, NONE, "pending"),
        ([primary(1, MARCH), primary(2, AUGUST)], None, 2, P, "start of therapy not recorded"),
        ([primary(1, MARCH), primary(2, AUGUST)], MAY, 1, P, "before therapy began on 2026-05-01"),
        ([primary(1, MARCH), primary(2, MAY)], MAY, 1, P, "before therapy began"),
        ([primary(2, MARCH), primary(1, MARCH)], None, 1, P, "first accessioned of 2 of that day"),
        ([primary(2), primary(1)], MAY, 1, P, "accessioned first"),
        ([primary(1), primary(2, MARCH)], MAY, 2, P, "resected last"),
        ([primary(1, MARCH, None), primary(2, AUGUST)], None, 2, P, "only adequate primary"),
    ],
)
def test_the_choice(
    tumours: list[Tumour], therapy: date | None, expected: int | None, basis: Basis, words: str
) -> None:
    chosen = choose(tumours, therapy)
    assert (chosen.specimen_id, chosen.basis) == (expected, basis)
    assert words in chosen.because
    assert len(chosen.because) <= 200


def test_withdrawn_consent_silences_them_all() -> None:
    assert choose([primary(1)], None, withdrawn=True) == Choice(None, NONE, "consent was withdrawn")
