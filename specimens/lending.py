"""What the core and a loan's owner say to one another: more time, recall, and giving it for good."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from specimens import ledger, letters
from specimens.actors import Actor, Automaton, person_id
from specimens.deeds import deed, demand_core, demand_reach, local_day, require
from specimens.errors import Invalid, Refused
from specimens.loan_starts import specimen_of
from specimens.loan_state import HERE, stated
from specimens.models import Institution, Letter, Loan, LoanEvent, Trial
from specimens.vocabulary import LetterPurpose, LoanEventKind, LoanState

NOT_YOURS = "Only coordinators speak about loans."
MOST_DAYS = 3650


def locked(loan: Loan, at: datetime) -> Any:
    """The loan as it stands, locked until commit."""
    Loan.objects.select_for_update(no_key=True).get(pk=loan.pk)
    found = stated(Loan.objects.filter(pk=loan.pk), local_day(at)).select_related(
        "lender", "item__block__specimen__patient", "item__slide__block__specimen__patient"
    )
    return found.get()


def demand_here(loan: Any, what: str) -> None:
    """Refuse `what` (as “be extended”) of a thing that is not here on loan any more."""
    if loan.state not in HERE:
        said = f"Loan {loan} is {loan.state.replace('_', ' ')}: it cannot {what}."
        raise Refused("loan_ended", said)


def said(loan: Any, kind: LoanEventKind, sentence: str, *, by: Actor, at: datetime, reason: str = "",
         due_on: date | None = None) -> LoanEvent:  # fmt: skip
    """Keep the event and its ledger line."""
    kept = LoanEvent.objects.create(
        loan_id=loan.pk, kind=kind, due_on=due_on, reason=reason.strip(), recorded_at=at, recorded_by_id=person_id(by)
    )
    became = {"due_on": str(due_on)} if due_on else None
    patient_id = specimen_of(loan.item).patient_id
    line = ledger.line(
        kind.replace("_", " "), loan, sentence, patient_id=patient_id, became=became, reason=reason.strip()
    )
    ledger.write([line], by=by, at=at)
    return kept


def thing_of(loan: Loan) -> Any:
    return loan.item.slide or loan.item.block


@deed
def ask_extension(*, by: Actor, at: datetime, loan: Loan, until: date, reason: str) -> LoanEvent:
    """The core asks the owner for more time."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_core(by, "Asking for more time")
    now = locked(loan, at)
    demand_here(now, "be extended")
    if now.state == LoanState.RECALLED:
        raise Refused("recalled", f"Loan {loan} was recalled by its owner: send it back.")
    check_until(until, now.due_now, at)
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the loan must last longer.", field="reason")
    if now.asked_kind == LoanEventKind.EXTENSION_ASKED:
        raise Refused("asked_already", f"Loan {loan}: the owner has not answered the last question yet.")
    sentence = f"Loan {loan} of {thing_of(now)}: {now.lender} was asked to extend it until {until}."
    return said(now, LoanEventKind.EXTENSION_ASKED, sentence, by=by, at=at, reason=reason, due_on=until)


def check_until(until: date | None, due: date | None, at: datetime) -> None:
    """Raises Invalid unless `until` is a day to come, later than what was agreed."""
    if until is None:
        raise Invalid("no_day", "Give the day the loan ends.", field="until")
    if until <= local_day(at) or (due and until <= due):
        raise Invalid("not_later", f"{until} is no later than what was agreed.", field="until")


@deed
def answer_extension(*, by: Actor, at: datetime, loan: Loan, granted: bool, until: date | None = None,
                     reason: str = "") -> LoanEvent:  # fmt: skip
    """The owner answers, itself or through the core: until when, or why not. It may also extend unasked."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_reach(by, [loan.lender], "Answering for a loan")
    now = locked(loan, at)
    demand_here(now, "be extended")
    waiting = now.asked_kind == LoanEventKind.EXTENSION_ASKED
    if granted:
        until = until or (now.asked_until if waiting else None)
        check_until(until, now.due_now, at)
        sentence = f"Loan {loan} of {thing_of(now)} was extended until {until} by {now.lender}."
        return said(now, LoanEventKind.EXTENDED, sentence, by=by, at=at, reason=reason, due_on=until)
    if not waiting:
        raise Refused("not_asked", f"Nobody has asked to extend loan {loan}.")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is not extended.", field="reason")
    sentence = f"{now.lender} did not extend loan {loan} of {thing_of(now)}."
    return said(now, LoanEventKind.EXTENSION_REFUSED, sentence, by=by, at=at, reason=reason)


@deed
def recall(*, by: Actor, at: datetime, loan: Loan, reason: str = "") -> LoanEvent:
    """The owner wants it back, at any moment and without a reason if it likes; the core may record it for them."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_reach(by, [loan.lender], "Recalling a loan")
    now = locked(loan, at)
    demand_here(now, "be recalled")
    if now.state == LoanState.RECALLED:
        raise Refused("recalled_already", f"Loan {loan} was recalled already.")
    sentence = f"Loan {loan} of {thing_of(now)} was recalled by {now.lender}."
    return said(now, LoanEventKind.RECALLED, sentence, by=by, at=at, reason=reason)


