"""Reading a percentage exactly as typed: plain digits, 0 to 100, nothing rounded."""

import re
from decimal import Decimal

PLAIN = re.compile(r"[0-9]+(?:\.([0-9]+))?")
LONGEST = 40
ZERO, HUNDRED = Decimal(0), Decimal(100)


def percent(written: object, *, decimals: int | None = None) -> Decimal | None:
    """The percentage as a Decimal, or None for a blank.

    `decimals` limits the places after the point. Raises ValueError with a sentence that says
    what would be right; the value itself is never altered to fit.
    """
    text = _text(written)
    if text == "":
        return None
    match = PLAIN.fullmatch(text)
    if match is None or len(text) > LONGEST:
        raise ValueError(_not_plain(text))
    value = Decimal(text)
    if value > HUNDRED:
        raise ValueError(f"{_shown(text)} is not between 0 and 100.")
    places = len((match[1] or "").rstrip("0"))
    if decimals is not None and places > decimals:
        raise ValueError(f"{_shown(text)} has too many decimals: give at most {decimals}, already rounded.")
    return value


def plain(value: Decimal) -> str:
    """The one way a decimal is written down: 85, 85.5, never 85.50 nor 8.5E+1."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(written: object) -> str:
    if written is None:
        return ""
    if isinstance(written, Decimal):
        return format(written, "f") if written.is_finite() else str(written)
    if isinstance(written, (str, int, float)) and not isinstance(written, bool):
        return str(written).strip()
    raise ValueError("This is not a percentage: write a number from 0 to 100.")


def _shown(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"


def _not_plain(text: str) -> str:
    if re.fullmatch(r"-[0.]+", text):
        return f"“{_shown(text)}” is written 0."
    if re.fullmatch(r"-[0-9.]+", text):
        return f"{_shown(text)} is not between 0 and 100."
    if text.endswith("%"):
        return f"“{_shown(text)}” carries a percent sign: write the number alone, such as 85."
    if re.fullmatch(r"[0-9]+,[0-9]+", text):
        return f"“{_shown(text)}” has a decimal comma: write {_shown(text.replace(',', '.'))}."
    return f"“{_shown(text)}” is not a percentage: write plain digits from 0 to 100, such as 85 or 85.5."
