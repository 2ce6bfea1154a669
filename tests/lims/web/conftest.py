"""Pages are visited by a signed-in browser, on the day of the cast's story."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from lims.models import User
from tests.cast import AT

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Enter = Callable[[User], Client]


@pytest.fixture(autouse=True)
def on_that_day() -> Iterator[None]:
    """The clock stands where the stories do; the rate limits of sign-in start anew."""
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


@pytest.fixture
def enter(db: None) -> Enter:
    """A browser with this person signed in."""

    def entered(user: User) -> Client:
        browser = Client()
        browser.force_login(user, backend=BACKEND)
        return browser

    return entered
