"""Pictures of slides: what is attached to a slide, attaching one, stopping and resuming the cutting of its tiles."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Body, Door, valid
from lims.api.rendering import TooLarge
from lims.api.shown import Shown
from specimens import bench_desk, queries
from specimens.identifiers import parsed
from specimens.models import Slide, SlideImage
from specimens.tiling import cut_again, cuttings_of, stop_cutting
from specimens.whole_slides import attach_upload, on_disk

AROUND = 256 * 1024


class CuttingShown(Shown):
    state = s.CharField(help_text="waiting, cutting, stopped or cut")
    done = s.IntegerField()
    total = s.IntegerField()
    cause = s.CharField(help_text="Why it stands still; blank when it does not")


class PictureShown(Shown):
    id = s.IntegerField()
    slide = s.CharField()
    sha256 = s.CharField(help_text="Of the file as it was sent")
    width = s.IntegerField()
    height = s.IntegerField()
    whole_slide = s.BooleanField()
    mpp = s.FloatField(allow_null=True, help_text="Micrometres a pixel; null when the file does not say")
    magnification = s.FloatField(allow_null=True)
    demonstration = s.BooleanField(help_text="Not this slide's own tissue")
    attached_at = s.DateTimeField()
    tiles = CuttingShown(allow_null=True, help_text="Null for a plain picture")


class PictureList(Shown):
    results = PictureShown(many=True)


class PictureBody(Body):
    file = s.FileField(allow_empty_file=True)
    demonstration = s.BooleanField(default=False)


def shown(image: SlideImage) -> dict[str, Any]:
    return rows([image])[0]


def rows(images: list[SlideImage]) -> list[dict[str, Any]]:
    names = [str(name) for name in PictureShown().fields if name not in ("slide", "tiles")]
    cuttings = cuttings_of(images)
    return [
        {name: getattr(image, name) for name in names} | {"slide": str(image.slide), "tiles": cuttings.get(image.pk)}
        for image in images
    ]


class Pictures(Door):
    needs = {"GET": "specimens.view", "POST": "specimens.attach_image"}
    parser_classes = [MultiPartParser]
    remembers: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if length.isdigit() and int(length) > settings.PARAFFIN_MAX_SLIDE_BYTES + AROUND:
            raise TooLarge

    def slide(self, accession: str) -> Slide:
        return queries.slide(self.scope, parsed(accession))

    @extend_schema(operation_id="pictures_list", responses=PictureList)
    def get(self, request: Request, accession: str) -> Response:
        """The pictures of a slide, first attached first, and how far the tiles of each are."""
        images = bench_desk.images_of(self.slide(accession))
        return Response(PictureList({"results": rows(images)}).data)

    @extend_schema(request={"multipart/form-data": PictureBody}, responses={201: PictureShown})
    def post(self, request: Request, accession: str) -> Response:
        """Attach a JPEG, PNG or TIFF picture, or a whole slide as SVS or pyramidal TIFF; a worker cuts its tiles."""
        slide = self.slide(accession)
        said = valid(PictureBody, request)
        upload = said["file"]
        with on_disk(upload) as file:
            image = attach_upload(
                by=self.person,
                at=timezone.now(),
                slide=slide,
                name=upload.name,
                path=file,
                demonstration=said["demonstration"],
            )
        return Response(PictureShown(shown(image)).data, status=201)


class CuttingStep(Body):
    do = s.ChoiceField(choices=["stop", "again"])


class Cutting(Door):
    needs = {"GET": "specimens.view", "POST": "specimens.attach_image"}

    @extend_schema(responses=PictureShown)
    def get(self, request: Request, pk: int) -> Response:
        """A picture, and how far its tiles are."""
        return Response(PictureShown(shown(bench_desk.image(self.scope, pk))).data)

    @extend_schema(request=CuttingStep, responses={200: PictureShown})
    def post(self, request: Request, pk: int) -> Response:
        """Stop the cutting of a picture's tiles, or go on with it."""
        image = bench_desk.image(self.scope, pk)
        said = valid(CuttingStep, request)
        deed = stop_cutting if said["do"] == "stop" else cut_again
        deed(by=self.person, at=timezone.now(), image=image)
        return Response(PictureShown(shown(image)).data)
