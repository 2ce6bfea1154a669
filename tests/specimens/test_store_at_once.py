"""Many hands in the store at the same instant: one wins, the others get the sentence, nothing stands twice."""

from functools import partial

import pytest

from specimens import ledger, store_desk
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.disposing import answer_disposals, propose_disposal
from specimens.models import CustodyEvent, Disposal, DisposalAnswer, Patient, Slide, Standing
from specimens.placing import NewPlace, add_places, retire_place
from specimens.storing import Put, put_things, take_out
from specimens.vocabulary import DisposalKind, ItemKind, PlaceKind
from tests.cast import AT, Cast
from tests.drawers import a_cabinet, a_drawer, put_away, some_slides
from tests.stories import House
from tests.together import at_once, done, refusals

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def nothing_is_astray(cast: Cast, house: House) -> object:
    yield
    assert list(ledger.verify()) == []
    assert list(store_desk.astray()) == []


def put(cast: Cast, slide: Slide, drawer: object, position: int | None = None) -> object:
    return put_things(by=cast.bench, at=AT, puts=[Put(slide, drawer, position)])  # type: ignore[arg-type]


def test_one_position_and_eight_hands(cast: Cast, house: House, patient: Patient) -> None:
    drawer, slides = a_drawer(cast), some_slides(cast, house, patient, 8)
    given = at_once([partial(put, cast, slide, drawer, 5) for slide in slides])
    assert (len(done(given)), Standing.objects.count()) == (1, 1)
    holder = Standing.objects.get().slide
    assert {r.sentence for r in refusals(given)} == {
        f"Row 1, position: Position 5 of {drawer} holds {holder}: take that out first."
    }


def test_forty_things_to_the_next_free_positions(cast: Cast, house: House, patient: Patient) -> None:
    drawer, slides = a_drawer(cast, 50), some_slides(cast, house, patient, 40)
    given = at_once([partial(put, cast, slide, drawer) for slide in slides])
    assert refusals(given) == []
    assert sorted(Standing.objects.values_list("position", flat=True)) == list(range(1, 41))


def test_one_thing_into_two_drawers(cast: Cast, house: House, patient: Patient) -> None:
    *_, one, two = a_cabinet(cast, drawers=2)
    slide = some_slides(cast, house, patient, 1)[0]
    given = at_once([partial(put, cast, slide, drawer) for drawer in (one, two) * 4])
    assert {r.code for r in refusals(given)} <= {"putting_refused"}
    assert Standing.objects.count() == 1


def test_a_thing_is_sent_while_it_is_put_away(cast: Cast, house: House, patient: Patient) -> None:
    drawer, slides = a_drawer(cast, 30), some_slides(cast, house, patient, 12)

    def send(slide: Slide) -> object:
        item = AnnouncedItem(kind=ItemKind.UNSTAINED_SLIDE, label=str(slide), slide=slide)
        parcel = Parcel(sender=house.core, receiver=house.mercy, items=(item,))
        return announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])

    deeds = [deed for slide in slides for deed in (partial(put, cast, slide, drawer), partial(send, slide))]
    given = at_once(deeds)
    assert {r.code for r in refusals(given)} <= {"putting_refused"}
    assert Standing.objects.count() == 0


def test_one_disposal_answered_by_many(cast: Cast, house: House, patient: Patient) -> None:
    slides = some_slides(cast, house, patient, 2)
    put_away(cast, a_drawer(cast), slides)
    wanted = {"by": cast.bench, "at": AT, "things": slides[:1], "kind": DisposalKind.DESTROYED, "reason": "broken"}
    given = at_once([partial(propose_disposal, **wanted)] * 4)
    assert (len(done(given)), Disposal.objects.count()) == (1, 1)
    both = partial(answer_disposals, at=AT, disposals=list(Disposal.objects.all()))
    confirm = partial(both, by=cast.coordinator, confirmed=True)
    refuse = partial(both, by=cast.bench, confirmed=False, reason="no")
    given = at_once([confirm, refuse] * 4)
    assert len(done(given)) == DisposalAnswer.objects.count() == 1
    assert {r.code for r in refusals(given)} == {"answer_refused"}
    confirmed = DisposalAnswer.objects.get().confirmed
    assert CustodyEvent.objects.filter(kind="destroyed").count() == confirmed


def test_a_drawer_is_retired_while_things_come(cast: Cast, house: House, patient: Patient) -> None:
    drawer, slides = a_drawer(cast), some_slides(cast, house, patient, 6)
    retire = partial(retire_place, by=cast.coordinator, at=AT, place=drawer, reason="rusted")
    given = at_once([*(partial(put, cast, slide, drawer) for slide in slides), retire])
    assert {r.code for r in refusals(given)} <= {"putting_refused", "not_empty"}
    drawer.refresh_from_db()
    assert bool(drawer.retired_at) != Standing.objects.exists()


def test_one_cabinet_added_by_many(cast: Cast, house: House) -> None:
    room = a_cabinet(cast)[0]
    wanted = NewPlace(PlaceKind.CABINET, "Slides", room, drawers=4, positions=9)
    given = at_once([partial(add_places, by=cast.bench, at=AT, places=[wanted])] * 6)
    assert {r.sentence for r in refusals(given)} == {"There is a place of that name here already."}
    assert room.places.filter(name="Slides").count() == 1


def test_a_thing_is_taken_out_by_many(cast: Cast, house: House, patient: Patient) -> None:
    drawer, slides = a_drawer(cast), some_slides(cast, house, patient, 1)
    put_away(cast, drawer, slides)
    given = at_once([partial(take_out, by=cast.bench, at=AT, things=slides, why="to the bench")] * 8)
    assert len(done(given)) == 1
    assert {r.code for r in refusals(given)} == {"taking_refused"}
