"""Freezes of the export: made, listed, downloaded in whole or by range, made again, held against each other."""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims import freeze_differences, freezing
from lims.api.bodies import text
from lims.api.door import Body, Door, Listing, valid
from lims.api.export import Export
from lims.api.shown import Shown
from lims.api.told import named_trial
from lims.models.freezes import Freeze, FrozenTable
from specimens.scope import Scope

NEEDS = {"GET": "lims.export", "POST": "lims.export"}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
CHUNK = 1 << 16


class FrozenTableShown(Shown):
    table = s.CharField()
    rows = s.IntegerField()
    size = s.IntegerField(help_text="Bytes")
    sha256 = s.CharField()
    kept_at = s.DateTimeField()


class FreezeShown(Shown):
    id = s.IntegerField()
    name = s.CharField()
    trial = s.CharField(source="trial.code", allow_null=True, default=None, help_text="null: all trials")
    reason = s.CharField()
    as_of = s.DateTimeField(source="asked_at", help_text="The moment it speaks of")
    frozen_by = s.CharField(source="asked_by.printed_name")
    dictionary_version = s.CharField(source="dictionary")
    model = s.CharField()
    edition = s.CharField()
    rows = s.IntegerField(source="told", allow_null=True, help_text="Of all tables; null while it is being made")


class OneFreezeShown(FreezeShown):
    sealed = s.CharField(help_text="Why its files are closed at present; blank when they are open")
    tables = FrozenTableShown(many=True, help_text="Empty while it is being made")


class NewFreeze(Body):
    name = text(60, blank=False)
    reason = text(500, blank=False)
    trial = s.CharField(max_length=24, default="", allow_blank=True, help_text="Code of the trial; blank for all")


class MadeAgainShown(Shown):
    table = s.CharField()
    same = s.BooleanField()
    sha256_kept = s.CharField(source="kept")
    sha256_again = s.CharField(source="again")
    rows_kept = s.IntegerField()
    rows_again = s.IntegerField()


class ChangeShown(Shown):
    trial = s.CharField()
    study_id = s.CharField()
    key = s.CharField(help_text="Names the row: the table's key, by blanks")
    column = s.CharField()
    was = s.CharField()
    became = s.CharField()


class TableDifferenceShown(Shown):
    table = s.CharField()
    came = s.IntegerField()
    went = s.IntegerField()
    changed = s.IntegerField()
    columns = s.DictField(child=s.IntegerField(), help_text="Changed values by column")
    changes = ChangeShown(many=True, help_text="The first 200")


class DeedShown(Shown):
    trial = s.CharField()
    study_id = s.CharField()
    deed = s.CharField()
    times = s.IntegerField()


class DifferenceShown(Shown):
    earlier = s.CharField(source="earlier.name")
    later = s.CharField(source="later.name")
    reasons = s.ListField(child=s.CharField())
    patients = s.SerializerMethodField()
    tables = TableDifferenceShown(many=True)
    deeds = DeedShown(many=True, source="why", help_text="Between the two, about those patients; the first 200")

    def get_patients(self, found: Any) -> list[dict[str, str]]:
        return [{"trial": trial, "study_id": study_id} for trial, study_id in found.patients]


class Freezes(Listing):
    """The newest first. Of the core's own people alone: a freeze holds every site."""

    needs = NEEDS
    serializer_class = FreezeShown

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return freezing.freezes(scope)

    @extend_schema(request=NewFreeze, responses={202: OneFreezeShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Freeze the export of this moment. A worker writes the files: ask the address in Location until they are
        there."""
        said = valid(NewFreeze, request)
        trial = named_trial(said["trial"]) if said["trial"] else None
        kept = freezing.freeze_export(
            by=self.person, at=timezone.now(), name=said["name"], reason=said["reason"], trial=trial
        )
        headers = {"Location": f"{request.path}{kept.pk}/", "Retry-After": "2"}
        return Response(told(freezing.one_freeze(self.scope, kept.pk)), status=202, headers=headers)


class OneFreeze(Door):
    needs = NEEDS

    @extend_schema(responses={200: OneFreezeShown, 202: OneFreezeShown})
    def get(self, request: Request, pk: int) -> Response:
        """The freeze with the checksum of every table; 202 and Retry-After while it is being made."""
        said = told(freezing.one_freeze(self.scope, pk))
        if said["tables"]:
            return Response(said)
        return Response(said, status=202, headers={"Retry-After": "2"})


class FreezeFile(Export):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR, (206, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, key: str) -> HttpResponse | StreamingHttpResponse:
        """One table as CSV, whole or a single range of bytes, so that a download broken off goes on where it was."""
        kept, file = freezing.opened(freezing.one_freeze(self.scope, pk), key)
        first, last = range_of(request.headers.get("Range", ""), kept.size)
        if first > last and kept.size:
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{kept.size}"})
        answer = StreamingHttpResponse(pieces(file, first, last), content_type="text/csv; charset=utf-8")
        if (first, last) != (0, kept.size - 1):
            answer.status_code = 206
            answer["Content-Range"] = f"bytes {first}-{last}/{kept.size}"
        return labelled(answer, kept, last - first + 1)


class FreezeAgain(Door):
    needs = NEEDS

    @extend_schema(responses=MadeAgainShown(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Every table made again as of the same moment, its checksum beside the one that was kept."""
        freeze = freezing.one_freeze(self.scope, pk)
        return Response(MadeAgainShown(list(freezing.made_again(freeze)), many=True).data)


class FreezeDifference(Door):
    needs = NEEDS

    @extend_schema(responses=DifferenceShown)
    def get(self, request: Request, a: int, b: int) -> Response:
        """What the later of two freezes says differently, and the deeds between them."""
        one, other = freezing.one_freeze(self.scope, a), freezing.one_freeze(self.scope, b)
        return Response(DifferenceShown(freeze_differences.difference(one, other)).data)


def told(freeze: Freeze) -> dict[str, Any]:
    about = FreezeShown(freeze).data
    tables = FrozenTableShown(freezing.tables_of(freeze), many=True).data
    return {**about, "sealed": freezing.sealed_since(freeze), "tables": tables}


def labelled(answer: StreamingHttpResponse, kept: FrozenTable, length: int) -> StreamingHttpResponse:
    answer["Content-Length"] = str(length)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = f'"{kept.sha256}"'
    answer["X-SHA-256"] = kept.sha256
    answer["X-Row-Count"] = str(kept.rows)
    answer["Content-Disposition"] = f'attachment; filename="{kept.table}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def range_of(asked: str, size: int) -> tuple[int, int]:
    """First and last byte wanted. What is no single range of bytes means the whole; past the end, first > last."""
    found = RANGE.fullmatch(asked.strip())
    if not found or not (found[1] or found[2]):
        return 0, size - 1
    if not found[1]:
        return max(size - int(found[2]), 0), size - 1
    return int(found[1]), min(int(found[2] or size - 1), size - 1)


def pieces(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
