"""The certificate that tissue was destroyed, or was found used up: what, why, and the two who say so."""

from collections.abc import Sequence

from django.utils import timezone

from lims.papers.paper import Paper
from specimens.disposing import thing_of
from specimens.models import Disposal, Slide
from specimens.vocabulary import DisposalKind

TITLES = {DisposalKind.DESTROYED: "Certificate of destruction", DisposalKind.CONSUMED: "Certificate of consumption"}


def certificate(disposals: Sequence[Disposal]) -> bytes:
    """A PDF about disposals that one person confirmed in one moment."""
    answer = disposals[0].answer
    moment = f"{timezone.localtime(answer.answered_at):%Y-%m-%d %H:%M %Z}"
    kind = DisposalKind(disposals[0].kind)
    paper = Paper(TITLES[kind], foot=f"{len(disposals)} items, confirmed {moment}", made_at=answer.answered_at)
    paper.words(
        f"The items listed here were {kind} at the pathology core. Each was proposed by one person and confirmed by "
        "another; the ledger holds both signatures.",
        after=4,
    )
    paper.facts([("Confirmed by", str(answer.answered_by)), ("Confirmed at", moment)])
    rows = [row(each) for each in disposals]
    paper.rows(("Item", "What", "Patient", "Proposed by", "Reason"), rows, (20, 10, 18, 20, 32))
    paper.ln(8)
    paper.facts([("Date and place", ""), ("Signature", ""), ("Second signature", "")])
    return paper.done()


def row(disposal: Disposal) -> tuple[str, ...]:
    thing = thing_of(disposal)
    block = thing.block if isinstance(thing, Slide) else thing
    what = ("slide" if isinstance(thing, Slide) else "block") + (", synthetic" if thing.synthetic else "")
    proposed = f"{disposal.proposed_by}, {timezone.localtime(disposal.proposed_at):%Y-%m-%d}"
    return thing.accession, what, block.specimen.patient.study_id, proposed, disposal.reason
