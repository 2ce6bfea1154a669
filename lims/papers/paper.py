"""A page of A4 in the house's type: DejaVu, because the PDF core fonts refuse “≥” and most names."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONTS = Path(__file__).parent / "fonts"
SANS, MONO = "DejaVu", "DejaVuMono"
INK, SLATE, RULE = (29, 27, 34), (94, 90, 106), (180, 176, 188)


class Paper(FPDF):
    """An A4 document: `heading` on every page's head, page numbers and `foot` below. Sizes are millimetres, points."""

    def __init__(self, heading: str, *, foot: str = "", made_at: datetime | None = None) -> None:
        super().__init__(format="A4", unit="mm")
        self.heading_text, self.foot_text = heading, foot
        self.add_font(SANS, "", FONTS / "DejaVuSans.ttf")
        self.add_font(SANS, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.add_font(MONO, "", FONTS / "DejaVuSansMono.ttf")
        self.set_title(heading)
        self.set_creator("Paraffin")
        if made_at:
            self.set_creation_date(made_at)
        self.set_margins(18, 16, 18)
        self.set_auto_page_break(auto=True, margin=20)
        self.alias_nb_pages()
        self.add_page()

    def header(self) -> None:
        self.set_text_color(*INK)
        self.set_font(SANS, "B", 13)
        self.cell(0, 8, self.heading_text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*RULE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(3)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(SANS, "", 7.5)
        self.set_text_color(*SLATE)
        self.cell(0, 5, f"{self.foot_text}   page {self.page_no()} of {{nb}}".strip())

    def words(self, text: str, *, size: float = 10, bold: bool = False, after: float = 2) -> None:
        """A paragraph, broken at the margins; line breaks in it are kept."""
        self.set_font(SANS, "B" if bold else "", size)
        self.set_text_color(*INK)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(after)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Label and value, one pair a line; blank values leave a rule to write on."""
        for label, value in pairs:
            self.set_font(SANS, "", 8.5)
            self.set_text_color(*SLATE)
            self.cell(42, 6, label)
            self.set_font(SANS, "", 9.5)
            self.set_text_color(*INK)
            if value:
                self.multi_cell(0, 6, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
            else:
                self.line(self.get_x(), self.get_y() + 5, self.w - self.r_margin, self.get_y() + 5)
                self.ln(6)
        self.ln(2)

    def rows(self, headings: Sequence[str], lines: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """A table whose headings repeat on each page; `widths` are shares of the page's width."""
        self.set_font(SANS, "", 8.5)
        self.set_text_color(*INK)
        self.set_draw_color(*RULE)
        with self.table(
            col_widths=tuple(widths), borders_layout="HORIZONTAL_LINES", line_height=5.5, text_align="LEFT"
        ) as table:
            for said in (headings, *lines):
                row = table.row()
                for cell in said:
                    row.cell(cell)

    def done(self) -> bytes:
        return bytes(self.output())
