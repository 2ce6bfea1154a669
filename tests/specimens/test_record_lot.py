"""Recording a reagent lot."""

from datetime import date

import pytest

from specimens.errors import Invalid
from specimens.models import LedgerEntry, ReagentLot
from specimens.staining import record_lot
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused


def record(by: object, **changes: object) -> ReagentLot:
    said = {"stain": Stain.CAIX, "lot": " L7 ", "clone": "M75", "supplier": "Bench & Co"}
    return record_lot(by=by, at=AT, **(said | changes))


def test_a_lot_is_recorded(cast: Cast) -> None:
    lot = record(cast.bench, expires_on=date(2027, 5, 1))
    assert (lot.stain, lot.clone, lot.lot, lot.supplier) == ("caix", "M75", "L7", "Bench & Co")
    line = LedgerEntry.objects.latest("number")
    assert (line.sentence, line.became) == (
        "Lot L7 was recorded.",
        {"stain": "caix", "clone": "M75", "lot": "L7"},
    )


def test_h_and_e_needs_no_clone(cast: Cast) -> None:
    assert record(cast.bench, stain=Stain.HE, clone="").clone == ""


def test_only_the_bench_records_lots(cast: Cast) -> None:
    for name, person in cast.everybody().items():
        if name != "bench":
            with forbidden("Only histotechnologists"):
                record(person)


@pytest.mark.parametrize(
    ("code", "field", "changes"),
    [
        ("no_lot", "lot", {"lot": " "}),
        ("no_clone", "clone", {"clone": ""}),
        ("invalid", "lot", {"lot": "x" * 61}),
        ("invalid", "clone", {"clone": "M\0"}),
        ("invalid", "supplier", {"supplier": "x" * 121}),
        ("invalid", "stain", {"stain": "giemsa"}),
    ],
)
def test_a_lot_that_cannot_be_kept(cast: Cast, code: str, field: str, changes: dict[str, object]) -> None:
    with refused(code, "", Invalid) as refusal:
        record(cast.bench, **changes)
    assert refusal.field == field


def test_the_same_lot_again(cast: Cast) -> None:
    record(cast.bench)
    with refused("lot_once", "This reagent lot is recorded already."):
        record(cast.bench)
