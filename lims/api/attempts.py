"""Wrong passwords are counted by user name; after ten in five minutes the next are not even tried."""

import hashlib

from django.core.cache import cache
from rest_framework.exceptions import Throttled

MOST, SECONDS = 10, 300


def key(username: str) -> str:
    return "api-wrong-password:" + hashlib.sha256(username.strip().casefold().encode()).hexdigest()


def refuse_if_many(username: str) -> None:
    if cache.get(key(username), 0) >= MOST:
        raise Throttled(wait=SECONDS)


def note_failure(username: str) -> None:
    name = key(username)
    cache.add(name, 0, SECONDS)
    try:
        cache.incr(name)
    except ValueError:  # it expired between the two lines
        cache.add(name, 1, SECONDS)
