"""The fault suite, briefly: each fault that harms nobody else's database, at a moment or two.

`bin/bench faults` tries all of them at twenty; docs/reliability.md keeps what it printed.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from lims.bench.faults.broker import own_broker
from lims.bench.faults.stage import Stage
from lims.bench.faults.suite import FAULTS, can_be_tried, ready_for, tried_often

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
SIZE = 4
# They start workers of their own, or wait for many leases: 2 and 12 are tests/test_workers.py and test_jobs.py here.
SLOW = {2, 12}


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    with own_broker() as broker:
        yield Stage(broker, SIZE, seed=7)


def test_every_fault_of_the_plan_is_there() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, 16))
    assert {fault.number for fault in FAULTS} - {fault.number for fault in can_be_tried()} <= {13, 15}


def test_no_score_is_lost_doubled_or_wrong(stage: Stage) -> None:
    """One worker and one server for all: what a fault leaves behind, the next one meets."""
    together = [fault for fault in FAULTS if fault.worker and not fault.own and fault.number not in SLOW]
    with ready_for(stage, replace(together[0], server=True)):
        found = [tried_often(stage, replace(fault, worker=False, server=False), 1) for fault in together]
        assert {each.fault.number: each.violations for each in found if each.violations} == {}
        a_violation_is_seen(stage)


def a_violation_is_seen(stage: Stage) -> None:
    lot = stage.lot()
    stage.settled(lot)
    lot.expected.pop()
    with pytest.raises(AssertionError, match="wrong"):
        stage.settled(lot)


def test_a_worker_told_to_end_finishes_or_hands_back(stage: Stage) -> None:
    (fault,) = (fault for fault in FAULTS if fault.number == 5)
    assert tried_often(stage, fault, 1).violations == []


def test_a_database_in_use_is_left_alone(stage: Stage) -> None:
    with pytest.raises(CommandError, match="in use"):
        call_command("faults", timings=1)
