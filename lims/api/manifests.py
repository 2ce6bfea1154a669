"""Manifest files from a site's own system: upload, ask how far the dry run is, import."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers as s
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Body, Detail, Listing, valid
from lims.api.rendering import NotAForm, TooLarge
from lims.api.shown import Shown
from lims.api.told import institution
from lims.manifests import desk
from lims.manifests.keeping import check_manifest, keep_manifest
from lims.models import Manifest
from specimens import queries
from specimens.scope import Scope

FORM_AROUND = 256 * 1024
NEEDS = "specimens.announce"


class ManifestUpload(s.Serializer[Any]):
    """The form of an upload. Fields it does not know are refused by name."""

    file = s.FileField(allow_empty_file=True, max_length=2000, help_text=".xlsx, or one sheet as CSV in UTF-8")
    sender = s.CharField(max_length=24, help_text="Code of the institution that sends")
    receiver = s.CharField(
        max_length=24, required=False, default="", help_text="Code of the core; its only one if left out"
    )
    trial = s.CharField(max_length=24, required=False, default="", help_text="Only where the file names none")

    def to_internal_value(self, told: Any) -> Any:
        unknown = [str(name)[:40] for name in told if name not in self.fields]
        if unknown:
            said = f"There is no field of this name here; there are: {', '.join(self.fields)}."
            raise s.ValidationError(dict.fromkeys(unknown, said))
        return super().to_internal_value(told)


class FindingShown(s.Serializer[Any]):
    row = s.IntegerField(help_text="As the sheet numbers it, from 1; 0 is the file")
    field = s.CharField()
    value = s.CharField()
    severity = s.ChoiceField(choices=["error", "warning"], help_text="An error refuses its row")
    sentence = s.CharField()
    sheet = s.CharField()


class ProgressShown(s.Serializer[Any]):
    doing = s.CharField()
    done = s.IntegerField()
    total = s.IntegerField()
    left = s.IntegerField()


class ManifestListed(Shown):
    id = s.IntegerField()
    name = s.CharField()
    sha256 = s.CharField()
    kind = s.CharField()
    sender = s.CharField(source="sender.code")
    uploaded_at = s.DateTimeField()
    uploaded_by = s.CharField(source="uploaded_by.printed_name")
    state = s.SerializerMethodField()
    status = s.SerializerMethodField(help_text="Where to ask again")
    rows = s.SerializerMethodField()
    accepted = s.SerializerMethodField()
    refused = s.SerializerMethodField()
    parcel = s.SerializerMethodField(help_text="The parcel it became; blank before")
    synthetic = s.BooleanField()

    def of_check(self, manifest: Any, name: str) -> int:
        return int(getattr(manifest.latest[0], name)) if manifest.latest else 0

    @extend_schema_field(s.ChoiceField(choices=list(desk.STATES)))
    def get_state(self, manifest: Manifest) -> str:
        return desk.state_now(manifest)

    @extend_schema_field(OpenApiTypes.STR)
    def get_status(self, manifest: Manifest) -> str:
        return reverse("api-manifest", args=[manifest.pk])

    @extend_schema_field(OpenApiTypes.INT)
    def get_rows(self, manifest: Manifest) -> int:
        return self.of_check(manifest, "rows")

    @extend_schema_field(OpenApiTypes.INT)
    def get_accepted(self, manifest: Manifest) -> int:
        return self.of_check(manifest, "accepted")

    @extend_schema_field(OpenApiTypes.INT)
    def get_refused(self, manifest: Manifest) -> int:
        return self.of_check(manifest, "refused")

    @extend_schema_field(OpenApiTypes.STR)
    def get_parcel(self, manifest: Manifest) -> str:
        return str(desk.parcel_of(manifest) or "")


class ManifestShown(ManifestListed):
    progress = s.SerializerMethodField(help_text="Of a running check; null when none runs")
    findings = s.SerializerMethodField()

    @extend_schema_field(ProgressShown(allow_null=True))
    def get_progress(self, manifest: Any) -> dict[str, Any] | None:
        check = manifest.latest[0] if manifest.latest else None
        if check is None or check.finished_at or check.stopped_at:
            return None
        told = desk.progress_of(check)
        return {"doing": told.doing, "done": told.done, "total": told.total, "left": told.left}

    @extend_schema_field(FindingShown(many=True))
    def get_findings(self, manifest: Any) -> list[dict[str, Any]]:
        return list(manifest.latest[0].findings) if manifest.latest else []


class Manifests(Listing):
    """Manifests within reach; a POST uploads one."""

    needs = {"GET": NEEDS, "POST": NEEDS}
    serializer_class = ManifestListed
    parser_classes = [MultiPartParser]
    remembers = False

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return desk.manifests(scope)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Too large, or no form at all, is said before a byte of it is read."""
        if request.method == "POST":
            length = str(request.META.get("CONTENT_LENGTH") or "0")
            if length.isdigit() and int(length) > settings.PARAFFIN_MAX_UPLOAD_BYTES + FORM_AROUND:
                raise TooLarge
            # The same bytes are the same manifest: a key adds nothing, and would hold the whole file in memory.
            request._request.META.pop("HTTP_IDEMPOTENCY_KEY", None)
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and not str(request.content_type).startswith("multipart/form-data"):
            raise NotAForm(request.content_type)

    @extend_schema(request={"multipart/form-data": ManifestUpload}, responses={202: ManifestShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Keep a manifest and judge its rows; ask its status address how far that is. The same file from the same
        sender is the same manifest, and one that was imported says as which parcel."""
        told = valid(ManifestUpload, request)
        check = keep_manifest(
            by=self.person,
            at=timezone.now(),
            sender=institution(told["sender"], "sender", self.scope),
            receiver=institution(told["receiver"], "receiver") if told["receiver"] else queries.core(),
            name=told["file"].name,
            content=told["file"].read(),
            trial=told["trial"],
        )
        return accepted(self, check.manifest_id)


class OneManifest(Detail):
    """How far the dry run or the import is, and every finding once it has ended."""

    needs = {"GET": NEEDS}
    serializer_class = ManifestShown
    named = {"pk": "pk"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return desk.manifests(scope)


class Nothing(Body):
    """An empty object: what is imported was uploaded before."""


class ImportManifest(OneManifest):
    needs = {"POST": NEEDS}
    http_method_names = ["post"]

    @extend_schema(request=Nothing, responses={202: ManifestShown})
    def post(self, request: Request, pk: int) -> Response:
        """Announce the parcel of a manifest whose dry run refused no row: all of it, once."""
        valid(Nothing, request)
        check_manifest(by=self.person, at=timezone.now(), manifest=self.get_object(), imports=True)
        return accepted(self, pk)


def accepted(view: Any, pk: int) -> Response:
    shown = ManifestShown(desk.manifests(view.scope).get(pk=pk)).data
    return Response(shown, status=202, headers={"Location": shown["status"]})
