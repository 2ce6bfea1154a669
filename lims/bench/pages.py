"""How many queries a patient's page takes, with few slides and with many."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lims.bench.figures import Figure, rounded
from lims.bench.ground import Ground
from scoring.assessing import WORKER, assess_specimens
from specimens.models import Specimen

FEW, MANY = 3, 300
QUERIES = 15
SIGNED_IN_BY = "allauth.account.auth_backends.AuthenticationBackend"


def measure(ground: Ground) -> list[Figure]:
    few, many = (queries(ground, slides) for slides in (FEW, MANY))
    target = f"at most {QUERIES}, whether the patient has {FEW} slides or {MANY}"
    return [Figure("patient-page", many, "queries", few, rounded(many / few), target, max(few, many) <= QUERIES)]


def queries(ground: Ground, slides: int) -> int:
    """The queries of the statistician's page of a scored patient with so many slides, all of them read."""
    specimen = ground.seeder.add(1)[0]
    ground.seeder.add_slides(specimen, slides - 2)
    assess_specimens(by=WORKER, at=timezone.now(), specimen_ids=[specimen])
    client = Client(SERVER_NAME="localhost")
    client.force_login(ground.house.statistician, SIGNED_IN_BY)
    address = reverse("patient", args=[Specimen.objects.get(pk=specimen).patient_id])
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    return len(captured)
