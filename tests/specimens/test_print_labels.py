"""Printing labels: on record, once; again with a reason."""

from functools import partial
from uuid import UUID, uuid4

import pytest

from lims.vocabulary import Role
from specimens import ledger
from specimens.actors import acting
from specimens.custody import event, keep
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.labelling import MOST_LABELS, Thing, print_labels
from specimens.models import Block, LabelPrint, LedgerEntry, Patient, Slide
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import CustodyKind, LabelFormat
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.stories import CUT_ON, House, a_received_block
from tests.together import at_once, done, refusals

STOCK = "avery-l7651"


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def slides(cast: Cast, block: Block) -> list[Slide]:
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=3, cut_on=CUT_ON)])


def prints(cast: Cast, things: list[Thing], batch: UUID | None = None, **changes: object) -> list[LabelPrint]:
    said: dict[str, object] = {
        "by": cast.bench, "at": AT, "batch": batch or uuid4(), "format": LabelFormat.SHEET, "stock": STOCK,
        "things": things,
    }  # fmt: skip
    return print_labels(**(said | changes))  # type: ignore[arg-type]


def test_labels_are_printed_and_on_record(cast: Cast, block: Block, slides: list[Slide]) -> None:
    made = prints(cast, [block, *slides], start=5)
    assert [(str(p.block or p.slide), p.place, p.copy) for p in made] == [
        (str(thing), place, 1) for place, thing in enumerate([block, *slides], start=5)
    ]
    lines = LedgerEntry.objects.filter(deed="print label").order_by("number")
    assert [line.label for line in lines] == [str(thing) for thing in [block, *slides]]
    assert lines[0].sentence == f"Block {block}: label 1 was printed on {STOCK}."
    assert lines[1].patient_id == block.specimen.patient_id
    assert list(ledger.verify()) == []


def test_the_same_batch_again_prints_nothing_anew(cast: Cast, slides: list[Slide]) -> None:
    """A double click, or a form sent twice: the first answer again."""
    batch = uuid4()
    first = prints(cast, slides, batch)
    again = prints(cast, slides, batch)
    assert [each.pk for each in again] == [each.pk for each in first]
    assert LabelPrint.objects.count() == 3
    assert LedgerEntry.objects.filter(deed="print label").count() == 3


def test_a_batch_is_not_taken_for_other_labels(cast: Cast, slides: list[Slide]) -> None:
    batch = uuid4()
    prints(cast, slides[:2], batch)
    with refused("batch_used", "Other labels were printed under this name"):
        prints(cast, slides, batch)
    with refused("batch_used", "Other labels were printed under this name"):
        prints(cast, slides[:2], batch, by=cast.coordinator)


def test_a_further_copy_needs_a_reason(cast: Cast, slides: list[Slide]) -> None:
    prints(cast, slides[:1])
    with refused("reprint_reason", "has a label already: say why", Invalid) as said:
        prints(cast, slides)
    assert said.field == "reason"
    made = prints(cast, slides, reason="  the printer jammed ")
    assert [(each.copy, each.reason) for each in made] == [(2, "the printer jammed"), (1, ""), (1, "")]


@pytest.mark.parametrize("kind", [CustodyKind.DESTROYED, CustodyKind.CONSUMED])
def test_what_is_gone_needs_no_label(cast: Cast, house: House, slides: list[Slide], kind: CustodyKind) -> None:
    with acting(cast.bench):
        keep([event(kind, slides[1], None, AT, cast.bench.pk)])
    with refused("gone", "needs no label", Rejected) as said:
        prints(cast, slides)
    assert said.places == [(2, "items")]


def test_lists_that_cannot_be(cast: Cast, slides: list[Slide]) -> None:
    with refused("nothing_to_print", "Name the blocks and slides", Invalid):
        prints(cast, [])
    with refused("label_twice", "stands twice", Invalid):
        prints(cast, [slides[0], slides[0]])
    with refused("too_many_labels", f"At most {MOST_LABELS}", Invalid):
        prints(cast, [slides[0]] * (MOST_LABELS + 1))
    with refused("start", "count its places from 1", Invalid):
        prints(cast, slides, start=0)


def test_a_reason_that_does_not_fit_is_refused(cast: Cast, slides: list[Slide]) -> None:
    prints(cast, slides)
    with refused("reason", "At most 200 characters", Invalid) as said:
        prints(cast, slides, reason="x" * 201)
    assert said.field == "reason"


def test_who_may_print(cast: Cast, house: House, slides: list[Slide]) -> None:
    for who in (cast.reader, cast.statistician, cast.administrator):
        with forbidden("Only coordinators and histotechnologists"):
            prints(cast, slides, by=who)
    lia = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    prints(cast, slides, by=person("mia", "Mia Mercy", Role.COORDINATOR, house.mercy))
    with refused("other_site", "belongs to another site", Forbidden):
        prints(cast, slides, by=lia)


def test_a_print_cannot_be_altered(cast: Cast, slides: list[Slide]) -> None:
    prints(cast, slides)
    with pytest.raises(Exception, match="append-only"):
        LabelPrint.objects.update(reason="nothing")


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_clicks_and_two_people_at_once(cast: Cast, slides: list[Slide]) -> None:
    """One batch clicked four times is one batch; another batch meanwhile must say why."""
    one, other = uuid4(), uuid4()
    given = at_once([partial(prints, cast, slides, one) for _ in range(4)] + [partial(prints, cast, slides, other)] * 4)
    batches = set(LabelPrint.objects.values_list("batch", flat=True))
    assert len(batches) == 1
    assert len(done(given)) == len(refusals(given)) == 4
    assert {said.code for said in refusals(given)} == {"reprint_reason"}
    assert LabelPrint.objects.count() == 3
    assert list(ledger.verify()) == []
