"""Where the tests run: on PostgreSQL and Redis, which bin/test starts, or on the embedded default.

bin/test has pytest load this before Django reads its settings; conftest.py names it for everybody else.
"""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.cache import cache

# The browser's driver keeps an event loop running in the tests' own thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ON_SERVERS = os.environ.get("DATABASE_URL", "").startswith("postgres") and bool(os.environ.get("REDIS_URL"))
# After a run on the servers only what meets a database can come out otherwise on the embedded default.
ONLY_WITH_DATABASE = os.environ.get("PARAFFIN_TESTS", "all") == "with a database"
MEETS_A_DATABASE = {"db", "transactional_db", "live_server"}
LONGEST = (
    "test_blinding.py", "test_faults.py", "test_axe.py", "test_routes.py", "test_load.py", "test_demo_command.py",
    "test_workers.py", "test_deployment.py", "test_measurements.py", "test_manifest_workers.py", "test_cabinet.py",
    "test_desk.py", "test_concurrency.py",
)  # fmt: skip
WITH_BROWSER = os.environ.get("PARAFFIN_BROWSER", "yes") != "no"


def redis_database(url: str, number: int) -> str:
    """`url` with its database number replaced: redis://:secret@host:port/NUMBER."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def own_redis_database() -> None:
    """Give each parallel test process a Redis database of its own, so that no queue or counter is shared."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    if ON_SERVERS and process:
        os.environ["REDIS_URL"] = redis_database(os.environ["REDIS_URL"], 1 + int(process.removeprefix("gw")))


own_redis_database()


def belongs_here(item: pytest.Item) -> bool:
    if item.get_closest_marker("server") and not ON_SERVERS:
        return False
    if item.get_closest_marker("embedded") and ON_SERVERS:
        return False
    fixtures = getattr(item, "fixturenames", ())
    if ONLY_WITH_DATABASE and not (item.get_closest_marker("django_db") or item.get_closest_marker("embedded")):
        return bool(MEETS_A_DATABASE.intersection(fixtures))
    return WITH_BROWSER or "browser" not in fixtures


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    elsewhere = [item for item in items if not belongs_here(item)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if belongs_here(item)]
    # The longest files begin first, so that no process ends long after the others.
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_runtest_setup() -> None:
    # Rate limits live in the cache: no test may inherit another's.
    cache.clear()
