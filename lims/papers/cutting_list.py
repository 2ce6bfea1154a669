"""The cutting list on paper: what to cut, with a code of each block and each order to scan from it."""

from collections.abc import Sequence
from datetime import datetime

from fpdf.enums import XPos, YPos

from lims.papers.codes import matrix_code
from lims.papers.paper import INK, MONO, RULE, SANS, SLATE, Paper
from specimens.cutting_desk import Listed
from specimens.vocabulary import STAIN_LABELS, Stain

CODE, HIGH = 11, 16  # millimetres


def cutting_list_pdf(rows: Sequence[Listed], *, at: datetime, more: bool = False) -> bytes:
    """Open orders, most urgent first, as PDF. `more`: the list is longer than the paper."""
    paper = Paper("Cutting list", foot=f"Printed {at:%Y-%m-%d %H:%M}", made_at=at)
    paper.words(f"{len(rows)} open orders{', the most urgent; more are open' if more else ''}.", size=9)
    for row in rows:
        line(paper, row)
    if not rows:
        paper.words("Nothing is ordered.")
    return paper.done()


def line(paper: Paper, row: Listed) -> None:
    """One order: code and number of the block, what to cut, a box to tick, code and number of the order."""
    if paper.will_page_break(HIGH):
        paper.add_page()
    left, top, right = paper.l_margin, paper.get_y(), paper.w - paper.r_margin
    order = row.order
    paper.image(matrix_code(order.block.accession, pixels=120), left, top + 1, CODE, CODE)
    paper.image(matrix_code(order.accession, pixels=120), right - CODE, top + 1, CODE, CODE)
    written(paper, left + CODE + 3, top + 1, order.block.accession, row.place or row.hindrance or "at the core")
    written(paper, left + 58, top + 1, what(row), why(row), family=SANS, wide=78)
    written(paper, right - CODE - 34, top + 1, order.accession, wanted(row))
    paper.set_draw_color(*RULE)
    paper.line(left, top + HIGH - 1.5, right, top + HIGH - 1.5)
    paper.set_xy(left, top + HIGH)


def written(paper: Paper, x: float, y: float, first: str, second: str, *, family: str = MONO, wide: float = 44) -> None:
    """Two lines of words at (x, y), cut to `wide` millimetres."""
    for text, face, size, colour, down in ((first, family, 9.5, INK, 0.5), (second, SANS, 7.5, SLATE, 6)):
        paper.set_font(face, "", size)
        paper.set_text_color(*colour)
        paper.set_xy(x, y + down)
        while text and paper.get_string_width(text) > wide:
            text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
        paper.cell(wide, 5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def what(row: Listed) -> str:
    order = row.order
    stain = STAIN_LABELS[Stain(order.stain)] if order.stain else ""
    thick = f"{order.thickness_um.normalize():f} µm" if order.thickness_um else ""
    return "   ".join(part for part in (f"{order.sections} ×", stain, thick, order.levels) if part)


def why(row: Listed) -> str:
    order = row.order
    again = f"in place of {order.replaces}: " if order.replaces else ""
    marks = "synthetic" if order.synthetic else ""
    study = order.block.specimen.patient.study_id
    return " · ".join(part for part in (study, f"{again}{order.reason}", marks) if part)


def wanted(row: Listed) -> str:
    return f"wanted by {row.order.wanted_by}" if row.order.wanted_by else f"ordered {row.order.ordered_at:%Y-%m-%d}"
