"""Every page. Each family keeps its own list."""

from django.urls import URLPattern

from lims.web import entry, finding, health, home
from lims.web.families import FAMILIES

urlpatterns: list[URLPattern] = [
    *home.urls,
    *entry.urls,
    *finding.urls,
    *health.urls,
    *(url for family in FAMILIES for url in family.urls),
]
