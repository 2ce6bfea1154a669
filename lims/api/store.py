"""The store and disposals for programs: places, what stands in a drawer, putting, taking, proposing, answering.

All of it is the core's own: to a hospital's people there is no such list.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api import filters
from lims.api.bodies import MOST_ROWS, text, words
from lims.api.door import Body, Detail, Door, Listing, valid
from lims.api.shown import Shown
from specimens import disposal_desk, store_desk
from specimens.deeds import demand_core
from specimens.disposing import answer_disposals, propose_disposal
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import parsed
from specimens.models import StoragePlace
from specimens.placing import NewPlace, add_places
from specimens.scope import Scope
from specimens.standing import Thing
from specimens.storing import Put, put_things, take_out
from specimens.vocabulary import DisposalKind, PlaceKind

KEEPS, DISPOSES = "specimens.store", "specimens.dispose"


# ---- shown ----
class PlaceShown(Shown):
    accession = s.CharField()
    kind = s.CharField()
    name = s.CharField()
    inside = s.CharField(source="parent.accession", default="")
    positions = s.IntegerField()
    columns = s.IntegerField()
    taken = s.IntegerField(help_text="How many of its positions hold something")
    retired_at = s.DateTimeField(allow_null=True)


class StandingShown(Shown):
    position = s.IntegerField()
    thing = s.SerializerMethodField()
    study_id = s.SerializerMethodField()
    since = s.DateTimeField()

    def get_thing(self, standing: Any) -> str:
        return str(standing.block or standing.slide)

    def get_study_id(self, standing: Any) -> str:
        block = standing.slide.block if standing.slide else standing.block
        return block.specimen.patient.study_id


class MoveShown(Shown):
    thing = s.SerializerMethodField()
    place = s.CharField(source="place.accession", default="")
    position = s.IntegerField(allow_null=True)
    moved_at = s.DateTimeField()
    note = s.CharField()

    def get_thing(self, move: Any) -> str:
        return str(move.block or move.slide)


class DisposalShown(Shown):
    id = s.IntegerField()
    thing = s.SerializerMethodField()
    kind = s.CharField()
    reason = s.CharField()
    state = s.SerializerMethodField()
    proposed_at = s.DateTimeField()
    proposed_by = s.CharField()
    answered_at = s.DateTimeField(source="answer.answered_at", default=None, allow_null=True)
    answered_by = s.CharField(source="answer.answered_by", default="")
    answer_reason = s.CharField(source="answer.reason", default="")

    def get_thing(self, disposal: Any) -> str:
        return str(disposal.block or disposal.slide)

    def get_state(self, disposal: Any) -> str:
        return disposal_desk.state_of(disposal)


# ---- bodies ----
class NewPlaceBody(Body):
    kind = words(PlaceKind)
    name = text(40, blank=False)
    inside = text(24)
    drawers = s.IntegerField(default=0, min_value=0, max_value=2**31 - 1)
    positions = s.IntegerField(default=0, min_value=0, max_value=2**31 - 1)
    columns = s.IntegerField(default=10, min_value=0, max_value=2**31 - 1)


class NewPlaces(Body):
    places = NewPlaceBody(many=True, min_length=1, max_length=200)  # type: ignore[call-arg]


class PutBody(Body):
    thing = text(40, blank=False)
    place = text(24, blank=False)
    position = s.IntegerField(
        allow_null=True, default=None, min_value=0, max_value=2**31 - 1, help_text="The next free one unless told"
    )


class Puts(Body):
    puts = PutBody(many=True, min_length=1, max_length=MOST_ROWS)  # type: ignore[call-arg]
    note = text(200)


class Takes(Body):
    things = s.ListField(child=s.CharField(max_length=40), min_length=1, max_length=MOST_ROWS)
    why = text(200, blank=False)


class Proposals(Body):
    things = s.ListField(child=s.CharField(max_length=40), min_length=1, max_length=MOST_ROWS)
    kind = words(DisposalKind)
    reason = text(500, blank=False)


class AnswerBody(Body):
    confirmed = s.BooleanField()
    reason = text(500)


# ---- from words to things ----
def things(accessions: Sequence[str]) -> list[Thing]:
    """The blocks and slides of these numbers; every number that is none is named."""
    read, problems = [], []
    for row, accession in enumerate(accessions, start=1):
        try:
            read.append(parsed(accession))
        except Refused as refused:
            problems.append(RowProblem(row, "thing", refused.sentence, accession))
    found = store_desk.things_named(read)
    problems += [
        RowProblem(row, "thing", f"There is no block or slide {accession}.", accession, "unknown_thing")
        for row, accession in enumerate(read, start=1)
        if accession not in found
    ]
    if problems:
        raise Rejected(problems)
    return [found[accession] for accession in read]


def place_in_body(accession: str, field: str) -> StoragePlace:
    """The place of this number; Invalid where the body names none."""
    try:
        return store_desk.place(parsed(accession))
    except Refused as refused:
        raise Invalid(refused.code, refused.sentence, field=field) from refused


def new_place(row: Any) -> NewPlace:
    inside = place_in_body(row["inside"], "inside") if row["inside"] else None
    return NewPlace(**{**row, "kind": PlaceKind(row["kind"]), "inside": inside})


# ---- doors ----
class Places(Listing):
    """Rooms, cabinets and drawers with how much of each is taken."""

    needs = {"GET": KEEPS, "POST": KEEPS}
    serializer_class = PlaceShown
    filterset_class = filters.PlaceFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        found = store_desk.places_with_taken()
        return found if scope.everything else found.none()

    @extend_schema(request=NewPlaces, responses={201: PlaceShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Add rooms, cabinets with their drawers, or single drawers; all of them or none."""
        demand_core(self.person, "The store")
        sent = valid(NewPlaces, request)
        wanted = [new_place(row) for row in sent["places"]]
        made = add_places(by=self.person, at=timezone.now(), places=wanted)
        found = store_desk.places_with_taken().filter(pk__in=[place.pk for place in made]).order_by("id")
        return Response(PlaceShown(found, many=True).data, status=201)


