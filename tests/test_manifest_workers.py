"""A worker killed while it imports a manifest: it comes in once, whole, after all."""

import signal
from collections.abc import Iterator

import pytest

from lims.manifests.keeping import CHECK, check_manifest, keep_manifest
from lims.models import ManifestCheck, ManifestImport
from specimens import ledger
from specimens.models import CustodyEvent, Job, Shipment, ShipmentItem, Slide
from tests.cast import AT, Cast
from tests.network import done, long_manifest
from tests.stories import House
from tests.workers import Broker, all_done, end, own_broker, until, worker

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
ROWS = 1000


@pytest.fixture
def broker(transactional_db: None) -> Iterator[Broker]:
    with own_broker() as broker:
        yield broker
    assert list(ledger.verify()) == []


def written() -> tuple[int, ...]:
    return tuple(each.objects.count() for each in (Shipment, ShipmentItem, Slide, CustodyEvent, ManifestImport))


def test_killed_in_the_middle_of_an_import_again_and_again(cast: Cast, house: House, broker: Broker) -> None:
    content = long_manifest(cast, house, ROWS)
    asked = {"by": cast.coordinator, "at": AT, "sender": house.mercy, "receiver": house.core}
    judged = done(keep_manifest(name="long.xlsx", content=content, **asked))  # type: ignore[arg-type]
    assert judged.accepted == ROWS
    check = check_manifest(by=cast.coordinator, at=AT, manifest=judged.manifest, imports=True)
    mine = Job.objects.filter(key=f"{CHECK}:{check.pk}")
    for attempt in (1, 2):
        with worker(broker) as running:
            until(lambda n=attempt: mine.filter(attempts=n).exists(), sweeping=True, each=0.001)
            end(running, signal.SIGKILL)
        assert written() == (0, 0, 0, 0, 0), "nothing of it, rather than half"
    with worker(broker):
        until(all_done, sweeping=True)
    assert written() == (1, ROWS, ROWS, ROWS * 2 + ROWS // 5, 1)
    assert ManifestCheck.objects.get(pk=check.pk).finished_at
    assert mine.get().attempts == 3, "the worker was killed too late to show anything"
