"""A browser's window in which somebody is signed in already; how a person signs in is the journeys' matter."""

from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext

from lims.models import User
from tests.lims.web.conftest import BACKEND


def window_of(browser: Browser, address: object, person: User, **more: Any) -> BrowserContext:
    """A window of its own at `address`; `more` goes to Playwright's new_context()."""
    client, name = Client(), settings.SESSION_COOKIE_NAME
    client.force_login(person, backend=BACKEND)
    opened = browser.new_context(**{"base_url": str(address), "viewport": {"width": 1440, "height": 900}} | more)
    opened.add_cookies([{"name": name, "value": client.cookies[name].value, "url": str(address)}])
    return opened
