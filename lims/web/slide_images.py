"""Pictures of slides: attached at the bench, and served to whoever may see the slide's case.

What a scanner wrote of a label, a name or a camera is served to nobody: only plain pictures whose pixels alone were
kept, small pictures, and tiles.
"""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control

from lims.people import scope_of
from lims.web import tile_door
from lims.web.forms import tried
from lims.web.gate import may, needs, person
from scoring import pictures, queries
from scoring.pictures import Picture
from scoring.views import CaseView
from specimens import bench_desk
from specimens import queries as tissue
from specimens.errors import Unknown
from specimens.identifiers import parsed
from specimens.models import Slide, SlideImage
from specimens.tiles.cutting import TILE, grids
from specimens.tiling import CutState, cut_again, cuttings_of, stop_cutting
from specimens.whole_slides import attach_upload, on_disk

ATTACH = "specimens.attach_image"
KEPT_BY_BROWSER = timedelta(days=30)


class PictureForm(forms.Form):
    file = forms.FileField(
        label="Picture or whole-slide file",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/tiff,.svs,.tif,.tiff"}),
        help_text="JPEG, PNG or TIFF; or a whole slide as SVS or pyramidal TIFF. Of a picture only the pixels are "
        "kept; a whole slide is kept as it came, and only its tiles are shown: no labels, no names.",
        allow_empty_file=True,
    )
    demonstration = forms.BooleanField(label="This is not the slide’s own tissue", required=False)


# ---- at the bench ----
def section(request: HttpRequest, slide: Slide, form: PictureForm | None = None) -> dict[str, object]:
    """What `tissue/pictures.html` says. Three queries at most."""
    images = bench_desk.images_of(slide)
    cuttings = cuttings_of(images)
    attaching = may(person(request), ATTACH)
    return {
        "images": [(image, cuttings.get(image.pk)) for image in images],
        "may_attach": attaching,
        "picture_form": (form or PictureForm()) if attaching else None,
    }


@needs(ATTACH)
def attach(request: HttpRequest, accession: str) -> HttpResponse:
    """Attach a file to the slide; it lies on disk by now, and never whole in memory."""
    slide = tissue.slide(scope_of(person(request)), parsed(accession))
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload, demonstration = form.cleaned_data["file"], form.cleaned_data["demonstration"]
        with on_disk(upload) as file:
            done = tried(
                form,
                lambda: attach_upload(
                    by=person(request),
                    at=timezone.now(),
                    slide=slide,
                    name=upload.name,
                    path=file,
                    demonstration=demonstration,
                ),
            )
        if done:
            messages.success(request, said_of(done))
            return redirect("slide", slide.accession)
    return render(request, "tissue/attach_picture.html", {"slide": slide} | section(request, slide, form))


def said_of(image: SlideImage) -> str:
    size = f"{image.width} × {image.height} pixels"
    if image.whole_slide:
        return f"A whole slide of {size} was attached to {image.slide}; its tiles are being cut."
    return f"A picture of {size} was attached to {image.slide}."


