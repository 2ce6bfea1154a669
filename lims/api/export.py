"""The statistician's export: every table in every format, and the dictionary that explains every column."""

from collections.abc import Sequence
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
from lims.export import dictionary, formats, rows, safe_harbour
from lims.export.catalogue import entries_of
from lims.export.formats import FORMATS, Format
from lims.export.query import TABLES, Asked
from lims.export.table import Table
from lims.moments import end_of, not_yet
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import Assay, Risk

CSV_TYPE = "text/csv; charset=utf-8"
PARAMETERS = [
    OpenApiParameter("format", enum=list(FORMATS), default="csv", description="csv unless told"),
    OpenApiParameter("compress", enum=list(formats.PACKINGS), description="Packed as it streams"),
    OpenApiParameter(
        "columns", description="Names of columns, separated by commas, in the order wanted; all unless told"
    ),
    OpenApiParameter("variant", enum=[safe_harbour.NAME], description="De-identified; identified unless told"),
    OpenApiParameter("trial", description="Code of the trial"),
    OpenApiParameter("site", description="Code of the treating site"),
    OpenApiParameter("as_of", description="Day or moment: only what was known by then"),
    OpenApiParameter("risk", enum=[risk.value for risk in Risk], description="Of patients and scores"),
    OpenApiParameter("assay", enum=[assay.value for assay in Assay], description="Of reads and agreement"),
    OpenApiParameter("release", description="Name of the outcome release; of patients the latest unless told"),
]
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


class TableExport(Export):
    """One table, streamed. Who withdrew consent and what has not concluded is not in it."""

    table: ClassVar[Table] = TABLES["patients"]

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"format", "compress", "columns", "variant", "trial", "site", "as_of", *self.table.filters})

    @extend_schema(parameters=PARAMETERS, responses=ANY_TABLE)
    def get(self, request: Request) -> StreamingHttpResponse:
        """Rows of the table, in the format asked for. `columns` chooses and orders; `compress` packs."""
        asked, now, form = asked_of(request, self), timezone.now(), wanted(request)
        packing = packing_of(request, form)
        columns = [name.strip() for name in request.query_params.get("columns", "").split(",") if name.strip()]
        export = rows.export(self.table, asked, form.writer, at=now, columns=columns)
        chunks = formats.packed(export.chunks, packing) if packing else export.chunks
        answer = StreamingHttpResponse(chunks, content_type=f"application/{packing}" if packing else form.content_type)
        suffix = f"{form.suffix}.{formats.PACKINGS[packing]}" if packing else form.suffix
        answer["Content-Disposition"] = f'attachment; filename="{self.table.name}-{now:%Y%m%dT%H%M%SZ}.{suffix}"'
        return labelled(answer, export.count, now)


class DictionaryExport(Export):
    parameters = frozenset({"format", "table"})

    @extend_schema(
        parameters=[
            OpenApiParameter("format", enum=["json", "csv"], default="json"),
            OpenApiParameter("table", enum=list(TABLES), description="Of this table alone"),
        ],
        responses=ANY_TABLE,
    )
    def get(self, request: Request) -> HttpResponse | Response:
        """Every column: name, XPT name, label, type, unit, codes, source, derivation, since; of every table."""
        now, table = timezone.now(), request.query_params.get("table", "")
        if table and table not in TABLES:
            raise ValidationError({"table": f"Ask for one of {', '.join(TABLES)}."})
        told = entries_of([TABLES[table]] if table else list(TABLES.values()))
        if wanted(request, "json", ("json", "csv")).name == "csv":
            answer = HttpResponse(dictionary.as_csv(told), content_type=CSV_TYPE)
            answer["Content-Disposition"] = 'attachment; filename="dictionary.csv"'
            return labelled(answer, len(told), now)
        shown = {
            "dictionary_version": dictionary.VERSION,
            "model": CURRENT.model,
            "edition": CURRENT.edition,
            "investigational": CURRENT.statement,
            "tables": [{"table": each.name, "about": each.about, "key": each.key} for each in TABLES.values()],
            "columns": told,
        }
        return labelled(Response(shown), len(told), now)


def labelled(answer: Any, count: int, now: datetime) -> Any:
    """What stands on the wrapping: rows, moment, edition, and what the categories are not."""
    answer["X-Row-Count"] = str(count)
    answer["X-Generated-At"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    answer["X-Dictionary-Version"] = dictionary.VERSION
    answer["X-Edition"] = f"{CURRENT.model} {CURRENT.edition}"
    answer["X-Investigational"] = CURRENT.statement
    answer["Cache-Control"] = "no-store"
    return answer


def wanted(request: Request, otherwise: str = "csv", among: Sequence[str] = tuple(FORMATS)) -> Format:
    written = request.query_params.get("format", otherwise)
    if written not in among:
        raise ValidationError({"format": f"Ask for one of {', '.join(among)}."})
    return FORMATS[written]


def packing_of(request: Request, form: Format) -> str:
    written = request.query_params.get("compress", "")
    if written and written not in formats.PACKINGS:
        raise ValidationError({"compress": f"Ask for one of {', '.join(formats.PACKINGS)}."})
    if written and not form.packs:
        raise ValidationError({"compress": f"{form.title} is packed already: leave compress out."})
    return written


def asked_of(request: Request, view: TableExport) -> Asked:
    names = ("trial", "site", *view.table.filters)
    given: dict[str, Any] = {name: request.query_params.get(name, "") for name in names}
    problems = {name: "There is no such code." for name, value in given.items() if "\x00" in value}
    for name, words in (("risk", Risk), ("assay", Assay)):
        if given.get(name) and given[name] not in set(words):
            problems[name] = f"Ask for one of {', '.join(words)}."
    if problems:
        raise ValidationError(problems)
    safe = is_safe(request)
    return Asked(scope=view.scope, as_of=moment(request.query_params.get("as_of", "")), safe=safe, **given)


def is_safe(request: Request) -> bool:
    """Is the de-identified variant wanted? One site's rows alone would say where its patients live."""
    written = request.query_params.get("variant", "")
    if written not in ("", safe_harbour.NAME):
        raise ValidationError({"variant": f"Ask for {safe_harbour.NAME}, or leave it out."})
    if written and request.query_params.get("site"):
        raise ValidationError({"site": "The de-identified variant tells no site: leave site out."})
    return bool(written)


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
