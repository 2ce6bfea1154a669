"""sign_report: what it says, what binds it, what an amendment changes, what is refused."""

from datetime import timedelta

import pytest

from lims.vocabulary import Role
from scoring import report_desk
from scoring.models import ReadingCase, ResultReport
from scoring.reporting import changes, content_of, fingerprint, holds, sign_report
from specimens import jobs
from specimens.actors import Automaton
from specimens.consenting import withdraw_consent
from specimens.errors import Forbidden, Invalid, Refused, Unknown
from specimens.models import LedgerEntry, Patient
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import Stain
from tests.cast import Cast, person
from tests.refusals import refused
from tests.scoring.desk import LATER, LOW, PAPILLARY, a_case, a_tumour, both_sign, corrects, decides, signs
from tests.stories import House

DAY = timedelta(days=1)


@pytest.fixture
def lena(cast: Cast) -> object:
    return person("lena", "Lena Hoff", Role.LEAD_PATHOLOGIST)


@pytest.fixture
def read(cast: Cast, house: House) -> Patient:
    """A patient whose tumour was read for both assays, and scored."""
    tumour = a_tumour(cast, house)
    for stain in (Stain.HE, Stain.CAIX):
        both_sign(cast, a_case(cast, house, stain, tumour))
    scored()
    return tumour.patient


def scored() -> None:
    jobs.work_off()


def signed(by: object, patient: Patient, reason: str = "", at=LATER) -> ResultReport:
    seen = fingerprint(content_of(patient))
    return sign_report(by=by, at=at, patient=patient, seen=seen, method="password", reason=reason)


def test_the_report_says_what_has_concluded(lena, read: Patient) -> None:
    report = signed(lena, read)
    said = report.content
    assert (report.number, report.changes, report.reason) == (1, [], "")
    assert (report.signed_name, report.meaning, report.method) == ("Lena Hoff", "result reported", "password")
    assert (said["patient"], said["trial"], said["risk"], said["caix_level"]) == (
        "CWG-0187", "CWG", "intermediate", "high",
    )  # fmt: skip
    assert (said["compartment"], said["il2_eligibility"]) == ("favourable", "eligible")
    assert "not validated for treatment decisions" in said["statement"]
    (specimen,) = said["specimens"].values()
    assert specimen["findings"]["caix"]["findings"]["positive"] == "95"
    assert {each["how"] for each in specimen["findings"].values()} == {"concordant_mean"}
    assert "comment" not in str(said)
    assert holds(ResultReport.objects.get())


def test_the_signature_is_bound_to_what_was_signed(lena, read: Patient) -> None:
    report = signed(lena, read)
    for name, value in (("content", {**report.content, "risk": "good"}), ("number", 2), ("signed_name", "Otto")):
        other = ResultReport.objects.get()
        setattr(other, name, value)
        assert not holds(other), name


def test_an_amendment_says_what_it_changes_and_why(lena, read: Patient, cast: Cast) -> None:
    signed(lena, read)
    case = ReadingCase.objects.get(assay="caix")
    for mine in case.reads.all():
        corrects(mine.reader, mine, **LOW)
    scored()
    if not ReadingCase.objects.get(pk=case.pk).reads.filter(slot=3).exists():
        decide_if_needed(cast, case)
    seen = fingerprint(content_of(read))
    with refused("reason_missing", "Say why the report is amended", Invalid):
        sign_report(by=lena, at=LATER, patient=read, seen=seen, method="password")
    second = signed(lena, read, "the slide was read again under oil")
    told = {each["field"]: (each["was"], each["became"]) for each in second.changes}
    assert (second.number, second.reason) == (2, "the slide was read again under oil")
    assert told["caix_level"] == ("high", "low")
    assert told["il2_eligibility"] == ("eligible", "not_eligible")
    assert ResultReport.objects.get(number=1).content["caix_level"] == "high", "the first stays as it was"


def decide_if_needed(cast: Cast, case: ReadingCase) -> None:
    from scoring.cases import facts_of

    if facts_of(ReadingCase.objects.filter(pk=case.pk))[0].phase == "discordant":
        decides(cast.adjudicator, case, **LOW)
        scored()


def test_nothing_new_is_not_signed_again(lena, read: Patient) -> None:
    signed(lena, read)
    with refused("nothing_new", "says all of this already", Refused):
        signed(lena, read, "again")
    assert ResultReport.objects.count() == 1


