"""Manifests: uploaded, judged by the worker row by row, and imported whole or not at all."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from lims.intake.manifests.opening import MOST_BYTES
from lims.intake.manifests.ours import COLUMNS, IGNORED
from lims.manifests import annotating
from lims.manifests import desk as manifest_desk
from lims.manifests.keeping import check_manifest, keep_manifest, map_columns, stop_check
from lims.manifests.working import content_of, mapping_of
from lims.models import Manifest, ManifestCheck
from lims.people import scope_of
from lims.web.forms import PickField, tried, typed
from lims.web.gate import needs, person
from lims.web.paging import LARGEST, pager
from specimens import desk, queries
from specimens.errors import Refused, Unknown
from specimens.scope import Scope

ANNOUNCE = "specimens.announce"
RUNNING = ("judging", "importing")
STATE_SHAPES = {
    "judging": "part", "importing": "part", "stopped": "none", "given up": "stop", "refused": "due", "ready": "open",
    "imported": "done",
}  # fmt: skip
T = TypeVar("T")


class ManifestForm(forms.Form):
    file = forms.FileField(
        label="Manifest",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv", "data-drop": ""}),
        help_text=f".xlsx, or one sheet as CSV in UTF-8; up to {MOST_BYTES // 2**20} MB and 20,000 rows.",
        error_messages={"empty": "The file is empty: choose the manifest once more."},
        max_length=2000,
    )
    sender = PickField(label="Sent by", queryset=None, to_field_name="code", empty_label="choose the sender")
    receiver = PickField(label="Sent to", queryset=None, to_field_name="code", empty_label=None)
    trial = PickField(
        label="Trial", queryset=None, to_field_name="code", empty_label="as the file says", required=False,
        help_text="Only where the file names none.",
    )  # fmt: skip

    refused_as = 200

    def __init__(self, scope: Scope, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["sender"].queryset = desk.sites(scope)  # type: ignore[attr-defined]
        self.fields["receiver"].queryset = desk.cores()  # type: ignore[attr-defined]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]
        if len(scope.institutions or ()) == 1:
            self.fields["sender"].empty_label = None  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Too large is said before any of it is read into memory."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            self.refused_as = 413
            raise forms.ValidationError(f"The file is larger than {MOST_BYTES // 2**20} MB: send it in parts.")
        return file


@needs(ANNOUNCE)
def manifests(request: HttpRequest) -> HttpResponse:
    """The upload, and what was uploaded before. A file that was uploaded already leads to its own page."""
    scope = scope_of(person(request))
    form = ManifestForm(scope, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        check = tried(form, lambda: uploaded(request, form))
        if check:
            return redirect("manifest", check.manifest_id)
    page = manifest_desk.manifest_list(scope, before_id=pager(request).before_id)
    context = {
        "form": form,
        "page": pager(request).of(page),
        "rows": [(row, STATE_SHAPES[row.state]) for row in page.rows],
    }
    return render(request, "manifests/list.html", context, status=status_of(form))


def uploaded(request: HttpRequest, form: ManifestForm) -> ManifestCheck:
    said = form.cleaned_data
    try:
        return keep_manifest(
            by=person(request), at=timezone.now(), sender=said["sender"], receiver=said["receiver"],
            name=said["file"].name, content=said["file"].read(), trial=said["trial"].code if said["trial"] else "",
        )  # fmt: skip
    except Refused as refused:
        form.refused_as = refused.status
        raise


def status_of(form: ManifestForm) -> int:
    """413 and 415 for files that are refused at the door; the page with its sentence is the same."""
    return form.refused_as if form.refused_as in (413, 415) else 200


def found(request: HttpRequest, pk: int) -> Manifest:
    return manifest_desk.manifest(scope_of(person(request)), min(pk, LARGEST))


def shown(manifest: Manifest) -> dict[str, Any]:
    """What the page and its fragment share: the state, and how far a running check is."""
    check, parcel = manifest_desk.last_check(manifest), manifest_desk.parcel_of(manifest)
    waiting = check is not None and not check.finished_at and not check.stopped_at and parcel is None
    cause = manifest_desk.given_up(check) if check and waiting else ""
    state = manifest_desk.state_of(check, parcel is not None, bool(cause))
    return {
        "manifest": manifest,
        "check": check,
        "parcel": parcel,
        "cause": cause,
        "state": state,
        "shape": STATE_SHAPES[state],
        "running": state in RUNNING,
        "progress": manifest_desk.progress_of(check) if check and state in RUNNING else None,
        "kind": manifest_desk.kind_words(manifest),
    }


@needs(ANNOUNCE)
def manifest(request: HttpRequest, pk: int) -> HttpResponse:
    """One manifest: what is being done, or every row with its verdict and the import."""
    context = shown(found(request, pk))
    check = context["check"]
    if check and check.finished_at:
        which, after = typed(request.GET, "rows"), typed(request.GET, "after")
        which = which if which in manifest_desk.SHOWN else ("refused" if check.refused else "all")
        onward = int(after) if after.isascii() and after.isdigit() else 0
        context |= {"judged": manifest_desk.judged(check, shown=which, after=onward), "which": which, "after": onward}
        context["columns"] = columns_form(context["manifest"], check) if check.columns else None
    return render(request, "manifests/manifest.html", context)


@needs(ANNOUNCE)
def manifest_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, asked for every second; once the check has ended, the whole page is fetched anew."""
    context = shown(found(request, pk))
    answer = render(request, "manifests/progress.html", context)
    if not context["running"]:
        answer["HX-Refresh"] = "true"
    return answer


