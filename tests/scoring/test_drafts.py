"""Drafts: kept as typed, seen by their reader alone, never behind another window, gone with the signature."""

from datetime import timedelta
from typing import Any

import pytest

from scoring.drafts import Form, Kept, Older, begun_by, draft_of, drop_draft, save_draft
from scoring.models import Draft, ReadingCase
from specimens.consenting import withdraw_consent
from specimens.errors import Invalid, Refused
from specimens.models import Consent, LedgerEntry
from specimens.vocabulary import ConsentScope, Stain
from tests.cast import AT, Cast
from tests.scoring.desk import LATER, LOW, a_case, both_sign, corrects, signs
from tests.stories import House


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX)


def saves(person: object, case: ReadingCase, version: int = 0, window: str = "one", **more: Any) -> Kept:
    said: dict[str, Any] = {"typed": {"pct_0": "5", "comment": "pale"}, "form": Form.READ, "at": LATER} | more
    return save_draft(by=person, case=case, version=version, window=window, **said)


def test_what_is_typed_is_kept_and_comes_back(cast: Cast, case: ReadingCase) -> None:
    assert draft_of(cast.reader, case.pk) is None
    saves(cast.reader, case)
    kept = draft_of(cast.reader, case.pk)
    assert kept == Kept({"pct_0": "5", "comment": "pale"}, Form.READ, 1, "one", LATER)
    saves(cast.reader, case, 1, typed={"pct_0": "x"}, at=LATER + timedelta(seconds=3))
    (row,) = begun_by(cast.reader)
    assert (row.code, row.form, row.saved_at) == (case.code, Form.READ, LATER + timedelta(seconds=3))
    assert Draft.objects.get().begun_at == LATER


def test_nobody_else_meets_it(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    for other in (cast.second_reader, cast.adjudicator, cast.coordinator, cast.administrator):
        assert draft_of(other, case.pk) is None
        assert begun_by(other) == []
    saves(cast.second_reader, case, typed={"pct_0": "90"})
    assert draft_of(cast.reader, case.pk).typed["pct_0"] == "5"  # type: ignore[union-attr]


def test_a_keystroke_is_no_line_of_the_ledger(cast: Cast, case: ReadingCase) -> None:
    before = LedgerEntry.objects.count()
    saves(cast.reader, case)
    drop_draft(by=cast.reader, at=LATER, case=case)
    assert LedgerEntry.objects.count() == before


def test_an_older_version_is_refused_and_taking_over_names_the_later(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    saves(cast.reader, case, 1, "two", typed={"pct_0": "7"})
    with pytest.raises(Older, match="open in another window") as refused:
        saves(cast.reader, case, 1, "one")
    assert refused.value.status == 412
    assert saves(cast.reader, case, 2, "one").version == 3


def test_a_window_runs_ahead_of_its_own_messages_and_never_behind(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    assert saves(cast.reader, case, 4, typed={"pct_0": "9"}).version == 5
    with pytest.raises(Older):
        saves(cast.reader, case, 1)  # the message that was under way arrives after the later one
    with pytest.raises(Older):
        saves(cast.reader, case, 9, "two")
    assert draft_of(cast.reader, case.pk).typed["pct_0"] == "9"  # type: ignore[union-attr]


def test_signing_takes_it_away_with_the_signature(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    saves(cast.second_reader, case)
    signs(cast.reader, case)
    assert [draft.reader for draft in Draft.objects.all()] == [cast.second_reader]


def test_a_save_that_comes_after_the_signature_brings_nothing_back(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    signs(cast.reader, case)
    with pytest.raises(Refused, match="You have read this case already"):
        saves(cast.reader, case, 1)
    with pytest.raises(Older, match="signed or thrown away"):
        saves(cast.reader, case, 1, form=Form.AMEND)
    assert not Draft.objects.exists()


def test_a_refused_signature_leaves_it(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    with pytest.raises(Refused):
        signs(cast.reader, case, pct_0="99")
    assert Draft.objects.count() == 1


def test_a_correction_and_a_decision_have_drafts_too(cast: Cast, case: ReadingCase) -> None:
    first, _ = both_sign(cast, case, second=LOW)
    assert saves(cast.reader, case, form=Form.AMEND, typed={"reason": "a slip"}).form is Form.AMEND
    assert saves(cast.adjudicator, case, form=Form.DECIDE).form is Form.DECIDE
    corrects(cast.reader, first, pct_0="6", pct_1="9")
    assert draft_of(cast.reader, case.pk) is None


@pytest.mark.parametrize(
    ("who", "form"),
    [
        ("coordinator", Form.READ),
        ("bench", Form.READ),
        ("statistician", Form.READ),
        ("adjudicator", Form.READ),
        ("adjudicator", Form.DECIDE),
        ("reader", Form.DECIDE),
        ("reader", Form.AMEND),
    ],
)
def test_what_cannot_be_signed_is_not_kept(cast: Cast, case: ReadingCase, who: str, form: Form) -> None:
    with pytest.raises(Refused):
        saves(getattr(cast, who), case, form=form)
    assert not Draft.objects.exists()


def test_after_a_withdrawal_nothing_more_is_kept_and_what_was_stays(cast: Cast, case: ReadingCase) -> None:
    saves(cast.reader, case)
    consent = Consent.objects.get(patient=case.specimen.patient, scope=ConsentScope.THIS_STUDY)
    withdraw_consent(by=cast.coordinator, at=AT, consent=consent, withdrawn_on=AT.date(), reason="asked to")
    with pytest.raises(Refused, match="consent was withdrawn"):
        saves(cast.reader, case, 1)
    assert draft_of(cast.reader, case.pk) is not None


def test_a_case_that_is_history_keeps_the_draft_readable(cast: Cast, house: House, case: ReadingCase) -> None:
    saves(cast.reader, case)
    a_case(cast, house, Stain.CAIX, case.specimen)
    with pytest.raises(Refused, match="is history"):
        saves(cast.reader, case, 1)
    assert draft_of(cast.reader, case.pk).typed["comment"] == "pale"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "more",
    [
        {"typed": {"comment": "x" * 5001}},
        {"typed": {f"f{number}": "" for number in range(61)}},
        {"typed": {"n" * 41: ""}},
        {"version": -1},
        {"version": 2**31},
        {"window": "w" * 37},
    ],
)
def test_what_no_desk_sends_is_refused(cast: Cast, case: ReadingCase, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        saves(cast.reader, case, **more)


def test_characters_that_cannot_be_kept_are_left_out_and_a_password_never_is(cast: Cast, case: ReadingCase) -> None:
    kept = saves(cast.reader, case, typed={"comment": "a\0b\ud800c", "password": "secret", "code": "123456"})
    assert kept.typed == {"comment": "abc"}
