"""Health: public, short, and honest about the database."""

from django.conf import settings
from django.test import Client

from specimens import jobs
from tests.lims.web.visits import take_away

BROKER = "ok" if settings.REDIS_URL else "embedded"


def test_all_is_well(client: Client, db: None) -> None:
    jobs.ask("nothing", key="1", arguments={})
    assert client.get("/health/").json() == {
        "database": "ok",
        "broker": BROKER,
        "jobs": {"waiting": 1, "parked": 0},
    }


def test_a_database_that_is_away_is_a_503(client: Client, db: None) -> None:
    take_away("specimens_job")
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json() == {"database": "away", "broker": BROKER, "jobs": None}


def test_a_broker_that_is_away_is_said(client: Client, db: None, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["broker"]) == (200, "away")
