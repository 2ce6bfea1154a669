"""A sheet of rows in, a sheet of answers out: what every `classify` shares, without Django.

Rows are read one at a time. A bad row is told with its line and field; the good ones still come out.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from lims.intake.text_sheet import WrongSheet


class Out(Protocol):
    """Where the answers are written: a file, or a command's standard output."""

    def write(self, text: str, /) -> object: ...


@dataclass(slots=True)
class Row:
    """One row under its heading, and what is wrong with it. `line` is where it begins, from 1."""

    line: int
    cells: dict[str, str]
    faults: list[str] = field(default_factory=list)

    def blame(self, column: str, sentence: object) -> None:
        """Keep one fault of this row, with its line and field."""
        self.faults.append(f"line {self.line}, {column}: {sentence}")


@dataclass(frozen=True, slots=True)
class Layout:
    """`needed` are the columns that the first line must name, `columns` those that are read, `answers`
    the heading of what comes out. `judge` answers one row, or blames it and answers nothing."""

    needed: tuple[str, ...]
    columns: tuple[str, ...]
    answers: tuple[str, ...]
    judge: Callable[[Row], tuple[str, ...] | None]


def answered(sheet: Iterable[bytes], out: Out, tell: Callable[[str], None], layout: Layout) -> bool:
    """Write an answer to `out` as CSV for each good row of `sheet`; True when every row was good.

    `sheet` gives lines of UTF-8; `tell` is given a sentence for each thing wrong. Raises WrongSheet
    when the heading cannot be used, or where the file stops being text or CSV.
    """
    reader = csv.reader(_text(sheet), strict=True)
    heading = _heading(_next(reader), layout)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(layout.answers)
    seen: dict[str, int] = {}
    all_good = True
    for row in _rows(reader, heading, layout.columns):
        if not row.cells["id"].strip():
            row.blame("id", "it is blank; give every row an id.")
        answer = layout.judge(row)
        for fault in row.faults:
            tell(fault)
        all_good = all_good and not row.faults
        if not row.faults and answer is not None:
            _tell_twice(row, seen, tell)
            writer.writerow(answer)
    return all_good


def _text(sheet: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(sheet, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            text = "\x00"
        if "\x00" in text:
            raise WrongSheet(f"Line {number} is not UTF-8 text; save the sheet as CSV in UTF-8.")
        yield text


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as why:
        line = getattr(reader, "line_num", 0)
        raise WrongSheet(f"From line {line} on the file is not CSV ({why}); close every quotation mark.") from why


def _heading(cells: list[str] | None, layout: Layout) -> list[str]:
    names = [cell.strip() for cell in cells or []]
    missing = [name for name in layout.needed if name not in names]
    twice = [name for name in layout.columns if names.count(name) > 1]
    if missing:
        columns = f"column{'s' if len(layout.needed) > 1 else ''} {', '.join(layout.needed)}"
        raise WrongSheet(f"The first line must name the {columns}; it lacks {', '.join(missing)}.")
    if twice:
        raise WrongSheet(f"The first line names {', '.join(twice)} more than once; name each column once.")
    return names


def _rows(reader: Iterator[list[str]], heading: list[str], columns: tuple[str, ...]) -> Iterator[Row]:
    while True:
        line = getattr(reader, "line_num", 0) + 1
        cells = _next(reader)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        given = dict(zip(heading, cells, strict=False))
        row = Row(line, {name: given.get(name, "") for name in columns})
        if len(cells) < len(heading) or any(cells[len(heading) :]):
            row.blame("row", f"it has {len(cells)} cells, the heading {len(heading)}; give one for each column.")
        yield row


def _tell_twice(row: Row, seen: dict[str, int], tell: Callable[[str], None]) -> None:
    """The same id twice may be two specimens of a patient: both are answered, and it is said."""
    name = row.cells["id"]
    if name in seen:
        tell(f"line {row.line}, id: {name} was given on line {seen[name]} already; both rows are answered.")
    seen.setdefault(name, row.line)
