"""Every page and API list that takes no more than its address: few questions, and no more of them as rows grow."""

import pytest
from django.core.cache import cache

from lims.bench import house
from lims.bench.house import House
from lims.bench.routes import QUERIES, queries_of, routes, signed_in
from lims.bench.tissue import TissueSeeder
from lims.models import User
from specimens.models import ItemReceipt, Loan, RequestEvent, Slide, Standing

FEW, MORE = 100, 200
# Home asks one or two for each kind of work there is; a reader's page is four lists; agreement counts five ways.
BUDGETS = {"home": 20, "due_csv": 20, "slides_csv": 20, "to_read": 14, "agreement": 12}
LISTS = {
    "patients", "parcels", "runs", "ledger", "flow", "flow_patients", "turnaround_requests", "shelf_ages_sections",
    "shelf_ages_blocks", "api-patients", "api-specimens", "api-blocks", "api-slides", "api-shipments", "api-flow",
}  # fmt: skip


def people(built: House) -> list[User]:
    return [
        built.coordinator, built.hospital, built.technologist, built.statistician, built.administrator,
        built.readers[0],
    ]  # fmt: skip


def asked(built: House) -> dict[tuple[str, str], int]:
    """(route, who) -> how many questions it asks, of everything that they may open."""
    found = {}
    for person in people(built):
        client = signed_in(person)
        for route in routes():
            cache.clear()
            count = queries_of(client, route.address)
            if count is not None:
                found[route.name, person.username] = count
    return found


@pytest.mark.server
@pytest.mark.django_db
def test_no_list_asks_more_as_its_rows_grow() -> None:
    built = house.build()
    seeder = TissueSeeder(built)
    seeder.fill(FEW)
    few = asked(built)
    seeder.fill(MORE)
    more = asked(built)
    assert Slide.objects.count() == FEW + MORE
    assert min(model.objects.count() for model in (ItemReceipt, Loan, RequestEvent, Standing)) > FEW // 10
    assert {name for name, _ in more} >= LISTS
    assert {key: count for key, count in more.items() if count > BUDGETS.get(key[0], QUERIES)} == {}
    # One question may first be asked when there is something to ask of; a list never asks one a row.
    grown = {key: (few.get(key), count) for key, count in more.items() if count > few.get(key, 0) + 1}
    assert grown == {}
