"""Closed by default: every address the router knows demands a sign-in, but for the few named here."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

# What stands open, and why: nobody could sign in; closed accounts are told so; the engine asks for health.
OPEN = {"account_login", "account_inactive", "health"}
# A stranger who signs out is sent home, where the door is.
LEADS_HOME = {"account_logout"}
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000"}


def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each pattern with its whole route, as the router would join them."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def example(route: str) -> str:
    """An address that the route answers: <int:pk> and (?P<pk>[^/.]+) become 1, a UUID a UUID."""
    route = re.sub(r"<(?:(\w+):)?\w+>(?!\[|\\)", lambda found: SAMPLES.get(found.group(1) or "", "1"), route)
    route = re.sub(r"\(\?P<format>[^)]*\)", ".json", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "1", route)
    route = re.sub(r"\\\.(json|1)", r".\1", route)
    return "/" + re.sub(r"[\^$?]|\\Z", "", route).replace("\\", "")


ADDRESSES = sorted(
    {example(route) for route, pattern in walk(get_resolver().url_patterns) if pattern.name not in OPEN | LEADS_HOME}
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stranger_is_sent_to_the_door(address: str, client: Client, db: None) -> None:
    resolve(address)
    answer = client.get(address)
    if address.startswith("/api/"):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted(OPEN))
def test_what_stands_open_answers(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", sorted(LEADS_HOME))
def test_what_leads_home_shows_nothing(name: str, client: Client, db: None) -> None:
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["Location"]) == (302, "/")