def then_page(request: HttpRequest, pk: int, deed: Callable[[Manifest], object]) -> HttpResponse:
    """Do `deed` to the manifest; what it refuses stands above its page."""
    manifest = found(request, pk)
    try:
        deed(manifest)
    except Unknown:
        raise
    except Refused as refused:
        messages.warning(request, refused.sentence)
    return redirect("manifest", pk)


@needs(ANNOUNCE)
@require_POST
def import_manifest(request: HttpRequest, pk: int) -> HttpResponse:
    """Import all of it. Asked twice, it comes in once."""
    by, at = person(request), timezone.now()
    return then_page(request, pk, lambda manifest: check_manifest(by=by, at=at, manifest=manifest, imports=True))


@needs(ANNOUNCE)
@require_POST
def recheck_manifest(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = person(request), timezone.now()
    return then_page(request, pk, lambda manifest: check_manifest(by=by, at=at, manifest=manifest))


@needs(ANNOUNCE)
@require_POST
def stop_manifest(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = person(request), timezone.now()

    def stop(manifest: Manifest) -> None:
        check = manifest_desk.last_check(manifest)
        if check:
            stop_check(by=by, at=at, check=check)

    return then_page(request, pk, stop)


# ---- columns ----
class ColumnsForm(forms.Form):
    """One choice for each column of the file. Fields are numbered: the file's own words are no field names."""

    def __init__(self, columns: list[str], chosen: dict[str, str], *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.theirs = columns
        ours = [("", "is not read"), *((name, name.replace("_", " ")) for name in COLUMNS)]
        for number, name in enumerate(columns):
            field = forms.ChoiceField(label=name[:60], choices=ours, required=False, initial=chosen.get(name, ""))
            self.fields[f"c{number}"] = field

    def columns(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"c{number}"] or IGNORED for number, name in enumerate(self.theirs)}


def columns_form(manifest: Manifest, check: ManifestCheck, *args: object) -> ColumnsForm:
    return ColumnsForm(check.columns, mapping_of(manifest), *args)


@needs(ANNOUNCE)
@require_POST
def manifest_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which columns are which; the next file of this sender needs it no more."""
    manifest = found(request, pk)
    check = manifest_desk.last_check(manifest)
    if check is None or not check.columns:
        raise Refused("no_columns", "The columns of this manifest are known: there is nothing to map.")
    form = columns_form(manifest, check, request.POST)
    by, at = person(request), timezone.now()
    if form.is_valid():
        again = tried(form, lambda: map_columns(by=by, at=at, manifest=manifest, columns=form.columns()))
        if again:
            return redirect("manifest", pk)
    context = shown(manifest) | {"judged": manifest_desk.judged(check), "which": "all", "columns": form}
    return render(request, "manifests/manifest.html", context)


# ---- files to take away ----
@needs(ANNOUNCE)
def annotated_manifest(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The file with a verdict beside every row."""
    manifest = found(request, pk)
    check = manifest_desk.last_check(manifest)
    if check is None or not check.finished_at:
        raise Refused("not_judged", "This manifest has not been judged yet: wait for its dry run.")
    content = content_of(manifest)
    made = annotating.annotated_workbook if kind == "xlsx" else annotating.annotated_csv
    stem = manifest.name.rsplit(".", 1)[0][:80] or "manifest"
    return attached(made(content, manifest.name, check), f"{stem} judged.{kind}", kind)


@needs(ANNOUNCE)
def manifest_template(request: HttpRequest, kind: str) -> HttpResponse:
    made = annotating.template_workbook() if kind == "xlsx" else annotating.template_csv()
    return attached(made, f"paraffin-manifest.{kind}", kind)


def attached(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=annotating.XLSX if kind == "xlsx" else annotating.CSV)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


def in_kinds(view: Callable[..., HttpResponseBase], address: str, name: str) -> list[URLPattern]:
    return [path(f"{address}.{kind}", view, {"kind": kind}, name=f"{name}_{kind}") for kind in ("xlsx", "csv")]


urls: list[URLPattern] = [
    path("manifests/", manifests, name="manifests"),
    *in_kinds(manifest_template, "manifests/template", "manifest_template"),
    path("manifests/<int:pk>/", manifest, name="manifest"),
    path("manifests/<int:pk>/progress/", manifest_progress, name="manifest_progress"),
    path("manifests/<int:pk>/import/", import_manifest, name="import_manifest"),
    path("manifests/<int:pk>/check/", recheck_manifest, name="recheck_manifest"),
    path("manifests/<int:pk>/stop/", stop_manifest, name="stop_manifest"),
    path("manifests/<int:pk>/columns/", manifest_columns, name="manifest_columns"),
    *in_kinds(annotated_manifest, "manifests/<int:pk>/judged", "annotated_manifest"),
]
