"""Two doors: pages for people, api/v1 for programs."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("lims.api.urls")),
    path("", include("lims.web.urls")),
]

handler500 = "lims.web.refusals.broken"
