"""What stands on a label and where. Pure: words in, places in millimetres out; the writers draw what stands here.

A text that does not fit is set smaller, then worded shorter, then left out if it may be: each with a warning.
What may not be left out refuses the label.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.papers.rulers import PaperRuler, Ruler, Size, ThermalRuler
from lims.papers.stock import Roll, Stock
from specimens.errors import Invalid

GAP = 0.6


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a label: its wordings from the fullest to the shortest; `required` lines are never left out."""

    what: str
    wordings: tuple[str, ...]
    required: bool = False
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What a label says: the code's payload, a short mark for the eye, and lines, the most important first."""

    code: str
    lines: tuple[Said, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A text with its place: the upper left corner and the measured width, in millimetres from the label's corner."""

    text: str
    x: float
    y: float
    width: float
    size: Size
    mono: bool


@dataclass(frozen=True, slots=True)
class Label:
    """One label, laid out. `side` is that of the code with its quiet zone."""

    code: str
    x: float
    y: float
    side: float
    lines: tuple[Line, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A rectangle for text."""

    x: float
    y: float
    width: float
    height: float


def ruler_of(stock: Stock) -> Ruler:
    return ThermalRuler(stock) if isinstance(stock, Roll) else PaperRuler()


def laid_out(words: Words, stock: Stock) -> Label:
    """`words` on one label of `stock`; Invalid when what must stand there does not fit."""
    ruler = ruler_of(stock)
    inner = stock.height - 2 * stock.edge
    if isinstance(stock, Roll) and stock.below:
        return below(words, stock, ruler)
    x = stock.edge + stock.code + GAP
    room = Room(x, stock.edge, stock.width - x - stock.edge, inner)
    mark = [Said("stain", (words.mark,))] if words.mark else []
    lines, warnings = filled(words.code, (*words.lines[:2], *mark, *words.lines[2:]), room, ruler, stock)
    top = (stock.height - stock.code) / 2
    return Label(words.code, stock.edge, top, stock.code, lines, warnings)


def below(words: Words, stock: Roll, ruler: Ruler) -> Label:
    """The code above with the mark beside it, the lines beneath."""
    edge, beside = stock.edge, stock.edge + stock.code + GAP
    marks: list[Line] = []
    extra: list[Said] = []
    if words.mark:
        corner = Room(beside, edge, stock.width - beside - edge, stock.code)
        size = next((s for s in ruler.sizes if ruler.width(words.mark, s, mono=False) <= corner.width), None)
        said = Said("stain", (words.mark,))
        marks, extra = ([line_at(words.mark, corner.x, corner.y, size, said, ruler)], []) if size else ([], [said])
    room = Room(edge, edge + stock.code, stock.width - 2 * edge, stock.height - 2 * edge - stock.code)
    lines, warnings = filled(words.code, (*words.lines, *extra), room, ruler, stock)
    return Label(words.code, edge, edge, stock.code, (*marks, *lines), warnings)


def filled(
    code: str, said: Sequence[Said], room: Room, ruler: Ruler, stock: Stock
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines in the room: as large as all of them fit in full, else squeezed by the rules."""
    spoken, warnings = pronounced(code, said, ruler)
    sizes = [
        (base, rest) for base in ruler.sizes for rest in ruler.sizes if base.em * ruler.least <= rest.em <= base.em
    ]
    chosen = next((fit for base, rest in sizes if (fit := in_full(spoken, room, ruler, base, rest))), None)
    if chosen is None:
        chosen, more = squeezed(code, spoken, room, ruler, stock)
        warnings += more
    return stacked(chosen, room, ruler), tuple(warnings)


def pronounced(code: str, said: Sequence[Said], ruler: Ruler) -> tuple[list[Said], list[str]]:
    """The lines in characters that this printer has; Invalid for one that has no likeness there."""
    spoken, warnings = [], []
    for line in said:
        wordings = tuple(ruler.spoken(text) for text in line.wordings)
        if strange := ruler.unprintable(wordings[0]):
            said_so = f"{code}: the character “{strange}” of its {line.what} cannot be printed on this stock."
            raise Invalid("unprintable", said_so, field="stock")
        if wordings[0] != line.wordings[0]:
            warnings.append(f"{code}: “{line.wordings[0]}” is printed as “{wordings[0]}”.")
        spoken.append(Said(line.what, wordings, line.required, line.mono))
    return spoken, warnings


Chosen = list[tuple[Said, str, Size]]


def in_full(said: Sequence[Said], room: Room, ruler: Ruler, base: Size, rest: Size) -> Chosen | None:
    """Every line in its fullest wording: required ones at `base`, others at `rest` or smaller; None when too much."""
    chosen: Chosen = []
    for line in said:
        text = line.wordings[0]
        sizes = (base,) if line.required else tuple(s for s in ruler.sizes if s.em <= rest.em)
        size = next((s for s in sizes if ruler.width(text, s, mono=line.mono) <= room.width), None)
        if size is None:
            return None
        chosen.append((line, text, size))
    return chosen if sum(size.line for _, _, size in chosen) <= room.height else None


def squeezed(code: str, said: Sequence[Said], room: Room, ruler: Ruler, stock: Stock) -> tuple[Chosen, list[str]]:
    """The smallest type, shorter wordings, and what does not fit left out."""
    size, chosen, warnings = ruler.sizes[-1], [], []
    free = int(room.height / size.line) - sum(line.required for line in said)
    if free < 0:
        raise too_small(code, stock, f"{-free} more lines than it has room for")
    for line in said:
        text = next((t for t in line.wordings if ruler.width(t, size, mono=line.mono) <= room.width), None)
        if text is None and line.required:
            needs = ruler.width(line.wordings[-1], size, mono=line.mono)
            said_so = f"its {line.what} “{line.wordings[-1]}” is {needs:.1f} mm wide at the smallest type"
            raise too_small(code, stock, f"{said_so}, and there are {room.width:.1f} mm")
        if text is None or (not line.required and free <= 0):
            warnings.append(f"{code}: its {line.what} “{line.wordings[0]}” has no room and is left out.")
            continue
        if text != line.wordings[0]:
            warnings.append(f"{code}: “{line.wordings[0]}” is shortened to “{text}”.")
        free -= not line.required
        chosen.append((line, text, size))
    return chosen, warnings


def too_small(code: str, stock: Stock, why: str) -> Invalid:
    return Invalid(
        "label_too_small", f"{code} does not fit {stock.title}: {why}. Choose a larger stock.", field="stock"
    )


def stacked(chosen: Chosen, room: Room, ruler: Ruler) -> tuple[Line, ...]:
    """The chosen lines one below the other, the block of them in the middle of the room."""
    y, lines = room.y + (room.height - sum(size.line for _, _, size in chosen)) / 2, []
    for line, text, size in chosen:
        lines.append(line_at(text, room.x, y, size, line, ruler))
        y += size.line
    return tuple(lines)


def line_at(text: str, x: float, y: float, size: Size, said: Said, ruler: Ruler) -> Line:
    return Line(text, x, y, ruler.width(text, size, mono=said.mono), size, said.mono)
