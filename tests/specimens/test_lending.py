"""Loans: begun by receipt, spoken about, ended; and that the function and the SQL of their state agree."""

from datetime import date, timedelta
from itertools import product

import pytest
import time_machine

from lims.models import User
from lims.vocabulary import Role
from specimens import custody
from specimens.actors import acting
from specimens.enrolling import close_trial
from specimens.errors import Forbidden, Invalid
from specimens.lending import (
    answer_extension,
    ask_extension,
    donate,
    recall,
    set_loan_days,
    withdraw_recall,
    write_letters,
)
from specimens.loan_desk import on_time
from specimens.loan_state import LoanFacts, facts_of, state_of, stated
from specimens.losing import declare_lost
from specimens.models import Letter, Loan, Patient
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.scope import EVERYTHING
from specimens.vocabulary import CustodyKind, ItemKind, LoanState, Terms
from tests.cast import AT, FOUNDER, Cast, person
from tests.refusals import forbidden, refused
from tests.specimens.loans import a_loan, block_of, mercy_coordinator, returned, sent_back, state
from tests.stories import ARRIVED, House, a_received_block, an_announced_parcel, an_item

TODAY = AT.date()


@pytest.fixture
def loan(cast: Cast, house: House, patient: Patient) -> Loan:
    return a_loan(cast, house, patient)


@pytest.fixture
def cora(house: House) -> User:
    return mercy_coordinator(house)


def test_a_receipt_begins_a_loan(cast: Cast, house: House, patient: Patient) -> None:
    loan = a_loan(cast, house, patient, due=date(2026, 12, 24))
    assert (loan.lender, loan.due_on, loan.began_at) == (house.mercy, date(2026, 12, 24), ARRIVED)
    assert loan.accession.startswith("L-000001-")
    assert state(loan) == LoanState.HERE


def test_what_is_not_lent_begins_none(cast: Cast, house: House, patient: Patient) -> None:
    a_received_block(cast, house, patient, terms=Terms.DONATED)
    glass = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, label="u1", block_label="A1", terms="")
    parcel = an_announced_parcel(cast, house, glass)
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])
    assert not Loan.objects.exists()


def test_without_a_day_it_lasts_as_the_owner_or_the_trial_says(cast: Cast, house: House, patient: Patient) -> None:
    assert a_loan(cast, house, patient).due_on == ARRIVED.date() + timedelta(days=90)
    set_loan_days(by=cast.coordinator, at=AT, trial=house.trial, days=30)
    house.trial.refresh_from_db()
    assert a_loan(cast, house, patient, "A2").due_on == ARRIVED.date() + timedelta(days=30)
    set_loan_days(by=cast.coordinator, at=AT, institution=house.mercy, days=7)
    assert a_loan(cast, house, patient, "A3").due_on == ARRIVED.date() + timedelta(days=7)
    with refused("bad_days", "between 1 and 3650 days", Invalid):
        set_loan_days(by=cast.coordinator, at=AT, institution=house.mercy, days=0)


def test_more_time_is_asked_and_answered(cast: Cast, loan: Loan, cora: User) -> None:
    until = date(2027, 3, 1)
    ask_extension(by=cast.coordinator, at=AT, loan=loan, until=until, reason="CA-IX is not read yet")
    with refused("asked_already", "has not answered the last question yet"):
        ask_extension(by=cast.coordinator, at=AT, loan=loan, until=until, reason="again")
    answer_extension(by=cora, at=AT, loan=loan, granted=True)
    now = stated(Loan.objects.all(), TODAY).get()
    assert (now.due_now, now.state) == (until, LoanState.HERE)
    with refused("not_asked", "Nobody has asked to extend"):
        answer_extension(by=cora, at=AT, loan=loan, granted=False, reason="no")
    answer_extension(by=cast.coordinator, at=AT, loan=loan, granted=True, until=date(2027, 4, 1))
    assert stated(Loan.objects.all(), TODAY).get().due_now == date(2027, 4, 1)


