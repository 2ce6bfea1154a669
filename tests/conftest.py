"""What every test stands on; the cast of people is in cast.py, the databases and queues in servers.py."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import override_settings

pytest_plugins = ["tests.servers", "tests.fixtures"]

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]


@pytest.fixture(scope="session", autouse=True)
def quick_and_tidy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Passwords hashed in no time, and files kept away from the checkout's own."""
    media = os.environ.get("MEDIA_ROOT") or str(tmp_path_factory.mktemp("media"))
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, MEDIA_ROOT=media):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """A browser that goes away in the middle of a page can leave its connection behind, and PostgreSQL drops no
    database that somebody is in, unless told to."""
    if connection.vendor == "postgresql":
        connection.creation._destroy_test_db = drop_with_whoever_is_in_it  # type: ignore[attr-defined]


def drop_with_whoever_is_in_it(name: str, verbosity: int) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium: nothing is downloaded."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: apt-get install chromium, or run bin/test, which does."
    return {"executable_path": chromium, "args": CHROMIUM_FLAGS}
