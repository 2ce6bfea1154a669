"""The list that lies in a parcel: what is in it, each thing by two identifiers and a code to scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf.enums import XPos, YPos

from lims.papers.codes import matrix_code
from lims.papers.paper import INK, MONO, SANS, SLATE, Paper

BIG, SMALL, ROW = 22.0, 11.0, 15.0


@dataclass(frozen=True, slots=True)
class Packed:
    """A parcel as it lies there; `rows` are (line, number, the owner's label, kind, trial and study id)."""

    parcel: str
    sender: str
    receiver: str
    sent_on: str
    courier: str
    rows: Sequence[tuple[int, str, str, str, str]]
    printed_at: datetime
    synthetic: bool = False


def packing_list(packed: Packed) -> bytes:
    """The PDF. Codes are Data Matrix: the parcel's on top, each item's beside its line."""
    foot = f"{packed.parcel}, printed {packed.printed_at:%Y-%m-%d %H:%M %Z}"
    paper = Paper(f"Packing list of parcel {packed.parcel}", foot=foot, made_at=packed.printed_at)
    top = paper.get_y()
    paper.image(matrix_code(packed.parcel, pixels=240), x=paper.w - paper.r_margin - BIG, y=top, w=BIG, h=BIG)
    if packed.synthetic:
        paper.words("Synthetic: made up for the demonstration.", size=9)
    paper.facts(
        [("From", packed.sender), ("To", packed.receiver), ("Sent on", packed.sent_on), ("Courier", packed.courier)]
    )
    paper.set_y(max(paper.get_y(), top + BIG + 3))
    for row in packed.rows:
        line(paper, row)
    paper.ln(4)
    paper.words("Received complete and intact unless noted beside a line. Please confirm on the parcel’s page, or send "
                "this list back signed.", size=9)  # fmt: skip
    paper.facts([("Date", ""), ("Name", ""), ("Signature", "")])
    return paper.done()


def line(paper: Paper, row: tuple[int, str, str, str, str]) -> None:
    """One item; the page breaks before it, never within."""
    number, accession, label, kind, who = row
    if paper.will_page_break(ROW):
        paper.add_page()
    top, left = paper.get_y(), paper.l_margin
    if accession:
        paper.image(matrix_code(accession, pixels=160), x=left, y=top + 1, w=SMALL, h=SMALL)
    paper.set_xy(left + SMALL + 4, top + 1)
    paper.set_font(MONO, "", 11)
    paper.set_text_color(*INK)
    paper.cell(52, 5.5, accession or "no number")
    paper.set_font(SANS, "B", 10)
    paper.cell(0, 5.5, who, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.set_x(left + SMALL + 4)
    paper.set_font(SANS, "", 9)
    paper.set_text_color(*SLATE)
    paper.cell(0, 5, f"line {number}, {kind}, your label {label}"[:110], new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.line(left, top + ROW - 1, paper.w - paper.r_margin, top + ROW - 1)
    paper.set_y(top + ROW)
