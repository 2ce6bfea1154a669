"""Questions to the sender: asked with a letter, answered by the sender or for it, closed with an outcome."""

import pytest

from lims.vocabulary import Role
from specimens.errors import Forbidden, Invalid
from specimens.models import ItemQuery, LedgerEntry, Letter, Patient, QueryAnswer, Shipment
from specimens.query_desk import QueryState, query_list, query_row, reached, state_of
from specimens.questioning import answer_query, ask_sender, close_query, hand_over
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.scope import EVERYTHING
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.stories import House, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2, 3)])


@pytest.fixture
def query(cast: Cast, parcel: Shipment) -> ItemQuery:
    return ask_sender(by=cast.bench, at=AT, item=parcel.items.get(line=1), question="Where is it?")


def test_a_question_has_a_number_an_owner_and_a_letter(cast: Cast, house: House, query: ItemQuery) -> None:
    assert query.accession.startswith("Q-000001-")
    assert query.asked_by == cast.bench
    letter = Letter.objects.get(query=query)
    assert (letter.institution, letter.purpose) == (house.mercy, "query")
    assert "Where is it?" in letter.body
    assert query.accession in letter.body
    assert "SECRET" not in letter.body
    assert LedgerEntry.objects.get(deed="ask sender").patient_id == query.item.block.specimen.patient_id


def test_one_question_about_an_item_is_open_at_a_time(cast: Cast, parcel: Shipment, query: ItemQuery) -> None:
    with refused("asked_already", f"{query} is open."):
        ask_sender(by=cast.bench, at=AT, item=parcel.items.get(line=1), question="Well?")
    close_query(by=cast.bench, at=AT, query=query, outcome="it was never sent")
    ask_sender(by=cast.bench, at=AT, item=parcel.items.get(line=1), question="Will it be?")


def test_the_hospital_answers_and_the_core_closes(cast: Cast, house: House, query: ItemQuery) -> None:
    hugh = person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy)
    answer = answer_query(by=hugh, at=AT, query=query, text="It left on Monday.")
    assert (answer.answered_by, answer.on_behalf) == (hugh, False)
    with refused("other_site", "Closing a question at CWG core", Forbidden):
        close_query(by=hugh, at=AT, query=query, outcome="ours")
    close_query(by=cast.coordinator, at=AT, query=query, outcome="came in the next parcel")
    with refused("closed_already", "is closed; ask anew"):
        answer_query(by=hugh, at=AT, query=query, text="late")


def test_another_hospital_does_not_answer(cast: Cast, house: House, query: ItemQuery) -> None:
    lola = person("lola", "Lola Lake", Role.COORDINATOR, house.lakeshore)
    with refused("other_site", "Answering a question at Mercy General", Forbidden):
        answer_query(by=lola, at=AT, query=query, text="not mine")
    with forbidden("Only coordinators and the bench answer"):
        answer_query(by=cast.reader, at=AT, query=query, text="x")


def test_blank_words_are_refused(cast: Cast, parcel: Shipment, query: ItemQuery) -> None:
    with refused("question_missing", "Say what the sender shall answer.", Invalid):
        ask_sender(by=cast.bench, at=AT, item=parcel.items.get(line=2), question=" ")
    with refused("text_missing", "Write the answer.", Invalid):
        answer_query(by=cast.bench, at=AT, query=query, text="", on_behalf=True)
    with refused("outcome_missing", "Say what came of it.", Invalid):
        close_query(by=cast.bench, at=AT, query=query, outcome="\n")
    with refused("does_not_fit", "at most 2000 plain characters", Invalid):
        close_query(by=cast.bench, at=AT, query=query, outcome="x" * 2001)


def test_closing_a_parcel_asks_about_each_missing_item_in_one_letter(
    cast: Cast, parcel: Shipment, query: ItemQuery
) -> None:
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=2)])
    closure = close_shipment(by=cast.coordinator, at=AT, shipment=parcel, ask=True, note="please look")
    assert closure.missing == 2
    assert list(ItemQuery.objects.order_by("id").values_list("item__line", flat=True)) == [1, 3]
    assert ItemQuery.objects.latest("id").asked_by == cast.coordinator
    letter = Letter.objects.get(query=None)
    assert letter.shipment == parcel
    assert "please look" in letter.body
    assert "line 3" in letter.body


def test_closing_without_asking(cast: Cast, parcel: Shipment) -> None:
    close_shipment(by=cast.bench, at=AT, shipment=parcel)
    assert not ItemQuery.objects.exists()
    assert not Letter.objects.exists()


def test_sql_and_the_function_agree_on_every_state(cast: Cast, parcel: Shipment) -> None:
    queries = [ask_sender(by=cast.bench, at=AT, item=item, question="?") for item in parcel.items.all()]
    for each in queries[1:]:
        answer_query(by=cast.bench, at=AT, query=each, text="an answer", on_behalf=True)
    close_query(by=cast.bench, at=AT, query=queries[2], outcome="done")
    for state in QueryState:
        wanted = [
            each.accession
            for each in reached(EVERYTHING)
            if state_of(QueryAnswer.objects.filter(query=each).exists(), hasattr(each, "closure")) == state
        ]
        rows = query_list(EVERYTHING, state=state).rows
        assert [row.accession for row in rows] == wanted
        assert {row.state for row in rows} == {state}
    assert len({query_row(each).state for each in reached(EVERYTHING)}) == 3


# ---- handing over ----
def test_a_question_is_handed_over_with_a_reason(cast: Cast, query: ItemQuery) -> None:
    hand_over(by=cast.bench, at=AT, query=query, to=cast.coordinator, reason="I am away")
    with refused("owned_already", "is Dana Whitfield’s already"):
        hand_over(by=cast.bench, at=AT, query=query, to=cast.coordinator, reason="again")
    row = query_row(reached(EVERYTHING).get())
    assert (row.asker, row.owner, row.owner_id) == ("Rose Achebe", "Dana Whitfield", cast.coordinator.pk)
    assert [each.accession for each in query_list(EVERYTHING, owner_id=cast.coordinator.pk).rows] == [str(query)]
    assert query_list(EVERYTHING, owner_id=cast.bench.pk).rows == []
    line = LedgerEntry.objects.get(deed="hand over query")
    assert (line.reason, line.was, line.became) == (
        "I am away", {"owner": cast.bench.pk}, {"owner": cast.coordinator.pk},
    )  # fmt: skip
    hand_over(by=cast.coordinator, at=AT, query=query, to=cast.bench, reason="back again")
    assert query_row(reached(EVERYTHING).get()).owner == "Rose Achebe"


def test_who_cannot_look_after_it_is_not_given_it(cast: Cast, house: House, query: ItemQuery) -> None:
    hugh = person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy)
    for someone in (cast.statistician, cast.reader, hugh):
        with refused("cannot_own", "does not receive parcels at CWG core", Invalid):
            hand_over(by=cast.bench, at=AT, query=query, to=someone, reason="x")
    with refused("reason_missing", "Say why it is handed over.", Invalid):
        hand_over(by=cast.bench, at=AT, query=query, to=cast.coordinator, reason=" ")
    with forbidden("Only the core's coordinators and bench ask senders"):
        hand_over(by=cast.statistician, at=AT, query=query, to=cast.coordinator, reason="x")
    with refused("other_site", "Handing over a question at CWG core", Forbidden):
        hand_over(by=hugh, at=AT, query=query, to=cast.coordinator, reason="x")
    close_query(by=cast.bench, at=AT, query=query, outcome="found")
    with refused("closed_already", "is closed"):
        hand_over(by=cast.bench, at=AT, query=query, to=cast.coordinator, reason="x")
