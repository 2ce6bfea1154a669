"""Label stock, in numbers. Millimetres; origins at the sheet's upper left corner. Measure a new kind with a ruler
before it is trusted, and add it here: nothing else knows any size."""

from dataclasses import dataclass

INCH = 25.4
DOTS = {203: 8.0, 300: 300 / INCH}
"""Dots a millimetre of the thermal printers' heads. What is sold as 203 dpi has 8 dots a millimetre."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Labels on a sheet. `left` and `top` are the first label's corner, `across` and `down` the step to the next.
    `code` is the side of the code with its quiet zone."""

    name: str
    title: str
    width: float
    height: float
    columns: int
    rows: int
    left: float
    top: float
    across: float
    down: float
    code: float
    page: tuple[float, float]
    source: str
    edge: float = 0.6

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Upper left corner of the label at `place`, counted from 0, row by row."""
        row, column = divmod(place % self.count, self.columns)
        return self.left + column * self.across, self.top + row * self.down


@dataclass(frozen=True, slots=True)
class Roll:
    """Labels of one column on a roll for a thermal printer of `dpi`. `below` puts the text under the code."""

    name: str
    title: str
    width: float
    height: float
    dpi: int
    code: float
    source: str
    below: bool = False
    edge: float = 0.5

    def dots(self, millimetres: float) -> int:
        return int(millimetres * DOTS[self.dpi])

    def millimetres(self, dots: float) -> float:
        return dots / DOTS[self.dpi]


A4, LETTER = (210.0, 297.0), (8.5 * INCH, 11 * INCH)
SIZES = "label size and count as the maker prints them on the pack"
SLIDE_ROLL = "the frosted end of a slide is 20 to 25 mm long and 25 mm wide: 22 × 22 mm stays on it"
CASSETTE_ROLL = "the sloped front of a standard cassette is about 28 × 7.5 mm: 27 × 7 mm stays on it"

SHEETS = (
    Sheet(
        "avery-l7651", "Avery L7651, 38.1 × 21.2 mm, 65 on A4", 38.1, 21.2, 5, 13,
        4.7, 10.9, 40.6, 21.2, 14.0, A4,
        f"{SIZES}; margins and steps as in the open template of the 8651 family (0.185 in, 0.429 in, 1.598 in)",
    ),
    Sheet(
        "avery-l4731", "Avery L4731, 25.4 × 10 mm, 189 on A4", 25.4, 10.0, 7, 27,
        8.5, 13.5, 27.9, 10.0, 7.6, A4,
        f"{SIZES}; gap 2.5 mm between columns, none between rows, the block of labels centred on the sheet",
    ),
    Sheet(
        "avery-l4730", "Avery L4730, 17.8 × 10 mm, 270 on A4", 17.8, 10.0, 10, 27,
        4.75, 13.5, 20.3, 10.0, 5.4, A4,
        f"{SIZES}; gap 2.5 mm between columns, none between rows, the block of labels centred on the sheet",
    ),
    Sheet(
        "avery-5267", "Avery 5267, 1.75 × 0.5 inch, 80 on Letter", 1.75 * INCH, 0.5 * INCH, 4, 20,
        0.28125 * INCH, 0.5 * INCH, 2.0625 * INCH, 0.5 * INCH, 10.4, LETTER,
        f"{SIZES}; margins and steps as in the open template of the 5167 family (0.28125 in, 0.5 in, 2.0625 in)",
    ),
)  # fmt: skip
ROLLS = (
    Roll("slide-22-203", "Slide label 22 × 22 mm, thermal 203 dpi", 22.0, 22.0, 203, 9.0, SLIDE_ROLL, True, 1.0),
    Roll("slide-22-300", "Slide label 22 × 22 mm, thermal 300 dpi", 22.0, 22.0, 300, 9.2, SLIDE_ROLL, True, 1.0),
    Roll("cassette-27-203", "Cassette label 27 × 7 mm, thermal 203 dpi", 27.0, 7.0, 203, 6.75, CASSETTE_ROLL, edge=0.1),
    Roll("cassette-27-300", "Cassette label 27 × 7 mm, thermal 300 dpi", 27.0, 7.0, 300, 6.75, CASSETTE_ROLL, edge=0.1),
)
Stock = Sheet | Roll
STOCK: dict[str, Stock] = {each.name: each for each in (*SHEETS, *ROLLS)}
