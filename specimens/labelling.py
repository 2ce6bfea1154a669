"""Printing labels of blocks and slides: the first copy freely, every further one with a reason."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q

from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, require, unfit
from specimens.errors import Forbidden, Invalid, Refused, Rejected, RowProblem
from specimens.models import Block, LabelPrint, Slide
from specimens.queries import latest_events
from specimens.standing import key_of_row
from specimens.vocabulary import CustodyKind, LabelFormat

MOST_LABELS = 600
NO_MORE = (CustodyKind.DESTROYED, CustodyKind.CONSUMED)
Thing = Block | Slide


@deed
def print_labels(
    *, by: Actor, at: datetime, batch: UUID, format: LabelFormat, stock: str, things: Sequence[Thing],  # noqa: A002
    start: int = 1, reason: str = "",
) -> list[LabelPrint]:  # fmt: skip
    """Record that labels of `things` are printed together, the first at place `start` of its sheet.

    `batch` names the file: asking for the same labels again under its name gives what was printed and prints
    nothing anew. A label that was printed before is printed again with a `reason` only.
    """
    require(by, "specimens.label", "Only coordinators and histotechnologists print labels.")
    person = person_id(by)
    check_list(by, things, start)
    if said := unfit(reason, 200):
        raise Invalid("reason", said, field="reason")
    lock(things)
    if earlier := list(LabelPrint.objects.filter(batch=batch).order_by("place")):
        return the_same(earlier, person, things)
    refuse_gone(things)
    copies = copies_of(things)
    if (again := [thing for thing in things if copies.get(key(thing))]) and not reason.strip():
        raise reprint_refusal(again)
    prints = [
        LabelPrint(
            **{key(thing)[0]: thing}, batch=batch, place=place, copy=copies.get(key(thing), 0) + 1,
            format=format, stock=stock, reason=reason.strip() if key(thing) in copies else "", printed_at=at,
            printed_by_id=person,
        )
        for place, thing in enumerate(things, start=start)
    ]  # fmt: skip
    prints = LabelPrint.objects.bulk_create(prints)
    ledger.write([line(each, thing) for each, thing in zip(prints, things, strict=True)], by=by, at=at)
    return prints


def key(thing: Thing) -> tuple[str, int]:
    return str(thing._meta.model_name), thing.pk


def check_list(by: Actor, things: Sequence[Thing], start: int) -> None:
    """Some labels, not too many, none twice, all of tissue within reach."""
    if not things:
        raise Invalid("nothing_to_print", "Name the blocks and slides whose labels are wanted.", field="items")
    if len(things) > MOST_LABELS:
        said = f"At most {MOST_LABELS} labels are printed at a time, not {len(things)}."
        raise Invalid("too_many_labels", said, field="items")
    if not 1 <= start <= MOST_LABELS:
        raise Invalid("start", "The first label lies on the sheet: count its places from 1.", field="start")
    accessions = [str(thing) for thing in things]
    if twice := sorted({each for each in accessions if accessions.count(each) > 1}):
        said = f"{', '.join(twice[:5])} stands twice in the list: one label each."
        raise Invalid("label_twice", said, field="items")
    for thing in things:
        specimen = thing.specimen if isinstance(thing, Block) else thing.block.specimen
        if not (by.scope.holds(specimen.holding_site_id) or by.scope.holds(specimen.patient.treating_site_id)):
            raise Forbidden(
                "other_site", f"{thing} belongs to another site; its labels are printed there or at the core."
            )


def lock(things: Sequence[Thing]) -> None:
    """Blocks first, then slides, each by id: two who print the same labels wait for one another."""
    for model in (Block, Slide):
        ids = sorted(thing.pk for thing in things if isinstance(thing, model))
        list(model.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def the_same(earlier: list[LabelPrint], person: int, things: Sequence[Thing]) -> list[LabelPrint]:
    """What was printed under this name, if it was this person's and these labels."""
    printed = [key_of_row(each) for each in earlier]
    if earlier[0].printed_by_id == person and printed == [key(thing) for thing in things]:
        return earlier
    raise Refused("batch_used", "Other labels were printed under this name; begin anew from the labels page.")


def refuse_gone(things: Sequence[Thing]) -> None:
    """What was destroyed or consumed needs no label any more."""
    ids: dict[str, list[int]] = {"block": [], "slide": []}
    for thing in things:
        ids[key(thing)[0]].append(thing.pk)
    last = latest_events(blocks=ids["block"], slides=ids["slide"])
    problems = [
        RowProblem(row, "items", f"{thing} was {event.get_kind_display()}: it needs no label.", str(thing))
        for row, thing in enumerate(things, start=1)
        if (event := last.get(key(thing))) and event.kind in NO_MORE
    ]
    if problems:
        raise Rejected(problems, code="gone")


def copies_of(things: Sequence[Thing]) -> dict[tuple[str, int], int]:
    """How often each was printed before; what never was is left out. Two queries."""
    found: dict[tuple[str, int], int] = {}
    for model, name in ((Block, "block"), (Slide, "slide")):
        ids = [thing.pk for thing in things if isinstance(thing, model)]
        rows = LabelPrint.objects.filter(Q(**{f"{name}__in": ids})).values_list(f"{name}_id").annotate(Max("copy"))
        found |= {(name, pk): copy for pk, copy in rows}
    return found


def reprint_refusal(again: Sequence[Thing]) -> Invalid:
    named = ", ".join(str(thing) for thing in again[:3]) + (f" and {len(again) - 3} more" if len(again) > 3 else "")
    said = f"{named} {'has' if len(again) == 1 else 'have'} a label already: say why it is printed again."
    return Invalid("reprint_reason", said, field="reason")


def line(printed: LabelPrint, thing: Thing) -> ledger.Line:
    patient = (thing.specimen if isinstance(thing, Block) else thing.block.specimen).patient_id
    what = f"{key(thing)[0].capitalize()} {thing}"
    sentence = f"{what}: label {printed.copy} was printed on {printed.stock}."
    became = {"copy": printed.copy, "stock": printed.stock}
    return ledger.line("print label", thing, sentence, patient_id=patient, became=became, reason=printed.reason)
