"""The end of tissue at the core: proposed by one person, confirmed by another, and not before.

A stained slide is not “consumed”: it is glass that still exists. Consumed is what was used up: a block cut
through, a section scraped for extraction.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from specimens import custody, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, require, unfit
from specimens.errors import Invalid, Rejected, RowProblem
from specimens.models import CustodyEvent, Disposal, DisposalAnswer, Loan, LoanEvent
from specimens.ordering import orders_ended
from specimens.queries import core, is_at, latest_events
from specimens.receipts import standing
from specimens.standing import Key, Thing, ids_of, key_of, key_of_row
from specimens.storing import patients_of
from specimens.vocabulary import CustodyKind, DisposalKind, LoanEventKind, Terms

NOT_YOURS = "Only the core's coordinators and bench dispose of tissue."


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether things may be disposed of: where they are, who waits for whom, who owns them."""

    held: Mapping[Key, CustodyEvent]
    proposed: Mapping[Key, Disposal]
    lent: Mapping[Key, str]
    core_id: int


@deed
def propose_disposal(*, by: Actor, at: datetime, things: Sequence[Thing], kind: DisposalKind,
                     reason: str) -> list[Disposal]:  # fmt: skip
    """Propose to destroy all of these, or to write all off as used up, or none. Nothing happens to them yet."""
    require(by, "specimens.dispose", NOT_YOURS)
    demand_core(by, "Disposing of tissue")
    demand_reason(reason, "Say why: the second person and the ledger need it.")
    if not things:
        raise Invalid("nothing_to_dispose", "Scan at least one block or slide.", field="things")
    keys = [key_of(thing) for thing in things]
    custody.hold(set(keys))
    now, often = situation(keys), Counter(keys)
    problems = []
    for row, thing in enumerate(things, start=1):
        said = waiting(thing, now) or fault(thing, now)
        said = said or (f"{thing} stands twice in the list." if often[key_of(thing)] > 1 else "")
        if said:
            problems.append(RowProblem(row, "thing", said, str(thing)))
    if problems:
        raise Rejected(problems, code="disposal_refused")
    proposals = [
        Disposal(kind=kind, reason=reason.strip(), proposed_at=at, proposed_by_id=person_id(by),
                 **{f"{word}_id": pk})
        for word, pk in keys
    ]  # fmt: skip
    Disposal.objects.bulk_create(proposals, batch_size=500)
    patients = patients_of(things)
    lines = [proposal_line(thing, kind, reason, patients) for thing in things]
    ledger.write(lines, by=by, at=at)
    return proposals


def proposal_line(thing: Thing, kind: DisposalKind, reason: str, patients: Mapping[Key, int]) -> ledger.Line:
    said, patient_id = f"{thing} was proposed to be {kind}.", patients[key_of(thing)]
    return ledger.line(
        "propose disposal", thing, said, patient_id=patient_id, became={"kind": kind}, reason=reason.strip()
    )


def situation(keys: Collection[Key]) -> Situation:
    """In four queries, however many things there are."""
    blocks, slides = ids_of(keys, "block"), ids_of(keys, "slide")
    return Situation(latest_events(blocks=blocks, slides=slides), open_proposals(keys), lent_things(keys), core().pk)


def open_proposals(keys: Collection[Key]) -> dict[Key, Disposal]:
    """Proposals about these things that nobody has answered."""
    of = Q(block_id__among=ids_of(keys, "block")) | Q(slide_id__among=ids_of(keys, "slide"))
    found = Disposal.objects.filter(of, answer__isnull=True).select_related("proposed_by")
    return {key_of_row(d): d for d in found}


def lent_things(keys: Collection[Key]) -> dict[Key, str]:
    """Those of `keys` that are here on loan and not donated since, with the name of whose they are."""
    blocks, slides = ids_of(keys, "block"), ids_of(keys, "slide")
    receipts = (
        standing()
        .filter(Q(item__block_id__among=blocks) | Q(item__slide_id__among=slides))
        .annotate(
            loan_begun=Exists(Loan.objects.filter(item=OuterRef("item"))),
            donated=Exists(LoanEvent.objects.filter(loan__item=OuterRef("item"), kind=LoanEventKind.DONATED)),
        )
        .select_related("item__shipment__sender", "item__loan__lender")
        .order_by("id")
    )
    last = {key_of_row(receipt.item): receipt for receipt in receipts}
    return {
        key: (receipt.item.loan.lender if receipt.loan_begun else receipt.item.shipment.sender).name
        for key, receipt in last.items()
        if (receipt.loan_begun or receipt.item.terms == Terms.LOAN) and not receipt.donated
    }


def waiting(thing: Thing, now: Situation) -> str:
    """Has somebody proposed this already?"""
    there = now.proposed.get(key_of(thing))
    return f"{there.proposed_by} has proposed {thing} already: answer that first." if there else ""


