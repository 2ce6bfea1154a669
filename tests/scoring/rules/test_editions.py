"""Editions are frozen: the files are what was committed, and they hold every cutoff."""

from datetime import date
from decimal import Decimal

import pytest

from scoring.rules import editions
from scoring.rules.editions import CURRENT, SHELF, checksum, edition, every_edition, frozen_checksums, parse

TEXT = (SHELF / "two-compartment-2005-R1.toml").read_text(encoding="utf-8")


def test_the_current_edition():
    assert edition("cwg-two-compartment", "2005-R1") == CURRENT
    assert CURRENT.caix_high_above == Decimal(85)
    assert CURRENT.alveolar_good_above == CURRENT.granular_poor_above == Decimal(50)
    assert CURRENT.caix_discordance_points == Decimal(10)
    assert CURRENT.min_viable_cells == 100
    assert CURRENT.effective == date(2026, 11, 1)
    assert [name for name, _ in CURRENT.readings] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]


def test_no_frozen_edition_was_altered_and_none_is_unlisted():
    on_the_shelf = {path.name: checksum(path.read_text(encoding="utf-8")) for path in SHELF.glob("*.toml")}
    assert on_the_shelf == frozen_checksums()
    assert len(every_edition()) == len(on_the_shelf)


def test_an_altered_cutoff_alters_the_checksum():
    altered = parse(TEXT.replace("value = 85", "value = 80"))
    assert altered.caix_high_above == Decimal(80)
    assert altered.checksum != CURRENT.checksum


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("value = 85", "value = 185", "0 to 100"),
        ("[thresholds.caix_high_above]", "[thresholds.caix_above]", "caix_above"),
        ("not validated", "validated", "statement"),
        ('model = "cwg-two-compartment"', "", "model"),
        ("strict = true", "strict = false", "strictly"),
        ("effective = 2026-11-01", 'effective = "soon"', "date"),
    ],
)
def test_a_faulty_file_is_refused(was, becomes, says):
    with pytest.raises(ValueError, match=says):
        parse(TEXT.replace(was, becomes))


def test_an_unknown_edition_is_refused():
    with pytest.raises(ValueError, match="no edition 1999 of cwg"):
        edition("cwg-two-compartment", "1999")


def test_the_rule_follows_the_edition_it_is_given():
    from scoring.rules.model import assess
    from tests.scoring.rules.cast import inputs

    lower = editions.parse(TEXT.replace("value = 85", "value = 70"))
    at_eighty = inputs("yes", 40, 0, 0, 80)
    assert assess(at_eighty, CURRENT).eligibility == "not_eligible"
    assert assess(at_eighty, lower).eligibility == "eligible"
