"""Every kind of fault, tried at many random moments; how often, and what was violated."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from lims.bench.faults import serving, working
from lims.bench.faults.broker import own_broker
from lims.bench.faults.stage import Stage
from specimens import ledger

POISON_MODULE = "lims.bench.faults.poison"


@dataclass(frozen=True, slots=True)
class Fault:
    """`number` as in the plan of faults. `own` ones need a PostgreSQL that nobody else uses."""

    number: int
    name: str
    once: Callable[[Stage], None]
    server: bool = False
    worker: bool = True
    own: bool = False


FAULTS = (
    Fault(1, "kill -9 of a worker's child in mid-work", working.child_killed),
    Fault(2, "kill -9 of a whole worker in mid-work", working.worker_killed, worker=False),
    Fault(3, "kill -9 of the web process between commit and nudge", serving.web_killed_after_commit, server=True),
    Fault(4, "kill -9 of the web process before its commit", serving.web_killed_before_commit, server=True),
    Fault(5, "SIGTERM to a worker in mid-work", working.worker_ended, worker=False),
    Fault(6, "FLUSHALL with 100 jobs queued", working.broker_flushed),
    Fault(7, "Redis down while somebody works", serving.broker_away, server=True),
    Fault(8, "Redis restarted in mid-consumption", working.broker_restarted),
    Fault(9, "Redis out of memory", serving.broker_full, server=True),
    Fault(10, "each message 2 to 10 times, some at once", working.delivered_again),
    Fault(11, "work longer than its lease, told of again", working.longer_than_its_lease),
    Fault(12, "work that kills its worker each time", working.poisoned),
    Fault(13, "kill -9 of a process of PostgreSQL", serving.database_crashed, server=True, own=True),
    Fault(14, "connections to the database cut under load", serving.backends_terminated, server=True),
    Fault(15, "every database connection taken", serving.connections_used_up, server=True, own=True),
)


@dataclass(slots=True)
class Tried:
    fault: Fault
    runs: int = 0
    again: int = 0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)


def tried(faults: Sequence[Fault], timings: int, size: int, seed: int, say: Callable[[str], object]) -> list[Tried]:
    """Try each of `faults` at so many moments; `size` specimens are at stake each time."""
    found = []
    with own_broker() as broker:
        stage = Stage(broker, size, seed)
        for fault in faults:
            found.append(tried_often(stage, fault, timings))
            say(line_of(found[-1]))
    return found


def tried_often(stage: Stage, fault: Fault, timings: int) -> Tried:
    result, began, stage.again = Tried(fault), time.monotonic(), 0
    with ready_for(stage, fault):
        for _ in range(timings):
            result.runs += 1
            try:
                fault.once(stage)
            except AssertionError as violation:
                result.violations.append(str(violation) or "an assertion")
                stage.forget()
    if broken := list(ledger.verify()):
        result.violations.append(f"the ledger's chain is broken: {broken[0]}")
    result.again, result.seconds = stage.again, time.monotonic() - began
    return result


@contextmanager
def ready_for(stage: Stage, fault: Fault) -> Iterator[None]:
    """A worker, and a server where one is needed, for all moments of this kind of fault."""
    with ExitStack() as standing:
        if fault.worker:
            standing.enter_context(stage.working("--include", POISON_MODULE, PARAFFIN_VISIBILITY_SECONDS="2"))
        if fault.server:
            standing.enter_context(stage.serving())
        yield
    if fault.worker:
        stage.worker = None
    if fault.server:
        stage.server = None


def line_of(tried: Tried) -> str:
    said = (
        f"{tried.fault.number:>2}  {tried.fault.name:<52} {tried.runs:>4} {tried.again:>6} {len(tried.violations):>10}"
    )
    return "\n".join([f"{said} {tried.seconds:>7.0f}", *(f"      {each}" for each in sorted(set(tried.violations)))])


HEADING = f"{'':>2}  {'fault':<52} {'runs':>4} {'struck':>6} {'violations':>10} {'seconds':>7}"


def can_be_tried() -> list[Fault]:
    """Those that harm nobody else who uses this database cluster."""
    alone = os.environ.get("PARAFFIN_OWN_POSTGRES") == "yes"
    return [fault for fault in FAULTS if alone or not fault.own]
