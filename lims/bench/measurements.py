"""Which measurements there are, by name."""

from collections.abc import Callable, Iterable

from lims.bench import export, images, latency, lists, manifest, pages, routes, scale, worker
from lims.bench.figures import Figure
from lims.bench.ground import Ground

MEASUREMENTS: dict[str, Callable[[Ground], list[Figure]]] = {
    "patient-page": pages.measure,
    "worker": worker.measure,
    "latency": latency.measure,
    "scale": scale.measure,
    "list": lists.measure,
    "export": export.measure,
    "routes": routes.measure,
    "manifest": manifest.measure,
    "images": images.measure,
}


def named(name: str) -> str | None:
    """The measurement that gives the figure `name` (“worker-copy” comes of “worker”), None when none does."""
    return next((each for each in MEASUREMENTS if name == each or name.startswith(f"{each}-")), None)


def measured(ground: Ground, names: Iterable[str], say: Callable[[str], object]) -> list[Figure]:
    """The figures of each measurement, in the order in which they disturb each other least."""
    figures: list[Figure] = []
    wanted = {named(name) for name in names}
    for name in (name for name in MEASUREMENTS if name in wanted):
        say(f"Measuring {name}")
        figures += MEASUREMENTS[name](ground)
    return figures
