"""Opening a trial."""

import pytest

from specimens.enrolling import open_trial
from specimens.errors import Invalid
from specimens.models import LedgerEntry, Trial
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused


def start(by: object, **changes: object) -> Trial:
    return open_trial(by=by, at=AT, **({"code": "select", "title": "High-dose interleukin 2"} | changes))


def test_a_trial_is_opened(cast: Cast) -> None:
    opened = start(cast.administrator, readers_per_case=1, synthetic=True)
    assert (opened.code, opened.readers_per_case, opened.synthetic) == ("SELECT", 1, True)
    assert (opened.section_age_warn_days, opened.section_age_limit_days) == (42, 90)
    assert LedgerEntry.objects.latest("number").sentence == "Trial SELECT was opened."


def test_only_an_administrator_opens_one(cast: Cast) -> None:
    for name, person in cast.everybody().items():
        if name != "administrator":
            with forbidden("Only an administrator opens trials"):
                start(person)


@pytest.mark.parametrize("code", ["", "two words", "X" * 25])
def test_a_code_that_is_none(cast: Cast, code: str) -> None:
    with refused("bad_code", "such as SELECT", Invalid):
        start(cast.administrator, code=code)


@pytest.mark.parametrize("title", ["", "   ", "t" * 301])
def test_a_title_that_cannot_be_kept(cast: Cast, title: str) -> None:
    with refused("invalid", "title: ", Invalid) as refusal:
        start(cast.administrator, title=title)
    assert refusal.field == "title"


@pytest.mark.parametrize("readers", [0, 3, 40])
def test_a_case_has_one_or_two_readers(cast: Cast, readers: int) -> None:
    with refused("trial_one_or_two_readers", "A case is read by one or two readers."):
        start(cast.administrator, readers_per_case=readers)


def test_the_same_code_again(cast: Cast) -> None:
    start(cast.administrator)
    with refused("trial_code_once", "A trial with this code exists already."):
        start(cast.administrator, code="SELECT")
