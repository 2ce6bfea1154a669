"""From the desk: a slide declared unfit, another asked for. The bench learns that a reader asked, and not who."""

from datetime import datetime
from typing import Any

from scoring import cases
from scoring.cases import CaseFacts
from scoring.models import ReadingCase, SlideRefusal
from scoring.policies import DECIDE, READ, check_may_adjudicate, check_may_sign, subject
from scoring.reading import day
from scoring.signing import locked
from scoring.vocabulary import Wish
from specimens import ledger
from specimens.actors import Actor, Automaton, person_id
from specimens.deeds import deed, unfit
from specimens.errors import Forbidden, Invalid, Refused
from specimens.models import CuttingOrder, Slide
from specimens.ordering import USUAL_THICKNESS, NewOrder, begin, faults_of, placed

# The bench's ledger names who ordered; a reader is nobody it may know.
DESK = Automaton("a reader", frozenset({"specimens.order_cutting"}))
LONGEST_REASON = 400
STAIN_OF = {assay: stain for stain, assay in cases.ASSAY_OF.items()}


@deed
def refuse_slide(*, by: Actor, at: datetime, case: ReadingCase, wish: Wish, reason: str) -> SlideRefusal:
    """Ask the bench for another slide in place of the case's, once for each reader of the case.

    What stands in for the slide already is joined, so that nobody learns from a refusal that another asked.
    """
    said = reason.strip()
    facts = locked([case.pk])[case.pk]
    check_may_refuse(by, facts, at)
    check_reason(said)
    if SlideRefusal.objects.filter(case=case, reader_id=by.pk).exists():
        raise Refused("slide_refused_once", f"You have asked for another slide of case {facts.code} already.")
    order, lines = ordered(facts, wish, said, at)
    made = SlideRefusal.objects.create(
        case=case, reader_id=person_id(by), order=order, reason=f"{wish}: {said}", refused_at=at
    )
    ledger.write(lines, by=DESK, at=at)
    ledger.write([refused_line(facts, wish)], by=by, at=at)
    return made


def check_may_refuse(by: Actor, facts: CaseFacts, at: datetime) -> None:
    """Who may read or decide the case now may refuse its slide."""
    if by.has_perm(READ):
        return check_may_sign(by, facts, day(at))
    if by.has_perm(DECIDE):
        return check_may_adjudicate(by, facts, day(at))
    raise Forbidden("not_your_role", "Only who reads or decides a case asks for another slide of it.")


def check_reason(said: str) -> None:
    if not said:
        raise Invalid("reason_missing", "Say what is wrong with the slide: the bench needs it.", field="reason")
    if wrong := unfit(said, LONGEST_REASON):
        raise Invalid("reason", wrong, field="reason")


def ordered(facts: CaseFacts, wish: Wish, reason: str, at: datetime) -> tuple[CuttingOrder, list[ledger.Line]]:
    """The order that stands in for the slide, made now unless one is open, and what the ledger is to say."""
    slide = Slide.objects.select_related("block__specimen").get(pk=facts.slide_id)
    begin(DESK, {slide.block})
    if standing := CuttingOrder.objects.filter(replaces=slide, end__isnull=True).first():
        return standing, []
    asked = NewOrder(
        block=slide.block,
        sections=1,
        stain=STAIN_OF[facts.assay],
        thickness_um=USUAL_THICKNESS,
        replaces=slide,
        reason=f"A reader asks for a {wish}: {reason}",
        synthetic=facts.synthetic,
    )
    if faults_of([asked], day(at)):
        raise Refused(
            "nothing_left_to_cut",
            "No other slide can be cut of this tissue: read this one, or say on the form why it cannot be read.",
        )
    made, lines = placed([asked], by=DESK, at=at)
    return made[0], lines


def refused_line(facts: CaseFacts, wish: Wish) -> ledger.Line:
    """The reader's own line; the reason stays with the refusal and the order."""
    sentence = f"{subject(facts)}: a {wish} of its slide was asked for."
    return ledger.Line(
        "refuse slide", "scoring.readingcase", facts.id, facts.code, sentence, patient_id=facts.patient_id
    )


# ---- what its reader sees ----
def asked_by(viewer: Actor) -> dict[str, str]:
    """By case code: what became of another slide this viewer asked for. Blank when none can be had. One query."""
    found = SlideRefusal.objects.filter(reader_id=viewer.pk).select_related("case", "order__end").order_by("id")
    return {each.case.code: became(each) for each in found}


def became(refusal: SlideRefusal) -> str:
    end: Any = getattr(refusal.order, "end", None)
    if end is None:
        return "You asked for another slide: the bench has it on its list, and it opens a case of its own."
    return "You asked for another slide: it is cut, and opens a case once it is stained." if end.cut else ""
