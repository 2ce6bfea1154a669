"""What every test stands on; the cast of people is in cast.py, the databases and queues in servers.py."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.servers import send_others_away

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
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A browser that goes away in the middle of a page can leave its connection behind, and PostgreSQL drops no
    database that somebody is in."""
    yield
    with django_db_blocker.unblock():
        send_others_away()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium: nothing is downloaded."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: apt-get install chromium, or run bin/test, which does."
    return {"executable_path": chromium, "args": CHROMIUM_FLAGS}
