"""The statistician's export: one row a patient, and the dictionary that explains every column."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Door
from lims.api.rendering import OrjsonRenderer
from lims.export import dictionary, rows
from lims.export.columns import PATIENTS
from lims.export.query import Asked
from lims.moments import end_of, not_yet
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import Risk

FORMATS = ("csv", "json")
CSV_TYPE = "text/csv; charset=utf-8"
FORMAT = OpenApiParameter("format", enum=FORMATS, default="csv", description="csv unless told")
ANY_TABLE = {(200, "text/csv"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.OBJECT}


class ByAddress(BaseContentNegotiation):
    """The format stands in the address, so that a link says what it gives; `Accept` is not asked."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return OrjsonRenderer(), OrjsonRenderer.media_type


class Export(Door):
    needs: ClassVar[dict[str, str]] = {"GET": "lims.export"}
    content_negotiation_class = ByAddress


class PatientsExport(Export):
    parameters = frozenset({"format", "trial", "site", "risk", "release", "as_of"})

    @extend_schema(
        parameters=[
            FORMAT,
            OpenApiParameter("trial", description="Code of the trial"),
            OpenApiParameter("site", description="Code of the treating site"),
            OpenApiParameter("risk", enum=[risk.value for risk in Risk]),
            OpenApiParameter("release", description="Name of the outcome release; the latest unless told"),
            OpenApiParameter("as_of", description="Day or moment: only scores and releases known by then"),
        ],
        responses=ANY_TABLE,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """One row a patient, streamed. Patients who withdrew consent are not in it."""
        asked, now = asked_of(request, self), timezone.now()
        if wanted(request) == "csv":
            export = rows.patients_csv(asked)
            answer = StreamingHttpResponse(export.chunks, content_type=CSV_TYPE)
            answer["Content-Disposition"] = f'attachment; filename="patients-{now:%Y%m%dT%H%M%SZ}.csv"'
        else:
            export = rows.patients_json(asked, at=now)
            answer = StreamingHttpResponse(export.chunks, content_type="application/json")
        return labelled(answer, export.count, now)


class DictionaryExport(Export):
    parameters = frozenset({"format"})

    @extend_schema(parameters=[FORMAT], responses=ANY_TABLE)
    def get(self, request: Request) -> HttpResponse | Response:
        """Every column of the export: name, XPT name, label, type, unit, codes, source, derivation, since."""
        now = timezone.now()
        if wanted(request, "json") == "csv":
            answer = HttpResponse(dictionary.as_csv(PATIENTS), content_type=CSV_TYPE)
            answer["Content-Disposition"] = 'attachment; filename="dictionary.csv"'
            return labelled(answer, len(PATIENTS), now)
        told = {
            "dictionary_version": dictionary.VERSION,
            "model": CURRENT.model,
            "edition": CURRENT.edition,
            "investigational": CURRENT.statement,
            "columns": dictionary.entries(PATIENTS),
        }
        return labelled(Response(told), len(PATIENTS), now)


def labelled(answer: Any, count: int, now: datetime) -> Any:
    """What stands on the wrapping: rows, moment, edition, and what the categories are not."""
    answer["X-Row-Count"] = str(count)
    answer["X-Generated-At"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    answer["X-Dictionary-Version"] = dictionary.VERSION
    answer["X-Edition"] = f"{CURRENT.model} {CURRENT.edition}"
    answer["X-Investigational"] = CURRENT.statement
    answer["Cache-Control"] = "no-store"
    return answer


def wanted(request: Request, otherwise: str = "csv") -> str:
    written = request.query_params.get("format", otherwise)
    if written not in FORMATS:
        raise ValidationError({"format": f"Ask for one of {', '.join(FORMATS)}."})
    return written


def asked_of(request: Request, view: Door) -> Asked:
    given: dict[str, Any] = {name: request.query_params.get(name, "") for name in ("trial", "site", "risk", "release")}
    problems = {name: "There is no such code." for name, value in given.items() if "\x00" in value}
    if given["risk"] and given["risk"] not in set(Risk):
        problems["risk"] = f"Ask for one of {', '.join(Risk)}."
    if problems:
        raise ValidationError(problems)
    return Asked(scope=view.scope, as_of=moment(request.query_params.get("as_of", "")), **given)


def moment(written: str) -> datetime | None:
    """A day means its end, UTC; a moment without a zone is UTC."""
    if not written:
        return None
    try:
        at = parse_datetime(written) if "T" in written or " " in written else None
        day = None if at else parse_date(written)
    except ValueError:
        at = day = None
    if at is None and day is None:
        raise ValidationError({"as_of": "Give a day such as 2026-11-23 or a moment such as 2026-11-23T09:00:00Z."})
    at = at or end_of(day)  # type: ignore[arg-type]
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if refusal := not_yet(at.astimezone(UTC).date(), written[:32]):
        raise ValidationError({"as_of": refusal})
    return at
