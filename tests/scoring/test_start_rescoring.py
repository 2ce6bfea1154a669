"""Scoring many again: dry first, in chunks, once; old scores stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring import rescoring as deeds
from scoring.assessing import WORKER, assess_specimens
from scoring.models import PatientScore, Rescoring, RescoringChunk, RescoringDone, Score
from scoring.rescoring import Among, start_rescoring
from scoring.rescoring_desk import changes, progress, state_of
from scoring.rules import editions, shelves
from scoring.vocabulary import RescoringCause, RescoringState
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.models import Consent, LedgerEntry
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, LOW, a_case, a_tumour, both_sign, corrects
from tests.stories import House


def scored(cast: Cast, house: House, study_id: str = "CWG-0187") -> object:
    tumour = a_tumour(cast, house, study_id)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))
    assess_specimens(by=WORKER, at=LATER, specimen_ids=[tumour.pk])
    return tumour


def started(cast: Cast, **said: object) -> Rescoring:
    known = {"whom": Among(), "cause": RescoringCause.CHECK, "reason": "yearly check", "dry": False}
    return start_rescoring(by=cast.administrator, at=LATER, **{**known, **said})


def kept() -> tuple[int, int, int]:
    return Score.objects.count(), PatientScore.objects.count(), LedgerEntry.objects.count()


def test_without_changes_it_writes_no_score(cast: Cast, house: House) -> None:
    scored(cast, house)
    whole = started(cast)
    before = kept()
    jobs.work_off()
    assert kept() == before
    told = progress(whole)
    assert (told.state, told.patients, told.total, told.fresh, told.changed) == ("done", 1, 1, 0, 0)
    assert not changes(whole).exists()


def test_a_dry_run_lists_who_would_change_and_writes_no_score(cast: Cast, house: House) -> None:
    """An amended read whose job was lost: the dry run finds it, the run after it scores it, the old score stays."""
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    reads = both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))
    assess_specimens(by=WORKER, at=LATER, specimen_ids=[tumour.pk])
    for read in reads:
        corrects(read.reader, read, **LOW)
    jobs.Job.objects.all().delete()
    dry = started(cast, dry=True, cause=RescoringCause.AMENDED_READ)
    before = kept()
    jobs.work_off()
    assert kept() == before
    listed = changes(dry).get()
    assert (listed.patient.study_id, listed.was["eligibility"], listed.was["caix_level"]) == (
        "CWG-0187", "eligible", "high",
    )  # fmt: skip
    assert listed.becomes["caix_level"] == "low"
    old = Score.objects.get()
    real = started(cast, cause=RescoringCause.AMENDED_READ)
    jobs.work_off()
    assert progress(real).fresh == 1
    assert list(Score.objects.order_by("id").values_list("caix_level", flat=True)) == ["high", "low"]
    assert Score.objects.get(pk=old.pk).caix_level == "high"


def test_a_withdrawn_consent_takes_the_category_away(cast: Cast, house: House) -> None:
    tumour = scored(cast, house)
    consent = Consent.objects.get(patient=tumour.patient)
    withdraw_consent(by=cast.coordinator, at=LATER, consent=consent, withdrawn_on=AT.date(), reason="by letter")
    jobs.Job.objects.all().delete()
    whole = started(cast, cause=RescoringCause.WITHDRAWN_CONSENT, whom=Among(patient=tumour.patient))
    jobs.work_off()
    assert changes(whole).get().becomes == dict.fromkeys(deeds.CATEGORY, "")
    assert PatientScore.objects.latest("id").basis == "none"


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[editions.Edition]:
    """An edition in a folder of the installation's own, whose CA-IX cutoff nobody reaches."""
    text = (editions.SHELF / "two-compartment-2005-R1.toml").read_text(encoding="utf-8")
    changed = text.replace('edition = "2005-R1"', 'edition = "2099-TEST"').replace("value = 85", "value = 99")
    (tmp_path / "strict.toml").write_text(changed, encoding="utf-8")
    shelves.add(tmp_path)
    yield editions.edition(editions.TWO_COMPARTMENT, "2099-TEST")
    shelves.remove(tmp_path)


def test_a_new_edition_adds_scores_and_alters_none(cast: Cast, house: House, strict: editions.Edition) -> None:
    scored(cast, house)
    whole = started(cast, edition=strict, cause=RescoringCause.NEW_EDITION)
    jobs.work_off()
    assert changes(whole).get().becomes["caix_level"] == "low"
    found = Score.objects.order_by("id").values_list("edition", "caix_level")
    assert list(found) == [("2005-R1", "high"), ("2099-TEST", "low")]


def test_chunks_cover_everybody_once(cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        a_tumour(cast, house, f"CWG-{n}")
    monkeypatch.setattr(deeds, "CHUNK", 2)
    whole = started(cast, whom=Among(trial=house.trial))
    assert RescoringChunk.objects.filter(rescoring=whole).count() == 3
    jobs.work_off()
    assert sorted(RescoringDone.objects.values_list("patients", flat=True)) == [1, 2, 2]
    assert progress(whole).patients == 5


def test_a_chunk_done_twice_is_done_once(cast: Cast, house: House) -> None:
    scored(cast, house)
    started(cast)
    chunk = RescoringChunk.objects.get()
    for _ in range(2):
        deeds.rescore_chunk(by=WORKER, at=LATER, chunk_id=chunk.pk)
    assert RescoringDone.objects.count() == 1


def test_scoped_by_the_edition_of_the_scores(cast: Cast, house: House) -> None:
    scored(cast, house)
    a_tumour(cast, house, "CWG-2")
    assert started(cast, whom=Among(scored_under="2005-R1")).patients == 1


def test_paused_resumed_and_cancelled(cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "CHUNK", 1)
    for n in range(3):
        a_tumour(cast, house, f"CWG-{n}")
    jobs.work_off()
    whole = started(cast)
    jobs.perform(jobs.Job.objects.filter(kind="rescore").order_by("id")[0].key)
    said = {"by": cast.administrator, "at": LATER, "rescoring": whole, "reason": "night shift"}
    deeds.pause_rescoring(**said)
    jobs.work_off()
    assert (state_of(whole), progress(whole).patients) == (RescoringState.PAUSED, 1)
    with refused("rescoring_paused", "It is paused"):
        deeds.pause_rescoring(**said)
    deeds.resume_rescoring(**said)
    jobs.work_off()
    assert (state_of(whole), progress(whole).patients) == (RescoringState.DONE, 3)
    with refused("rescoring_done", "It is done"):
        deeds.cancel_rescoring(**said)
    other = started(cast)
    deeds.cancel_rescoring(**{**said, "rescoring": other})
    jobs.work_off()
    assert (state_of(other), progress(other).patients) == (RescoringState.CANCELLED, 0)


def test_refusals(cast: Cast, house: House) -> None:
    with refused("nobody_in_scope", "Nobody is in that scope"):
        started(cast)
    with forbidden("Only an administrator"):
        start_rescoring(
            by=cast.statistician, at=AT, whom=Among(), cause=RescoringCause.CHECK, reason="to see", dry=True
        )