@needs("specimens.view")
def cutting(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the tiles of a picture are; a POST stops their cutting or asks for it again."""
    image = bench_desk.image(scope_of(person(request)), pk)
    if request.method == "POST":
        deed = stop_cutting if request.POST.get("do") == "stop" else cut_again
        deed(by=person(request), at=timezone.now(), image=image)
        return redirect("slide", image.slide.accession)
    found = cuttings_of([image]).get(image.pk)
    if found is None:
        raise Unknown("unknown_image", "This picture is no whole slide: it has no tiles.")
    context = {"image": image, "cutting": found, "may_attach": may(person(request), ATTACH)}
    return render(request, "tissue/cutting.html", context)


@needs("specimens.view")
def picture(request: HttpRequest, pk: int, size: str) -> FileResponse:
    """The pixels of a picture, whole or small, under a name of our own; never a whole slide's original."""
    found = bench_desk.image(scope_of(person(request)), pk)
    sizes = {"small": found.thumbnail} | ({} if found.whole_slide else {"whole": found.file})
    name = sizes.get(size)
    if name is None or not default_storage.exists(name):
        raise Unknown("unknown_image", "This picture is not in the store.")
    kind = "image/jpeg" if found.whole_slide else found.media_type
    answer = FileResponse(default_storage.open(name), content_type=kind)
    answer["Content-Disposition"] = f'inline; filename="{found.sha256[:12]}-{size}"'
    answer["Cache-Control"] = f"private, max-age={int(KEPT_BY_BROWSER.total_seconds())}"
    return answer


# ---- beside the case ----
def seen(request: HttpRequest, code: str, number: int) -> tuple[CaseView, Picture]:
    view = queries.case_for(person(request), code, scope_of(person(request)))
    return view, pictures.picture(view, number)


@cache_control(private=True, max_age=3600)
def case_picture(request: HttpRequest, code: str, number: int) -> HttpResponse | FileResponse:
    """A picture of the case's slide, under no name of its own; of a whole slide the small picture."""
    view, found = seen(request, code, number)
    return served(found, f"case-{view.code}")


def served(found: Picture, name: str) -> FileResponse:
    """What may be served of a picture whole, under a name that tells nothing. Its kind is ours to say."""
    if not default_storage.exists(found.file):
        raise Unknown("unknown_image", "This picture is not in the store yet.")
    answer = FileResponse(default_storage.open(found.file), content_type=found.media_type)
    answer["Content-Disposition"] = f'inline; filename="{name}.{found.media_type.partition("/")[2]}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Vary"] = "Cookie"
    return answer


@cache_control(private=True, no_store=True)
def deep_zoom(request: HttpRequest, code: str, number: int) -> JsonResponse:
    """What the viewer must know of a picture: its size, its scale, where its tiles are and how far they are cut."""
    view, found = seen(request, code, number)
    if found.is_ready and found.whole_slide:
        tile_door.let_in(request, code, number, found.folder)
    cutting = found.cutting
    return JsonResponse(
        {
            "width": found.width,
            "height": found.height,
            "mpp": found.mpp,
            "magnification": found.magnification,
            "ready": found.is_ready,
            "done": cutting.done if cutting else 0,
            "total": cutting.total if cutting else 0,
            "stopped": bool(cutting and cutting.state is CutState.STOPPED),
            "demonstration": found.demonstration,
            "tile_size": TILE if found.whole_slide else None,
            "max_level": grids(found.width, found.height)[0].level if found.whole_slide else None,
            "tiles": reverse("case_tiles", args=[view.code, number]) if found.whole_slide else None,
            "whole": reverse("case_picture", args=[view.code, number]) if found.is_shown else None,
        }
    )


def tiles(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Where the tiles of a picture lie; there is nothing to see at this address itself."""
    seen(request, code, number)
    raise Unknown("unknown_tile", "Ask for one tile: its level, column and row.")


def tile(request: HttpRequest, code: str, number: int, level: int, column: int, row: int) -> HttpResponse:
    """One tile, for who may see the case; for the next minute `tile_door` answers this session at once."""
    _, found = seen(request, code, number)
    answer = None
    if found.is_ready and found.whole_slide:
        tile_door.let_in(request, code, number, found.folder)
        answer = tile_door.tile(request, found.folder, code, (number, level, column, row))
    if answer is None:
        raise Unknown("unknown_tile", "The picture has no such tile, or it is not cut yet.")
    return answer


urls: list[URLPattern] = [
    path("slides/<str:accession>/pictures/", attach, name="attach_picture"),
    path("pictures/<int:pk>/cutting/", cutting, name="cutting_of_picture"),
    path("pictures/<int:pk>/<str:size>/", picture, name="picture"),
]
case_urls: list[URLPattern] = [
    path("cases/<str:code>/pictures/<int:number>/", case_picture, name="case_picture"),
    path("cases/<str:code>/pictures/<int:number>/deep-zoom/", deep_zoom, name="deep_zoom"),
    path("cases/<str:code>/pictures/<int:number>/tiles/", tiles, name="case_tiles"),
    path("cases/<str:code>/pictures/<int:number>/tiles/<int:level>/<int:column>/<int:row>/", tile, name="case_tile"),
]
