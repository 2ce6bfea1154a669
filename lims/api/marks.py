"""Points and regions on the picture of a case: one's own, and the others' once the case has concluded."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Body, Door, valid
from lims.api.shown import Shown
from scoring import marking, queries
from scoring.views import CaseView
from scoring.vocabulary import MarkKind


class MarkShown(Shown):
    id = s.IntegerField()
    picture = s.IntegerField(help_text="Which picture of the case, from 1")
    kind = s.ChoiceField(choices=[kind.value for kind in MarkKind])
    shape = s.ListField(child=s.ListField(child=s.FloatField()), help_text="[[x, y], …] in pixels at full resolution")
    note = s.CharField()
    whose = s.CharField(help_text="yours; or Read A, Read B or Decision once the case has concluded")
    made_at = s.DateTimeField()


class MarkList(Shown):
    results = MarkShown(many=True)


class MarkBody(Body):
    picture = s.IntegerField(min_value=1, max_value=999)
    kind = s.ChoiceField(choices=[kind.value for kind in MarkKind])
    shape = s.ListField(
        child=s.ListField(child=s.FloatField(), min_length=2, max_length=2),
        min_length=1,
        max_length=marking.MOST_CORNERS,
        help_text="One place for a point, three corners or more for a region",
    )
    note = s.CharField(max_length=marking.LONGEST_NOTE, allow_blank=True, default="")


class OfCase(Door):
    def seen(self, code: str) -> CaseView:
        return queries.case_for(self.person, code, self.scope)


class Marks(OfCase):
    @extend_schema(operation_id="marks_list", responses=MarkList)
    def get(self, request: Request, code: str) -> Response:
        """Your marks on the case; those of the other reads too, once it has concluded."""
        found = marking.marks_of(self.person, self.seen(code))
        return Response(MarkList({"results": found}).data)

    @extend_schema(request=MarkBody, responses={201: MarkShown})
    def post(self, request: Request, code: str) -> Response:
        """Set a point or a region while your read is not signed."""
        view = self.seen(code)
        said = valid(MarkBody, request)
        said = said
        mark = marking.set_mark(
            by=self.person,
            at=timezone.now(),
            case=queries.case_named(code),
            picture=marking.picture_marked(view, said["picture"]),
            kind=MarkKind(said["kind"]),
            shape=[(x, y) for x, y in said["shape"]],
            note=said["note"],
        )
        return Response(MarkShown(shown(mark, said["picture"])).data, status=201)


def shown(mark: Any, picture: int) -> dict[str, Any]:
    told = {name: getattr(mark, name) for name in ("id", "kind", "shape", "note", "made_at")}
    return told | {"picture": picture, "whose": "yours"}


class OneMark(OfCase):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, code: str, pk: int) -> Response:
        """Take your own mark away, while your read is not signed."""
        self.seen(code)
        marking.remove_mark(by=self.person, at=timezone.now(), case=queries.case_named(code), mark_id=pk)
        return Response(status=204)
