"""manage.py demo: what it prints and refuses, that it resumes, that it serves until it is told to stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import RequestFactory, override_settings
from pytest_django import DjangoDbBlocker

from lims.demo import load
from lims.demo.stage import PLAYERS, Step
from lims.models import User
from lims.people import roles_of
from lims.vocabulary import Role
from specimens.models import Institution, LedgerEntry
from tests.cast import make_cast
from tests.rolled_back import rolled_back

SMALL = 6

pytestmark = pytest.mark.xdist_group("the small demo")


class CutShort(Exception):
    """The lights went out."""


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, "--verbosity", "0", stdout=out)
    return out.getvalue()


def rows_of_every_table() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.fixture(scope="module", autouse=True)
def where_a_demo_may_run() -> Iterator[None]:
    """As if no Redis were set; the database stays the one under test."""
    with override_settings(EMBEDDED=True):
        yield


@dataclass(frozen=True)
class Ran:
    """A small demo that was run twice, and what became of it; rolled back since."""

    first: str
    second: str
    loaded: dict[str, int]
    after: dict[str, int]
    signed_in: dict[str, list[Role]]


@pytest.fixture(scope="module")
def ran(django_db_setup: None, django_db_blocker: DjangoDbBlocker, where_a_demo_may_run: None) -> Ran:
    with django_db_blocker.unblock(), rolled_back():
        first = said("--no-serve", "--limit", str(SMALL))
        loaded = rows_of_every_table()
        second = said("--no-serve", "--limit", str(SMALL))
        found = Ran(first, second, loaded, rows_of_every_table(), roles_signed_in())
        transaction.set_rollback(True)
    return found


def roles_signed_in() -> dict[str, list[Role]]:
    """The roles of each player whom user name and password let in."""
    request = RequestFactory().post("/")
    users = [authenticate(request, username=p.username, password=p.password) for p in PLAYERS.values()]
    return {user.get_username(): roles_of(user) for user in users if isinstance(user, User)}


def without_time(text: str) -> str:
    return re.sub(r"\n[^\n]* in [\d.]+ s\.\n$", "\n", text)


def test_it_loads_and_prints_the_same_summary_twice(ran: Ran) -> None:
    assert re.search(r"\nLoaded and scored in \d+\.\d s\.\n$", ran.first)
    assert re.search(r"\nNothing was left to load; looked at in \d+\.\d s\.\n$", ran.second)
    assert without_time(ran.first) == without_time(ran.second)
    assert ran.loaded == ran.after


def test_the_summary_tells_what_is_odd_and_what_was_published(ran: Ran) -> None:
    for sentence in (
        "12 slide rows (10 slides) have tumour, normal, stroma and necrosis that do not sum to 100 (90 to",
        "33 slide rows are partly blank",
        "50 slide barcodes stand twice",
        "561 normal-tissue slide rows (560 slides) carry no percentages",
        "15 patients are alive in the patient table and dead in a later follow-up form",
        "2 follow-up forms have no vital status",
        "579 aliquots were shipped before their portion's recorded creation date",
        "6 aliquots name a portion barcode that is not in the table",
        "printed   26/27 v 18/39, odds ratio 30, P < 0.01",
        "computed  26/27 v 18/39, odds ratio 30.33, P < 0.0001",
        "Investigational, for research use only, not validated for treatment decisions.",
    ):
        assert sentence in ran.first


def test_each_role_can_sign_in_with_what_is_printed(ran: Ran) -> None:
    for player in PLAYERS.values():
        assert re.search(rf"{player.role}.* {player.username} +{player.password}\n", ran.first)
    assert ran.signed_in == {player.username: [player.role] for player in PLAYERS.values()}


@pytest.mark.embedded
@pytest.mark.django_db
@pytest.mark.parametrize("share", [0.02, 0.4, 0.8])
def test_a_load_cut_short_goes_on_where_it_stopped(share: float, ran: Ran) -> None:
    stage = load.stage(SMALL)
    steps = load.steps_of(stage)
    left = share * sum(step.total for step in steps)

    def until_the_lights_go_out(step: Step) -> Step:
        def tick(done: int) -> None:
            nonlocal left
            left -= done
            if left < 0:
                raise CutShort

        return Step(step.name, step.total, lambda _: step.do(tick))

    with pytest.raises(CutShort):
        load.take([until_the_lights_go_out(step) for step in steps])
    assert not load.is_complete()
    load.load(limit=SMALL)
    assert load.is_complete()
    assert rows_of_every_table() == ran.loaded


@pytest.mark.django_db
def test_another_installation_is_refused() -> None:
    with (
        override_settings(EMBEDDED=False, DEBUG=False),
        pytest.raises(CommandError, match="made for real work"),
    ):
        said("--no-serve")
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_a_database_that_holds_something_else_is_refused() -> None:
    make_cast()
    before = rows_of_every_table()
    with pytest.raises(CommandError, match="something else than a demo"):
        said("--no-serve")
    assert rows_of_every_table() == before


@pytest.mark.django_db
def test_a_port_that_is_taken_is_told_before_anything_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"^Cannot serve on 127.0.0.1:{port} \(.*\): choose another"):
            said("--port", str(port))
    assert not Institution.objects.exists()


@pytest.mark.django_db
def test_a_port_that_cannot_be_is_told_in_a_sentence() -> None:
    with pytest.raises(CommandError, match="numbered 1 to 65535, so 99999 is none"):
        said("--port", "99999")
    with pytest.raises(CommandError, match=r"^Cannot serve on nowhere\.invalid:8000 \(.*\): choose"):
        said("--host", "nowhere.invalid")
    assert not Institution.objects.exists()


@pytest.mark.embedded
def deaf_to_ctrl_c() -> None:
    """As a shell starts what it puts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_it_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "PARAFFIN_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/demo.sqlite3",
    }
    for name in ("REDIS_URL", "MEDIA_ROOT", "STATIC_ROOT"):
        environment.pop(name, None)
    manage = [sys.executable, "-u", str(Path(settings.BASE_DIR) / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True, timeout=60)
    serving = subprocess.Popen(
        [*manage, "demo", "--limit", str(SMALL), "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=deaf_to_ctrl_c,
    )  # fmt: skip
    try:
        assert serving.stdout
        heard = []
        for line in serving.stdout:
            heard.append(line)
            if line.startswith("Serving "):
                break
        assert f"Serving http://127.0.0.1:{port}/ (Ctrl-C stops it)\n" in heard
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as page:
            assert page.status == 200
            assert "Sign in" in page.read().decode()
        serving.send_signal(signal.SIGINT)
        rest, complaints = serving.communicate(timeout=60)
        assert rest == "Stopped.\n"
        assert serving.returncode == 0
        assert "loading" in complaints
        assert "Traceback" not in complaints
    finally:
        serving.kill()
        serving.wait()
