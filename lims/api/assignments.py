"""Who reads what, over the API: cases to give out, readers, giving out and taking back; handing back."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.bodies import text
from lims.api.door import Body, Door, valid
from lims.api.shown import Shown
from scoring import assignment_desk as desk
from scoring import queries
from scoring.assigning import assign, assign_by_rule, hand_back, reassign, take_back
from scoring.readers import reader_named

ASSIGN = "scoring.assign"
MOST_CASES = 200


class HolderShown(Shown):
    id = s.IntegerField()
    reader = s.CharField()
    username = s.CharField()
    how = s.CharField(help_text="rule or hand")
    reason = s.CharField()
    since = s.DateTimeField()
    can_end = s.BooleanField(help_text="false once it is read")


class AssignmentCaseShown(Shown):
    """A case that is not read through: whom it is given to, and how many places nobody was given."""

    code = s.CharField()
    assay = s.CharField()
    opened_at = s.DateTimeField()
    synthetic = s.BooleanField()
    free = s.IntegerField()
    holders = HolderShown(many=True)


class AssignmentCases(Shown):
    results = AssignmentCaseShown(many=True)
    next = s.IntegerField(allow_null=True, help_text="give it as `before` for the next rows")


class ByHand(Body):
    case = text(20)
    reader = text(150)
    reason = text(500)


class ByRule(Body):
    cases = s.ListField(child=text(20), min_length=1, max_length=MOST_CASES)


class Ended(Body):
    reason = text(500)
    reader = s.CharField(max_length=150, required=False, help_text="whom it goes to instead")


class Why(Body):
    reason = text(500)


class GivenOutShown(Shown):
    made = s.IntegerField(help_text="assignments made")
    left = s.ListField(child=s.CharField(), help_text="cases for which too few readers are able")


class HandedBackShown(Shown):
    ended = s.IntegerField()


class Assignments(Door):
    needs = {"GET": ASSIGN, "POST": ASSIGN}
    parameters = frozenset({"before", "free"})

    @extend_schema(
        operation_id="assignments_list",
        responses=AssignmentCases,
        parameters=[
            OpenApiParameter("before", int, description="rows opened before this one"),
            OpenApiParameter("free", bool, description="true: only cases given to nobody"),
        ],
    )
    def get(self, request: Request) -> Response:
        """Cases that are not read through, newest first, 50 at a time. Never a repeat."""
        free = request.query_params.get("free", "false")
        if free not in ("true", "false"):
            raise ValidationError({"free": "Say true or false."})
        page = desk.cases_to_give(self.person, before(request), only_free=free == "true")
        return Response(AssignmentCases({"results": page.rows, "next": page.after}).data)

    @extend_schema(request=ByHand, responses={201: AssignmentCaseShown})
    def post(self, request: Request) -> Response:
        """Give one free place of a case to a reader, by hand."""
        said = valid(ByHand, request)
        case = desk.case_to_give(self.person, said["case"])
        to = reader_named(said["reader"])
        assign(by=self.person, at=timezone.now(), case=case, reader_id=to.id, reason=said["reason"])
        return Response(AssignmentCaseShown(desk.one_case(self.person, case.code)).data, status=201)


class AssignmentsByRule(Door):
    needs = {"POST": ASSIGN}

    @extend_schema(request=ByRule, responses={201: GivenOutShown})
    def post(self, request: Request) -> Response:
        """Give every free place of these cases to readers by the rule."""
        said = valid(ByRule, request)
        cases = desk.cases_named(self.person, said["cases"])
        out = assign_by_rule(by=self.person, at=timezone.now(), cases=cases)
        return Response(GivenOutShown({"made": len(out.made), "left": out.left}).data, status=201)


class AssignmentEnds(Door):
    needs = {"POST": ASSIGN}

    @extend_schema(request=Ended, responses={201: AssignmentCaseShown})
    def post(self, request: Request, pk: int) -> Response:
        """Take a case back from a reader; with `reader`, give it to that one instead."""
        said = valid(Ended, request)
        held = desk.assignment(self.person, pk)
        told = {"by": self.person, "at": timezone.now(), "assignment": held, "reason": said["reason"]}
        if said.get("reader"):
            reassign(reader_id=reader_named(said["reader"]).id, **told)
        else:
            take_back(**told)
        return Response(AssignmentCaseShown(desk.one_case(self.person, held.case.code)).data, status=201)


class HandBack(Door):
    needs = {"POST": "scoring.sign_read"}

    @extend_schema(request=Why, responses={201: HandedBackShown})
    def post(self, request: Request, code: str) -> Response:
        """Give a case back that was given to you and that you have not read."""
        said = valid(Why, request)
        queries.case_for(self.person, code, self.scope)
        ends = hand_back(by=self.person, at=timezone.now(), case=queries.case_named(code), reason=said["reason"])
        return Response(HandedBackShown({"ended": len(ends)}).data, status=201)


def before(request: Request) -> int | None:
    """The row to go on from. Raises ValidationError for what is no number."""
    written = request.query_params.get("before", "")
    if written and not (written.isascii() and written.isdigit() and len(written) < 19):
        raise ValidationError({"before": "Give the number that `next` gave."})
    return int(written) if written else None
