"""The documentation of the rule is made from the rule."""

from pathlib import Path

from scoring.rules.document import document
from scoring.rules.editions import CURRENT
from scoring.rules.vectors import vectors

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_committed_page_is_what_the_rule_says():
    assert PAGE.read_text(encoding="utf-8") == document(), "run python -m scoring.rules.document > docs/rules.md"


def test_the_page_says_edition_and_investigational_and_has_every_case():
    page = document()
    assert CURRENT.statement in page
    assert f"edition {CURRENT.edition}" in page
    assert CURRENT.checksum in page
    assert all(f"\n| {case.name} | {case.written['clear_cell']} |" in page for case in vectors())
