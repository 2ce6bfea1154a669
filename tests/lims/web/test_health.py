"""Health: public, short, and honest about the database."""

import pytest
from django.db import DatabaseError
from django.test import Client

from specimens import desk, jobs


def test_all_is_well(client: Client, db: None) -> None:
    jobs.ask("nothing", key="1", arguments={})
    assert client.get("/health/").json() == {
        "database": "ok",
        "broker": "embedded",
        "jobs": {"waiting": 1, "parked": 0},
    }


def test_a_database_that_is_away_is_a_503(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("connection refused at 10.0.0.1 by user paraffin")

    monkeypatch.setattr(desk, "job_counts", away)
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json() == {"database": "away", "broker": "embedded", "jobs": None}


def test_a_broker_that_is_away_is_said(client: Client, db: None, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["broker"]) == (200, "away")
