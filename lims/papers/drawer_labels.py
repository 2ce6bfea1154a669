"""A sheet of labels for rooms, cabinets and drawers, and the three codes that steer the desk."""

from collections.abc import Sequence
from datetime import datetime

from lims.papers.codes import matrix_code
from lims.papers.paper import INK, MONO, RULE, SANS, SLATE, Paper
from specimens.models import StoragePlace

ACROSS, WIDE, HIGH, CODE = 2, 86.0, 26.0, 18.0
DESK_CODES = (("*OUT*", "take out"), ("*IN*", "put away"), ("*UNDO*", "undo the last move"))


def drawer_labels(places: Sequence[StoragePlace], *, made_at: datetime) -> bytes:
    """A PDF: two labels side by side, Data Matrix and words on each; cut along the lines."""
    paper = Paper("Labels of the store", foot="Cut along the lines", made_at=made_at)
    wanted = [(place.accession, place.name, above(place)) for place in places]
    wanted += [(code, said, "for the desk") for code, said in DESK_CODES]
    top = paper.get_y()
    for number, (code, name, where) in enumerate(wanted):
        column = number % ACROSS
        if column == 0 and number and (top := top + HIGH) + HIGH > paper.h - 20:
            paper.add_page()
            top = paper.get_y()
        label(paper, paper.l_margin + column * WIDE, top, (code, name, where))
    return paper.done()


def above(place: StoragePlace) -> str:
    size = f", {place.positions} positions" if place.positions else ""
    return f"{place.parent or place.kind}{size}"


def label(paper: Paper, left: float, top: float, said: tuple[str, str, str]) -> None:
    """One label: its box, its code, its name large, where it stands, its number."""
    code, name, where = said
    paper.set_draw_color(*RULE)
    paper.rect(left, top, WIDE, HIGH)
    paper.image(matrix_code(code, pixels=360), left + 4, top + 4, CODE, CODE)
    for drop, size, face, ink, text in (
        (4.0, 13.0, SANS, INK, name[:24]),
        (11.5, 8.0, SANS, SLATE, where[:42]),
        (17.0, 10.0, MONO, INK, code),
    ):
        paper.set_xy(left + CODE + 8, top + drop)
        paper.set_font(face, "B" if size > 12 else "", size)
        paper.set_text_color(*ink)
        paper.cell(WIDE - CODE - 10, 6, text)