def fault(thing: Thing, now: Situation) -> str:
    """Why this thing cannot be disposed of here and now; blank when it can."""
    last = now.held.get(key_of(thing))
    if not is_at(last, now.core_id):
        if last and last.kind == CustodyKind.SHIPPED:
            return f"{thing} is on its way: nothing is disposed of while it travels."
        gone = f"was {last.kind} already" if last and last.holder_id is None else "is not at the core"
        return f"{thing} {gone}: it cannot be disposed of here."
    if owner := now.lent.get(key_of(thing)):
        return f"{thing} is here on loan from {owner}: record first that its owner has donated it, or return it."
    return ""


@deed
def answer_disposals(*, by: Actor, at: datetime, disposals: Sequence[Disposal], confirmed: bool,
                     reason: str = "") -> list[DisposalAnswer]:  # fmt: skip
    """Confirm all of these as a second person, or refuse all with a reason. Who proposed may only withdraw.

    What is confirmed is gone from this moment: it has no holder, and its position is free.
    """
    require(by, "specimens.dispose", NOT_YOURS)
    demand_core(by, "Disposing of tissue")
    if not confirmed:
        demand_reason(reason, "Say why it is not disposed of.")
    if not disposals:
        raise Invalid("nothing_to_answer", "Choose at least one proposal.", field="disposals")
    found = {d.pk: d for d in asked(disposals)}
    proposals = [found[pk] for pk in dict.fromkeys(each.pk for each in disposals)]
    keys = [key_of(thing_of(each)) for each in proposals]
    custody.hold(set(keys))
    now = situation(keys)
    problems = []
    for row, each in enumerate(proposals, start=1):
        if said := answer_fault(each, by, confirmed, now):
            problems.append(RowProblem(row, "disposal", said, str(thing_of(each))))
    if problems:
        raise Rejected(problems, code="answer_refused")
    answers = [
        DisposalAnswer(
            disposal=each, confirmed=confirmed, reason=reason.strip(), proposed_by_id=each.proposed_by_id,
            answered_at=at, answered_by_id=person_id(by),
        )
        for each in proposals
    ]  # fmt: skip
    DisposalAnswer.objects.bulk_create(answers, batch_size=500)
    if confirmed:
        custody.keep([ended(each, at, by) for each in proposals])
    patients = patients_of([thing_of(each) for each in proposals])
    lines = [answer_line(a, by, patients[key_of(thing_of(a.disposal))]) for a in answers]
    if confirmed:
        gone = {each.block_id: f"Block {each.block} was {each.kind}." for each in proposals if each.block_id}
        lines += orders_ended(gone, by=by, at=at)
    ledger.write(lines, by=by, at=at)
    return answers


def ended(disposal: Disposal, at: datetime, by: Actor) -> CustodyEvent:
    thing = thing_of(disposal)
    return custody.event(disposal.kind, thing, None, at, by.pk, synthetic=thing.synthetic)


def asked(disposals: Sequence[Disposal]) -> Sequence[Disposal]:
    found = Disposal.objects.filter(pk__among=[each.pk for each in disposals])
    return list(found.select_related("block", "slide", "proposed_by"))


def thing_of(disposal: Disposal) -> Thing:
    thing = disposal.block or disposal.slide
    assert thing, "a disposal is of one thing"
    return thing


def answer_fault(disposal: Disposal, by: Actor, confirmed: bool, now: Situation) -> str:
    """Why this person cannot give this answer; blank when they can."""
    thing = thing_of(disposal)
    open_one = now.proposed.get(key_of(thing))
    if open_one is None or open_one.pk != disposal.pk:
        return f"The proposal about {thing} was answered already."
    if not confirmed:
        return ""
    if disposal.proposed_by_id == by.pk:
        return f"You have proposed {thing} yourself: a second person confirms it."
    return fault(thing, now)


def answer_line(answer: DisposalAnswer, by: Actor, patient_id: int) -> ledger.Line:
    disposal = answer.disposal
    thing, mine = thing_of(disposal), disposal.proposed_by_id == by.pk
    said = f"{thing} was {disposal.kind}, as {disposal.proposed_by} had proposed."
    if not answer.confirmed:
        word = "withdrawn" if mine else "refused"
        said = f"The proposal that {thing} be {disposal.kind} was {word}; it stays."
    deed_name = "confirm disposal" if answer.confirmed else "refuse disposal"
    return ledger.line(
        deed_name, thing, said, patient_id=patient_id, became={"confirmed": answer.confirmed},
        reason=answer.reason or disposal.reason,
    )  # fmt: skip


def demand_reason(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise Invalid("reason_missing", sentence, field="reason")
    if said := unfit(" ".join(reason.split()), 500):
        raise Invalid("invalid", said, field="reason")