def test_what_was_not_seen_is_not_signed(lena, read: Patient) -> None:
    with refused("changed_meanwhile", "has changed since you looked", Refused):
        sign_report(by=lena, at=LATER, patient=read, seen="0" * 64, method="password")
    assert not ResultReport.objects.exists()


def test_a_read_that_nobody_scored_yet_waits(lena, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    with refused("score_pending", "are being scored", Refused):
        signed(lena, case.specimen.patient)


def test_an_open_case_says_nothing(lena, cast: Cast, house: House) -> None:
    """Half read: neither the reads nor that there are any."""
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    scored()
    before = content_of(tumour.patient)
    caix = a_case(cast, house, Stain.CAIX, tumour)
    signs(cast.reader, caix, **LOW)
    scored()
    assert content_of(tumour.patient) == before
    signs(cast.second_reader, caix)
    scored()
    assert content_of(tumour.patient) == before, "discordant: still nothing"
    (specimen,) = before["specimens"].values()
    assert specimen["pending"] == ["caix"]


def test_without_a_result_or_consent_nothing_goes_home(lena, cast: Cast, house: House, read: Patient) -> None:
    other = a_tumour(cast, house, "CWG-0001").patient
    with refused("nothing_to_report", "There is no result", Refused):
        signed(lena, other)
    day = LATER.date()
    withdraw_consent(by=cast.coordinator, at=LATER, consent=read.consents.get(), withdrawn_on=day, reason="by letter")
    with refused("consent_withdrawn", "was withdrawn", Refused):
        signed(lena, read)


def test_only_the_lead_signs(cast: Cast, read: Patient) -> None:
    for somebody in cast.everybody().values():
        with refused("not_your_role", "Only the lead pathologist", Forbidden):
            signed(somebody, read)
    robot = Automaton("robot", frozenset({"scoring.sign_report"}))
    with refused("person_needed", "is no person", Forbidden):
        signed(robot, read)


def test_the_ledger_has_one_line_without_the_result(lena, read: Patient) -> None:
    report = signed(lena, read)
    entry = LedgerEntry.objects.get(deed="sign report")
    assert entry.became == {"report": 1, "digest": report.digest}
    assert "intermediate" not in entry.sentence


# ---- the desk ----
def test_due_is_who_was_scored_since_the_last_report(lena, read: Patient, cast: Cast) -> None:
    assert [(row.study_id, row.last) for row in report_desk.due(lena).rows] == [("CWG-0187", 0)]
    signed(lena, read)
    assert report_desk.due(lena).rows == []
    mine = ReadingCase.objects.get(assay="histology").reads.order_by("slot")
    for each in mine:
        corrects(each.reader, each, **PAPILLARY)
    scored()
    assert [(row.study_id, row.last) for row in report_desk.due(lena).rows] == [("CWG-0187", 1)]
    assert [row.study_id for row in report_desk.due(lena, amended=True).rows] == ["CWG-0187"]
    with pytest.raises(Forbidden):
        report_desk.due(cast.coordinator)


def test_a_draft_says_what_may_not_be_signed(lena, read: Patient) -> None:
    assert report_desk.draft(lena, read).refusal == ""
    signed(lena, read)
    assert "says all of this already" in report_desk.draft(lena, read).refusal


def test_reports_are_within_reach_alone(lena, read: Patient, cast: Cast, house: House) -> None:
    report = signed(lena, read)
    for viewer in (lena, cast.coordinator, cast.statistician):
        assert report_desk.report(viewer, EVERYTHING, pk=report.pk) == report
    near, far = Scope(frozenset({house.mercy.pk})), Scope(frozenset({house.lakeshore.pk}))
    assert [each.pk for each in report_desk.latest(cast.coordinator, near).rows] == [report.pk]
    with pytest.raises(Unknown):
        report_desk.report(cast.coordinator, far, pk=report.pk)
    for stranger in (cast.reader, cast.adjudicator, cast.bench, cast.administrator):
        with pytest.raises(Forbidden):
            report_desk.report(stranger, EVERYTHING, pk=report.pk)


def test_changes_name_what_came_and_what_went() -> None:
    before = {"risk": "good", "specimens": {"S": {"kind": "primary"}}, "source": {"reads": [1]}}
    now = {"risk": "poor", "specimens": {"S": {"kind": "primary"}, "T": {"kind": "metastasis"}}, "source": {}}
    assert changes(before, now) == [
        {"field": "risk", "was": "good", "became": "poor"},
        {"field": "specimens.T.kind", "was": None, "became": "metastasis"},
    ]