def test_a_refusal_says_why(cast: Cast, loan: Loan, cora: User) -> None:
    ask_extension(by=cast.coordinator, at=AT, loan=loan, until=date(2027, 3, 1), reason="not read yet")
    with refused("reason_missing", "Say why it is not extended.", Invalid):
        answer_extension(by=cora, at=AT, loan=loan, granted=False)
    answer_extension(by=cora, at=AT, loan=loan, granted=False, reason="we need it")
    assert stated(Loan.objects.all(), TODAY).get().due_now == loan.due_on


def test_an_extension_is_later(cast: Cast, loan: Loan, cora: User) -> None:
    for until in (loan.due_on, TODAY):
        with refused("not_later", "no later than what was agreed", Invalid):
            ask_extension(by=cast.coordinator, at=AT, loan=loan, until=until, reason="x")
    with refused("no_day", "Give the day", Invalid):
        answer_extension(by=cora, at=AT, loan=loan, granted=True)
    with refused("reason_missing", "Say why the loan", Invalid):
        ask_extension(by=cast.coordinator, at=AT, loan=loan, until=date(2027, 3, 1), reason=" ")


def test_the_owner_recalls_at_any_moment(cast: Cast, loan: Loan, cora: User) -> None:
    recall(by=cora, at=AT, loan=loan)
    assert state(loan) == LoanState.RECALLED
    with refused("recalled_already", "was recalled already."):
        recall(by=cast.coordinator, at=AT, loan=loan, reason="telephone")
    with refused("recalled", "send it back."):
        ask_extension(by=cast.coordinator, at=AT, loan=loan, until=date(2027, 3, 1), reason="x")
    withdraw_recall(by=cora, at=AT, loan=loan)
    assert state(loan) == LoanState.HERE
    with refused("not_recalled", "is not recalled."):
        withdraw_recall(by=cora, at=AT, loan=loan)


def test_another_hospital_says_nothing(cast: Cast, house: House, loan: Loan) -> None:
    lia = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    for deed in (recall, withdraw_recall, donate):
        with refused("other_site", "is for its own people and the core's.", Forbidden):
            deed(by=lia, at=AT, loan=loan)
    with refused("core_only", "is for the core's own people.", Forbidden):
        ask_extension(by=lia, at=AT, loan=loan, until=date(2027, 3, 1), reason="x")


def test_only_coordinators_speak_about_loans(cast: Cast, loan: Loan) -> None:
    for name, someone in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators speak about loans."):
                recall(by=someone, at=AT, loan=loan)


def test_what_was_given_need_not_go_back(cast: Cast, loan: Loan, cora: User) -> None:
    donate(by=cora, at=AT, loan=loan)
    assert state(loan, date(2030, 1, 1)) == LoanState.DONATED
    with refused("loan_ended", "is donated: it cannot be recalled."):
        recall(by=cora, at=AT, loan=loan)


def test_there_and_back(cast: Cast, loan: Loan) -> None:
    block = block_of(loan)
    assert state(loan, loan.due_on - timedelta(days=14)) == LoanState.DUE_SOON
    assert state(loan, loan.due_on + timedelta(days=1)) == LoanState.OVERDUE
    parcel = sent_back(cast, block, sent_on=None)
    assert state(loan) == LoanState.PACKED
    close_shipment(by=cast.coordinator, at=AT, shipment=parcel)
    assert state(loan) == LoanState.MISSING
    declare_lost(by=cast.coordinator, at=AT, thing=block, reason="searched twice")
    assert state(loan) == LoanState.LOST


def test_returned_and_lent_again(cast: Cast, house: House, patient: Patient, loan: Loan) -> None:
    returned(cast, block_of(loan))
    assert state(loan) == LoanState.RETURNED
    again = an_announced_parcel(cast, house, an_item(patient), sent_on=None, at=AT + timedelta(days=2))
    receive_items(by=cast.bench, at=AT + timedelta(days=3), shipment=again, items=[ReceivedItem(line=1)])
    second = Loan.objects.latest("id")
    assert second.item.block == block_of(loan)
    assert [state(each) for each in (loan, second)] == [LoanState.RETURNED, LoanState.HERE]


