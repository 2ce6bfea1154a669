"""The signature at the foot of a paper: who, what it means, when, how it was proved, whether it holds, its digest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.utils import timezone
from fpdf.enums import XPos, YPos

from lims.papers.paper import MONO, SLATE, Paper

HOLDS = "holds: it belongs to what stands here"
BROKEN = "DOES NOT HOLD: do not use this paper"


class Signed(Protocol):
    """What carries a signature."""

    @property
    def meaning(self) -> str: ...

    @property
    def method(self) -> str: ...

    @property
    def signed_at(self) -> datetime: ...

    @property
    def digest(self) -> str: ...


def signature(paper: Paper, signed: Signed, *, name: str, holds: bool, more: Sequence[tuple[str, str]] = ()) -> None:
    """`name` as far as the reader of the paper may know it; `more` stands with the signature when it is not blank."""
    moment = timezone.localtime(signed.signed_at)
    paper.words("Signature", size=10.5, bold=True, after=0.5)
    paper.facts(
        [
            ("Signed by", name),
            ("Meaning", signed.meaning),
            ("Signed at", f"{moment:%Y-%m-%d %H:%M:%S %Z} (UTC{moment:%z})"),
            ("By", signed.method),
            *((label, said) for label, said in more if said),
            ("Signature", HOLDS if holds else BROKEN),
        ]
    )
    paper.set_font(MONO, "", 7.5)
    paper.set_text_color(*SLATE)
    paper.multi_cell(0, 4, f"SHA-256 {signed.digest}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(3)
