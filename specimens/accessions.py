"""Hands out accession numbers inside the caller's transaction: none is skipped by a refusal, none comes twice."""

from django.db import connection

from specimens.identifiers import printed

TAKE = (
    "INSERT INTO specimens_counter (prefix, last) VALUES (%s, %s) "
    "ON CONFLICT (prefix) DO UPDATE SET last = specimens_counter.last + excluded.last RETURNING last"
)


def take(prefix: str, count: int = 1) -> list[str]:
    """`count` fresh accession numbers of `prefix`, in order. The counter's row stays locked until commit."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [prefix, count])
        last = cursor.fetchone()[0]
    return [printed(prefix, number) for number in range(last - count + 1, last + 1)]
