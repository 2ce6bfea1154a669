"""The embedded default: a worker and a sweeper inside the serving process, on SQLite and no broker at all."""

import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from lims.embedded import running_worker
from scoring.models import PatientScore, Score
from specimens import ledger
from specimens.consenting import give_consent
from specimens.models import Job, Patient
from specimens.vocabulary import ConsentScope
from tests.cast import AT, Cast
from tests.scoring.desk import a_case, both_sign
from tests.stories import House
from tests.together import at_once

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def until(holds: Callable[[], bool], seconds: float = 20) -> float:
    """Wait for it; returns how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come about in time"
        time.sleep(0.01)
    return time.monotonic() - began


def all_done() -> bool:
    return not Job.objects.filter(done_at__isnull=True).exists()


def asked_by_consents() -> QuerySet[Job]:
    """The jobs of these tests' own deeds: the sweeper asks for its daily ones when it likes."""
    return Job.objects.filter(kind="consent changed")


def consent(cast: Cast, patient: Patient, version: str) -> None:
    give_consent(
        by=cast.coordinator,
        at=AT,
        patient=patient,
        scope=ConsentScope.FUTURE_RESEARCH,
        version=version,
        given_on=date(2026, 11, 1),
    )


def test_scores_follow_the_signatures(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    with running_worker():
        both_sign(cast, case)
        until(all_done)
    assert Score.objects.count() == PatientScore.objects.count() == 1
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    assert list(ledger.verify()) == []


def test_it_stops_within_three_seconds_and_starts_again(cast: Cast, patient: Patient) -> None:
    before = threading.active_count()
    for version in ("2", "3"):
        with running_worker():
            consent(cast, patient, version)
            until(all_done)
            began = time.monotonic()
        assert time.monotonic() - began < 3
        until(lambda: threading.active_count() <= before + 2)
    assert asked_by_consents().filter(done_at__isnull=False).count() == 2


def test_what_was_left_from_yesterday_is_found(cast: Cast, patient: Patient) -> None:
    """The process died after the deed and before the work: only the job's row is left."""
    consent(cast, patient, "2")
    now = timezone.now()
    asked_by_consents().update(lease_until=now, attempts=1, asked_at=now)
    assert not all_done()
    with running_worker():
        until(all_done)
    assert asked_by_consents().get().attempts == 2


def test_many_hands_at_the_desk_while_the_worker_works(cast: Cast, patient: Patient) -> None:
    with running_worker():
        given = at_once([partial(consent, cast, patient, f"v{n}") for n in range(24)])
        until(all_done)
    assert given == [None] * 24
    assert asked_by_consents().filter(done_at__isnull=False).count() == 24
    assert list(ledger.verify()) == []
