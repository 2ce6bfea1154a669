"""System checks that need the database: `manage.py check --database default` asks for them."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import Error, Tags, register

from specimens import guards


@register(Tags.database)
def guards_are_in_place(*, databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    return [
        Error(f"{table} has lost its append-only triggers: run migrate again.", id="paraffin.E001")
        for using in databases or []
        for table in guards.missing(using)
    ]
