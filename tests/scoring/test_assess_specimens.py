"""The scoring worker's deed: scores follow from reads, and twice is once."""

from datetime import date

from scoring.assessing import WORKER, assess_specimens
from scoring.models import PatientScore, Score
from scoring.treating import record_therapy_start
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.correcting import move_specimen
from specimens.models import Consent, LedgerEntry
from specimens.staining import record_controls
from specimens.vocabulary import ControlKind, SpecimenKind, Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden
from tests.scoring.desk import (
    INADEQUATE,
    LATER,
    NOT_READ,
    PAPILLARY,
    a_case,
    a_tumour,
    both_sign,
    corrects,
    decides,
)
from tests.stories import STAINED_ON, House, a_patient


def assess(*specimens: object) -> int:
    return assess_specimens(by=WORKER, at=LATER, specimen_ids=[s.pk for s in specimens])


def a_scored_tumour(cast: Cast, house: House, **changes: object) -> object:
    tumour = a_tumour(cast, house, **changes)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))
    assess(tumour)
    return tumour


def test_intermediate_and_high_is_eligible(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour), second={"pct_0": "7", "pct_1": "8"})
    assert assess(tumour) == 1
    score = Score.objects.get()
    assert (score.risk, score.caix_level, score.compartment, score.eligibility) == (
        "intermediate", "high", "favourable", "eligible",
    )  # fmt: skip
    assert (score.clear_cell, score.alveolar, score.granular, score.papillary, score.caix) == (
        "yes",
        45,
        20,
        0,
        94,
    )
    assert (score.adequate, score.caix_evaluable, score.h_score) == (True, True, 239)
    assert (score.histology_how, score.caix_how) == ("concordant_mean", "concordant_mean")
    assert (score.histologic_type, score.possible_risks, score.reasons, score.missing) == (
        "clear_cell", "intermediate", "", "",
    )  # fmt: skip
    chosen = PatientScore.objects.get()
    assert (chosen.score, chosen.basis, chosen.because) == (
        score,
        "primary",
        "it is the only adequate primary",
    )


def test_the_ledger_says_what_was_found(cast: Cast, house: House) -> None:
    tumour = a_scored_tumour(cast, house)
    entry = LedgerEntry.objects.latest("number")
    assert entry.sentence == (
        "CWG-0187: Intermediate pathology, CA-IX high: eligible under edition 2005-R1. Investigational."
    )
    assert (entry.actor_name, entry.patient_id) == ("scoring worker", tumour.patient_id)


def test_twice_is_once(cast: Cast, house: House) -> None:
    tumour = a_scored_tumour(cast, house)
    entries = LedgerEntry.objects.count()
    assert assess(tumour) == 0
    assert (Score.objects.count(), PatientScore.objects.count(), LedgerEntry.objects.count()) == (
        1,
        1,
        entries,
    )


