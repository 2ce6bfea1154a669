"""The same work by one, two and four worker processes."""

from lims.bench.figures import Figure, rounded, seconds
from lims.bench.ground import Ground
from lims.bench.processes import worker
from lims.bench.worker import score

PROCESSES = (1, 2, 4)
JOBS = 40


def measure(ground: Ground) -> list[Figure]:
    """Scores a second for as many patients in 40 jobs, by so many processes, beside one."""
    rates = {count: rate(ground, count) for count in PROCESSES}
    return [
        Figure(
            f"scale-{count}", rounded(rates[count]), "scores/s", rounded(rates[1]), rounded(rates[count] / rates[1]),
            "none: how many times as fast as one process; no machine gives more than it has cores", True,
        )
        for count in PROCESSES
    ]  # fmt: skip


def rate(ground: Ground, processes: int) -> float:
    patients = ground.sizes.patients
    batch = max(patients // JOBS, 1)
    with worker(concurrency=processes):
        score(ground.seeder.add(4 * processes), batch=1)
        lot = ground.seeder.add(patients)
        return patients / seconds(lambda: score(lot, batch=batch))
