"""A signed read on paper: what was found, the signature, what it supersedes. Nothing of patient, rule or outcome."""

from collections.abc import Sequence

from django.utils import timezone

from lims.papers.paper import Paper
from lims.papers.signed import signature
from lims.report_words import ASSAYS, label, value
from scoring.views import CaseView, ReadView


def signed_read(case: CaseView, read: ReadView, *, holds: bool, earlier: Sequence[ReadView], later: bool) -> bytes:
    """A4. `earlier`: the reads this one supersedes, latest first; `later`: another supersedes it.

    Says only what `case` and `read` were given for this viewer: a name that is withheld is not here either.
    """
    title = f"{ASSAYS[str(case.assay)]}: signed read of case {case.code}"
    signed_at = timezone.localtime(read.signed_at)
    mark = " · synthetic" if read.synthetic else ""
    foot = f"case {case.code}, signed {signed_at:%Y-%m-%d %H:%M}{mark}"
    paper = Paper(title, foot=foot, made_at=read.signed_at, code=f"RD {case.code} {read.id} {read.digest[:12]}")
    if later:
        paper.words("Superseded: the reader has corrected this read since.", bold=True)
    if read.synthetic:
        paper.words("Synthetic: made up for a demonstration.", size=8.5)
    paper.facts([("Case", case.code), ("Slide", case.slide), ("Stain run", case.run or "stained elsewhere")])
    paper.rows(("Finding", "Value"), findings(read), (50, 80))
    more = (("Corrected because", read.reason), ("Present", read.present), ("Entered from form", read.form))
    signature(paper, read, name=read.signer or "name withheld", holds=holds, more=more)
    if earlier:
        paper.words("Supersedes", size=10.5, bold=True, after=0.5)
        paper.rows(("Signed", "What it said", "SHA-256"), [superseded(read, each) for each in earlier], (28, 70, 40))
    return paper.done()


def findings(read: ReadView) -> list[tuple[str, str]]:
    told = {**read.findings, "positive": read.positive, "h_score": read.h_score}
    return [(label(name), value(name, said)) for name, said in told.items() if said not in (None, "")]


def superseded(read: ReadView, before: ReadView) -> tuple[str, str, str]:
    """When it was signed, and where it says something else than the read that stands."""
    now, was = dict(findings(read)), dict(findings(before))
    differs = [f"{name}: {was.get(name, '–')}" for name in {**was, **now} if was.get(name) != now.get(name)]
    moment = timezone.localtime(before.signed_at)
    return f"{moment:%Y-%m-%d %H:%M %Z}", "\n".join(differs) or "the same findings", before.digest
