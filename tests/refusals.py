"""What a test says of a refusal: which one, with which words, and that nothing at all was written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.apps import apps

from specimens.errors import Forbidden, Refused, Rejected, RowProblem
from specimens.models import Counter, LedgerHead

FLOORS = ("specimens", "scoring", "lims")


@dataclass
class Refusal:
    """The refusal once it was caught: its sentence, its field, and each row's fault when it lists them."""

    problems: list[RowProblem] = field(default_factory=list)
    sentence: str = ""
    field: str = ""

    @property
    def places(self) -> list[tuple[int, str]]:
        return [(problem.row, problem.field) for problem in self.problems]


def everything_written() -> dict[str, object]:
    """How many rows each table holds, the last accession numbers, and the ledger's end."""
    counts: dict[str, object] = {
        model._meta.label: model._default_manager.count()
        for floor in FLOORS
        for model in apps.get_app_config(floor).get_models()
    }
    counts["numbers"] = dict(Counter.objects.values_list("prefix", "last"))
    counts["ledger"] = list(LedgerHead.objects.values_list("number", "hash"))
    return counts


@contextmanager
def refused(code: str, words: str, kind: type[Refused] = Refused) -> Iterator[Refusal]:
    """The block is refused as exactly this kind, with this code and these words in its sentence."""
    before, refusal = everything_written(), Refusal()
    with pytest.raises(Refused) as caught:
        yield refusal
    said = caught.value
    assert (type(said), said.code) == (kind, code), f"{said.code}: {said.sentence}"
    assert words in said.sentence
    assert said.sentence.endswith((".", ")")), "a refusal is a whole sentence"
    refusal.sentence, refusal.field = said.sentence, said.field
    refusal.problems = said.problems if isinstance(said, Rejected) else []
    assert everything_written() == before


@contextmanager
def forbidden(words: str) -> Iterator[Refusal]:
    """The block is refused because of who does it."""
    with refused("not_your_role", words, Forbidden) as refusal:
        yield refusal


def outcome(deed: Callable[[], object]) -> Refused | None:
    """The refusal that the deed meets, or None once it is done."""
    try:
        deed()
    except Refused as refusal:
        return refusal
    return None
