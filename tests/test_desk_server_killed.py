"""The server killed between keystrokes and after “sign” was pressed: the draft or the signature is there, once."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client, override_settings
from playwright.sync_api import Browser, expect

from lims.models import User
from scoring.models import Draft, Read, ReadingCase
from specimens import ledger
from specimens.vocabulary import Stain
from tests.cast import PASSWORD, Cast
from tests.scoring.desk import a_case, found
from tests.stories import House
from tests.test_deployment import free_port
from tests.workers import end, until

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HASHER = "django.contrib.auth.hashers.PBKDF2PasswordHasher"


class Web:
    """The web process of docker-compose.yml on the test's own database; killed as a whole, begun again."""

    def __init__(self, folder: Path) -> None:
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self.port = free_port()
        self.environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(address),
            "SECRET_KEY": settings.SECRET_KEY,
            "PARAFFIN_EMBEDDED": "true",  # it finds its static files by itself
            "PARAFFIN_VAR": str(folder),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        said = ["gunicorn", "config.wsgi:application", "--worker-class", "gthread", "--workers", "1", "--threads", "4"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *said, "--bind", f"127.0.0.1:{self.port}", "--no-control-socket"],
            cwd=settings.BASE_DIR, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(self.answers, each=0.1)

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/health/")[0] == 200
        except (OSError, HTTPException):
            return False

    def kill(self) -> None:
        if self.process:
            end(self.process, signal.SIGKILL)
            self.process = None

    def ask(self, method: str, address: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, address, body or None, headers or {})
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()


@pytest.fixture
def web(tmp_path: Path, cast: Cast) -> Iterator[Web]:
    with override_settings(PASSWORD_HASHERS=[HASHER]):  # the server's own; the tests' is quicker and its alone
        User.objects.filter(pk=cast.reader.pk).update(password=make_password(PASSWORD))
    found = Web(tmp_path)
    try:
        yield found
    finally:
        found.kill()
    assert list(ledger.verify()) == []


@contextmanager
def running(web: Web) -> Iterator[Web]:
    web.start()
    try:
        yield web
    finally:
        web.kill()


def signed_in(cast: Cast) -> dict[str, str]:
    """The headers of Ines's browser."""
    browser = Client()
    cast.reader.refresh_from_db()  # a session is bound to the password
    browser.force_login(cast.reader, backend=BACKEND)
    key, token = browser.cookies[settings.SESSION_COOKIE_NAME].value, "a" * 32
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={token}", "X-CSRFToken": token}


def press_sign(web: Web, case: ReadingCase, headers: dict[str, str]) -> threading.Thread:
    form = urlencode({**found(case), "password": PASSWORD, "do": "sign"})
    posting = headers | {"Content-Type": "application/x-www-form-urlencoded"}

    def post() -> None:
        with suppress(OSError, HTTPException):  # it is killed: that is the point
            web.ask("POST", f"/read/{case.code}/", form, posting)

    hand = threading.Thread(target=post)
    hand.start()
    return hand


def test_killed_after_sign_was_pressed_there_is_the_draft_or_the_signature(cast: Cast, house: House, web: Web) -> None:
    """At moments from at once to long after: never both, never neither, never twice."""
    case = a_case(cast, house, Stain.CAIX)
    headers, came = signed_in(cast), []
    for moment in (0, 0.1, 0.2, 0.3, 0.5, 0.8, 4):
        with running(web):
            if not Read.objects.exists():
                version = Draft.objects.filter(case=case).values_list("version", flat=True).first() or 0
                body = orjson.dumps({"typed": {"pct_0": "5"}, "window": "w", "form": "read", "version": version})
                json = headers | {"Content-Type": "application/json"}
                kept = web.ask("POST", f"/read/{case.code}/draft/", body.decode(), json)
                assert kept[0] == 200, kept
            hand = press_sign(web, case, headers)
            time.sleep(moment)
            web.kill()
            hand.join()
        until(lambda: not others_at_work(), each=0.05)
        came.append((Draft.objects.filter(case=case).count(), Read.objects.filter(case=case).count()))
    assert set(came) == {(1, 0), (0, 1)}, "some presses were cut off, and one came through"
    assert came == sorted(came, reverse=True), "once signed it stays signed, once"


def others_at_work() -> bool:
    """Is a connection of the killed server still in a transaction?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND (state <> 'idle' OR xact_start IS NOT NULL) AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone()[0])


def test_killed_between_keystrokes_the_browser_keeps_them_until_it_is_back(
    browser: Browser, cast: Cast, house: House, web: Web
) -> None:
    case = a_case(cast, house, Stain.CAIX)
    with running(web):
        window = browser.new_context(base_url=f"http://127.0.0.1:{web.port}")
        page = window.new_page()
        page.goto(f"/read/{case.code}/")
        page.get_by_label(re.compile("user ?name", re.I)).fill(cast.reader.username)
        page.get_by_label("Password").first.fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("#f-pct_0").fill("12")
        expect(page.locator("[data-saved]")).to_contain_text("saved")
        web.kill()
        page.locator("#f-comment").fill("typed while it was away")
        expect(page.locator("[data-trouble]")).to_contain_text("The server does not answer")
        assert Draft.objects.get().typed["comment"] == ""
        web.start()
        expect(page.locator("[data-trouble]")).to_be_hidden(timeout=15000)
        assert Draft.objects.get().typed["comment"] == "typed while it was away"
        page.locator("#f-comment").fill("and this never reached it")
        web.kill()
        page.close()
        web.start()
        page = window.new_page()
        page.goto(f"/read/{case.code}/")
        expect(page.locator("#f-comment")).to_have_value("and this never reached it")
        expect(page.locator("#f-pct_0")).to_have_value("12")
        expect(page.locator("[data-saved]")).to_contain_text("saved")
        window.close()
