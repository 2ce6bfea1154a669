"""The same write sent many times at once is done once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from lims import answers
from specimens import ledger
from specimens.models import LedgerEntry, Shipment
from tests.lims.api.conftest import World, a_world
from tests.lims.api.test_keyed import KEY, announce, said
from tests.together import at_once


@pytest.fixture
def world(transactional_db: None) -> World:
    return a_world()


@pytest.fixture
def the_ledger_holds() -> Iterator[None]:
    yield
    assert list(ledger.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_parcel(world: World, calling: Any, the_ledger_holds: None) -> None:
    parcels, lines = Shipment.objects.count(), LedgerEntry.objects.filter(deed="announce parcel").count()
    callers = [calling(world.cast.coordinator) for _ in range(20)]
    given = at_once([partial(announce, caller) for caller in callers], hands=10)
    assert {answer.status_code for answer in given} == {201}
    assert len({answer.content for answer in given}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in given) == 19
    assert Shipment.objects.count() == parcels + 1
    assert LedgerEntry.objects.filter(deed="announce parcel").count() <= lines + 1


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way_the_second_is_told_to_come_again(
    world: World, calling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE", "200ms")
    caller = calling(world.cast.coordinator)

    def second() -> Any:
        try:
            return announce(caller)
        finally:
            connections.close_all()

    with transaction.atomic():
        answers.wait_for_the_first(world.cast.coordinator, KEY)
        answer = at_once([second])[0]
    assert said(answer)[:2] == (409, "still_under_way")
    assert answer["Retry-After"] == "2"
    assert announce(caller).status_code == 201
    assert connection.vendor == "postgresql"
