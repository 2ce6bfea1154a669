"""How quickly patients are scored by a worker in a process of its own, through the job table and the broker."""

from functools import partial
from statistics import median

from django.db import transaction

from lims.bench.copying import Copying, Source
from lims.bench.figures import Figure, rounded, seconds
from lims.bench.ground import Ground
from lims.bench.processes import wait_until, worker
from scoring.models import Score
from scoring.queries import current_cases
from scoring.rules.editions import CURRENT
from scoring.rules.model import assess
from scoring.rules.vocabulary import Assay
from scoring.verdicts import said_of
from specimens import jobs
from specimens.models import Job

BATCH = 1000
WARM = 200
COPY_LIMIT = 4.0


def measure(ground: Ground) -> list[Figure]:
    """Scores a second beside the bare rule, and beside a database copy of the rows read and written."""
    patients, times = ground.sizes.patients, []
    with worker():
        for _ in range(2):
            score(ground.seeder.add(WARM), batch=WARM // 4)
        for _ in range(ground.sizes.rounds):
            lot = ground.seeder.add(patients)
            times.append((seconds(partial(score, lot)), copied(lot), assessed(lot)))
    ours, copy, rule = (median(column) for column in zip(*times, strict=True))
    return [
        Figure(
            "worker-copy", rounded(patients / ours), "scores/s", rounded(patients / copy), rounded(ours / copy),
            f"at most {COPY_LIMIT:g} times as long as COPY of the rows it reads out and of those it writes in",
            ours <= COPY_LIMIT * copy,
        ),
        Figure(
            "worker-rule", rounded(patients / ours), "scores/s", rounded(patients / rule), rounded(ours / rule),
            "none: how many times as long as the bare rule on the same inputs", True,
        ),
    ]  # fmt: skip


def score(specimens: list[int], batch: int = BATCH) -> None:
    """Ask for the scores as a conclusion does, and wait until the worker has done all of them."""
    lots = [specimens[start : start + batch] for start in range(0, len(specimens), batch)]
    wanted = [(f"bench:{lot[0]}", {"specimen_ids": lot}) for lot in lots]
    with transaction.atomic():
        jobs.ask_many("specimen concluded", wanted, queue="bulk")
    wait_until(lambda: not Job.objects.filter(done_at__isnull=True).exists(), patience=300)
    assert Score.objects.filter(specimen_id__in=specimens).count() == len(specimens), "each has one score"


def assessed(specimens: list[int]) -> float:
    """The time that the rule alone needs for the inputs of these specimens, which are gathered first."""
    cases = current_cases(specimens)
    inputs = [
        said_of(mine[Assay.HISTOLOGY], mine[Assay.CAIX], CURRENT).inputs for mine in map(cases.get, specimens) if mine
    ]
    assert len(inputs) == len(specimens), "each has both its cases"
    return seconds(lambda: [assess(each, CURRENT) for each in inputs])


def copied(specimens: list[int]) -> float:
    """The time of a copy of what the worker read of these specimens, out, and of what it wrote, in."""
    mine = f"BETWEEN {specimens[0]} AND {specimens[-1]}"
    with Copying(read(mine), written(mine)) as copying:
        return seconds(copying.once)


def read(mine: str) -> list[Source]:
    """The rows from which the scores of these specimens follow. They were added together, so ids are a range."""
    patients = among("patient_id", "specimens_specimen", f"id {mine}")
    cases, slides = (among(name, "scoring_readingcase", f"specimen_id {mine}") for name in ("id", "slide_id"))
    runs = among("run_id", "specimens_staining", f"slide_id {slides}")
    return [
        ("specimens_patient", "id", f"id {patients}"),
        ("specimens_consent", "id", f"patient_id {patients}"),
        ("specimens_specimen", "id", f"id {mine}"),
        ("specimens_block", "id", f"specimen_id {mine}"),
        ("specimens_slide", "id", f"id {slides}"),
        ("specimens_staining", "id", f"slide_id {slides}"),
        ("specimens_stainrun", "id", f"id {runs}"),
        ("specimens_controlresult", "id", f"run_id {runs}"),
        ("scoring_readingcase", "id", f"specimen_id {mine}"),
        ("scoring_read", "id", f"case_id {cases}"),
        ("scoring_comparison", "id", f"case_id {cases}"),
    ]


def written(mine: str) -> list[Source]:
    """The rows that the worker wrote of them."""
    patients = among("patient_id", "specimens_specimen", f"id {mine}")
    return [
        ("scoring_score", "id", f"specimen_id {mine}"),
        ("scoring_patientscore", "id", f"patient_id {patients}"),
        ("specimens_ledgerentry", "number", f"deed = 'score patient' AND patient_id {patients}"),
    ]


def among(column: str, table: str, condition: str) -> str:
    return f"IN (SELECT {column} FROM {table} WHERE {condition})"  # noqa: S608 - our own words
