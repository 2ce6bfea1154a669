"""Real workers, killed with -9 in the middle of sending, and told twice: no letter lost, none sent twice."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction

from specimens import ledger
from specimens.actors import acting
from specimens.letters import written
from specimens.models import Job, Letter, LetterAttempt, LetterResult
from specimens.tasks import perform_job
from specimens.vocabulary import LetterPurpose
from tests.cast import AT, Cast
from tests.mailbox import Mailbox, own_mailbox
from tests.specimens.chase import a_contact
from tests.stories import House
from tests.workers import Broker, all_done, children, end, own_broker, until, worker

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
LETTERS, KILLS = 110, 16


@pytest.fixture
def broker(transactional_db: None) -> Iterator[Broker]:
    with own_broker() as broker:
        yield broker
    assert list(ledger.verify()) == []


def write(cast: Cast, house: House, count: int) -> None:
    with transaction.atomic(), acting(cast.coordinator):
        for number in range(count):
            said = {"subject": f"Letter {number}", "text": "about tissue"}
            written(
                key=f"letter {number}", purpose=LetterPurpose.REQUEST, institution=house.mercy, template="plain",
                context=said, by=cast.coordinator, at=AT,
            )  # fmt: skip


def nothing_lost_nothing_doubled(box: Mailbox, doubts: int) -> None:
    """Each letter was attempted once; each that arrived did once; of at most `doubts` nobody knows."""
    assert set(box.accepted.values()) == {1}
    assert LetterAttempt.objects.count() == Letter.objects.count()
    known = set(LetterAttempt.objects.filter(result__sent=True).values_list("message_id", flat=True))
    open_ = set(LetterAttempt.objects.filter(result__isnull=True).values_list("message_id", flat=True))
    assert not LetterResult.objects.filter(sent=False).exists()
    assert known <= set(box.accepted) <= known | open_
    assert len(open_) <= doubts


def more_than(box: Mailbox, before: int) -> Callable[[], bool]:
    return lambda: box.accepted.total() > before


def test_a_worker_killed_at_random_in_the_middle_of_sending(cast: Cast, house: House, broker: Broker) -> None:
    a_contact(cast, house.mercy)
    write(cast, house, LETTERS)
    dice, kills = random.Random(7), 0
    with own_mailbox(slowness=0.06) as box:
        while kills < KILLS:
            with worker(broker, EMAIL_URL=box.url) as running:
                until(more_than(box, box.accepted.total()), sweeping=True)
                for _ in range(8):
                    time.sleep(dice.uniform(0.02, 0.25))
                    for child in children(running)[:2]:
                        os.kill(child, signal.SIGKILL)
                    kills += 1
                    assert not all_done(), "too quick: more letters are needed to kill it so often"
                end(running, signal.SIGKILL)
        with worker(broker, EMAIL_URL=box.url):
            until(all_done, sweeping=True)
        nothing_lost_nothing_doubled(box, doubts=2 * kills)
        assert LetterAttempt.objects.filter(result__isnull=True).exists(), "no kill fell between: nothing was shown"


def test_the_same_message_delivered_again_and_again(cast: Cast, house: House, broker: Broker) -> None:
    a_contact(cast, house.mercy)
    write(cast, house, 20)
    for key, queue in Job.objects.values_list("key", "queue"):
        for _ in range(4):
            perform_job.apply_async((key,), queue=queue)
    with own_mailbox() as box, worker(broker, EMAIL_URL=box.url):
        until(lambda: broker.waiting() == 0 and all_done())
        Job.objects.update(done_at=None, lease_until=None)
        until(all_done, sweeping=True)
        nothing_lost_nothing_doubled(box, doubts=0)
    assert len(box.accepted) == 20
