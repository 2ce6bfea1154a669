"""Accession numbers: printed, parsed, and every common slip of the hand caught."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from specimens.accessions import take
from specimens.errors import Invalid
from specimens.identifiers import PREFIXES, likely, parsed, prefix_of, printed
from tests.refusals import outcome

ALPHABET = string.digits + string.ascii_uppercase
accessions = st.builds(printed, st.sampled_from(PREFIXES), st.integers(1, 10**12 - 1))


@pytest.mark.parametrize(
    ("prefix", "number", "accession"),
    [
        ("SL", 1, "SL-000001-4"),
        ("SL", 2, "SL-000002-2"),
        ("PX", 1, "PX-000001-D"),
        ("SL", 4417, "SL-004417-W"),
        ("RUN", 999_999, "RUN-999999-8"),
        ("SP", 1_000_000, "SP-1000000-7"),
    ],
)
def test_numbers_as_they_stand_on_the_label(prefix: str, number: int, accession: str) -> None:
    assert printed(prefix, number) == accession
    assert prefix_of(accession) == prefix


@pytest.mark.parametrize(
    "typed",
    [
        "SL-004417-W",
        " sl-004417-w ",
        "SL004417W",
        "sl-004417w",
        "ＳＬ－００４４１７－Ｗ",
        "\u00a0SL-004417-W\t",
        "]d1SL-004417-W\r\n",
        "\x02SL-004417-W\x1d\x04",
        "SL 004417 W",
        "SL–004417–W",
        "\ufeffsl004417w\u200b",
    ],
)
def test_what_means_the_same_is_read_the_same(typed: str) -> None:
    assert parsed(typed) == "SL-004417-W"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "SL",
        "4417",
        "XX-004417-W",
        "SL-4417-W",
        "SL-004417-",
        "SL-004417-W-W",
        "SL_004417_W",
        "SL-0044І7-W",
        "SL-" + "1" * 500,
        "SL-004417-W\nSL-004417-W",
        "SL-004417-W\0",
        "SL-٠٠٤٤١٧-W",
        "‮SL-004417-W",
        "SL-004417-W'; DROP TABLE",
    ],
)
def test_what_is_no_accession_number(typed: str) -> None:
    with pytest.raises(Invalid, match="is not an accession number such as SL-004417-") as caught:
        parsed(typed)
    assert caught.value.code == "not_an_accession"
    assert len(caught.value.sentence) < 120


def test_a_wrong_check_character_says_so() -> None:
    with pytest.raises(Invalid, match="The check character of SL-004417-K is wrong: scan the label again") as caught:
        parsed("SL-004417-K")
    assert caught.value.code == "check_character"


@given(accessions)
def test_what_is_printed_is_read_back(accession: str) -> None:
    assert parsed(accession) == parsed(accession.lower().replace("-", "")) == accession


@given(accessions, st.data())
def test_one_wrong_character_is_caught(accession: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([i for i, character in enumerate(accession) if character != "-"]))
    wrong = data.draw(st.sampled_from(ALPHABET))
    assume(wrong != accession[place])
    with pytest.raises(Invalid):
        parsed(accession[:place] + wrong + accession[place + 1 :])


def swaps(accession: str) -> set[str]:
    """What comes of typing two neighbouring characters in the wrong order, dashes left out."""
    bare = accession.replace("-", "")
    swapped = {bare[:i] + bare[i + 1] + bare[i] + bare[i + 2 :] for i in range(len(bare) - 1)}
    return swapped - {bare}


def test_two_neighbours_swapped_are_nearly_always_caught() -> None:
    """ISO 7064 mod 37,36 catches every wrong character and nearly every swap."""
    typed = [slip for prefix in PREFIXES for n in range(1, 1_000_000, 1_499) for slip in swaps(printed(prefix, n))]
    missed = [slip for slip in typed if outcome(lambda slip=slip: parsed(slip)) is None]
    assert len(typed) > 10_000
    assert len(missed) < len(typed) / 50


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    refusal = outcome(lambda: parsed(text))
    if refusal is None:
        assert parsed(parsed(text)) == parsed(text)
    else:
        assert refusal.code in ("not_an_accession", "check_character")


def test_numbers_are_taken_in_order_and_each_prefix_counts_alone(db: None) -> None:
    assert take("SL", 3) == [printed("SL", n) for n in (1, 2, 3)]
    assert take("B") == [printed("B", 1)]
    assert take("SL", 2) == [printed("SL", n) for n in (4, 5)]
    assert take("SL", 0) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SL-004417-K", "SL-004417-W"),
        ("SL-OO4417-W", "SL-004417-W"),
        ("sl-004471-w", "SL-004417-W"),
        ("SL-004416-W", "SL-004417-W"),
    ],
)
def test_what_was_likely_meant(typed: str, meant: str) -> None:
    assert meant in likely(typed)
    assert all(parsed(each) == each for each in likely(typed))


@pytest.mark.parametrize("typed", ["", "hello", "SL-1", "XX-004417-W", "SL-" + "1" * 400])
def test_nothing_is_guessed_from_far_away(typed: str) -> None:
    assert likely(typed) == []
