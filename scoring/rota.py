"""The rule that gives a case to readers. Pure: no Django, no clock, no database.

Of every possible group the one with the least weight reads: the cases its readers have open, and how often they met
among the last RECENT cases given out. Of equals the group that met least often, then the one that met longest ago,
then by a hash of the case's code and the readers: the same case and readers always give the same answer.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import combinations

RECENT = 20
Pair = frozenset[int]


class Rota:
    """Who has how much open and who met whom lately; it learns from every case it gives out."""

    def __init__(self, load: dict[int, int], met: Iterable[Iterable[Pair]] = ()) -> None:
        """`load`: open cases of each reader. `met`: the pairs of each case given out before, oldest first."""
        self.load = Counter(load)
        self.met: deque[tuple[Pair, ...]] = deque((tuple(pairs) for pairs in met), maxlen=RECENT)

    def give(self, code: str, places: int, able: Sequence[int], beside: Sequence[int] = ()) -> tuple[int, ...]:
        """The readers for the case's free places, beside who reads it already; nobody when too few are able."""
        groups = list(combinations(sorted(able), places))
        if not groups or places < 1:
            return ()
        chosen = min(groups, key=lambda group: self.weight(code, group, beside))
        self.load.update(chosen)
        self.met.append(tuple(pairs_of(chosen, beside)))
        return chosen

    def weight(self, code: str, group: tuple[int, ...], beside: Sequence[int]) -> tuple[int, int, int, str]:
        times, latest = 0, -1
        pairs = set(pairs_of(group, beside))
        for place, pairs_then in enumerate(self.met):
            if common := len(pairs & set(pairs_then)):
                times, latest = times + common, place
        return sum(self.load[reader] for reader in group) + times, times, latest, drawn(code, *group)


def pairs_of(group: Sequence[int], beside: Sequence[int] = ()) -> list[Pair]:
    """Whoever of `group` meets whom: one another, and who reads the case already."""
    return [frozenset(pair) for pair in combinations(group, 2)] + [
        frozenset((one, other)) for one in group for other in beside
    ]


def drawn(*words: object) -> str:
    """A text without order or meaning, always the same for the same words."""
    return hashlib.sha256(":".join(map(str, words)).encode()).hexdigest()
