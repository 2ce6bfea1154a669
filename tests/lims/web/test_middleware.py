"""The clock of the site: times are shown in the zone of the person's institution."""

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from lims.models import User
from lims.vocabulary import Role
from lims.web.middleware import SiteClock
from specimens.enrolling import add_institution
from specimens.vocabulary import InstitutionRole
from tests.cast import AT, FOUNDER, Cast, person


def zone_for(user: User) -> str:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(timezone.get_current_timezone_name())

    request = RequestFactory().get("/")
    request.user = user
    return SiteClock(view)(request).content.decode()


def test_a_hospital_sees_its_own_time(cast: Cast) -> None:
    roles = [InstitutionRole.TREATING]
    north = add_institution(by=FOUNDER, at=AT, code="N", name="N", roles=roles, time_zone="America/New_York")
    assert zone_for(person("nia", "Nia North", Role.COORDINATOR, north)) == "America/New_York"
    assert zone_for(cast.coordinator) == "UTC"
    assert timezone.get_current_timezone_name() == "UTC"
