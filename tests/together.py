"""Deeds done at the same instant, eight hands at a time, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from specimens.errors import Refused

HANDS = 8


def at_once(deeds: Sequence[Callable[[], object]], hands: int = HANDS) -> list[object]:
    """What each deed gave, or the Refused it met; other errors are raised. So many `hands` start together."""
    gate = Barrier(min(hands, len(deeds)))

    def do(place: int) -> object:
        if place < gate.parties:
            gate.wait(10)
        try:
            return deeds[place]()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(gate.parties) as pool:
        return list(pool.map(do, range(len(deeds))))


def refusals(given: Sequence[object]) -> list[Refused]:
    return [each for each in given if isinstance(each, Refused)]


def done(given: Sequence[object]) -> list[object]:
    return [each for each in given if not isinstance(each, Refused)]
