"""A page of A4 in the house's type: DejaVu, because the PDF core fonts refuse “≥” and most names."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace

from lims.papers.codes import dark_runs

FONTS = Path(__file__).parent / "fonts"
SANS, MONO = "DejaVu", "DejaVuMono"
INK, SLATE, RULE = (29, 27, 34), (94, 90, 106), (180, 176, 188)
WASH = (244, 243, 247)
CODE_SIDE = 16.0
KNIT = 1.02
"""Squares of a code overlap by so much, lest a printer shows hairs between them."""


class Typed(FPDF):
    """A document with the house's fonts, whose files are closed once it is written."""

    def __init__(self, *, format: str | tuple[float, float]) -> None:  # noqa: A002
        super().__init__(format=format, unit="mm")
        self.add_font(SANS, "", FONTS / "DejaVuSans.ttf")
        self.add_font(SANS, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.add_font(MONO, "", FONTS / "DejaVuSansMono.ttf")
        self.set_creator("Paraffin")

    def matrix(self, text: str, x: float, y: float, side: float) -> None:
        """The Data Matrix of `text`, quiet zone included, in squares that stay sharp at every printer's dots."""
        modules, runs = dark_runs(text)
        module = side / modules
        self.set_fill_color(0)
        for row, column, length in runs:
            self.rect(x + column * module, y + row * module, length * module * KNIT, module * KNIT, style="F")

    def done(self) -> bytes:
        try:
            return bytes(self.output())
        finally:
            for font in self.fonts.values():
                font.ttfont.close()  # type: ignore[union-attr]


class Paper(Typed):
    """An A4 document: `heading` on every page's head, page numbers and `foot` below. Sizes are millimetres, points.

    With `code` that accession number stands as a Data Matrix and in words at the head of every page: to be scanned.
    """

    def __init__(self, heading: str, *, foot: str = "", made_at: datetime | None = None, code: str = "") -> None:
        super().__init__(format="A4")
        self.heading_text, self.foot_text, self.code_text = heading, foot, code
        self.set_title(heading)
        if made_at:
            self.set_creation_date(made_at)
        self.set_margins(18, 16, 18)
        self.set_auto_page_break(auto=True, margin=20)
        self.alias_nb_pages()
        self.add_page()

    def header(self) -> None:
        room = self.epw - (CODE_SIDE + 4 if self.code_text else 0)
        top = self.get_y()
        self.set_text_color(*INK)
        self.set_font(SANS, "B", 13)
        self.multi_cell(room, 6.5, self.heading_text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        if self.code_text:
            self.matrix(self.code_text, self.w - self.r_margin - CODE_SIDE, top - 5, CODE_SIDE)
            self.set_font(MONO, "", 9)
            self.cell(0, 5, self.code_text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        y = max(self.get_y() + 1, top + (CODE_SIDE - 4 if self.code_text else 0))
        self.set_draw_color(*RULE)
        self.line(self.l_margin, y, self.w - self.r_margin, y)
        self.set_y(y + 4)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_draw_color(*RULE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_font(SANS, "", 7.5)
        self.set_text_color(*SLATE)
        self.cell(self.epw - 30, 6, self.foot_text)
        self.cell(30, 6, f"page {self.page_no()} of {{nb}}", align="R")

    def words(self, text: str, *, size: float = 10, bold: bool = False, after: float = 2) -> None:
        """A paragraph, broken at the margins; line breaks in it are kept. A bold one stays with what follows it."""
        if bold and self.will_page_break(size * 0.5 + 14):
            self.add_page()
        self.set_font(SANS, "B" if bold else "", size)
        self.set_text_color(*INK)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(after)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Label and value, one pair a line; blank values leave a rule to write on."""
        for label, value in pairs:
            self.set_font(SANS, "", 8.5)
            self.set_text_color(*SLATE)
            if self.will_page_break(7):
                self.add_page()
                self.set_font(SANS, "", 8.5)
                self.set_text_color(*SLATE)
            start = self.get_y()
            self.multi_cell(42, 6, label, new_x=XPos.RIGHT, new_y=YPos.TOP, align="L")
            labelled = start + 6 * self.lines_of(label, 42, 8.5)
            self.set_font(SANS, "", 9.5)
            self.set_text_color(*INK)
            self.set_xy(self.l_margin + 42, start)
            if value:
                self.multi_cell(0, 6, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
            else:
                self.set_draw_color(*RULE)
                self.line(self.get_x(), start + 7, self.w - self.r_margin, start + 7)
                self.set_xy(self.l_margin, start + 8.5)
            self.set_y(max(self.get_y(), labelled))
        self.ln(2)

    def lines_of(self, text: str, width: float, size: float) -> int:
        """How many lines `text` takes in `width`."""
        self.set_font(SANS, "", size)
        lines = self.multi_cell(width, 6, text, dry_run=True, output="LINES")
        assert isinstance(lines, list), "asked for lines"
        return len(lines)

    def rows(self, headings: Sequence[str], lines: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """A table whose headings repeat on each page; `widths` are shares of the page's width."""
        self.set_font(SANS, "", 8.5)
        self.set_text_color(*INK)
        self.set_draw_color(*RULE)
        head = FontFace(emphasis="BOLD", size_pt=8, color=SLATE, fill_color=WASH)
        with self.table(
            col_widths=tuple(widths),
            borders_layout="HORIZONTAL_LINES",
            line_height=4.6,
            padding=(0.9, 1.2),
            text_align="LEFT",
            headings_style=head,
            cell_fill_mode=TableCellFillMode.NONE,
        ) as table:
            for said in (headings, *lines):
                row = table.row()
                for cell in said:
                    row.cell(cell)
        self.ln(2)

    def tick_boxes(self, choices: Sequence[str]) -> None:
        """Empty boxes to tick by hand, as many on a line as fit."""
        self.set_font(SANS, "", 9.5)
        self.set_text_color(*INK)
        self.set_draw_color(*INK)
        for choice in choices:
            width = self.get_string_width(choice) + 12
            if self.get_x() + width > self.w - self.r_margin:
                self.ln(6.5)
            if self.will_page_break(6.5):
                self.add_page()
            self.rect(self.get_x(), self.get_y() + 1.1, 3.4, 3.4)
            self.set_x(self.get_x() + 5)
            self.cell(width - 5, 5.6, choice)
        self.ln(8)

    def signatures(self, *who: str) -> None:
        """Rules to sign on, side by side, each with who signs there; never torn from each other."""
        if self.will_page_break(22):
            self.add_page()
        self.ln(14)
        width, y = self.epw / max(len(who), 2), self.get_y()
        self.set_font(SANS, "", 8)
        self.set_text_color(*SLATE)
        self.set_draw_color(*INK)
        for place, name in enumerate(who):
            x = self.l_margin + place * width
            self.line(x, y, x + width - 8, y)
            self.set_xy(x, y + 1)
            self.cell(width - 8, 5, name)
        self.set_xy(self.l_margin, y + 8)
