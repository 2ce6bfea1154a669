"""What a measurement says: our figure, what was measured beside it, and whether the target is met."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

TITLES = ("name", "figure", "unit", "beside", "ratio", "target", "met")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line. `target` says in words what `beside` is and what `ratio` (or `figure`) must be."""

    name: str
    figure: float
    unit: str
    beside: float
    ratio: float
    target: str
    met: bool

    def row(self) -> dict[str, Any]:
        return asdict(self)


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes by the wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median time of each of `works`, in seconds: each once a round, so that noise meets all alike."""
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def rounded(value: float) -> float:
    """Three digits are all that a time on a shared machine is worth."""
    return float(f"{value:.3g}")


def table(figures: Sequence[Figure]) -> str:
    """The figures as columns of text."""
    cells = [TITLES, *(tuple(spelled(value) for value in figure.row().values()) for figure in figures)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(TITLES))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                     for row in cells)  # fmt: skip


def spelled(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:g}" if isinstance(value, float | int) else str(value)
