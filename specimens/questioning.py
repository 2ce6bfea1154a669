"""Questions to the sender about one item of a parcel: asked by the core, answered in the system, closed with an
outcome. Whoever asked is the question's owner until it is handed over."""

from collections.abc import Sequence
from datetime import datetime

from specimens import ledger, letters
from specimens.accessions import take
from specimens.actors import Actor, name_of, person_id
from specimens.deeds import deed, demand_reach, require
from specimens.errors import Forbidden, Invalid, Refused
from specimens.identifiers import QUERY
from specimens.models import ItemQuery, QueryAnswer, QueryClosure, QueryHandover, Shipment, ShipmentItem
from specimens.vocabulary import LetterPurpose

NOT_YOURS = "Only the core's coordinators and bench ask senders about their parcels."
DID_NOT_COME = "It was announced on line {line} and was not in the parcel. Was it sent? Where is it now?"
LONGEST = 2000
MOST_REASON = 500
MOST_IN_LETTER = 100


@deed
def ask_sender(*, by: Actor, at: datetime, item: ShipmentItem, question: str) -> ItemQuery:
    """Ask the sender about this item; one question about an item is open at a time."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [item.shipment.receiver], "Asking about a parcel")
    query = asked(item, question, by=by, at=at)
    ledger.write([asking_line(query)], by=by, at=at)
    return query


def asked(item: ShipmentItem, question: str, *, by: Actor, at: datetime) -> ItemQuery:
    """Write the question and its letter, for deeds that have checked who asks and write the ledger themselves."""
    said = checked_text(question, "question", "Say what the sender shall answer.")
    Shipment.objects.select_for_update().get(pk=item.shipment_id)
    if standing := ItemQuery.objects.filter(item=item, closure__isnull=True).first():
        raise Refused("asked_already", f"The sender was asked about {item.label} already: {standing} is open.")
    query = numbered([(item, said)], by=by, at=at)[0]
    write_letter(f"query:{query}", item.shipment, [query], by=by, at=at, query=query)
    return query


def numbered(questions: Sequence[tuple[ShipmentItem, str]], *, by: Actor, at: datetime) -> list[ItemQuery]:
    rows = [
        ItemQuery(
            accession=number, item=item, question=said, asked_at=at, asked_by_id=person_id(by),
            synthetic=item.shipment.synthetic,
        )
        for number, (item, said) in zip(take(QUERY, len(questions)), questions, strict=True)
    ]  # fmt: skip
    return ItemQuery.objects.bulk_create(rows, batch_size=500)


def asking_line(query: ItemQuery) -> ledger.Line:
    item = query.item
    said = f"{item.shipment.sender.name} was asked about {item.label} of parcel {item.shipment} ({query})."
    return ledger.line("ask sender", query, said, patient_id=patient_of(item), became={"question": query.question})


def ask_about_missing(shipment: Shipment, missing: Sequence[ShipmentItem], *, note: str, by: Actor,
                      at: datetime) -> list[ledger.Line]:  # fmt: skip
    """A question about each of these lines that has none open, in one letter; their ledger lines are returned."""
    open_now = set(ItemQuery.objects.filter(item__in=missing, closure__isnull=True).values_list("item_id", flat=True))
    wanted = [(item, DID_NOT_COME.format(line=item.line)) for item in missing if item.pk not in open_now]
    for item, _ in wanted:
        item.shipment = shipment
    queries = numbered(wanted, by=by, at=at)
    if queries:
        write_letter(f"missing:{shipment}:{queries[0]}", shipment, queries, note=note, by=by, at=at)
    return [asking_line(query) for query in queries]


def write_letter(key: str, shipment: Shipment, queries: Sequence[ItemQuery], *, by: Actor, at: datetime,
                 note: str = "", query: ItemQuery | None = None) -> None:  # fmt: skip
    """One letter to the sender about these questions; the first MOST_IN_LETTER are spelt out."""
    lines = [(q, q.item.slide or q.item.block or "", q.item.label, q.item.line) for q in queries[:MOST_IN_LETTER]]
    told = {
        "shipment": shipment,
        "questions": [
            (q.accession, f"{label}, {thing}" if thing else label, line, q.question) for q, thing, label, line in lines
        ],
        "count": len(queries),
        "more": len(queries) - len(lines),
        "note": note.strip(),
    }
    letters.written(
        key=key, purpose=LetterPurpose.QUERY, institution=shipment.sender, template="query", context=told, by=by, at=at,
        query=query, shipment=shipment, synthetic=shipment.synthetic,
    )  # fmt: skip


def patient_of(item: ShipmentItem) -> int | None:
    block = item.slide.block if item.slide else item.block
    return block.specimen.patient_id if block else None


@deed
def answer_query(*, by: Actor, at: datetime, query: ItemQuery, text: str, on_behalf: bool = False) -> QueryAnswer:
    """Answer for the sender. The sender's own people do; the core's write down what they were told elsewhere."""
    if not (by.has_perm("specimens.announce") or by.has_perm("specimens.receive")):
        raise Forbidden("not_your_role", "Only coordinators and the bench answer questions about parcels.")
    demand_reach(by, [query.item.shipment.sender], "Answering a question")
    said = checked_text(text, "text", "Write the answer.")
    locked_open(query)
    answer = QueryAnswer.objects.create(
        query=query, text=said, on_behalf=on_behalf, answered_at=at, answered_by_id=person_id(by)
    )
    whose = f" for {query.item.shipment.sender.name}" if on_behalf else ""
    line = ledger.line("answer query", query, f"{query} was answered{whose}.", patient_id=patient_of(query.item),
                       became={"answer": said})  # fmt: skip
    ledger.write([line], by=by, at=at)
    return answer


@deed
def close_query(*, by: Actor, at: datetime, query: ItemQuery, outcome: str) -> QueryClosure:
    """Be done with a question, and say what came of it."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [query.item.shipment.receiver], "Closing a question")
    said = checked_text(outcome, "outcome", "Say what came of it.")
    locked_open(query)
    closure = QueryClosure.objects.create(query=query, outcome=said, closed_at=at, closed_by_id=person_id(by))
    line = ledger.line("close query", query, f"{query} was closed.", patient_id=patient_of(query.item), reason=said)
    ledger.write([line], by=by, at=at)
    return closure


