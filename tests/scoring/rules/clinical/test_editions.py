"""Editions of the clinical systems are frozen, complete, and followed; the page is made from them."""

from pathlib import Path

import pytest

from scoring.rules.clinical.document import document
from scoring.rules.clinical.editions import CUTOFFS, SHELF, edition, every_edition, frozen_checksums, parse
from scoring.rules.clinical.model import MODELS, assess
from scoring.rules.editions import checksum
from tests.scoring.rules.clinical.cast import factors

PAGE = Path(__file__).parents[4] / "docs" / "models.md"
TEXT = (SHELF / "mskcc-2002-R1.toml").read_text(encoding="utf-8")


def test_no_frozen_edition_was_altered_and_none_is_unlisted():
    on_the_shelf = {path.name: checksum(path.read_text(encoding="utf-8")) for path in SHELF.glob("*.toml")}
    assert on_the_shelf == frozen_checksums()


def test_every_model_has_its_edition():
    assert set(MODELS) == set(CUTOFFS) == {each.model for each in every_edition()}
    assert all(model.current.model == name for name, model in MODELS.items())
    with pytest.raises(ValueError, match="no edition 1900"):
        edition("mskcc-2002", "1900")


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("value = 80\n", "value = -80\n", "cannot be a cutoff"),
        ("[thresholds.poor_at]", "[thresholds.bad_at]", "bad_at, poor_at"),
        ("not validated", "validated", "statement"),
        ('model = "mskcc-2002"', "", "model"),
        ("mskcc-2002", "mskcc-2020", "is not one of"),
        ("strict = true", "strict = false", "strictly"),
        ("effective = 2026-11-25", 'effective = "soon"', "date"),
        ('calcium = "payne"', 'calcium = "pain"', "pain"),
        ("value = 3\n", "value = 2.5\n", "whole number"),
        ('reading = "C3"', 'reading = "C9"', "C9"),
    ],
)
def test_a_faulty_file_is_refused(was, becomes, says):
    assert was in TEXT
    with pytest.raises(ValueError, match=says):
        parse(TEXT.replace(was, becomes))


def test_the_rule_follows_the_edition_it_is_given():
    stricter = parse(TEXT.replace("value = 80\n", "value = 90\n").replace("2002-R1", "2002-R2"))
    found = assess(MODELS["mskcc-2002"], factors(), stricter)
    assert (found.edition, found.group, found.reasons) == ("2002-R2", "intermediate", ("KARNOFSKY_UNDER_LIMIT",))


def test_the_committed_page_is_what_the_editions_say():
    told = "run python -m scoring.rules.clinical.document > docs/models.md"
    assert PAGE.read_text(encoding="utf-8") == document(), told
