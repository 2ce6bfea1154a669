"""From a request's words about the bench to what its deeds take: numbers become things within the caller's reach."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from specimens import bench_desk, bench_listings, cutting_desk, queries
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import parsed
from specimens.models import Block
from specimens.ordering import NewOrder
from specimens.scope import Scope
from specimens.sectioning import Cut
from specimens.staining import NewRun, past_limit
from specimens.vocabulary import ControlKind, Stain

Told = Mapping[str, Any]
Look = Callable[[Iterable[str]], Mapping[str, Any]]


class Finder:
    """Looks numbers up, many at a time, and keeps what is wrong with each by row and field."""

    def __init__(self) -> None:
        self.problems: list[RowProblem] = []

    def each(self, numbers: Sequence[str], field: str, look: Look, what: str) -> list[Any]:
        """What each number names, in order; None for a blank one and for one that names nothing here."""
        wanted = [self.normal(number, row, field) for row, number in enumerate(numbers, start=1)]
        known = look([number for number in wanted if number])
        for row, number in enumerate(wanted, start=1):
            if number and number not in known:
                said = f"No {what} {number} is within your reach."
                self.problems.append(RowProblem(row, field, said, number, f"unknown_{what.split()[-1]}"))
        return [known.get(number) for number in wanted]

    def normal(self, number: str, row: int, field: str) -> str:
        try:
            return parsed(number) if number else ""
        except Refused as refused:
            self.problems.append(RowProblem(row, field, refused.sentence, number, refused.code))
            return ""

    def check(self, code: str) -> None:
        if self.problems:
            raise Rejected(sorted(self.problems, key=lambda problem: problem.row), code=code)


def blocks_of(scope: Scope, numbers: Sequence[str]) -> list[Block]:
    finder = Finder()
    found = finder.each(numbers, "blocks", lambda some: cutting_desk.blocks_named(scope, some), "block")
    finder.check("order_refused")
    return found


def orders_of(scope: Scope, rows: Sequence[Told]) -> list[NewOrder]:
    finder = Finder()
    blocks = finder.each([r["block"] for r in rows], "block", lambda n: cutting_desk.blocks_named(scope, n), "block")
    slides = finder.each([r["replaces"] for r in rows], "replaces", queries.slides_named, "slide")
    finder.check("order_refused")
    return [
        NewOrder(**{**row, "block": block, "replaces": slide, "stain": Stain(row["stain"]) if row["stain"] else None})
        for row, block, slide in zip(rows, blocks, slides, strict=True)
    ]


def cuts_of(scope: Scope, rows: Sequence[Told]) -> list[Cut]:
    finder = Finder()

    def blocks(numbers: Iterable[str]) -> Mapping[str, Any]:
        return cutting_desk.blocks_named(scope, numbers)

    cut = finder.each([row["block"] for row in rows], "block", blocks, "block")
    further = finder.each([row["further_block"] for row in rows], "further_block", blocks, "block")
    orders = finder.each(
        [row["order"] for row in rows], "order", lambda n: bench_listings.orders_named(scope, n), "cutting order"
    )
    finder.check("cutting_refused")
    return [
        Cut(**{**row, "block": block, "further_block": beside, "order": order, "labels": tuple(row["labels"])})
        for row, block, beside, order in zip(rows, cut, further, orders, strict=True)
    ]


def run_of(told: Told) -> NewRun:
    finder = Finder()
    slides = finder.each(told["slides"], "slides", queries.slides_named, "slide")
    finder.check("staining_refused")
    lot = bench_desk.lots().filter(pk=told["lot"]).first()
    if lot is None:
        raise Invalid("unknown_lot", f"There is no reagent lot {told['lot']}.", field="lot")
    assay = bench_desk.assays(retired=True).filter(name=told["assay"], stain=lot.stain).first()
    if told["assay"] and assay is None:
        raise Invalid("unknown_assay", f"There is no assay version “{told['assay']}” of this stain.", field="assay")
    too_old = [slide for slide in slides if past_limit(slide, told["stained_on"])]
    return NewRun(
        lot=lot,
        slides=slides,
        assay=assay,
        controls=[(ControlKind(each["kind"]), each["label"]) for each in told["control_slides"]],
        override_reasons={slide.pk: told["override_reason"] for slide in too_old},
        **{name: told[name] for name in ("stained_on", "dilution", "retrieval", "platform")},
    )
