"""The flow of tissue, walked through the real deeds: each patient at one stop, and every figure with its rows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoring.flow import Flow, Wanted, flows, patients_at, together
from scoring.flow_facts import Asked
from scoring.flow_stops import Facts, Level, Shelf, Stage, Stop, in_order, stop_of
from scoring.models import ReadingCase
from scoring.phases import phase_of
from scoring.rules.vocabulary import Phase
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.models import Patient
from specimens.receiving import ReceivedItem, close_shipment, receive_items, settle_quarantine
from specimens.scope import EVERYTHING, Scope
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import ControlKind, NoTissueReason, QuarantineOutcome, RequestEventKind, SpecimenKind, Stain
from tests.cast import AT, Cast
from tests.scoring.desk import INADEQUATE, LATER, LOW, ONE_FAILED, a_case, a_tumour, both_sign, decides, signs
from tests.scoring.requests import a_request
from tests.stories import CUT_ON, HISTOLOGY, House, a_patient, a_stained_slide, an_announced_parcel, an_item

TODAY = AT.date()
WHOLE = Asked(EVERYTHING, TODAY)
K = RequestEventKind
EMPTY = {**dict.fromkeys(HISTOLOGY, ""), **INADEQUATE}
Build = Callable[[Cast, House, Patient], object]


def at_stop(asked: Asked = WHOLE) -> dict[str, Stop]:
    """The stop of every patient by study id, as the lists of all stops give them."""
    found = {}
    for stage in Stage:
        for standing in patients_at(asked, Wanted(stage, here=True))[0].rows:
            found[standing.patient.study_id] = standing.stop
    return found


def tumour_of(cast: Cast, house: House, patient: Patient, **changes: object) -> object:
    return a_tumour(cast, house, patient.study_id, **changes)


def parcel_of(cast: Cast, house: House, patient: Patient) -> object:
    return an_announced_parcel(cast, house, an_item(patient))


def received_as(cast: Cast, house: House, patient: Patient, **how: object) -> object:
    items = [ReceivedItem(line=1, **how)]  # type: ignore[arg-type]
    return receive_items(by=cast.coordinator, at=AT, shipment=parcel_of(cast, house, patient), items=items)[0]


def rejected(cast: Cast, house: House, patient: Patient) -> object:
    receipt = received_as(cast, house, patient, identifiers_agree=1)
    return settle_quarantine(
        by=cast.coordinator, at=AT, receipt=receipt, outcome=QuarantineOutcome.REJECTED, reason="not theirs"
    )


def missing(cast: Cast, house: House, patient: Patient) -> object:
    other = a_patient(cast, house, f"{patient.study_id}-B")
    parcel = an_announced_parcel(cast, house, an_item(other), an_item(patient))
    receive_items(by=cast.coordinator, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])
    return close_shipment(by=cast.coordinator, at=AT, shipment=parcel)


def cut(cast: Cast, house: House, patient: Patient, on: date = CUT_ON) -> object:
    block = tumour_of(cast, house, patient).blocks.get()  # type: ignore[attr-defined]
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=2, cut_on=on)])


def he_only(cast: Cast, house: House, patient: Patient) -> object:
    return a_stained_slide(cast, tumour_of(cast, house, patient).blocks.get())  # type: ignore[attr-defined]


def two_cases(cast: Cast, house: House, patient: Patient) -> dict[Stain, ReadingCase]:
    tumour = tumour_of(cast, house, patient)
    return {stain: a_case(cast, house, stain, tumour) for stain in (Stain.HE, Stain.CAIX)}  # type: ignore[arg-type]


def controls(results: dict[ControlKind, bool]) -> Build:
    def built(cast: Cast, house: House, patient: Patient) -> None:
        tumour = tumour_of(cast, house, patient)
        both_sign(cast, a_case(cast, house, Stain.HE, tumour))  # type: ignore[arg-type]
        a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX, results)  # type: ignore[attr-defined]

    return built


def one_signed(cast: Cast, house: House, patient: Patient) -> None:
    for case in two_cases(cast, house, patient).values():
        signs(cast.reader, case)


def discordant(cast: Cast, house: House, patient: Patient) -> ReadingCase:
    found = two_cases(cast, house, patient)
    both_sign(cast, found[Stain.HE])
    both_sign(cast, found[Stain.CAIX], second=LOW)
    return found[Stain.CAIX]


def decided(cast: Cast, house: House, patient: Patient) -> None:
    decides(cast.adjudicator, discordant(cast, house, patient))


def concluded(cast: Cast, house: House, patient: Patient) -> None:
    for case in two_cases(cast, house, patient).values():
        both_sign(cast, case)


def found_inadequate(cast: Cast, house: House, patient: Patient) -> None:
    found = two_cases(cast, house, patient)
    both_sign(cast, found[Stain.HE], EMPTY, EMPTY)
    jobs.work_off()


def inadequate_but_another(cast: Cast, house: House, patient: Patient) -> None:
    """The primary is inadequate; of a metastasis the H&E waits to be read."""
    found_inadequate(cast, house, patient)
    other = tumour_of(cast, house, patient, kind=SpecimenKind.METASTASIS, label="M9")
    a_case(cast, house, Stain.HE, other)  # type: ignore[arg-type]


def withdrawn(then: Build) -> Build:
    def built(cast: Cast, house: House, patient: Patient) -> None:
        then(cast, house, patient)
        consent = patient.consents.get()
        withdraw_consent(by=cast.coordinator, at=LATER, consent=consent, withdrawn_on=TODAY)

    return built


def asked(*kinds: K, reason: NoTissueReason = NoTissueReason.NOT_GIVEN) -> Build:
    return lambda cast, house, patient: a_request(cast, patient, house.mercy, *kinds, reason=reason)


def declined_once_asked_elsewhere(cast: Cast, house: House, patient: Patient) -> None:
    a_request(cast, patient, house.mercy, K.ASKED, K.DECLINED, reason=NoTissueReason.POLICY)
    a_request(cast, patient, house.lakeshore, K.ASKED, K.REMINDED)


def nothing(cast: Cast, house: House, patient: Patient) -> None:
    """Enrolled, and that is all."""


def only_normal(cast: Cast, house: House, patient: Patient) -> None:
    tumour_of(cast, house, patient, kind=SpecimenKind.NORMAL)


S = Stage
STORIES: dict[str, tuple[Build, Stage, str]] = {
    "enrolled": (nothing, S.ENROLLED, "no_request"),
    "not sent": (asked(), S.ENROLLED, "not_sent"),
    "cancelled": (asked(K.CANCELLED), S.ENROLLED, "cancelled"),
    "asked": (asked(K.ASKED), S.ASKED, "no_answer"),
    "reminded": (asked(K.ASKED, K.REMINDED, K.CALLED), S.ASKED, "no_answer_reminded"),
    "promised": (asked(K.ASKED, K.REMINDED, K.PROMISED), S.ASKED, "promised"),
    "declined": (asked(K.ASKED, K.DECLINED, reason=NoTissueReason.POLICY), S.ASKED, "declined:policy"),
    "exhausted": (
        asked(K.ASKED, K.NO_TISSUE, reason=NoTissueReason.BLOCK_EXHAUSTED), S.ASKED, "no_tissue:block_exhausted",
    ),
    "no reply": (asked(K.ASKED, K.NO_TISSUE, reason=NoTissueReason.NO_REPLY), S.ASKED, "no_tissue:no_reply"),
    "asked twice": (declined_once_asked_elsewhere, S.ASKED, "no_answer_reminded"),
    "asked, withdrew": (withdrawn(asked(K.ASKED)), S.ASKED, "consent_withdrawn"),
    "on the way": (parcel_of, S.ASKED, "on_the_way"),
    "missing": (missing, S.ASKED, "missing"),
    "only normal": (only_normal, S.ENROLLED, "no_request"),
    "quarantined": (lambda c, h, p: received_as(c, h, p, identifiers_agree=1), S.RECEIVED, "quarantined"),
    "rejected": (rejected, S.RECEIVED, "rejected"),
    "inadequate": (found_inadequate, S.RECEIVED, "inadequate:no_viable_tumour"),
    "block here": (tumour_of, S.ADEQUATE, "to_cut"),
    "cut": (cut, S.ADEQUATE, "to_stain"),
    "another": (inadequate_but_another, S.ADEQUATE, "without_caix"),
    "H&E only": (he_only, S.ADEQUATE, "without_caix"),
    "failed": (controls(ONE_FAILED), S.STAINED, "control_failed"),
    "pending": (controls({}), S.STAINED, "controls_pending"),
    "no case": (controls({ControlKind.POSITIVE: True, ControlKind.NEGATIVE: True}), S.STAINED, "no_case"),
    "to read": (two_cases, S.STAINED, "awaits_reader"),
    "one signed": (one_signed, S.STAINED, "awaits_second"),
    "discordant": (discordant, S.READ, "discordant"),
    "decided": (decided, S.CONCLUDED, ""),
    "concluded": (concluded, S.CONCLUDED, ""),
    "concluded, withdrew": (withdrawn(concluded), S.READ, "consent_withdrawn"),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_patient_stands_at_one_stop(cast: Cast, house: House, name: str) -> None:
    build, stage, reason = STORIES[name]
    patient = a_patient(cast, house)
    build(cast, house, patient)
    assert at_stop()[patient.study_id] == Stop(stage, reason)


@pytest.fixture
def many(cast: Cast, house: House) -> dict[str, Stop]:
    """A patient of each story, alternately of two sites."""
    expected = {}
    for number, (build, stage, reason) in enumerate(STORIES.values()):
        patient = a_patient(cast, house, f"CWG-{number:04d}", ("MERCY", "LAKE")[number % 2])
        build(cast, house, patient)
        expected[patient.study_id] = Stop(stage, reason)
    return expected


def adds_up(flow: Flow) -> None:
    """What enters a stage goes on or is lost there; what is lost and what comes out is what began."""
    for stage in Stage:
        onward = flow.reached(Stage(stage + 1)) if stage < Stage.CONCLUDED else flow.stops[Stop(stage, "")]
        assert flow.reached(stage) == onward + sum(count for _, count in flow.stopped(stage))
    lost = sum(count for stage in Stage for _, count in flow.stopped(stage))
    assert flow.total == flow.reached(Stage.ENROLLED) == lost + flow.reached(Stage.CONCLUDED)


def test_numbers_add_up_at_each_stage_and_place(cast: Cast, house: House, many: dict[str, Stop]) -> None:
    found = flows(WHOLE)
    assert {place.site_id for place in found} == {house.mercy.pk, house.lakeshore.pk}
    for flow in [*found.values(), together(found)]:
        adds_up(flow)
    assert sum(flow.total for flow in found.values()) == Patient.objects.count()


def test_each_figure_has_its_rows(cast: Cast, house: House, many: dict[str, Stop]) -> None:
    found = at_stop()
    assert {study_id: found[study_id] for study_id in many} == many
    flow = together(flows(WHOLE))
    for stage in Stage:
        page, count = patients_at(WHOLE, Wanted(stage))
        assert len(page.rows) == count == flow.reached(stage)
        for reason, number in flow.stopped(stage):
            page, count = patients_at(WHOLE, Wanted(stage, here=True, reason=reason))
            assert len(page.rows) == count == number


def test_a_site_and_a_trial_narrow_both(cast: Cast, house: House, many: dict[str, Stop]) -> None:
    mercy = Asked(Scope(frozenset({house.mercy.pk})), TODAY)
    by_code = Asked(EVERYTHING, TODAY, trial="cwg", site="mercy")
    assert flows(mercy) == flows(by_code)
    assert together(flows(mercy)).total == Patient.objects.filter(treating_site=house.mercy).count()
    assert {s.patient.treating_site_id for s in patients_at(mercy, Wanted(Stage.ENROLLED))[0].rows} == {house.mercy.pk}
    assert flows(Asked(EVERYTHING, TODAY, trial="OTHER")) == {}
    assert flows(Asked(Scope(frozenset()), TODAY)) == {}


def test_a_reason_names_its_kinds_too(cast: Cast, house: House, many: dict[str, Stop]) -> None:
    ended = patients_at(WHOLE, Wanted(Stage.ASKED, here=True, reason="no_tissue"))[0].rows
    assert {each.stop.reason for each in ended} == {"no_tissue:block_exhausted", "no_tissue:no_reply"}


def test_sections_too_old_with_no_block_left(cast: Cast, house: House, patient: Patient) -> None:
    later = CUT_ON + timedelta(days=house.trial.section_age_limit_days)
    cut(cast, house, patient)
    for day, reason in ((later, "to_stain"), (later + timedelta(days=1), "to_cut")):
        assert at_stop(Asked(EVERYTHING, day))[patient.study_id] == Stop(Stage.ADEQUATE, reason)
    facts = Facts(1, 0, 0, in_order(Level.NONE, Level.NONE), Shelf.TOO_OLD)
    assert stop_of(facts) == Stop(Stage.ADEQUATE, "section_too_old")
    assert stop_of(facts._replace(shelf=Shelf.NOTHING)) == Stop(Stage.ADEQUATE, "nothing_left")


def test_a_case_stands_where_its_phase_says(cast: Cast, house: House, many: dict[str, Stop]) -> None:
    """The flow's own way to a case's phase agrees with the one function that decides it."""
    least = {Phase.CONCLUDED: S.CONCLUDED, Phase.DISCORDANT: S.READ}
    for study_id, stop in many.items():
        found = [phase_of(c) for c in ReadingCase.objects.filter(specimen__patient__study_id=study_id)]
        if len(found) == 2 and stop.reason not in ("consent_withdrawn", "inadequate:no_viable_tumour", "without_caix"):
            assert stop.stage == min(least.get(phase, S.STAINED) for phase in found)


def test_questions_are_few_however_many_patients(cast: Cast, house: House, many: dict[str, Stop]) -> None:
    for ask in (lambda: flows(WHOLE), lambda: patients_at(WHOLE, Wanted(Stage.ENROLLED))):
        with CaptureQueriesContext(connection) as captured:
            ask()
        assert len(captured) <= 8


def test_pages_go_on_by_id(cast: Cast, house: House) -> None:
    patients = [a_patient(cast, house, f"CWG-{n:04d}") for n in range(53)]
    first, count = patients_at(WHOLE, Wanted(Stage.ENROLLED))
    second, _ = patients_at(WHOLE, Wanted(Stage.ENROLLED), first.after)
    assert (len(first.rows), len(second.rows), count, second.after) == (50, 3, 53, None)
    assert {each.patient.pk for each in (*first.rows, *second.rows)} == {each.pk for each in patients}
