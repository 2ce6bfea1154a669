"""An edition file and its worked cases, validated: what `editions FILE` does."""

import csv
from dataclasses import dataclass
from pathlib import Path

from scoring.rules.catalogue import Answer, Card, Faulty, card_of
from scoring.rules.marker.editions import vectors_beside


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with its card, where it could be read, and everything that is wrong with it and its cases."""

    file: str
    card: Card | None
    cases: int
    faults: tuple[str, ...]


def checked(path: Path) -> Checked:
    """Read one edition file and hold it to the worked cases beside it, where there are any."""
    try:
        card = card_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        return Checked(str(path), None, 0, (str(wrong),))
    beside = vectors_beside(path)
    if not beside.exists():
        return Checked(str(path), card, 0, (f"There are no worked cases: put them into {beside.name}.",))
    faults, cases = [], 0
    with beside.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            cases += 1
            faults += [f"{beside.name}, case {row.get('id', cases)}: {fault}" for fault in faults_of(card, row)]
    if not cases:
        faults.append(f"{beside.name} holds no case.")
    return Checked(str(path), card, cases, tuple(faults))


def faults_of(card: Card, row: dict[str, str]) -> list[str]:
    """Where a case's answer is not the one it must get."""
    inputs = {each.name for each in card.inputs}
    if "group" not in row:
        return ["the column group is missing."]
    try:
        said = spoken(card.judge({name: row.get(name) or "" for name in inputs}))
    except Faulty as wrong:
        return [str(wrong)]
    expected = {name: told for name, told in row.items() if name != "id" and name not in inputs}
    strange = [name for name in expected if name not in said]
    if strange:
        return [f"{', '.join(map(str, strange))} is no column of inputs or answers: {', '.join([*inputs, *said])}."]
    return [f"{name} is {said[name] or 'blank'}, not {told or 'blank'}." for name, told in expected.items()
            if said[name] != told]  # fmt: skip


def spoken(answer: Answer) -> dict[str, str]:
    """An answer as the cells of one row, lists joined by |."""
    return {
        "group": str(answer.group),
        "possible_groups": "|".join(answer.possible_groups),
        "points": "" if answer.points is None else str(answer.points),
        "reasons": "|".join(answer.reasons),
        "missing": "|".join(answer.missing),
        **{name: str(word) for name, word in answer.further},
    }
