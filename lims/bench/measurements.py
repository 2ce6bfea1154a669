"""Which measurements there are, by name."""

from collections.abc import Callable, Iterable

from lims.bench import export, lists, pages, worker
from lims.bench.figures import Figure
from lims.bench.ground import Ground

MEASUREMENTS: dict[str, Callable[[Ground], list[Figure]]] = {
    "patient-page": pages.measure,
    "worker": worker.measure,
    "list": lists.measure,
    "export": export.measure,
}


def measured(ground: Ground, names: Iterable[str], say: Callable[[str], object]) -> list[Figure]:
    """The figures of each measurement, in the order in which they disturb each other least."""
    figures: list[Figure] = []
    for name in (name for name in MEASUREMENTS if name in set(names)):
        say(f"Measuring {name}")
        figures += MEASUREMENTS[name](ground)
    return figures
