"""Forms to be filled in by hand while the system is away. A reads form names no patient, no site and no cutoff."""

from collections.abc import Sequence
from datetime import datetime

from lims.papers.codes import matrix_code
from lims.papers.paper import MONO, Paper
from scoring.rules import types
from scoring.rules.vocabulary import ControlState, InadequateReason, NotEvaluableReason, Pattern

BOX, RULE_TO_WRITE = "☐", "______"
BLANK_LINES = 18
TITLES = {"receipt": "Receipt, downtime form", "reads": "Reads, downtime form"}
LATER = "Enter it in the system afterwards under this form's number, with the moment it happened and who wrote it."
Item = tuple[str, str, str]


def opened(kind: str, number: str, printed: datetime) -> Paper:
    """The form's first page with its number, in letters and as a Data Matrix."""
    paper = Paper(f"{TITLES[kind]} {number}", foot=f"{number}, printed {printed:%Y-%m-%d %H:%M}", made_at=printed)
    top = paper.get_y()
    paper.image(matrix_code(number, pixels=200), x=paper.w - paper.r_margin - 22, y=top, w=22, h=22)
    paper.set_font(MONO, "", 16)
    paper.cell(0, 9, number)
    paper.set_y(top + 10)
    paper.set_right_margin(paper.r_margin + 26)
    paper.words(LATER, size=9)
    paper.set_right_margin(18)
    paper.set_y(max(paper.get_y(), top + 24))
    return paper


def receipt_form(
    number: str, printed: datetime, *, parcel: str = "", sender: str = "", items: Sequence[Item] = ()
) -> bytes:
    """A receipt form: `items` are (line, what stands on it, whose) as announced; blank lines follow for the rest."""
    paper = opened("receipt", number, printed)
    paper.facts(
        [("Parcel", parcel), ("From", sender), ("Opened (date, time)", ""), ("Courier, seal", ""), ("Written by", "")]
    )
    blank = [("", "", "")] * (4 if items else BLANK_LINES)
    looks = f"{BOX} intact  {BOX} broken\n{BOX} wet  {BOX} label wrong"
    lines = [(*item, looks, f"{BOX} 2  {BOX} 1  {BOX} 0", "") for item in [*items, *blank]]
    paper.rows(
        ("Line", "Item, label", "Patient", "It is", "Identifiers that agree", "Time, what is seen"),
        lines,
        (8, 32, 24, 32, 20, 30),
    )
    return paper.done()


def percents(*labels: str) -> str:
    return "    ".join(f"{label} {RULE_TO_WRITE} %" for label in labels)


def ticks(*labels: str) -> str:
    return "   ".join(f"{BOX} {label}" for label in labels)


def worded(terms: type) -> str:
    return ticks(*(str(term.value).replace("_", " ") for term in terms))  # type: ignore[attr-defined]


HISTOLOGY: tuple[tuple[str, str, str], ...] = (
    ("adequate", "Section", ticks("adequate", "inadequate")),
    ("inadequate_reason", "If inadequate, why", worded(InadequateReason)),
    ("viable_tumour", "Viable tumour", percents("of the section")),
    ("necrosis", "Necrosis", percents("of the tumour")),
    ("histologic_type", "Histologic type", "\n".join(ticks(f"{t.code} {t.label}") for t in types.TYPES)),
    ("underlying_type", "Type beneath it", "________________________"),
    ("arch_", "Architecture, sum 100", percents("alveolar, nested", "solid", "tubular", "papillary")
     + "\n" + percents("cystic", "trabecular", "sarcomatoid", "other")),
    ("cyto_", "Cytoplasm, sum 100", percents("clear", "granular, eosinophilic", "other")),
    ("rhabdoid", "Rhabdoid", percents("separately")),
    ("fuhrman", "Fuhrman grade", ticks("1", "2", "3", "4")),
    ("who_isup", "WHO/ISUP grade", ticks("1", "2", "3", "4")),
    ("comment", "Comment", "\n\n"),
)  # fmt: skip
CAIX: tuple[tuple[str, str, str], ...] = (
    ("mode", "Recorded as", ticks("cells at each intensity", "% positive only, where the protocol allows")),
    ("pct_", "Tumour cells at, sum 100", percents("0", "1+", "2+", "3+")),
    ("pct_positive", "Or positive only", percents("positive")),
    ("predominant_intensity", "Main intensity", ticks("0", "1+", "2+", "3+")),
    ("at_least_100_cells", "Viable tumour cells", ticks("100 or more", "fewer than 100")),
    ("pattern", "Pattern", worded(Pattern)),
    ("internal_control", "Internal control", worded(ControlState)),
    ("evaluable", "Evaluable", ticks("evaluable", "not evaluable")),
    ("not_evaluable_reason", "If not, why", worded(NotEvaluableReason)),
    ("comment", "Comment", "\n\n"),
)


def reads_form(number: str, printed: datetime) -> bytes:
    """Both reads, a page each: every field a reader records, and nothing a reader must not see."""
    paper = opened("reads", number, printed)
    for title, fields in (("Histology read (H&E)", HISTOLOGY), ("CA-IX read", CAIX)):
        if title.startswith("CA"):
            paper.add_page()
        paper.words(title, size=12, bold=True)
        paper.facts(
            [
                ("Case code", ""),
                ("Slide number", ""),
                ("Read on (date, time)", ""),
                ("Reader, signature", ""),
            ]
        )
        paper.rows(("Field", "What you see"), [(label, how) for _, label, how in fields], (26, 100))
    return paper.done()