class OnePlace(Detail):
    needs = {"GET": KEEPS}
    serializer_class = PlaceShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        found = store_desk.places_with_taken()
        return found if scope.everything else found.none()


class Content(Listing):
    """What stands in a drawer, by position."""

    needs = {"GET": KEEPS}
    serializer_class = StandingShown

    def listing(self, scope: Scope) -> QuerySet[Any]:
        if not scope.everything:
            raise Http404
        return store_desk.standing_in(store_desk.place(parsed(self.kwargs["accession"])))


class PutDoor(Door):
    """Things into drawers."""

    needs = {"POST": KEEPS}

    @extend_schema(request=Puts, responses={201: MoveShown(many=True)})
    def post(self, request: Request) -> Response:
        """Put things away; what stands elsewhere moves. All of them or none."""
        demand_core(self.person, "The store")
        sent = valid(Puts, request)
        asked = sent["puts"]
        drawers = {code: place_in_body(code, "place") for code in {row["place"] for row in asked}}
        puts = [
            Put(thing, drawers[row["place"]], row["position"])
            for thing, row in zip(things([row["thing"] for row in asked]), asked, strict=True)
        ]
        moves = put_things(by=self.person, at=timezone.now(), puts=puts, note=sent["note"])
        return Response(MoveShown(store_desk.moves([move.pk for move in moves]), many=True).data, status=201)


class TakeDoor(Door):
    """Things out of drawers."""

    needs = {"POST": KEEPS}

    @extend_schema(request=Takes, responses={201: MoveShown(many=True)})
    def post(self, request: Request) -> Response:
        """Take things out of their drawers; all of them or none."""
        demand_core(self.person, "The store")
        sent = valid(Takes, request)
        said = sent
        moves = take_out(by=self.person, at=timezone.now(), things=things(said["things"]), why=said["why"])
        return Response(MoveShown(store_desk.moves([move.pk for move in moves]), many=True).data, status=201)


class Disposals(Listing):
    """Proposals to dispose of tissue, and what became of them."""

    needs = {"GET": KEEPS, "POST": DISPOSES}
    serializer_class = DisposalShown
    filterset_class = filters.DisposalFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        found = disposal_desk.disposals()
        return found if scope.everything else found.none()

    @extend_schema(request=Proposals, responses={201: DisposalShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Propose to destroy these things, or to write them off as used up; all of them or none."""
        demand_core(self.person, "Disposing of tissue")
        sent = valid(Proposals, request)
        said = sent
        made = propose_disposal(
            by=self.person,
            at=timezone.now(),
            things=things(said["things"]),
            kind=DisposalKind(said["kind"]),
            reason=said["reason"],
        )
        found = disposal_desk.disposals_numbered([each.pk for each in made])
        return Response(DisposalShown(found, many=True).data, status=201)


class OneDisposal(Detail):
    needs = {"GET": KEEPS}
    serializer_class = DisposalShown
    named = {"pk": "pk"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        found = disposal_desk.disposals()
        return found if scope.everything else found.none()


class DisposalAnswers(OneDisposal):
    """The second person's word."""

    needs = {"POST": DISPOSES}
    http_method_names = ["post"]

    @extend_schema(request=AnswerBody, responses={201: DisposalShown})
    def post(self, request: Request, pk: int) -> Response:
        """Confirm a proposal of somebody else, or refuse it with a reason; one's own can only be withdrawn."""
        disposal = self.get_object()
        sent = valid(AnswerBody, request)
        answer_disposals(by=self.person, at=timezone.now(), disposals=[disposal], **sent)
        return Response(DisposalShown(self.get_object()).data, status=201)
