"""Labels: print them as a file, and what was printed."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django_filters import rest_framework as by
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from lims import labels
from lims.api.bodies import text
from lims.api.door import Body, Listing, valid
from lims.api.export import ByAddress
from lims.api.filters import Filters, exactly, one_of
from lims.api.shown import Shown
from lims.papers.stock import STOCK
from specimens import label_desk
from specimens.labelling import MOST_LABELS
from specimens.scope import Scope
from specimens.vocabulary import LabelFormat


class LabelBody(Body):
    items = s.ListField(
        child=s.CharField(max_length=60),
        min_length=1,
        max_length=MOST_LABELS,
        help_text="Accession numbers of blocks and slides, in the order of the labels",
    )
    stock = s.ChoiceField(choices=[(name, each.title) for name, each in STOCK.items()])
    start = s.IntegerField(min_value=1, max_value=MOST_LABELS, default=1, help_text="First free place of a used sheet")
    reason = text(200)
    batch = s.UUIDField(
        default=uuid.uuid4, help_text="A name of your own for this file: sent again, it gives the same file again"
    )


class PrintShown(Shown):
    batch = s.UUIDField()
    place = s.IntegerField()
    block = s.CharField(source="block.accession", default="")
    slide = s.CharField(source="slide.accession", default="")
    copy = s.IntegerField()
    format = s.CharField()
    stock = s.CharField()
    reason = s.CharField()
    printed_at = s.DateTimeField()


class PrintFilters(Filters):
    block = exactly("block__accession", "Accession number of the block")
    slide = exactly("slide__accession", "Accession number of the slide")
    batch = by.UUIDFilter(field_name="batch", label="What was printed together")
    format = one_of("format", LabelFormat, "On a sheet or by a thermal printer")


class Labels(Listing):
    needs = {"GET": "specimens.view", "POST": "specimens.label"}
    remembers = False
    serializer_class = PrintShown
    filterset_class = PrintFilters
    content_negotiation_class: type[BaseContentNegotiation] = ByAddress

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return label_desk.prints(scope)

    @extend_schema(
        request=LabelBody,
        responses={(201, "application/pdf"): OpenApiTypes.BINARY, (201, "text/plain"): OpenApiTypes.BINARY},
        filters=False,
    )
    def post(self, request: Request) -> HttpResponse:
        """Print labels: a PDF for sheets, ZPL II for rolls. Each is on record; a further copy needs a reason."""
        told = valid(LabelBody, request)
        wanted = labels.ready(self.scope, told["items"], stock=told["stock"], start=told["start"])
        prints = labels.printed(
            by=self.person, at=timezone.now(), batch=told["batch"], wanted=wanted, reason=told["reason"]
        )
        made = labels.file_of(self.scope, prints)
        answer = HttpResponse(made.content, status=201, content_type=made.media_type)
        answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
        answer["X-Row-Count"] = str(len(prints))
        answer["Cache-Control"] = "no-store"
        return answer
