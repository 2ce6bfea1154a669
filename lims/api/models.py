"""The models' cards, and what a model answers to typed findings. Nothing is stored."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.bodies import text
from lims.api.door import Body, Door, valid
from lims.api.shown import Shown
from scoring.rules.catalogue import Card, Faulty, card, names
from specimens.errors import Rejected, RowProblem, Unknown


class WhatIf(Body):
    model = text(60, blank=False)
    edition = text(40)
    findings = s.DictField(
        child=s.CharField(max_length=60, allow_blank=True, allow_null=True),
        help_text="The model's inputs by name, as text; blank or absent is not known",
    )


class AnswerShown(Shown):
    model = s.CharField()
    edition = s.CharField()
    group = s.CharField()
    possible_groups = s.ListField(child=s.CharField())
    points = s.IntegerField(allow_null=True)
    reasons = s.ListField(child=s.CharField())
    missing = s.ListField(child=s.CharField())
    further = s.DictField(child=s.CharField())
    what_would_change = s.ListField(child=s.DictField(child=s.CharField()))
    investigational = s.CharField()


EDITION = OpenApiParameter("edition", description="An edition's name; the one in force unless told")


class Models(Door):
    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """Every model, its edition in force and its notice."""
        cards = [card(name) for name in names()]
        return Response({"results": [short(each) for each in cards]})


class OneModel(Door):
    parameters = frozenset({"edition"})

    @extend_schema(parameters=[EDITION], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, model: str) -> Response:
        """The model's card: inputs, rule, readings, sources, evidence, limits, editions."""
        of = named(model, request.query_params.get("edition", ""))
        return Response(asdict_of(of) | {"readings": dict(of.readings), "sources": dict(of.sources)})


class Try(Door):
    remembers = False

    @extend_schema(request=WhatIf, responses={200: AnswerShown})
    def post(self, request: Request) -> Response:
        """What the model answers to these findings. Kept nowhere; every fault is named."""
        told = valid(WhatIf, request)
        of = named(told["model"], told["edition"])
        inputs = {each.name for each in of.inputs}
        faults = [(name, f"{of.name} asks for {', '.join(sorted(inputs))}.") for name in told["findings"]
                  if name not in inputs]  # fmt: skip
        try:
            if faults:
                raise Faulty(faults)
            answer = of.judge({name: value or "" for name, value in told["findings"].items()})
        except Faulty as wrong:
            problems = [RowProblem(0, name[:40], sentence) for name, sentence in wrong.faults]
            raise Rejected(problems, code="findings_refused") from wrong
        shown = {
            **{name: getattr(answer, name) for name in ("model", "edition", "group", "possible_groups", "points")},
            "reasons": answer.reasons, "missing": answer.missing, "further": dict(answer.further),
            "what_would_change": [asdict(each) for each in answer.changes], "investigational": answer.statement,
        }  # fmt: skip
        return Response(AnswerShown(shown).data)


def named(model: str, edition: str) -> Card:
    if model not in names():
        raise Http404
    try:
        return card(model, edition)
    except ValueError as why:
        raise Unknown("unknown_edition", str(why)) from why


def asdict_of(of: Card) -> dict[str, Any]:
    plain = ("name", "title", "edition", "statement", "groups", "limits")
    listed = ("inputs", "rule", "evidence", "history")
    return {name: getattr(of, name) for name in plain} | {
        name: [asdict(each) for each in getattr(of, name)] for name in listed
    }


def short(of: Card) -> dict[str, Any]:
    return {"name": of.name, "title": of.title, "edition": of.edition, "groups": of.groups,
            "inputs": [each.name for each in of.inputs], "investigational": of.statement}  # fmt: skip
