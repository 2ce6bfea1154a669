"""Many at a time and one by one say the same, and both what the bare rule says."""

from random import Random

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lims.bench import house as bench_house
from lims.bench.seeding import Seeder
from scoring.assessing import WORKER, assess_patients
from scoring.models import PatientScore, Score
from scoring.rescoring import Among, start_rescoring
from scoring.rules.editions import CURRENT
from scoring.rules.inputs import Inputs
from scoring.rules.model import assess
from scoring.rules.vocabulary import ClearCell
from scoring.vocabulary import RescoringCause
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.models import Consent, LedgerEntry
from tests.cast import AT, Cast

SCORED = [field.name for field in Score._meta.concrete_fields if field.name not in {"id", "computed_at"}]
PATIENTS = 8


class Undone(Exception):
    pass


def said() -> tuple[object, ...]:
    scores = list(Score.objects.order_by("specimen_id", "pk").values(*SCORED))
    chosen = list(PatientScore.objects.order_by("patient_id", "pk").values_list("patient_id", "score__specimen",
                                                                                "basis", "because"))  # fmt: skip
    lines = sorted(LedgerEntry.objects.filter(deed="score patient").values_list("sentence", flat=True))
    return scores, chosen, lines


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 2**32), gone=some.sets(some.integers(0, PATIENTS - 1), max_size=3))
def test_batch_and_single_are_equal(cast: Cast, seed: int, gone: set[int]) -> None:
    try:
        with transaction.atomic():
            compare(cast, seed, gone)
            raise Undone
    except Undone:
        pass


def compare(cast: Cast, seed: int, gone: set[int]) -> None:
    seeder = Seeder(bench_house.build())
    seeder.dice = Random(seed)
    seeder.add(PATIENTS)
    consents = list(Consent.objects.order_by("patient_id"))
    for n in gone:
        withdraw_consent(by=cast.coordinator, at=AT, consent=consents[n], withdrawn_on=AT.date(), reason="asked")
    jobs.Job.objects.all().delete()
    single: list[object] = []
    try:
        with transaction.atomic():
            for consent in consents:
                assess_patients(by=WORKER, at=AT, patient_ids=[consent.patient_id])
            single.append(said())
            raise Undone
    except Undone:
        pass
    start_rescoring(
        by=cast.administrator, at=AT, whom=Among(), cause=RescoringCause.CHECK, reason="both ways", dry=False
    )
    jobs.work_off()
    assert said() == single[0]
    assert Score.objects.count() == PATIENTS
    for score in Score.objects.all():
        bare = assess(inputs(score), CURRENT)
        assert (score.risk, score.caix_level, score.eligibility) == (bare.risk, bare.caix_level, bare.eligibility)


def inputs(score: Score) -> Inputs:
    return Inputs(
        clear_cell=ClearCell(score.clear_cell) if score.clear_cell else None, alveolar=score.alveolar,
        granular=score.granular, papillary=score.papillary, caix=score.caix,
        caix_evaluable=score.caix_evaluable is not False,
    )  # fmt: skip
