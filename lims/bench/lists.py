"""The API's list of 50 slides from a long table and from a short one, beside the plain view of the same rows."""

from collections.abc import Callable

import orjson
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lims.bench.figures import Figure, in_turn, rounded
from lims.bench.ground import Ground
from lims.bench.processes import Caller, server

API, PLAIN = "/api/v1/slides/", "/api/v1/plain/slides/"
BESIDE_PLAIN, FLAT, QUERIES = 3.0, 1.3, 10


def measure(ground: Ground) -> list[Figure]:
    """Both views of both tables in turn, each over one kept connection to a server of its own."""
    ground.patients(ground.sizes.many_slides // 2)
    token = ground.house.token
    with server(ground.short) as short, server() as long:
        assert rows(short, API, token) == rows(short, PLAIN, token), "the views give the same rows"
        assert rows(long, API, token) == rows(long, PLAIN, token), "the views give the same rows"
        calls = [listing(caller, path, token) for caller in (short, long) for path in (API, PLAIN)]
        in_turn(5, *calls)
        short_api, short_plain, long_api, long_plain = in_turn(ground.sizes.calls, *calls)
    return [
        beside_plain(f"list-{ground.sizes.few_slides}", short_api, short_plain),
        beside_plain(f"list-{ground.sizes.many_slides}", long_api, long_plain),
        Figure(
            "list-flat", rounded(long_api * 1000), "ms", rounded(short_api * 1000), rounded(long_api / short_api),
            f"at most {FLAT:g} times the time of the short table", long_api <= FLAT * short_api,
        ),
        queries(token),
    ]  # fmt: skip


def beside_plain(name: str, ours: float, plain: float) -> Figure:
    target = f"at most {BESIDE_PLAIN:g} times the time of a plain view of the same rows"
    ratio = ours / plain
    return Figure(
        name, rounded(ours * 1000), "ms", rounded(plain * 1000), rounded(ratio), target, ratio <= BESIDE_PLAIN
    )


def listing(caller: Caller, path: str, token: str) -> Callable[[], object]:
    return lambda: caller.get(path, token, len)


def rows(caller: Caller, path: str, token: str) -> object:
    pieces: list[bytes] = []
    caller.get(path, token, pieces.append)
    return orjson.loads(b"".join(pieces))["results"]


def queries(token: str) -> Figure:
    """How many queries a full page takes, and a page of one row."""
    client = Client(SERVER_NAME="localhost", HTTP_AUTHORIZATION=f"Token {token}")
    counts = []
    for path in (API, f"{API}?page_size=1"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        counts.append(len(captured))
    page, row = counts
    target = f"at most {QUERIES}, whether 50 rows are shown or one"
    return Figure("list-queries", page, "queries", row, rounded(page / row), target, row <= page <= QUERIES)
