"""A sheet of any catalogued model's inputs in, a sheet of groups out: `classify` for models that are a file alone."""

from collections.abc import Callable, Iterable

from lims.intake.answer_sheet import Layout, Out, Row, answered
from lims.intake.clinical_sheet import ANSWERS
from lims.intake.edition_file import spoken
from scoring.rules.catalogue import Card, Faulty


def classify_by_card(card: Card, sheet: Iterable[bytes], out: Out, tell: Callable[[str], None]) -> bool:
    """Write the group to `out` as CSV for each good row of `sheet`; True when every row was good."""
    inputs = tuple(each.name for each in card.inputs)

    def judge(row: Row) -> tuple[str, ...] | None:
        try:
            said = spoken(card.judge({name: row.cells[name] for name in inputs}))
        except Faulty as wrong:
            for name, sentence in wrong.faults:
                row.blame(name, sentence)
            return None
        return (row.cells["id"], *(said[name] for name in ANSWERS[1:]))

    return answered(sheet, out, tell, Layout(("id",), ("id", *inputs), ANSWERS, judge))