@deed
def withdraw_recall(*, by: Actor, at: datetime, loan: Loan, reason: str = "") -> LoanEvent:
    """The owner no longer wants it back before its day."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_reach(by, [loan.lender], "Withdrawing a recall")
    now = locked(loan, at)
    if now.state != LoanState.RECALLED:
        raise Refused("not_recalled", f"Loan {loan} is not recalled.")
    sentence = f"{now.lender} withdrew the recall of loan {loan} of {thing_of(now)}."
    return said(now, LoanEventKind.RECALL_WITHDRAWN, sentence, by=by, at=at, reason=reason)


@deed
def donate(*, by: Actor, at: datetime, loan: Loan, reason: str = "") -> LoanEvent:
    """The owner gives it for good: nothing has to go back."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_reach(by, [loan.lender], "Giving tissue for good")
    now = locked(loan, at)
    demand_here(now, "be given")
    sentence = f"{now.lender} gave {thing_of(now)} for good: loan {loan} has ended."
    return said(now, LoanEventKind.DONATED, sentence, by=by, at=at, reason=reason)


@deed
def set_loan_days(*, by: Actor, at: datetime, days: int | None, institution: Institution | None = None,
                  trial: Trial | None = None) -> None:  # fmt: skip
    """How long loans last that say nothing themselves: of one institution (None: as the trial says) or of a trial."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_core(by, "Setting the length of loans")
    assert (institution is None) != (trial is None), "one of the two"
    if (days is None and trial) or (days is not None and not 1 <= days <= MOST_DAYS):
        raise Invalid("bad_days", f"A loan lasts between 1 and {MOST_DAYS} days.", field="days")
    about: Any = trial or institution
    was = about.loan_days
    type(about).objects.filter(pk=about.pk).update(loan_days=days)
    sentence = (
        f"Loans of {about} last {f'{days} days' if days else 'as long as the trial says'} unless agreed otherwise."
    )
    line = ledger.line("set loan days", about, sentence, was={"loan_days": was}, became={"loan_days": days})
    ledger.write([line], by=by, at=at)


# ---- letters, found by the sweep: one for each loan and step ----
CLERK = Automaton("loan clerk", frozenset({"specimens.lend"}))
STEPS = (1, 14, 28)


def write_letters() -> None:
    """To the owner of each recalled loan, that it is coming; of each overdue one after 1, 14 and 28 days, why it is
    late. The same to the core, so that a person there knows. Run at each sweep; written once."""
    now = timezone.now()
    today = local_day(now)
    waiting = stated(Loan.objects.all(), today).filter(state__in=(LoanState.RECALLED, LoanState.OVERDUE))
    chosen = waiting.select_related(
        "lender", "item__block__specimen__patient__trial", "item__slide__block__specimen__patient__trial"
    )
    for loan in chosen.order_by("id").iterator(200):
        for key, purpose, template in letters_due(loan, today):
            write_letter(by=CLERK, at=now, loan=loan, key=key, purpose=purpose, template=template)


def letters_due(loan: Any, today: date) -> list[tuple[str, LetterPurpose, str]]:
    """(key, purpose, template) of what ought to have been written about this loan by `today`."""
    if loan.state == LoanState.RECALLED:
        return [(f"recall:{loan.pk}:{loan.recall_at:%Y%m%dT%H%M%S%f}", LetterPurpose.RECALL, "recall")]
    late = (today - loan.due_now).days
    reached = [step for step in STEPS if late >= step]
    return [(f"loan overdue:{loan.pk}:{loan.due_now}:{reached[-1]}", LetterPurpose.LOAN_OVERDUE, "loan_overdue")]


@deed
def write_letter(*, by: Actor, at: datetime, loan: Any, key: str, purpose: LetterPurpose, template: str) -> None:
    """Write the letter unless it was written before. `loan` as `stated` gives it."""
    require(by, "specimens.lend", NOT_YOURS)
    if Letter.objects.filter(key=key).exists():
        return
    specimen = specimen_of(loan.item)
    context = {
        "loan": loan,
        "thing": thing_of(loan),
        "label": loan.item.label,
        "patient": specimen.patient,
        "due_on": loan.due_now,
        "recalled_on": local_day(loan.recall_at) if loan.recall_at else None,
        "late": (local_day(at) - loan.due_now).days if loan.due_now else 0,
    }
    letters.written(key=key, purpose=purpose, institution=loan.lender, template=template, context=context,
                    by=by, at=at, loan=loan, synthetic=loan.synthetic)  # fmt: skip
    sentence = f"A letter about loan {loan} ({purpose.replace('_', ' ')}) was written to {loan.lender}."
    ledger.write([ledger.line("write letter", loan, sentence, patient_id=specimen.patient_id)], by=by, at=at)
