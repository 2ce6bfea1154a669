"""The bench card: codes that are scanned before an item, so that a gloved hand needs no mouse."""

from lims.papers.codes import matrix_code
from lims.papers.paper import INK, MONO, SANS, SLATE, Paper

CODES = (
    ("*DAMAGED*", "Damaged", "Scan it, then the item: broken glass, a cracked block."),
    ("*WET*", "Wet", "Scan it, then the item."),
    ("*MISMATCH*", "Label mismatch", "Scan it, then the item: it is kept apart until it is settled."),
    ("*UNDO*", "Undo", "Takes your last scan in this parcel back."),
    ("*INTACT*", "Intact after all", "Forgets the code scanned before; the next item is intact."),
)
SIDE = 30


def bench_card() -> bytes:
    """One page of A4, to be cut and laid beside the scanner."""
    paper = Paper("Bench card for receipt", foot="Paraffin")
    paper.words("Scan a code first, then the item it is about. An item that is here already is looked at again.")
    for code, name, what in CODES:
        top = paper.get_y()
        paper.image(matrix_code(code, pixels=300), x=paper.l_margin, y=top, w=SIDE, h=SIDE)
        paper.set_xy(paper.l_margin + SIDE + 10, top + 5)
        paper.set_font(SANS, "B", 16)
        paper.set_text_color(*INK)
        paper.cell(0, 8, name)
        paper.set_xy(paper.l_margin + SIDE + 10, top + 14)
        paper.set_font(SANS, "", 9.5)
        paper.cell(0, 5, what)
        paper.set_xy(paper.l_margin + SIDE + 10, top + 20)
        paper.set_font(MONO, "", 9)
        paper.set_text_color(*SLATE)
        paper.cell(0, 5, code)
        paper.set_y(top + SIDE + 13)
    return paper.done()