def test_histology_alone_is_indeterminate_and_names_what_is_missing(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    assess(tumour)
    score = Score.objects.get()
    assert (score.eligibility, score.missing, score.caix_evaluable) == ("indeterminate", "caix", None)
    assert PatientScore.objects.get().score == score


def test_a_decision_counts_alone(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    case = a_case(cast, house, Stain.HE, tumour)
    both_sign(cast, case, second=PAPILLARY)
    assert assess(tumour) == 0
    decides(cast.adjudicator, case, **PAPILLARY)
    assess(tumour)
    score = Score.objects.get()
    assert (score.risk, score.papillary, score.histology_how, score.reasons) == (
        "poor", 10, "adjudicated", "PAPILLARY_PRESENT",
    )  # fmt: skip


def test_a_control_that_fails_later_makes_caix_not_evaluable(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    stained = a_case(cast, house, Stain.CAIX, tumour)
    both_sign(cast, stained)
    assess(tumour)
    run = stained.slide.staining.run
    said = {"by": cast.bench, "at": LATER, "run": run, "observed_on": STAINED_ON}
    record_controls(**said, results={ControlKind.NEGATIVE: False}, reason="background seen")
    jobs.work_off()
    failed = Score.objects.latest("id")
    assert (failed.caix_level, failed.caix_evaluable, failed.caix, failed.eligibility) == (
        "not_evaluable", False, 95, "indeterminate",
    )  # fmt: skip
    assert PatientScore.objects.latest("id").score == failed
    record_controls(**said, results={ControlKind.NEGATIVE: True}, reason="looked at again")
    jobs.work_off()
    again = Score.objects.latest("id")
    assert (Score.objects.count(), again.eligibility) == (3, "eligible")


def test_a_stain_called_not_evaluable(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    case = a_case(cast, house, Stain.CAIX, tumour)
    away = dict.fromkeys(("pct_0", "pct_1", "pct_2", "pct_3", "pattern"), "")
    both_sign(cast, case, {**NOT_READ, **away}, {**NOT_READ, **away})
    assess(tumour)
    assert Score.objects.get().caix_level == "not_evaluable"


def test_a_value_that_returns_is_a_new_score(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    old = a_case(cast, house, Stain.HE, tumour)
    both_sign(cast, old)
    assess(tumour)
    new = a_case(cast, house, Stain.HE, tumour)
    assess(tumour)
    assert Score.objects.latest("id").adequate is None
    assert PatientScore.objects.latest("id").because == "the histology of a primary is pending"
    from specimens.correcting import move_slide

    elsewhere = a_tumour(cast, house, study_id="CWG-0188").blocks.get()
    move_slide(by=cast.coordinator, at=LATER, slide=new.slide, to=elsewhere, reason="labels were swapped")
    jobs.work_off()
    first, _, third = Score.objects.order_by("id")
    assert first.inputs == third.inputs
    assert first.digest != third.digest
    assert PatientScore.objects.filter(patient=tumour.patient).latest("id").score == third
    assert assess(tumour) == 0


def test_a_correction_adds_a_score_and_alters_none(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    case = a_case(cast, house, Stain.HE, tumour)
    first, second = both_sign(cast, case)
    assess(tumour)
    corrects(cast.reader, first, arch_alveolar="55", arch_solid="30", cyto_clear="100", cyto_granular="0")
    assess(tumour)
    assert Score.objects.latest("id").adequate is None
    corrects(cast.second_reader, second, arch_alveolar="55", arch_solid="30", cyto_clear="100", cyto_granular="0")
    assess(tumour)
    assert list(Score.objects.order_by("id").values_list("risk", flat=True)) == [
        "intermediate", "indeterminate", "good",
    ]  # fmt: skip


def test_a_metastasis_waits_for_the_primary(cast: Cast, house: House) -> None:
    primary = a_tumour(cast, house)
    metastasis = a_tumour(cast, house, kind=SpecimenKind.METASTASIS)
    both_sign(cast, a_case(cast, house, Stain.HE, metastasis), PAPILLARY, PAPILLARY)
    assess(metastasis)
    assert not PatientScore.objects.exists()
    away = dict.fromkeys(INADEQUATE_BLANKS, "")
    both_sign(cast, a_case(cast, house, Stain.HE, primary), {**away, **INADEQUATE}, {**away, **INADEQUATE})
    assess(primary)
    chosen = PatientScore.objects.get()
    assert (chosen.basis, chosen.score.specimen, chosen.score.risk) == ("metastasis", metastasis, "poor")
    assert chosen.because == "it is the only adequate metastasis; every primary is inadequate"


INADEQUATE_BLANKS = (
    "necrosis", "histologic_type", "arch_alveolar", "arch_solid", "arch_tubular", "arch_papillary",
    "arch_cystic", "arch_trabecular", "arch_sarcomatoid", "arch_other", "cyto_clear", "cyto_granular",
    "cyto_other", "rhabdoid", "fuhrman", "who_isup",
)  # fmt: skip


def test_of_two_primaries_the_one_resected_last_before_therapy(cast: Cast, house: House) -> None:
    early = a_scored_tumour(cast, house, specimen_label="P1", procedure_on=date(2026, 3, 1))
    late = a_scored_tumour(cast, house, specimen_label="P2", procedure_on=date(2026, 8, 1), label="B2")
    assert PatientScore.objects.latest("id").score.specimen == late
    record_therapy_start(by=cast.coordinator, at=LATER, patient=early.patient, started_on=date(2026, 5, 1))
    jobs.work_off()
    chosen = PatientScore.objects.latest("id")
    assert chosen.score.specimen == early
    assert chosen.because == "of 2 it is the primary resected last before therapy began on 2026-05-01"


def test_withdrawn_consent_leaves_no_score_speaking(cast: Cast, house: House) -> None:
    a_scored_tumour(cast, house)
    withdraw_consent(by=cast.coordinator, at=LATER, consent=Consent.objects.get(), withdrawn_on=AT.date())
    jobs.work_off()
    last = PatientScore.objects.latest("id")
    assert (last.basis, last.score, last.because) == ("none", None, "consent was withdrawn")
    assert LedgerEntry.objects.latest("number").sentence == (
        "CWG-0187: no specimen speaks for the patient: consent was withdrawn."
    )


def test_a_moved_specimen_takes_its_score_along(cast: Cast, house: House) -> None:
    tumour = a_scored_tumour(cast, house)
    was, to = tumour.patient, a_patient(cast, house, "CWG-0300")
    move_specimen(by=cast.coordinator, at=LATER, specimen=tumour, to=to, reason="the wrong request form")
    jobs.work_off()
    assert PatientScore.objects.filter(patient=was).latest("id").score is None
    assert PatientScore.objects.filter(patient=to).latest("id").score == Score.objects.get()


def test_synthetic_reads_make_a_synthetic_score(cast: Cast, house: House) -> None:
    tumour = a_scored_tumour(cast, house)
    assert not Score.objects.get().synthetic
    assert not tumour.synthetic


def test_only_the_worker_scores(cast: Cast, house: House) -> None:
    for person in cast.everybody().values():
        with forbidden("by the scoring worker alone"):
            assess_specimens(by=person, at=LATER, specimen_ids=[])


def test_the_queries_do_not_grow_with_the_specimens(
    cast: Cast, house: House, django_assert_max_num_queries: object
) -> None:
    tumours = []
    for number in range(4):
        tumours.append(a_tumour(cast, house, study_id=f"CWG-{number}"))
        both_sign(cast, a_case(cast, house, Stain.HE, tumours[-1]))
    with django_assert_max_num_queries(24):
        assert assess(*tumours) == 4
