"""The worksheet of a stain run: what is in it, with codes to scan, and room for what the controls showed."""

from collections.abc import Sequence
from datetime import datetime

from lims.papers.codes import matrix_code
from lims.papers.paper import MONO, SANS, SLATE, Paper
from specimens.models import ControlSlide, Staining, StainRun
from specimens.vocabulary import STAIN_LABELS, ControlKind, Stain

CODE, WIDE, HIGH = 10, 58, 14  # millimetres
RUN_CODE = 20


def worksheet_pdf(
    run: StainRun, stainings: Sequence[Staining], controls: Sequence[ControlSlide], *, at: datetime
) -> bytes:
    """The run on A4: facts, control slides to judge, and its slides three a row."""
    paper = Paper(f"Stain run {run}", foot=f"Printed {at:%Y-%m-%d %H:%M}", made_at=at)
    right, top = paper.w - paper.r_margin - RUN_CODE, paper.get_y()
    paper.image(matrix_code(run.accession, pixels=240), right, top, RUN_CODE, RUN_CODE)
    paper.facts(
        [
            ("Stain", STAIN_LABELS[Stain(run.stain)] + (" (synthetic)" if run.synthetic else "")),
            ("Assay version", run.assay.name if run.assay else "none recorded"),
            ("Lot", f"{run.lot}, {run.lot.supplier or 'supplier not recorded'}"),
            ("Lot expires on", str(run.lot.expires_on or "not recorded")),
            ("Dilution", run.dilution or "not recorded"),
            ("Antigen retrieval", run.retrieval or "not recorded"),
            ("Stainer", run.platform or "not recorded"),
            ("Stained on", str(run.stained_on)),
        ]
    )
    paper.words("Control slides", size=11, bold=True)
    rows = [(c.kind, c.label, "passed    failed", "", "") for c in controls]
    rows += [(kind, "", "passed    failed", "", "") for kind in ControlKind if kind not in {c.kind for c in controls}]
    paper.rows(["Control", "Slide", "Result", "Looked at on", "By"], rows, [14, 30, 22, 18, 16])
    paper.ln(4)
    paper.words(f"{len(stainings)} slides", size=11, bold=True)
    for place, staining in enumerate(stainings):
        cell(paper, place % 3, staining)
    return paper.done()


def cell(paper: Paper, column: int, staining: Staining) -> None:
    """One slide: its code, number, study id and age at the stain."""
    if column == 0 and paper.get_y() + HIGH > paper.page_break_trigger:
        paper.add_page()
    x, y = paper.l_margin + column * WIDE, paper.get_y()
    slide, age = staining.slide, staining.section_age_days
    paper.image(matrix_code(slide.accession, pixels=120), x, y + 1, CODE, CODE)
    paper.set_xy(x + CODE + 2, y + 1)
    paper.set_font(MONO, "", 9)
    paper.set_text_color(0)
    paper.cell(WIDE - CODE - 2, 5, slide.accession)
    paper.set_xy(x + CODE + 2, y + 6)
    paper.set_font(SANS, "", 7.5)
    paper.set_text_color(*SLATE)
    study = slide.block.specimen.patient.study_id
    paper.cell(WIDE - CODE - 2, 4, f"{study[:16]} · {'age unknown' if age is None else f'{age} d'}")
    paper.set_xy(paper.l_margin, y + HIGH if column == 2 else y)
