"""Chance from a fixed seed: the same draws for the same names, on every Python.

Only `random.Random.random()` is drawn from, whose sequence Python guarantees; everything else is
made of it with plain arithmetic (`fsum`, because `sum` adds floats differently since Python 3.12).
"""

import random
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import fsum
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A sequence of draws that belongs to a seed and the names given with it."""

    def __init__(self, seed: int, *names: object) -> None:
        key = ":".join(map(str, (seed, *names))).encode("utf-8")
        start = int.from_bytes(sha256(key).digest()[:8], "big")
        self._draws = random.Random(start)

    def draw(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._draws.random()

    def under(self, share: float) -> bool:
        """True in `share` (0 to 1) of the draws."""
        return self._draws.random() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._draws.random() * (high - low + 1))

    def five(self, low: int, high: int) -> int:
        """A multiple of five from `low` to `high`, both included and both multiples of five."""
        return 5 * self.whole(low // 5, high // 5)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely."""
        return choices[self.whole(0, len(choices) - 1)]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, as likely as its weight."""
        left = self._draws.random() * fsum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return list(weights)[-1]

    def noise(self, deviation: float) -> int:
        """A bell-shaped error in steps of five; twelve even draws make the bell."""
        bell = fsum(self._draws.random() for _ in range(12)) - 6
        return 5 * round(bell * deviation / 5)


def dealt(names: Sequence[str], shares: Mapping[T, float], seed: int, what: str) -> dict[str, T]:
    """Each name its share's key, in chance order, so that every key gets its share to within one name."""
    order = sorted(names, key=lambda name: Chance(seed, name, what).draw())
    whole, done, run = fsum(shares.values()), 0, 0.0
    hands: dict[str, T] = {}
    for key, share in shares.items():
        run += share
        upto = round(len(order) * run / whole)
        hands |= dict.fromkeys(order[done:upto], key)
        done = upto
    return hands
