"""Who may read what until when, and training sets, over the API."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.assignments import Why, before
from lims.api.bodies import day, one_time_code, text
from lims.api.cases import check_password
from lims.api.door import Body, Door, valid
from lims.api.shown import Shown
from scoring import queries
from scoring import training_desk as desk
from scoring.qualifying import end_qualification, qualify_by_hand
from scoring.readers import reader_named
from scoring.rules.vocabulary import Assay
from scoring.training import add_item_from_case, answer_item, close_training_set, make_training_set
from specimens.errors import Forbidden, Invalid
from specimens.models import AssayVersion

READ, OVERSEE = "scoring.sign_read", "scoring.oversee"
ASSAYS = [assay.value for assay in Assay]


class QualificationShown(Shown):
    id = s.IntegerField()
    reader = s.CharField()
    assay = s.CharField()
    version = s.CharField()
    how = s.CharField()
    reason = s.CharField()
    share = s.IntegerField(allow_null=True, help_text="percent right of the try that was passed")
    since = s.DateField()
    until = s.DateField()
    state = s.CharField(help_text="stands, to come, over or ended")
    ended = s.CharField(help_text="why it was ended")


class QualificationList(Shown):
    results = QualificationShown(many=True)
    next = s.IntegerField(allow_null=True, help_text="give it as `before` for the next rows")


class TryShown(Shown):
    number = s.IntegerField()
    right = s.IntegerField()
    of = s.IntegerField()
    passed = s.BooleanField()
    ended_at = s.DateTimeField()


class TrainingSetShown(Shown):
    """A set as this reader or the lead sees it: never with its answers."""

    id = s.IntegerField()
    name = s.CharField()
    assay = s.CharField()
    version = s.CharField()
    items = s.IntegerField()
    pass_share = s.IntegerField(help_text="percent right that passes")
    within_points = s.CharField()
    valid_days = s.IntegerField()
    closed = s.BooleanField()
    synthetic = s.BooleanField()
    attempt = s.IntegerField(help_text="the try that goes on, or the next")
    answered = s.IntegerField(help_text="of the try that goes on")
    tries = TryShown(many=True, help_text="finished ones alone")


class TrainingSetList(Shown):
    results = TrainingSetShown(many=True)


class NewQualification(Body):
    reader = text(150)
    assay = s.ChoiceField(choices=ASSAYS)
    version = s.IntegerField(required=False, help_text="id of an assay version; without it, every version")
    valid_from = s.DateField(required=False)
    valid_until = day()
    reason = text(500)


class NewTrainingSet(Body):
    name = text(60)
    assay = s.ChoiceField(choices=ASSAYS)
    version = s.IntegerField(required=False, help_text="id of an assay version; without it, every version")
    pass_share = s.DecimalField(max_digits=4, decimal_places=3, help_text="0 to 1")
    within_points = s.DecimalField(max_digits=4, decimal_places=1, default=Decimal(10))
    valid_days = s.IntegerField(default=365)


class NewTrainingItem(Body):
    case = text(20)


class TrainingRead(Body):
    findings = s.DictField()
    password = s.CharField(max_length=200, trim_whitespace=False, help_text="Yours, typed again: it is your signature")
    code = one_time_code()
    attempt = s.IntegerField(required=False, help_text="refused when that try is finished")


class NextItemShown(Shown):
    number = s.IntegerField(allow_null=True, help_text="null when nothing is left of any try")
    slide = s.CharField(help_text="blank when it has a picture")


class Qualifications(Door):
    needs = {"POST": OVERSEE}
    parameters = frozenset({"before"})

    @extend_schema(
        operation_id="qualifications_list",
        responses=QualificationList,
        parameters=[OpenApiParameter("before", int, description="rows recorded before this one")],
    )
    def get(self, request: Request) -> Response:
        """Everybody's for the lead pathologist, a reader's own otherwise; newest first, 50 at a time."""
        page = desk.qualifications(self.person, timezone.localdate(), before(request))
        return Response(QualificationList({"results": page.rows, "next": page.after}).data)

    @extend_schema(request=NewQualification, responses={201: QualificationShown})
    def post(self, request: Request) -> Response:
        """Qualify somebody by hand."""
        said = valid(NewQualification, request)
        made = qualify_by_hand(
            by=self.person, at=timezone.now(), reader_id=reader_named(said["reader"]).id, assay=Assay(said["assay"]),
            version=version_of(said), valid_from=said.get("valid_from"), valid_until=said["valid_until"],
            reason=said["reason"],
        )  # fmt: skip
        return Response(QualificationShown(desk.held_row(made, timezone.localdate())).data, status=201)


class QualificationEnds(Door):
    needs = {"POST": OVERSEE}

    @extend_schema(request=Why, responses={201: QualificationShown})
    def post(self, request: Request, pk: int) -> Response:
        """End a qualification before its day."""
        said = valid(Why, request)
        held = desk.qualification(self.person, pk)
        end_qualification(by=self.person, at=timezone.now(), qualification=held, reason=said["reason"])
        held = desk.qualification(self.person, pk)
        return Response(QualificationShown(desk.held_row(held, timezone.localdate())).data, status=201)


class TrainingSets(Door):
    needs = {"POST": OVERSEE}

    @extend_schema(operation_id="training_sets_list", responses=TrainingSetList)
    def get(self, request: Request) -> Response:
        """Every set for the lead; for a reader what is open and what they tried."""
        demand_part(self)
        return Response(TrainingSetList({"results": desk.training_sets(self.person)}).data)

    @extend_schema(request=NewTrainingSet, responses={201: TrainingSetShown})
    def post(self, request: Request) -> Response:
        """Make an empty set."""
        said = valid(NewTrainingSet, request)
        told = {name: said[name] for name in ("name", "pass_share", "within_points", "valid_days")}
        made = make_training_set(
            by=self.person, at=timezone.now(), assay=Assay(said["assay"]), version=version_of(said), **told
        )
        return Response(TrainingSetShown(desk.one_set(self.person, made.pk)).data, status=201)


class TrainingItems(Door):
    needs = {"POST": OVERSEE}

    @extend_schema(request=NewTrainingItem, responses={201: TrainingSetShown})
    def post(self, request: Request, pk: int) -> Response:
        """Add the slide of a concluded case; its final value is the known answer."""
        said = valid(NewTrainingItem, request)
        training, case = desk.training_set(pk), queries.case_named(said["case"])
        add_item_from_case(by=self.person, at=timezone.now(), training=training, case=case)
        return Response(TrainingSetShown(desk.one_set(self.person, pk)).data, status=201)


class TrainingClose(Door):
    needs = {"POST": OVERSEE}

    @extend_schema(request=None, responses={201: TrainingSetShown})
    def post(self, request: Request, pk: int) -> Response:
        """Close a set: nobody begins it any more."""
        close_training_set(by=self.person, at=timezone.now(), training=desk.training_set(pk))
        return Response(TrainingSetShown(desk.one_set(self.person, pk)).data, status=201)


class TrainingNext(Door):
    needs = {"GET": READ}

    @extend_schema(responses=NextItemShown)
    def get(self, request: Request, pk: int) -> Response:
        """The slide that comes next in this reader's try."""
        desk.one_set(self.person, pk)
        item = desk.next_item(self.person, desk.training_set(pk))
        slide = "" if item is None or desk.pictures_of(item) else item.slide.accession
        return Response(NextItemShown({"number": item.number if item else None, "slide": slide}).data)


class TrainingReads(Door):
    needs = {"POST": READ}

    @extend_schema(request=TrainingRead, responses={201: TrainingSetShown})
    def post(self, request: Request, pk: int, line: int) -> Response:
        """Sign one's read of a slide of the set; the result is told after the last of the try."""
        said = valid(TrainingRead, request)
        desk.one_set(self.person, pk)
        item = desk.item(self.person, pk, line)
        check_password(request, said["password"], said["code"])
        answer_item(by=self.person, at=timezone.now(), item=item, findings=said["findings"], of_try=said.get("attempt"))
        return Response(TrainingSetShown(desk.one_set(self.person, pk)).data, status=201)


def demand_part(door: Door) -> None:
    if not (door.person.has_perm(READ) or door.person.has_perm(OVERSEE)):
        raise Forbidden("not_your_role", "Training is for readers and the lead pathologist.")


def version_of(said: dict[str, Any]) -> AssayVersion | None:
    """The assay version a body names. Raises Invalid for one that is not in use."""
    pk = said.get("version")
    if pk is None:
        return None
    found = desk.versions().filter(pk=pk).first()
    if found is None:
        raise Invalid("unknown_version", "No assay version in use has this id.", field="version")
    return found
