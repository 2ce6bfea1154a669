"""How values are spelled: unknown is empty, numbers are unharmed, text is never a formula."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lims.export.dictionary import Kind
from lims.export.spelling import PYTHON, cell


@pytest.mark.parametrize(
    ("kind", "value", "told", "written"),
    [
        (Kind.NUMBER, Decimal("85.0000000"), 85, "85"),
        (Kind.NUMBER, Decimal("85.0500000"), 85.05, "85.05"),
        (Kind.NUMBER, Decimal("0.0000005"), 5e-7, "0.0000005"),
        (Kind.NUMBER, 0, 0, "0"),
        (Kind.NUMBER, 33.3333333, 33.3333333, "33.3333333"),
        (Kind.INTEGER, 0, 0, "0"),
        (Kind.FLAG, False, 0, "0"),
        (Kind.FLAG, 1, 1, "1"),
        (Kind.YES_NO, True, "yes", "yes"),
        (Kind.YES_NO, 0, "no", "no"),
        (Kind.DATE, date(2026, 2, 28), "2026-02-28", "2026-02-28"),
        (Kind.DATE, "2026-02-28", "2026-02-28", "2026-02-28"),
        (Kind.MOMENT, datetime(2026, 2, 28, 1, 2, 3, 9, UTC), "2026-02-28T01:02:03Z", "2026-02-28T01:02:03Z"),
        (Kind.MOMENT, "2026-02-28 01:02:03.000009", "2026-02-28T01:02:03Z", "2026-02-28T01:02:03Z"),
        (Kind.TEXT, "=1", "=1", "'=1"),
        (Kind.TEXT, "\tx", "\tx", "'\tx"),
        (Kind.TEXT, "a,b", "a,b", '"a,b"'),
        (Kind.TEXT, 'a "b"', 'a "b"', '"a ""b"""'),
        (Kind.TEXT, "a\nb", "a\nb", '"a\nb"'),
        (Kind.CODE, "-", "-", "-"),
    ],
)
def test_a_value_is_told_and_written(kind: Kind, value: Any, told: Any, written: str) -> None:
    assert PYTHON[kind](value) == told
    assert cell(PYTHON[kind](value), kind) == written


@pytest.mark.parametrize("kind", list(Kind))
def test_unknown_is_empty(kind: Kind) -> None:
    assert PYTHON[kind](None) is None
    assert cell(None, kind) == ""


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.CODE, Kind.CODES])
def test_a_blank_word_is_unknown(kind: Kind) -> None:
    assert PYTHON[kind]("") is None
