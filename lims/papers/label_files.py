"""Labels as files: a PDF for sheets, ZPL II for thermal printers, and a drawing of both for the screen."""

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from fpdf.prefs import ViewerPreferences

from lims.papers.codes import LARGEST, dark_runs
from lims.papers.labels import Label, Line
from lims.papers.paper import MONO, SANS, Typed
from lims.papers.rulers import CELLS, POINT
from lims.papers.stock import Roll, Sheet, Stock

BASELINE = 0.8
"""Where a line's baseline lies below its top, in parts of the size of type."""
ZPL_OWN = "^~_\\"


# ---- sheets ----
def sheet_pdf(labels: Sequence[Label], sheet: Sheet, *, start: int, made_at: datetime, title: str) -> bytes:
    """The labels on sheets, the first at place `start` (from 1). Prints at its true size."""
    paper = Typed(format=sheet.page)
    paper.set_margin(0)
    paper.set_auto_page_break(False)
    paper.set_title(title)
    paper.set_creation_date(made_at)
    paper.viewer_preferences = ViewerPreferences(print_scaling="None")
    for place, label in enumerate(labels, start=start - 1):
        if place == start - 1 or place % sheet.count == 0:
            paper.add_page()
        draw(paper, label, *sheet.corner(place))
    return paper.done()


def draw(paper: Typed, label: Label, x: float, y: float) -> None:
    paper.matrix(label.code, x + label.x, y + label.y, label.side)
    for line in label.lines:
        paper.set_font(MONO if line.mono else SANS, "", line.size.em / POINT)
        paper.text(x + line.x, y + line.y + line.size.em * BASELINE, line.text)


# ---- thermal printers ----
def roll_zpl(labels: Sequence[Label], roll: Roll) -> bytes:
    """One label after the other, for a printer that senses the gaps between them."""
    return "".join(one_zpl(label, roll) for label in labels).encode("ascii")


def one_zpl(label: Label, roll: Roll) -> str:
    """Whole dots only: a module is as many dots as the largest code leaves room for."""
    module = roll.dots(label.side) // LARGEST
    x, y = roll.dots(label.x) + module, roll.dots(label.y) + module
    said = [
        f"^XA^CI28^MNY^PW{roll.dots(roll.width)}^LL{roll.dots(roll.height)}^LH0,0",
        f"^FO{x},{y}^BXN,{module},200^FH^FD{escaped(label.code)}^FS",
        *(text_zpl(line, roll) for line in label.lines),
        "^PQ1^XZ",
    ]
    return "\n".join(said) + "\n"


def text_zpl(line: Line, roll: Roll) -> str:
    font, times = line.size.name[0], int(line.size.name[1:])
    height, width, _ = CELLS[font]
    place = f"^FO{roll.dots(line.x)},{roll.dots(line.y)}"
    return f"{place}^A{font}N,{height * times},{width * times}^FH^FD{escaped(line.text)}^FS"


def escaped(text: str) -> str:
    """`text` for ^FD after ^FH: what ZPL takes for its own, and all that is not ASCII, as bytes in hexadecimal."""
    return "".join(c if c.isascii() and c.isprintable() and c not in ZPL_OWN else hexadecimal(c) for c in text)


def hexadecimal(character: str) -> str:
    return "".join(f"_{byte:02X}" for byte in character.encode())


# ---- on the screen ----
def drawing(labels: Sequence[Label], stock: Stock, *, start: int) -> str:
    """The first sheet, or the first labels of a roll, as SVG. Presentation attributes only: no style of its own."""
    if isinstance(stock, Sheet):
        shown = labels[: stock.count - start + 1]
        outlines = [frame(*stock.corner(n), stock, used=n < start - 1) for n in range(stock.count)]
        drawn = [svg_of(label, *stock.corner(start - 1 + n)) for n, label in enumerate(shown)]
        return svg(*stock.page, [*outlines, *drawn], f"{len(shown)} labels on the first sheet")
    shown, across = labels[:12], 3 if stock.width < 25 else 2
    corners = [(2 + n % across * (stock.width + 3), 2 + n // across * (stock.height + 3)) for n in range(len(shown))]
    parts = [frame(x, y, stock) + svg_of(label, x, y) for label, (x, y) in zip(shown, corners, strict=True)]
    rows = -(-len(shown) // across)
    size = (across * (stock.width + 3) + 1, rows * (stock.height + 3) + 1)
    return svg(*size, parts, f"the first {len(shown)} labels")


def close_up(label: Label, stock: Stock) -> str:
    """One label by itself, to be read."""
    parts = [frame(0, 0, stock), svg_of(label, 0, 0)]
    return svg(stock.width, stock.height, parts, f"the label of {label.code}, enlarged")


def svg(width: float, height: float, parts: Sequence[str], says: str) -> str:
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{says}">'
    return f"{head}{ground}{''.join(parts)}</svg>"


def frame(x: float, y: float, stock: Stock, *, used: bool = False) -> str:
    fill = "#d9d6de" if used else "none"
    size = f'width="{stock.width:g}" height="{stock.height:g}" rx="1"'
    return f'<rect x="{x:g}" y="{y:g}" {size} fill="{fill}" stroke="#b4b0bc" stroke-width=".15"/>'


def svg_of(label: Label, x: float, y: float) -> str:
    side, runs = dark_runs(label.code)
    module = label.side / side
    steps = "".join(
        f"M{x + label.x + column * module:.3f} {y + label.y + row * module:.3f}h{length * module:.3f}v{module:.3f}"
        f"h{-length * module:.3f}z"
        for row, column, length in runs
    )
    return f'<path d="{steps}"/>' + "".join(svg_line(line, x, y) for line in label.lines)


def svg_line(line: Line, x: float, y: float) -> str:
    face = "monospace" if line.mono or line.size.name else "sans-serif"
    place = f'x="{x + line.x:.2f}" y="{y + line.y + line.size.em * BASELINE:.2f}"'
    fit = f'textLength="{line.width:.2f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {place} font-family="{face}" font-size="{line.size.em:.2f}" {fit}>{escape(line.text)}</text>'
