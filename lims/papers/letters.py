"""A letter as PDF: to be posted where there is no e-mail, or kept."""

from datetime import datetime

from django.utils import timezone

from lims.papers.codes import matrix_code
from lims.papers.paper import Paper


def letter_pdf(
    *, subject: str, body: str, to: str, address: str, institution: str, written_at: datetime, code: str = "",
    synthetic: bool = False,
) -> bytes:  # fmt: skip
    """The letter on A4; `code` is printed as Data Matrix so that the answer can be scanned back to its thing."""
    foot = f"written {timezone.localtime(written_at):%Y-%m-%d %H:%M %Z}"
    paper = Paper(subject, foot=f"{foot} · synthetic" if synthetic else foot, made_at=written_at)
    top = paper.get_y()
    paper.words("\n".join(filter(None, (to, institution, address))), size=10, after=8)
    if code:
        below = paper.get_y()
        paper.image(matrix_code(code), x=paper.w - paper.r_margin - 18, y=top, w=18)
        paper.set_y(max(below, top + 22))
    if synthetic:
        paper.words("Synthetic: made up for a demonstration.", size=8.5)
    paper.words(body, size=10)
    return paper.done()