def test_on_time_is_counted(cast: Cast, house: House, patient: Patient) -> None:
    returned(cast, block_of(a_loan(cast, house, patient, "A1", due=date(2026, 11, 25))))
    returned(cast, block_of(a_loan(cast, house, patient, "A2", due=date(2026, 11, 20))))
    a_loan(cast, house, patient, "A3", due=date(2026, 11, 20))
    (row,) = on_time(EVERYTHING, TODAY)
    assert (row.code, row.on_time, row.returned, row.late_now) == ("MERCY", 1, 2, 1)


def test_letters_are_written_once_for_each_step(cast: Cast, house: House, patient: Patient) -> None:
    late = a_loan(cast, house, patient, "A1", due=date(2026, 11, 20))
    wanted = a_loan(cast, house, patient, "A2", due=date(2027, 11, 20))
    recall(by=cast.coordinator, at=AT, loan=wanted, reason="by telephone")
    with time_machine.travel(AT, tick=False):
        write_letters()
        write_letters()
    letters = {letter.loan_id: letter for letter in Letter.objects.all()}
    assert set(letters) == {late.pk, wanted.pk}
    assert len(Letter.objects.all()) == 2
    assert "3 days late" in letters[late.pk].subject
    assert "A2" in letters[wanted.pk].body
    assert "SECRET" not in letters[late.pk].body
    with time_machine.travel(AT + timedelta(days=12), tick=False):
        write_letters()
    assert Letter.objects.filter(loan=late).count() == 2
    assert Letter.objects.filter(loan=wanted).count() == 1


KINDS = (CustodyKind.RECEIVED, CustodyKind.SHIPPED, CustodyKind.LOST, CustodyKind.DESTROYED, CustodyKind.CONSUMED,
         CustodyKind.FOUND, CustodyKind.STAINED)  # fmt: skip
DAYS = (None, date(2026, 11, 22), date(2026, 11, 23), date(2026, 12, 7), date(2026, 12, 8))


def test_every_state_is_reached_by_the_function() -> None:
    flags = product((False, True), repeat=6)
    found = {
        state_of(LoanFacts(due, a, b, c, kind, d, e, f), TODAY)
        for (a, b, c, d, e, f), kind, due in product(flags, KINDS, DAYS)
    }
    assert found == set(LoanState)


def test_function_and_sql_agree_on_every_story(cast: Cast, house: House, patient: Patient) -> None:
    """A loan in each state, looked at on each day."""
    made = {name: a_loan(cast, house, patient, name, due=date(2026, 12, 7)) for name in "ABCDEFGHIJKL"}
    recall(by=cast.coordinator, at=AT, loan=made["A"], reason="x")
    donate(by=cast.coordinator, at=AT, loan=made["B"], reason="x")
    returned(cast, block_of(made["C"]))
    sent_back(cast, block_of(made["D"]))
    sent_back(cast, block_of(made["E"]), sent_on=None)
    close_shipment(by=cast.coordinator, at=AT, shipment=sent_back(cast, block_of(made["F"])))
    declare_lost(by=cast.coordinator, at=AT, thing=block_of(made["G"]), reason="x")
    answer_extension(by=cast.coordinator, at=AT, loan=made["H"], granted=True, until=date(2027, 1, 1))
    with acting(FOUNDER):
        for name, kind in (("I", CustodyKind.DESTROYED), ("J", CustodyKind.CONSUMED)):
            custody.keep([custody.event(kind, block_of(made[name]), None, AT, None)])
        back = custody.event(CustodyKind.SHIPPED, block_of(made["L"]), house.core, AT, None,
                             shipment=made["L"].item.shipment)  # fmt: skip
        custody.keep([back])
    seen = set()
    for day in (TODAY, date(2026, 12, 1), date(2026, 12, 8), date(2027, 2, 1)):
        for loan in stated(Loan.objects.all(), day).select_related("item"):
            assert loan.state == state_of(facts_of(loan), day), (loan, day)
            seen.add(loan.state)
    assert seen == set(LoanState)


def test_a_trial_is_closed_once(house: House) -> None:
    close_trial(by=FOUNDER, at=AT, trial=house.trial, closed_on=TODAY, reason="it is over")
    with refused("closed_already", "was closed already."):
        close_trial(by=FOUNDER, at=AT, trial=house.trial, closed_on=TODAY, reason="it is over")
