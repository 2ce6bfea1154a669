"""The flow of tissue: how many patients stand at which stop, and who they are.

Patients are counted by what their facts are; `flow_stops.stop_of` says what each kind of facts means. A list asks
the same statement for the kinds that mean its stop, so that a figure and its rows cannot disagree.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from scoring.flow_facts import Asked, asked_for, facts_of
from scoring.flow_stops import Stage, Stop, is_lost, stop_of
from specimens import queries
from specimens.desk import PAGE, Page
from specimens.models import Patient

Stops = Counter[Stop]


@dataclass(frozen=True, slots=True)
class Flow:
    """How many patients stand at each stop. What enters a stage either goes on or stays at one of its stops."""

    stops: Stops = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.stops.total()

    def reached(self, stage: Stage) -> int:
        return sum(count for stop, count in self.stops.items() if stop.stage >= stage)

    def waiting(self) -> int:
        return sum(count for stop, count in self.stops.items() if stop.reason and not is_lost(stop.reason))

    def lost(self) -> int:
        return self.total - self.waiting() - self.reached(Stage.CONCLUDED)

    def stopped(self, stage: Stage) -> list[tuple[str, int]]:
        """(reason, patients) of those who came to this stage and no further: the most first, what waits last."""
        found = [(stop.reason, count) for stop, count in self.stops.items() if stop.stage == stage and stop.reason]
        return sorted(found, key=lambda each: (not is_lost(each[0]), -each[1], each[0]))


@dataclass(frozen=True, slots=True)
class Place:
    """A trial at a treating site."""

    trial_id: int
    site_id: int


def flows(asked: Asked) -> dict[Place, Flow]:
    """The flow of each trial at each treating site. Two queries."""
    found: dict[Place, Flow] = {}
    select = "SELECT trial_id, treating_site_id, kind, count(*) FROM keyed GROUP BY 1, 2, 3"
    for trial_id, site_id, kind, count in asked_for(select, asked):
        stops = found.setdefault(Place(trial_id, site_id), Flow()).stops
        stops[stop_of(facts_of(kind))] += count
    return found


def without_findings(flow: Flow) -> Flow:
    """The flow for those who may not know what readers found: inadequate is then one reason."""
    stops: Stops = Counter()
    for stop, count in flow.stops.items():
        stops[bare(stop)] += count
    return Flow(stops)


def bare(stop: Stop) -> Stop:
    kind = stop.reason.partition(":")[0]
    return Stop(stop.stage, kind) if kind == "inadequate" else stop


def together(flows: dict[Place, Flow], wanted: Callable[[Place], bool] = lambda place: True) -> Flow:
    """The flow of all these places as one."""
    return Flow(sum((flow.stops for place, flow in flows.items() if wanted(place)), Counter()))


LOST, WAITS = "lost", "waits"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patients: all that reached `stage` or, `here`, those that came no further (at any stage, without one),
    for `reason` or any. A reason names its kinds too: “declined” is every decline; LOST and WAITS are all of a sort."""

    stage: Stage | None
    here: bool = False
    reason: str = ""

    def takes(self, stop: Stop) -> bool:
        if not self.here:
            return stop.stage >= (self.stage or Stage.ENROLLED)
        return stop.stage == (stop.stage if self.stage is None else self.stage) and self.names(stop.reason)

    def names(self, reason: str) -> bool:
        if self.reason in (LOST, WAITS):
            return bool(reason) and is_lost(reason) == (self.reason == LOST)
        return not self.reason or reason == self.reason or reason.startswith(f"{self.reason}:")


@dataclass(frozen=True, slots=True)
class Standing:
    """One patient and where they stand."""

    patient: Patient
    stop: Stop


def patients_at(asked: Asked, wanted: Wanted, before_id: int | None = None) -> tuple[Page[Standing], int]:
    """A page of these patients, newest first, and how many there are in all. A fixed number of queries."""
    kinds: dict[int, Stop] = {}
    found = [
        (pk, stop)
        for pk, kind in asked_for("SELECT id, kind FROM keyed ORDER BY id DESC", asked)
        if wanted.takes(stop := kinds.get(kind) or kinds.setdefault(kind, stop_of(facts_of(kind))))
    ]
    rows = [each for each in found if before_id is None or each[0] < before_id][: PAGE + 1]
    named = queries.patients_with([pk for pk, _ in rows[:PAGE]])
    after = rows[PAGE - 1][0] if len(rows) > PAGE else None
    return Page([Standing(named[pk], stop) for pk, stop in rows[:PAGE]], after), len(found)
