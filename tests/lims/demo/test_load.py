"""The whole demo, loaded once through the deeds: its counts, its table, its marks, and that twice is once."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from pytest_django import DjangoDbBlocker

from lims import settling
from lims.demo import load, summary
from lims.demo.figures import published_beside_computed
from lims.demo.load_outcomes import RELEASES
from lims.demo.stage import KIRC, LOADER, METHOD, REBUILT
from lims.models.outcomes import Outcome, OutcomeRelease
from lims.vocabulary import TimeOrigin
from scoring.models import Comparison, PatientScore, Read, ReadingCase
from scoring.vocabulary import ReadRole
from specimens import ledger, parcel_desk
from specimens.models import (
    Block,
    CompositionEstimate,
    ConsentWithdrawal,
    CuttingOrder,
    ItemQuery,
    ItemReceipt,
    Job,
    LedgerEntry,
    Loan,
    Patient,
    Shipment,
    ShipmentClosure,
    ShipmentItem,
    Slide,
    SlideFace,
    SlideImage,
    Specimen,
    Staining,
    StainRun,
    Trial,
)
from specimens.scope import EVERYTHING
from specimens.vocabulary import ItemKind
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("the whole demo")]


@pytest.fixture(scope="module")
def whole(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[load.Stage]:
    """The full demo in one transaction that is rolled back after the last test of this module."""
    with django_db_blocker.unblock(), rolled_back():
        load.load()
        yield load.stage()
        transaction.set_rollback(True)


def rows_of_every_table() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_the_whole_cohort_is_on_record(whole: load.Stage) -> None:
    specimens = Specimen.objects.filter(patient__trial__code=KIRC, synthetic=False)
    slides = Slide.objects.filter(block__specimen__in=specimens)
    assert Patient.objects.filter(trial__code=KIRC).count() == 537
    assert Counter(specimens.values_list("kind", flat=True)) == {"primary": 543, "normal": 558}
    assert Counter(specimens.values_list("preservation", flat=True)) == {
        "frozen": 968, "oct": 13, "ffpe": 4, "": 116,
    }  # fmt: skip
    assert Block.objects.filter(specimen__in=specimens).exclude(embedded_on=None).count() == 1150
    assert slides.filter(cut_at_core=True, synthetic=False).count() == 1656
    assert slides.filter(cut_at_core=False).count() == 524
    assert SlideFace.objects.count() == 50


def test_what_site_and_core_estimated_is_kept_and_blank_is_not_0(whole: load.Stage) -> None:
    estimates = CompositionEstimate.objects
    assert estimates.filter(source="site").count() == 535
    assert estimates.filter(source="core").count() == 1656 - 560
    unknown = estimates.filter(source="core", slide__block__specimen__kind="normal")
    assert unknown.count() == 4


def test_every_extract_is_in_a_shipment_under_its_label_alone(whole: load.Stage) -> None:
    items = ShipmentItem.objects.filter(kind=ItemKind.ALIQUOT)
    assert items.count() == 9175 + 478
    assert not items.exclude(block=None, slide=None).exists()
    assert Shipment.objects.filter(sender__code="CORE", synthetic=False).count() == 204


def test_the_parcel_in_trouble_stays_open(whole: load.Stage) -> None:
    parcel = ShipmentItem.objects.filter(announced=False).earliest("id").shipment
    assert not ShipmentClosure.objects.filter(shipment=parcel).exists()
    found = parcel.items.order_by("line").values_list("announced", "receipts__condition")
    assert list(found) == [(True, None), (True, "broken"), (True, "intact"), (False, "intact")]


def test_the_published_table_comes_out_right(whole: load.Stage) -> None:
    assert [row.computed for row in published_beside_computed()] == [
        "24 / 31 / 11",
        "41",
        "21/27 v 20/39, odds ratio 3.33, P 0.0397",
        "9/9 v 11/22",
        "26/27 v 18/39, odds ratio 30.33, P < 0.0001",
    ]


def test_the_two_releases_are_both_kept_and_their_conflicts_told(whole: load.Stage) -> None:
    trial = Trial.objects.get(code=KIRC)
    a, b = (OutcomeRelease.objects.get(trial=trial, name=name) for name in RELEASES.values())
    found = Counter(each.field for each in settling.conflicts(trial=trial, release_a=a, release_b=b))
    told = {field: found[field] for field in ("vital_status", "days_to_death", "days_to_last_contact", "stage")}
    assert told == {"vital_status": 3, "days_to_death": 6, "days_to_last_contact": 6, "stage": 3}


def test_survival_counts_from_diagnosis_and_other_words_leave_it_unknown(whole: load.Stage) -> None:
    kept = Outcome.objects.filter(release__trial__code=KIRC)
    assert kept.count() == 2 * 537
    assert not kept.exclude(vital_status__in=["Dead", "Alive"]).exclude(os_time=None).exists()
    known = kept.exclude(os_time=None)
    assert set(known.values_list("time_origin", "vital_status", "os_event")) == {
        (TimeOrigin.DIAGNOSIS, "Dead", True),
        (TimeOrigin.DIAGNOSIS, "Alive", False),
    }
    assert known.get(release__name="release A", patient__study_id="TCGA-A3-3307").os_time == 1436


def test_every_queue_has_work(whole: load.Stage) -> None:
    queues = summary.queues()
    assert len(queues) == 8
    assert [name for name, waiting in queues.items() if not waiting] == []


def test_no_work_is_left_undone(whole: load.Stage) -> None:
    assert not Job.objects.filter(done_at=None).exists()
    assert not Job.objects.exclude(cause="").exists()
    assert PatientScore.objects.filter(patient__trial__code=REBUILT).count() == 66


def test_the_software_finds_discordant_what_the_generator_meant(whole: load.Stage) -> None:
    meant = {(plan.patient.upper(), assay) for plan in whole.plan.patients for assay in plan.discordant_assays}
    found = Comparison.objects.filter(discordant=True)
    assert set(found.values_list("case__specimen__patient__study_id", "case__assay")) == meant
    decided = Read.objects.exclude(role=ReadRole.READER)
    assert decided.count() == len(meant) - summary.queues()["cases to adjudicate"]


def test_what_was_generated_says_synthetic(whole: load.Stage) -> None:
    plans = whole.plan.patients
    sections = {section.label.upper() for plan in plans for section in plan.sections}
    kirc = Slide.objects.filter(block__specimen__patient__trial__code=KIRC)
    made_up = set(kirc.filter(synthetic=True).values_list("site_label", flat=True))
    assert made_up >= sections
    assert [label for label in made_up - sections if "-SYN-" not in label] == []
    assert not Read.objects.filter(synthetic=False).exists()
    assert not ReadingCase.objects.filter(synthetic=False).exists()
    assert not StainRun.objects.filter(synthetic=False).exists()
    assert not ItemReceipt.objects.filter(synthetic=False, item__announced=True).exists()
    assert set(Read.objects.values_list("method", flat=True)) == {METHOD}
    assert set(SlideImage.objects.values_list("demonstration", flat=True)) == {True}
    for model, path in {
        Patient: "trial",
        Specimen: "patient__trial",
        Block: "specimen__patient__trial",
    }.items():
        assert not model.objects.filter(**{f"{path}__code": REBUILT, "synthetic": False}).exists()
    assert set(Outcome.objects.values_list("release__trial__code", "synthetic")) == {
        (KIRC, False),
        (REBUILT, True),
    }


def test_what_is_real_is_not_called_synthetic(whole: load.Stage) -> None:
    assert not Patient.objects.filter(trial__code=KIRC, synthetic=True).exists()
    specimens = Specimen.objects.filter(patient__trial__code=KIRC, synthetic=True)
    assert not specimens.exclude(site_label__contains="-SYN-").exists()
    returns = Shipment.objects.filter(items__block__site_label__endswith="-SYN-L")
    made_up = Shipment.objects.filter(sender__code="CORE", synthetic=True).exclude(pk__in=returns.values("pk"))
    assert not made_up.exists()
    assert Shipment.objects.filter(receiver__code="CORE", synthetic=False).count() == 0


def test_events_keep_their_dates_and_the_ledger_the_clock(whole: load.Stage) -> None:
    began = LedgerEntry.objects.order_by("number").first()
    assert began is not None
    assert began.actor_name == LOADER.name
    assert (datetime.now(UTC) - began.recorded_at).total_seconds() < 3600
    assert Staining.objects.filter(run__stained_on__year=2010).exists()
    read = Read.objects.filter(case__specimen__patient__trial__code=KIRC).order_by("signed_at")
    assert read[0].signed_at.year == 2010


def test_what_is_open_lies_in_the_weeks_before_the_load(whole: load.Stage) -> None:
    """A demo that is loaded today has work of today, none that is years late."""
    months_ago = datetime.now(UTC).date() - timedelta(days=100)
    assert months_ago < whole.as_of < datetime.now(UTC).date()
    waiting = parcel_desk.counted(EVERYTHING).filter(closure__isnull=True, receiver__code="CORE")
    assert not waiting.filter(sent_on__lt=months_ago).exists()
    assert not CuttingOrder.objects.filter(end__isnull=True, ordered_at__date__lt=months_ago).exists()
    assert not ItemQuery.objects.filter(asked_at__date__lt=months_ago).exists()
    assert not [each for each in parcel_desk.doubtful(EVERYTHING) if each.received_at.date() < months_ago]
    assert not Loan.objects.filter(due_on__lt=months_ago).exists()


def test_the_ledger_verifies(whole: load.Stage) -> None:
    assert LedgerEntry.objects.count() > 15_000
    assert list(ledger.verify()) == []


def test_one_patient_has_withdrawn(whole: load.Stage) -> None:
    patient = ConsentWithdrawal.objects.get().consent.patient
    assert PatientScore.objects.filter(patient=patient).latest("id").because == "consent was withdrawn"


def test_a_second_load_adds_nothing(whole: load.Stage) -> None:
    before = rows_of_every_table()
    load.load()
    assert rows_of_every_table() == before


def test_every_step_looks_before_it_adds(whole: load.Stage) -> None:
    """Even where the load cannot tell that it is complete."""
    before = rows_of_every_table()
    load.take(load.steps_of(whole))
    load.work_off()
    assert rows_of_every_table() == before