@deed
def hand_over(*, by: Actor, at: datetime, query: ItemQuery, to: Actor, reason: str) -> QueryHandover:
    """Somebody else looks after an open question from now on; the owner hands it over, or a colleague takes it."""
    require(by, "specimens.receive", NOT_YOURS)
    receiver = query.item.shipment.receiver
    demand_reach(by, [receiver], "Handing over a question")
    said = checked_text(reason, "reason", "Say why it is handed over.")
    if len(said) > MOST_REASON:
        raise Invalid("does_not_fit", f"Write at most {MOST_REASON} plain characters.", field="reason")
    if not (to.has_perm("specimens.receive") and to.scope.holds(receiver.pk)):
        raise Invalid("cannot_own", f"{name_of(to)} does not receive parcels at {receiver.name}.", field="to")
    locked_open(query)
    was = owner_of(query)
    if was == to.pk:
        raise Refused("owned_already", f"{query} is {name_of(to)}’s already.")
    handover = QueryHandover.objects.create(
        query=query, to_id=person_id(to), reason=said, handed_at=at, handed_by_id=person_id(by)
    )
    line = ledger.line("hand over query", query, f"{query} is looked after by {name_of(to)} from now on.",
                       patient_id=patient_of(query.item), was={"owner": was}, became={"owner": to.pk},
                       reason=said)  # fmt: skip
    ledger.write([line], by=by, at=at)
    return handover


def owner_of(query: ItemQuery) -> int:
    """Whoever asked, or to whom it was handed over last."""
    last = QueryHandover.objects.filter(query=query).order_by("-id").values_list("to_id", flat=True).first()
    return last or query.asked_by_id


def locked_open(query: ItemQuery) -> None:
    """Hold the question until commit; refused when it is closed."""
    ItemQuery.objects.select_for_update(no_key=True).get(pk=query.pk)
    if QueryClosure.objects.filter(query=query).exists():
        raise Refused("closed_already", f"{query} is closed; ask anew if something is open.")


def checked_text(text: str, field: str, wanted: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(f"{field}_missing", wanted, field=field)
    if len(said) > LONGEST or "\0" in said:
        raise Invalid("does_not_fit", f"Write at most {LONGEST} plain characters.", field=field)
    return said
