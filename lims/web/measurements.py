"""The lead pathologist's list of reads that lie far from what was measured beside them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.web.gate import needs
from lims.web.paging import pager
from lims.web.places import Place
from scoring.measuring import far_apart

OVERSEE = "scoring.oversee"


@needs(OVERSEE)
def measurements(request: HttpRequest) -> HttpResponse:
    found = pager(request).of(far_apart(pager(request).before_id))
    context = {"page": found, "limit": settings.PARAFFIN_MEASUREMENT_APART}
    return render(request, "quality/measurements.html", context)


urls: list[URLPattern] = [path("quality/measurements/", measurements, name="measurements")]
places = [Place("measurements", "Measured", "u", (OVERSEE,), 14)]
