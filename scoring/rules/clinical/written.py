"""Reading one factor exactly as typed: plain numbers, ISO dates, yes or no. Nothing is rounded."""

import re
from datetime import date
from decimal import Decimal

from scoring.rules.clinical.factors import ANSWERS, COUNTS, DATES, fault
from scoring.rules.percent import LONGEST
from scoring.rules.vocabulary import YesNo

Value = Decimal | int | date | YesNo
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read(name: str, written: str) -> Value | None:
    """The value of the factor `name`, or None for a blank.

    Raises ValueError with a sentence that says what would be right.
    """
    text = written.strip()
    if not text:
        return None
    value = _value(name, text)
    if wrong := fault(name, value):
        raise ValueError(wrong)
    return value


def _value(name: str, text: str) -> Value:
    if name in DATES:
        return _day(text)
    if name in ANSWERS:
        return _answer(text)
    if NUMBER.fullmatch(text) is None or len(text) > LONGEST:
        raise ValueError(_not_a_number(text))
    number = Decimal(text)
    if name not in COUNTS:
        return number
    if number != int(number):
        raise ValueError(f"{text} is not a whole number.")
    return int(number)


def _day(text: str) -> date:
    try:
        if DAY.fullmatch(text) is None or not text.isascii():
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{_shown(text)}” is no date; write 2026-11-23.") from None


def _answer(text: str) -> YesNo:
    if text not in tuple(YesNo):
        raise ValueError(f"“{_shown(text)}” is not yes, no or blank.")
    return YesNo(text)


def _not_a_number(text: str) -> str:
    if re.fullmatch(r"[0-9]+,[0-9]+", text):
        return f"“{_shown(text)}” has a comma: write a decimal point and no thousands separator."
    if re.fullmatch(r"-[0-9.]+", text):
        return f"{_shown(text)} is not a number from 0 up."
    return f"“{_shown(text)}” is not a number: write plain digits such as 12 or 12.5, without a unit."


def _shown(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
