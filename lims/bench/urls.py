"""The API as it is, and beside it the plainest view that gives the same list of slides. For measurements alone."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.utils.timezone import localdate
from knox.auth import TokenAuthentication

from lims.people import scope_of
from lims.web import slide_images
from specimens import listings
from specimens.inventory import age_today
from specimens.models import Slide

PAGE = 50


def plain_slides(request: HttpRequest) -> HttpResponse:
    """The first 50 slides within the token's reach: the API's own query, its columns, and json.dumps."""
    user, _ = TokenAuthentication().authenticate(request) or (None, None)
    if user is None or not user.has_perm("specimens.view"):
        return HttpResponse(status=401)
    found = listings.slides(scope_of(user)).order_by("id")[:PAGE]
    return JsonResponse({"results": [row(slide) for slide in found]})


def row(slide: Slide) -> dict[str, Any]:
    run = slide.staining.run if hasattr(slide, "staining") else None
    return {
        "accession": slide.accession,
        "block": slide.block.accession,
        "further_blocks": [face.block.accession for face in slide.faces.all()],
        "specimen": slide.block.specimen.accession,
        "trial": slide.block.specimen.patient.trial.code,
        "study_id": slide.block.specimen.patient.study_id,
        "site_label": slide.site_label,
        "position": slide.position,
        "cut_on": slide.cut_on,
        "thickness_um": slide.thickness_um,
        "cut_at_core": slide.cut_at_core,
        "order": slide.order.accession if slide.order else "",
        "where": slide.where,  # type: ignore[attr-defined]
        "section_age_days": age_today(slide, localdate()),
        "stain": run.stain if run else "",
        "run": run.accession if run else "",
        "stained_on": run.stained_on if run else None,
        "accessioned_at": slide.accessioned_at,
        "synthetic": slide.synthetic,
    }


urlpatterns = [
    path("api/v1/plain/slides/", plain_slides),
    *slide_images.case_urls,
    path("api/v1/", include("lims.api.urls")),
]
