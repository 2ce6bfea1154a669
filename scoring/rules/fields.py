"""How one field of a read is taken from what was typed or sent, and written down again.

Each kind turns a string, number or blank into the field's value, None for a blank, and raises
ValueError with a sentence that says what would be right.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

from scoring.rules.percent import percent, plain

Kind = Callable[[object], object]
LONGEST_COMMENT = 4000


def percentage(*, decimals: int) -> Kind:
    """A percentage, 0 to 100, with at most so many decimals, exactly as typed."""
    return lambda written: percent(written, decimals=decimals)


def whole(low: int, high: int) -> Kind:
    """A whole number from `low` to `high`."""
    return lambda written: _whole(written, low, high)


def coded(*terms: str) -> Kind:
    """One of a list of codes; members of a vocabulary come back as members."""
    known = {str(term): term for term in terms}
    return lambda written: _coded(written, known)


def words() -> Kind:
    """Free text; only white space is a blank."""
    return _words


def canonical(value: object) -> object:
    """The one written form of a field's value, ready for JSON."""
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, StrEnum) else value


def _whole(written: object, low: int, high: int) -> int | None:
    text = "" if written is None else str(written).strip()
    if text == "":
        return None
    if isinstance(written, (bool, float)) or text not in {str(each) for each in range(low, high + 1)}:
        raise ValueError(f"“{text[:20]}” is not a whole number from {low} to {high}.")
    return int(text)


def _coded(written: object, known: dict[str, str]) -> str | None:
    text = "" if written is None else str(written).strip()
    if text == "":
        return None
    if text not in known:
        raise ValueError(f"“{text[:40]}” is not in the list: give one of {', '.join(known)}.")
    return known[text]


def _words(written: object) -> str | None:
    if written is None:
        return None
    text = str(written).replace("\r\n", "\n").strip()
    if "\x00" in text or len(text) > LONGEST_COMMENT:
        raise ValueError(f"A comment has at most {LONGEST_COMMENT} characters and no NUL character.")
    return text or None
