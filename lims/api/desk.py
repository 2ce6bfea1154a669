"""A reader's own draft of a case, and another slide asked of the bench in place of the case's."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.bodies import text, words
from lims.api.door import Body, Door, valid
from lims.api.shown import Shown
from scoring import drafts, queries
from scoring.drafts import HIGHEST, LONGEST, Form, Kept
from scoring.refusing import refuse_slide
from scoring.vocabulary import Wish
from specimens.errors import Unknown


class DraftShown(Shown):
    case = s.CharField()
    form = s.CharField(help_text="read, decide or amend")
    typed = s.DictField(child=s.CharField(allow_blank=True), help_text="Field to text, as typed")
    version = s.IntegerField(help_text="Name it when you save again")
    saved_at = s.DateTimeField()


class DraftBody(Body):
    typed = s.DictField(child=s.CharField(max_length=LONGEST, allow_blank=True, trim_whitespace=False))
    version = s.IntegerField(min_value=0, max_value=HIGHEST, help_text="The one you last had, 0 when there was none")
    form = words(Form, default=Form.READ.value)


class RefusalBody(Body):
    wish = words(Wish)
    reason = text(400, blank=False)


class RefusalShown(Shown):
    case = s.CharField()
    wish = s.CharField()
    asked_at = s.DateTimeField()


def shown(code: str, kept: Kept) -> dict[str, Any]:
    told = {name: getattr(kept, name) for name in ("form", "typed", "version", "saved_at")}
    return DraftShown(told | {"case": code}).data


class OwnDraft(Door):
    @extend_schema(operation_id="draft", responses=DraftShown)
    def get(self, request: Request, code: str) -> Response:
        """What you have typed of the case and not signed; nobody else meets it. 404 when there is nothing."""
        view = queries.case_for(self.person, code, self.scope)
        kept = drafts.draft_of(self.person, view.id)
        if kept is None:
            raise Unknown("no_draft", f"You have no draft of case {view.code}.")
        return Response(shown(view.code, kept))

    @extend_schema(operation_id="save_draft", request=DraftBody, responses=DraftShown)
    def put(self, request: Request, code: str) -> Response:
        """Keep what is typed in place of the version named. 412 when a later one is kept, 409 when the case cannot
        be signed now."""
        said = valid(DraftBody, request)
        view = queries.case_for(self.person, code, self.scope)
        said = said
        kept = drafts.save_draft(
            by=self.person,
            at=timezone.now(),
            case=queries.case_named(view.code),
            typed=said["typed"],
            version=said["version"],
            form=Form(said["form"]),
        )
        return Response(shown(view.code, kept))

    @extend_schema(operation_id="drop_draft", responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        """Throw your draft away."""
        view = queries.case_for(self.person, code, self.scope)
        drafts.drop_draft(by=self.person, at=timezone.now(), case=queries.case_named(view.code))
        return Response(status=204)


class Refusals(Door):
    @extend_schema(operation_id="refuse_slide", request=RefusalBody, responses={201: RefusalShown})
    def post(self, request: Request, code: str) -> Response:
        """Declare the case's slide unfit and ask the bench for another, once. The new slide opens a new case."""
        said = valid(RefusalBody, request)
        view = queries.case_for(self.person, code, self.scope)
        wish = Wish(said["wish"])
        made = refuse_slide(
            by=self.person,
            at=timezone.now(),
            case=queries.case_named(view.code),
            wish=wish,
            reason=said["reason"],
        )
        told = {"case": view.code, "wish": wish, "asked_at": made.refused_at}
        return Response(RefusalShown(told).data, status=201)
