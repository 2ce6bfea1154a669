"""How wide a text is: in the house's type on paper, in a thermal printer's own dots. Nothing is cut off unmeasured."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from fpdf import FPDF
from fpdf.fonts import TTFFont

from lims.papers.paper import FONTS
from lims.papers.stock import Roll

POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Size:
    """A size of type: the height of a line, and what the writer calls it. Millimetres."""

    line: float
    em: float
    name: str = ""


class Ruler(Protocol):
    """What measures one way of printing; `sizes` from the largest to the smallest that can be read; the lesser lines
    are at `least` this part of the size of the important ones."""

    sizes: tuple[Size, ...]
    least: float

    def width(self, text: str, size: Size, *, mono: bool) -> float: ...

    def spoken(self, text: str) -> str:
        """The text in the characters that can be printed here."""
        ...

    def unprintable(self, text: str) -> str:
        """The first character of a spoken text that cannot be printed; blank when all can."""
        ...


@cache
def advances(file: Path) -> dict[int, float]:
    """Width of each character of a font, in parts of its size."""
    paper = FPDF()
    paper.add_font("measured", "", file)
    font = paper.fonts["measured"]
    assert isinstance(font, TTFFont), "our fonts are TrueType"
    widths = {character: font.cw[character] / 1000 for character in font.cmap}
    font.ttfont.close()
    return widths


class PaperRuler:
    """DejaVu on paper, 9 down to 4 points."""

    least = 0.68
    sizes = tuple(Size(pt * POINT * 1.17, pt * POINT) for pt in (9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4))

    def width(self, text: str, size: Size, *, mono: bool) -> float:
        known = advances(FONTS / ("DejaVuSansMono.ttf" if mono else "DejaVuSans.ttf"))
        return sum(known.get(ord(character), 1.0) for character in text) * size.em

    def spoken(self, text: str) -> str:
        return text

    def unprintable(self, text: str) -> str:
        mono, sans = (advances(FONTS / name) for name in ("DejaVuSansMono.ttf", "DejaVuSans.ttf"))
        return next((c for c in text if ord(c) not in mono or ord(c) not in sans or not c.isprintable()), "")


CELLS = {"F": (26, 13, 3), "D": (18, 10, 2), "A": (9, 5, 1)}
"""ZPL's bitmap fonts: height and width of a cell in dots, and the gap between cells."""
LEGIBLE = {203: (("F", 1), ("D", 1), ("A", 1)), 300: (("F", 1), ("D", 1))}
"""Fonts that can be read at a printer's dots, with how often they are magnified."""


class ThermalRuler:
    """A thermal printer's bitmap fonts: every character is as wide as every other."""

    least = 0.3

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self.sizes = tuple(
            Size(
                roll.millimetres(CELLS[font][0] * times + 3), roll.millimetres(CELLS[font][0] * times), f"{font}{times}"
            )
            for font, times in LEGIBLE[roll.dpi]
        )

    def width(self, text: str, size: Size, *, mono: bool) -> float:
        _, width, gap = CELLS[size.name[0]]
        return self.roll.millimetres((width + gap) * int(size.name[1:]) * len(text))

    def spoken(self, text: str) -> str:
        """Accents are dropped: the printer's own fonts have none."""
        bare = unicodedata.normalize("NFKD", text.replace("·", "-"))
        return "".join(character for character in bare if not unicodedata.combining(character))

    def unprintable(self, text: str) -> str:
        return next((c for c in text if not (c.isascii() and c.isprintable())), "")
