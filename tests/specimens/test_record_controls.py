"""Recording what the control slides of a run showed."""

from datetime import date

import pytest

from specimens.errors import Invalid
from specimens.models import ControlResult, Job, LedgerEntry, Patient, StainRun
from specimens.queries import control_ids, run_controls
from specimens.staining import record_controls
from specimens.vocabulary import ControlKind, RunControls, Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import PASSED, House, a_received_block, a_stained_slide

POSITIVE, NEGATIVE = ControlKind.POSITIVE, ControlKind.NEGATIVE


@pytest.fixture
def run(cast: Cast, house: House, patient: Patient) -> StainRun:
    block = a_received_block(cast, house, patient)
    return a_stained_slide(cast, block, Stain.CAIX, controls={}).staining.run


def record(by: object, run: StainRun, results: dict[ControlKind, bool], **changes: object) -> list[ControlResult]:
    said = {"observed_on": date(2026, 11, 21)} | changes
    return record_controls(by=by, at=AT, run=run, results=results, **said)


def test_both_controls_pass(cast: Cast, run: StainRun) -> None:
    assert run_controls([run.pk]) == {run.pk: RunControls.PENDING}
    recorded = record(cast.bench, run, PASSED)
    assert run_controls([run.pk]) == {run.pk: RunControls.PASSED}
    assert control_ids([run.pk]) == {run.pk: sorted(result.pk for result in recorded)}
    lines = LedgerEntry.objects.filter(deed="record control").order_by("number")
    assert [line.sentence for line in lines] == [
        f"Positive control of run {run}: passed.", f"Negative control of run {run}: passed.",
    ]  # fmt: skip
    assert Job.objects.get(kind="controls changed").arguments == {"run_id": run.pk}


def test_one_control_alone_says_nothing_unless_it_failed(cast: Cast, run: StainRun) -> None:
    record(cast.bench, run, {POSITIVE: True})
    assert run_controls([run.pk]) == {run.pk: RunControls.PENDING}
    record(cast.bench, run, {NEGATIVE: False})
    assert run_controls([run.pk]) == {run.pk: RunControls.FAILED}


def test_a_later_look_overrules_with_a_reason_and_keeps_both(cast: Cast, run: StainRun) -> None:
    record(cast.bench, run, PASSED)
    record(cast.bench, run, {POSITIVE: False, NEGATIVE: True}, reason="faded on a second look")
    assert run_controls([run.pk]) == {run.pk: RunControls.FAILED}
    assert list(run.controls.filter(kind="positive").order_by("id").values_list("passed", flat=True)) == [
        True,
        False,
    ]
    assert run.controls.filter(kind="negative").count() == 1
    line = LedgerEntry.objects.latest("number")
    assert (line.was, line.became, line.reason) == (
        {"passed": True},
        {"passed": False},
        "faded on a second look",
    )
    assert Job.objects.filter(kind="controls changed").count() == 2


def test_only_the_bench_records_them(cast: Cast, run: StainRun) -> None:
    for name, person in cast.everybody().items():
        if name != "bench":
            with forbidden("Only histotechnologists"):
                record(person, run, PASSED)


def test_no_result(cast: Cast, run: StainRun) -> None:
    with refused("no_result", "Record at least one control.", Invalid):
        record(cast.bench, run, {})


@pytest.mark.parametrize("day", [date(2026, 11, 19), date(2026, 11, 24)])
def test_looked_at_before_the_stain_or_tomorrow(cast: Cast, run: StainRun, day: date) -> None:
    with refused("observed_on", "between the stain of 2026-11-20 and today", Invalid) as refusal:
        record(cast.bench, run, PASSED, observed_on=day)
    assert refusal.field == "observed_on"


def test_the_same_again(cast: Cast, run: StainRun) -> None:
    record(cast.bench, run, PASSED)
    with refused("nothing_new", f"Run {run} has these control results already."):
        record(cast.bench, run, PASSED, reason="once more")


def test_overruling_without_a_reason(cast: Cast, run: StainRun) -> None:
    record(cast.bench, run, PASSED)
    with refused("reason_missing", "Say why an earlier control result no longer stands.", Invalid) as refusal:
        record(cast.bench, run, {NEGATIVE: False}, reason=" ")
    assert refusal.field == "reason"


def test_a_kind_of_control_that_is_none(cast: Cast, run: StainRun) -> None:
    with refused("control_kind_known", "kind must be one of: positive, negative."):
        record(cast.bench, run, {"sideways": True})  # type: ignore[dict-item]
