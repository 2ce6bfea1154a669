"""Clinical factors are recorded: one deed for a form, a program and a sheet. All rows are kept, or none.

What is recorded already is passed over, so a sheet may be sent again; what differs needs a reason and supersedes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scoring.chart import factors_of, standing, therapy_starts
from scoring.clinical_words import Given, WrongField, given
from scoring.models import ClinicalFact, TherapyStart
from scoring.rules.clinical.factors import contradictions
from specimens import jobs, ledger, queries
from specimens.actors import Actor, person_id
from specimens.deeds import deed, require, unfit
from specimens.errors import WRONG_STATE, Rejected, RowProblem
from specimens.models import Consent, Patient
from specimens.scope import Scope
from specimens.vocabulary import ConsentScope

RECORD = "scoring.record_clinical"
THERAPY = "systemic_therapy_start"
LONGEST_SOURCE, LONGEST_REASON = 200, 500


@dataclass(frozen=True, slots=True)
class NewFactor:
    """One factor of one patient as of the day `on`, in the words of the source. With a `reason` it may correct what is
    recorded for that day, and a blank value then takes it back."""

    trial: str
    study_id: str
    factor: str
    value: str
    on: date | None = None
    unit: str = ""
    lower: str = ""
    upper: str = ""
    source: str = ""
    reason: str = ""


@dataclass(slots=True)
class Judged:
    """What would become of one row: `new`, `correction`, `recorded` already, or `refused` with its problems."""

    row: int
    told: NewFactor
    problems: list[RowProblem]
    patient: Patient | None = None
    before: ClinicalFact | None = None
    kept: Given | None = None

    @property
    def verdict(self) -> str:
        if self.problems:
            return "refused"
        if self.before is None:
            return "new"
        return "recorded" if self.kept and is_same(self.before, self.kept) else "correction"

    def say(self, field: str, sentence: str, code: str = "invalid") -> None:
        self.problems.append(RowProblem(self.row, field, sentence, str(getattr(self.told, field, ""))[:80], code))


def is_same(fact: ClinicalFact, now: Given) -> bool:
    was = (fact.factor, fact.value, fact.unit, fact.lower, fact.upper)
    return was == (now.factor, now.value, now.unit, now.lower, now.upper)


def judge(rows: Sequence[NewFactor], scope: Scope, today: date) -> list[Judged]:
    """What would become of each row. Four queries, whatever the number of rows."""
    known = patients_of(rows, scope)
    ids = {patient.pk for patient in known.values()}
    gone = withdrawn(ids)
    facts = standing(ids)
    by_day = {(fact.patient_id, fact.factor, fact.on): fact for fact in facts}
    seen: set[tuple[int, str, date]] = set()
    judged = [judged_row(number, row, known, today) for number, row in enumerate(rows, start=1)]
    for each in judged:
        if each.patient is None:
            continue
        if each.patient.pk in gone:
            each.say("study_id", f"Consent of {each.patient} was withdrawn: nothing more is recorded.", WRONG_STATE)
        if each.told.on is not None:
            key = (each.patient.pk, each.told.factor, each.told.on)
            each.before = by_day.get(key)
            if key in seen:
                each.say("on", f"{each.told.factor} of {each.patient} on {each.told.on} stands twice here.")
            seen.add(key)
            judge_correction(each)
    judge_together(judged, facts)
    return judged


def patients_of(rows: Iterable[NewFactor], scope: Scope) -> dict[tuple[str, str], Patient]:
    wanted = {row.study_id.strip().upper() for row in rows} | {row.study_id.strip() for row in rows}
    found = queries.patients(scope).filter(study_id__in=[each for each in wanted if "\0" not in each])
    return {(patient.trial.code.upper(), patient.study_id.upper()): patient for patient in found}


def withdrawn(ids: Iterable[int]) -> set[int]:
    found = Consent.objects.filter(patient_id__in=list(ids), scope=ConsentScope.THIS_STUDY, withdrawal__isnull=False)
    return set(found.values_list("patient_id", flat=True))


def judged_row(number: int, row: NewFactor, known: Mapping[tuple[str, str], Patient], today: date) -> Judged:
    """What can be told of the row by itself."""
    each = Judged(number, row, [], known.get((row.trial.strip().upper(), row.study_id.strip().upper())))
    if each.patient is None:
        said = f"No patient {row.study_id.strip()[:40]} of trial {row.trial.strip()[:24]} is within your reach."
        each.say("study_id", said)
    if row.on is None:
        each.say("on", "Give the day it was measured or true, as 2026-11-23.")
    elif row.on > today:
        each.say("on", f"{row.on} lies in the future.")
    for field, most in (("source", LONGEST_SOURCE), ("reason", LONGEST_REASON)):
        if wrong := unfit(getattr(row, field), most):
            each.say(field, wrong)
    if not row.source.strip():
        each.say("source", "Say where it comes from: a chart, a form, a registry, a paper for a group by hand.")
    if not row.value.strip() and row.reason.strip():
        return each  # taken back
    try:
        each.kept = given(row.factor.strip(), row.value, row.unit, row.lower, row.upper)
    except WrongField as why:
        each.say(why.field, why.sentence)
    return each


def judge_correction(each: Judged) -> None:
    """What differs from a fact that stands needs a reason; only what stands is taken back."""
    told, before = each.told, each.before
    if before is None:
        if not told.value.strip() and told.reason.strip():
            each.say("value", "There is nothing recorded for that day to take back: give the value.")
        return
    if each.kept is None:
        if told.factor == THERAPY and not each.problems:
            each.say("value", "A start of therapy is corrected to the right day, not taken back.")
        return
    if not is_same(before, each.kept) and not told.reason.strip():
        was = " ".join(filter(None, (before.value or "taken back", before.unit)))
        each.say("reason", f"{told.factor} on {told.on} is recorded as {was}: say why it is corrected.")


def judge_together(judged: Sequence[Judged], facts: Sequence[ClinicalFact]) -> None:
    """Pairs of factors that cannot both be true, once everything here is recorded; told once a patient."""
    after: dict[int, dict[tuple[str, date], ClinicalFact]] = {}
    for fact in facts:
        after.setdefault(fact.patient_id, {})[fact.factor, fact.on] = fact
    last: dict[int, Judged] = {}
    for each in judged:
        if each.patient and each.told.on and not each.problems:
            becomes = fact_of(each)
            after.setdefault(each.patient.pk, {})[becomes.factor, becomes.on] = becomes
            last[each.patient.pk] = each
    for patient_id, each in last.items():
        for problem in contradictions(factors_of(after[patient_id].values())):
            each.say("value", f"{problem.field}: {problem.sentence}")


def fact_of(each: Judged) -> ClinicalFact:
    """The row as it would be kept, who and when left open."""
    assert each.patient is not None
    assert each.told.on is not None
    kept = each.kept or Given(each.told.factor, "")
    return ClinicalFact(
        patient=each.patient, factor=kept.factor, value=kept.value, unit=kept.unit, lower=kept.lower,
        upper=kept.upper, on=each.told.on, source=each.told.source.strip(),
        supersedes=each.before, reason=each.told.reason.strip() if each.before else "",
    )  # fmt: skip


@deed
def record_clinical_factors(*, by: Actor, at: datetime, rows: Sequence[NewFactor],
                            synthetic: bool = False) -> list[ClinicalFact]:  # fmt: skip
    """Record every row, or none. Rows that are recorded already are passed over; gives the rows that are new.

    Raises Rejected with each fault, its row and field; Forbidden for anybody but coordinators.
    """
    require(by, RECORD, "Only coordinators record clinical factors.")
    known = patients_of(rows, by.scope)
    ids = sorted({patient.pk for patient in known.values()})
    list(Patient.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    judged = judge(rows, by.scope, at.date())
    if problems := [problem for each in judged for problem in each.problems]:
        raise Rejected(problems, code="factors_rejected")
    made = []
    for each in judged:
        if each.verdict == "recorded":
            continue
        fact = fact_of(each)
        fact.recorded_at, fact.recorded_by_id = at, person_id(by)
        fact.synthetic = synthetic or fact.patient.synthetic
        fact.save(force_insert=True)
        made.append(fact)
    start_therapies([fact for fact in made if fact.factor == THERAPY], by=by, at=at)
    ledger.write([line_of(fact) for fact in made], by=by, at=at)
    return made


def line_of(fact: ClinicalFact) -> ledger.Line:
    """Names the factor and never its value: the ledger is read by more people than the chart."""
    done = "was taken back" if not fact.value else "was corrected" if fact.supersedes_id else "was recorded"
    said = f"{fact.factor} of {fact.patient} as of {fact.on} {done}."
    became = {"fact": fact.pk, "supersedes": fact.supersedes_id}
    return ledger.line(
        "record clinical factors", fact, said, patient_id=fact.patient_id, became=became, reason=fact.reason
    )


def start_therapies(facts: Sequence[ClinicalFact], *, by: Actor, at: datetime) -> None:
    """The start of therapy also decides which specimen speaks: it is told where the scores look, once."""
    now = therapy_starts([fact.patient_id for fact in facts])
    for fact in facts:
        started = date.fromisoformat(fact.value)
        if now.get(fact.patient_id) == started:
            continue
        start = TherapyStart.objects.create(
            patient=fact.patient, started_on=started, recorded_at=at, recorded_by_id=person_id(by)
        )
        key = f"{fact.patient_id}:{start.pk}"
        jobs.ask("therapy started", key=key, arguments={"patient_id": fact.patient_id})
