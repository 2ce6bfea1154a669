"""The demo's stage: who acts, where, and when. Everything a step of the load needs is found here by name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

from lims.demo.kirc import Cohort
from lims.demo.plans import Plan
from lims.models import User
from lims.vocabulary import Role
from specimens.actors import Automaton
from specimens.models import Institution, Trial

LOADER = Automaton("demo loader", frozenset({"lims.administer", "scoring.load_reads", "scoring.open_cases"}))
CORE, KIRC, REBUILT = "CORE", "KIRC", "NCC66"
METHOD = "synthetic, no password"

Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Player:
    """One of the demo's people. `site` is an institution's code, blank for the core's own."""

    username: str
    name: str
    role: Role
    site: str = ""

    @property
    def password(self) -> str:
        """Known to everybody: a demo holds no secrets and refuses to run where there could be some."""
        return f"paraffin-demo-{self.role.replace(' ', '-')}"


PLAYERS = {
    "administrator": Player("ada", "Ada Marlowe", Role.ADMINISTRATOR),
    "coordinator": Player("dana", "Dana Whitfield", Role.COORDINATOR),
    "hospital": Player("hugh", "Hugh Okello", Role.COORDINATOR, "B0"),
    "bench": Player("rose", "Rose Achebe", Role.HISTOTECHNOLOGIST),
    "A": Player("ines", "Ines Moreau", Role.PATHOLOGIST),
    "B": Player("otto", "Otto Lindqvist", Role.PATHOLOGIST),
    "C": Player("mei", "Mei Tanaka", Role.PATHOLOGIST),
    "adjudicator": Player("ravi", "Ravi Nair", Role.ADJUDICATOR),
    "lead": Player("lena", "Lena Haas", Role.LEAD_PATHOLOGIST),
    "statistician": Player("sam", "Sam Okafor", Role.STATISTICIAN),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the load: how many things it accounts for, found already there or added now."""

    name: str
    total: int
    do: Callable[[Tick], None]


@dataclass(frozen=True)
class Stage:
    """The cohort and the plan to be loaded, and the people and places that are on record already."""

    cohort: Cohort
    plan: Plan
    as_of: date  # the day on which the open work is looked at: it lies in the weeks before

    @cached_property
    def people(self) -> dict[str, User]:
        """The demo's users by their part in PLAYERS."""
        found = {user.username: user for user in User.objects.all()}
        return {part: found[player.username] for part, player in PLAYERS.items()}

    @cached_property
    def sites(self) -> dict[str, Institution]:
        """Every institution by its code."""
        return {site.code: site for site in Institution.objects.all()}

    @cached_property
    def trial(self) -> Trial:
        return Trial.objects.get(code=KIRC)

    @property
    def core(self) -> Institution:
        return self.sites[CORE]


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a working day, in UTC: the source knows days alone."""
    return datetime.combine(day, time(hour), UTC)


def coded(barcode: str) -> str:
    """A barcode as it is kept: in upper case."""
    return barcode.upper()


def centre_code(centre: str) -> str:
    return f"CENTRE-{centre}"
