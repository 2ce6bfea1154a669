"""Every page and every API list that takes no more than its address, from a full shelf and from a nearly empty one.

The routes are those of the router, by name, so that a page added tomorrow is measured too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from lims.bench.figures import Figure, in_turn, rounded
from lims.bench.ground import Ground
from lims.bench.tissue import TissueSeeder
from lims.export.query import TABLES
from lims.models import User

SIGNED_IN_BY = "allauth.account.auth_backends.AuthenticationBackend"
UPKEEP = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "PRAGMA", "SET LOCAL")
QUERIES, FLAT, LEAST_MS = 10, 3.0, 50.0
# What reads every row because it says something of every row: held to no ratio. The ledger's words are searched.
COUNTS = {
    "flow", "flow_picture", "flow_picture_small", "flow_patients", "turnaround", "turnaround_plot",
    "turnaround_plot_small", "turnaround_requests", "shelf_ages", "api-flow", "api-turnaround", "api-inventory",
    "export",
}  # fmt: skip
# A question or two for each kind of work, or for each chunk of a download: a budget of their own, in the tests.
MANY_KINDS = {"home", "due_csv", "slides_csv", "to_read", "agreement"}
# The exports stream by COPY, which a connection that counts questions cannot; they have a measurement of their own.
LEFT_OUT = {
    *(f"api-export-{name}" for name in TABLES),
    "healthz",
    "readyz",
    "schema",
    "api-docs",
    "account_login",
    "account_logout",
    "account_reauthenticate",
}


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    address: str


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[Route]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, route)
        elif each.name and "<" not in route and "(?P" not in route:
            yield Route(each.name, f"/{route}")


def routes() -> list[Route]:
    """Every route without parts to fill in, once each, by address."""
    found = {route.address: route for route in walk(get_resolver().url_patterns) if route.name not in LEFT_OUT}
    return [found[address] for address in sorted(found)]


def signed_in(person: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, SIGNED_IN_BY)
    return client


def queries_of(client: Client, address: str) -> int | None:
    """How many questions it asks, without what the connection asks for itself; None unless it answers 200."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        body_of(answer)
    if answer.status_code != 200:
        return None
    return sum(not query["sql"].startswith(UPKEEP) for query in captured.captured_queries)


def body_of(answer: Any) -> bytes:
    """The whole answer, streams heard out."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


class Beside:
    """A second connection of this process, to another database of the same cluster; kept open between visits."""

    def __init__(self, name: str) -> None:
        self.here = connections[DEFAULT_DB_ALIAS]
        self.other = connections.create_connection(DEFAULT_DB_ALIAS)
        self.other.settings_dict = deepcopy(self.here.settings_dict) | {"NAME": name}
        options = self.here.settings_dict["OPTIONS"]
        self.other.settings_dict["OPTIONS"] = {key: value for key, value in options.items() if key != "pool"}

    @contextmanager
    def used(self) -> Iterator[None]:
        connections[DEFAULT_DB_ALIAS] = self.other
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = self.here

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *_: object) -> None:
        self.other.close()


def people_of(ground: Ground) -> list[User]:
    house = ground.house
    return [house.coordinator, house.technologist, house.statistician, house.administrator, house.readers[0]]


def measure(ground: Ground) -> list[Figure]:
    """Each route from both databases in turn, by whoever may open it; the most queries of any page at the end."""
    shelf(ground, ground.seeder.patients, ground.sizes.many_slides)
    figures, most = list[Figure](), ("", 0)
    with Beside(ground.short) as short:
        with short.used():
            shelf(ground, ground.sizes.few_slides // 2, ground.sizes.few_slides)
        for route in routes():
            for person in people_of(ground):
                asked = queries_of(signed_in(person), route.address)
                if asked is None:
                    continue
                if route.name not in MANY_KINDS:
                    most = max(most, (route.name, asked), key=lambda each: each[1])
                figures.append(timed(short, person, route, ground.sizes.rounds))
                break
    name, asked = most
    target = f"at most {QUERIES} on any page; {name} asks the most"
    return [*figures, Figure("routes-queries", asked, "queries", QUERIES, asked / QUERIES, target, asked <= QUERIES)]


def shelf(ground: Ground, patients: int, slides: int) -> None:
    """So many slides more, with all that hangs on them, in a database that has so many patients."""
    seeder = TissueSeeder(ground.house)
    seeder.patients = patients
    seeder.fill(slides)


def timed(short: Beside, person: User, route: Route, rounds: int) -> Figure:
    """What the page takes from the full shelf, beside what it takes from the nearly empty one."""
    long_client = signed_in(person)
    with short.used():
        short_client = signed_in(person)

    def from_short() -> None:
        with short.used():
            body_of(short_client.get(route.address))

    def from_long() -> None:
        body_of(long_client.get(route.address))

    in_turn(1, from_short, from_long)
    few, many = in_turn(rounds, from_short, from_long)
    ratio = many / few
    if route.name in COUNTS:
        target, met = "none: it says something of every row", True
    else:
        target, met = f"at most {FLAT:g} times the time of the short table", ratio <= FLAT or many * 1000 < LEAST_MS
    return Figure(f"routes-{route.name}", rounded(many * 1000), "ms", rounded(few * 1000), rounded(ratio), target, met)
