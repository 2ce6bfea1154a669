"""Institutions, trials, patients."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.chasing import DEFAULT_SCHEDULE
from specimens.deeds import checked, deed, demand_reach, local_day, require, unfit
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.models import Consent, Institution, InstitutionDuty, Patient, ReminderStep, Trial
from specimens.vocabulary import ConsentScope, InstitutionRole

CODE = re.compile(r"^[A-Z0-9][A-Z0-9_.-]{0,14}$")
TRIAL_CODE = re.compile(r"^[A-Z0-9][A-Z0-9_.-]{0,23}$")
STUDY_ID = re.compile(r"^[A-Z0-9][A-Z0-9_./-]{1,38}$")


@dataclass(frozen=True, slots=True)
class NewPatient:
    """One row of an enrolment: `treating_site` is an institution's code, dates are calendar dates."""

    study_id: str
    treating_site: str
    enrolled_on: date | None = None
    consent_scopes: tuple[ConsentScope, ...] = (ConsentScope.THIS_STUDY,)
    consent_version: str = "1"
    consent_on: date | None = None
    synthetic: bool = False


@deed
def add_institution(*, by: Actor, at: datetime, code: str, name: str, roles: Sequence[InstitutionRole],
                    time_zone: str = "UTC") -> Institution:  # fmt: skip
    """Add an institution with its roles."""
    require(by, "lims.administer", "Only an administrator adds institutions.")
    code = code.strip().upper()
    if not CODE.match(code):
        raise Invalid("bad_code", "A code is 1 to 15 letters, digits, dots or hyphens, such as MERCY.", field="code")
    if not roles:
        raise Invalid("no_role", "Give at least one role: treating, holding or core.", field="roles")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        said = f"“{time_zone}” is no time zone; Europe/London is one."
        raise Invalid("bad_zone", said, field="time_zone") from error
    added = Institution(code=code, name=name.strip(), time_zone=time_zone)
    checked(added)
    added.save()
    InstitutionDuty.objects.bulk_create(
        [InstitutionDuty(institution=added, role=role, since=at) for role in dict.fromkeys(roles)]
    )
    became = {"code": code, "name": added.name, "roles": list(roles), "time_zone": time_zone}
    ledger.write([ledger.line("add institution", added, f"{added.name} was added.", became=became)], by=by, at=at)
    return added


@deed
def close_trial(*, by: Actor, at: datetime, trial: Trial, closed_on: date, reason: str) -> Trial:
    """The study is over: nobody is enrolled and no tissue is asked for any more; what is left of it is kept for
    future research alone, by whoever agreed to that."""
    require(by, "lims.administer", "Only an administrator closes trials.")
    if closed_on > local_day(at):
        raise Invalid("future_date", f"{closed_on} lies in the future.", field="closed_on")
    if closed_on < local_day(trial.opened_at):
        raise Invalid("past_date", f"{trial} was opened only on {local_day(trial.opened_at)}.", field="closed_on")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the trial is closed.", field="reason")
    if wrong := unfit(reason, 500):
        raise Invalid("invalid", wrong, field="reason")
    if Trial.objects.select_for_update().get(pk=trial.pk).closed_on:
        raise Refused("closed_already", f"Trial {trial} was closed already.")
    Trial.objects.filter(pk=trial.pk).update(closed_on=closed_on)
    trial.closed_on = closed_on
    said = f"Trial {trial} was closed on {closed_on}."
    became = {"closed_on": str(closed_on)}
    ledger.write([ledger.line("close trial", trial, said, became=became, reason=reason.strip())], by=by, at=at)
    return trial


@deed
def open_trial(*, by: Actor, at: datetime, code: str, title: str, readers_per_case: int = 2, synthetic: bool = False,
               note: str = "") -> Trial:  # fmt: skip
    """Open a trial for enrolment."""
    require(by, "lims.administer", "Only an administrator opens trials.")
    code = code.strip().upper()
    if not TRIAL_CODE.match(code):
        raise Invalid("bad_code", "A code is 1 to 24 letters, digits, dots or hyphens, such as SELECT.", field="code")
    opened = Trial(
        code=code, title=title.strip(), readers_per_case=readers_per_case, synthetic=synthetic, note=note, opened_at=at
    )
    checked(opened)
    opened.save()
    remind_as_usual(opened)
    became = {"code": code, "title": opened.title, "readers_per_case": readers_per_case}
    ledger.write([ledger.line("open trial", opened, f"Trial {code} was opened.", became=became)], by=by, at=at)
    return opened


def remind_as_usual(trial: Trial) -> None:
    """A trial begins with the usual schedule of reminders."""
    steps = enumerate(DEFAULT_SCHEDULE, start=1)
    ReminderStep.objects.bulk_create([ReminderStep(trial=trial, number=n, after_days=days) for n, days in steps])


@deed
def enrol_patients(*, by: Actor, at: datetime, trial: Trial, rows: Sequence[NewPatient]) -> list[Patient]:
    """Enrol all of `rows` or, with every fault of every row named, none of them. Consent comes with it."""
    require(by, "specimens.enrol", "Only coordinators and administrators enrol patients.")
    demand_open(trial)
    sites = {site.code: site for site in Institution.objects.filter(duties__role=InstitutionRole.TREATING)}
    problems = faults_of(trial, rows, sites, local_day(at))
    if problems:
        raise Rejected(problems, code="enrolment_refused")
    demand_reach(by, {sites[row.treating_site.strip().upper()] for row in rows}, "Enrolling")
    patients = Patient.objects.bulk_create(
        [
            Patient(
                trial=trial,
                study_id=row.study_id.strip().upper(),
                treating_site=sites[row.treating_site.strip().upper()],
                enrolled_on=row.enrolled_on,
                enrolled_at=at,
                synthetic=row.synthetic or trial.synthetic,
            )
            for row in rows
        ],
        batch_size=500,
    )
    Consent.objects.bulk_create(
        [
            Consent(
                patient=patient,
                scope=scope,
                version=row.consent_version,
                given_on=row.consent_on,
                recorded_at=at,
                recorded_by_id=person_id(by),
            )
            for patient, row in zip(patients, rows, strict=True)
            for scope in dict.fromkeys(row.consent_scopes)
        ],
        batch_size=500,
    )
    ledger.write([enrolment_line(p, row) for p, row in zip(patients, rows, strict=True)], by=by, at=at)
    return patients


def demand_open(trial: Trial) -> None:
    """Held until commit: a trial that closes meanwhile waits."""
    closed_on = Trial.objects.select_for_update(no_key=True).values_list("closed_on", flat=True).get(pk=trial.pk)
    if closed_on:
        raise Refused("trial_closed", f"Trial {trial} was closed on {closed_on}: nobody is enrolled in it any more.")


def enrolment_line(patient: Patient, row: NewPatient) -> ledger.Line:
    consents = ", ".join(scope.replace("_", " ") for scope in row.consent_scopes) or "none"
    sentence = f"{patient.study_id} was enrolled at {patient.treating_site.code}; consent: {consents}."
    became = {"study_id": patient.study_id, "treating_site": patient.treating_site.code, "consent": consents}
    return ledger.line("enrol patient", patient, sentence, patient_id=patient.pk, became=became)


def faults_of(trial: Trial, rows: Sequence[NewPatient], sites: dict[str, Institution], today: date) -> list[RowProblem]:
    """Every fault of every row: what the deed refuses and a dry run shows. Rows count from 1."""
    wanted = [row.study_id.strip().upper() for row in rows]
    possible = [study_id for study_id in wanted if STUDY_ID.match(study_id)]
    known = set(Patient.objects.filter(trial=trial, study_id__in=possible).values_list("study_id", flat=True))
    problems: list[RowProblem] = []
    seen: dict[str, int] = {}
    for number, (row, study_id) in enumerate(zip(rows, wanted, strict=True), start=1):
        for field, value, sentence in row_faults(row, study_id, sites, today):
            problems.append(RowProblem(number, field, sentence, value))
        if study_id in known:
            said = f"{study_id} is enrolled in {trial.code} already."
            problems.append(RowProblem(number, "study_id", said, row.study_id, "duplicate"))
        if study_id in seen:
            said = f"{study_id} stands in row {seen[study_id]} already."
            problems.append(RowProblem(number, "study_id", said, row.study_id, "duplicate"))
        seen.setdefault(study_id, number)
    return problems


def row_faults(
    row: NewPatient, study_id: str, sites: dict[str, Institution], today: date
) -> list[tuple[str, str, str]]:
    """(field, value, sentence) of what is wrong with one row by itself."""
    faults = []
    if not STUDY_ID.match(study_id):
        said = "A study id is 2 to 39 letters, digits, dots, hyphens or slashes, such as CWG-0187."
        faults.append(("study_id", row.study_id, said))
    if said := unfit(row.consent_version, 40) or ("" if row.consent_version.strip() else "Give the form's version."):
        faults.append(("consent_version", row.consent_version[:40], said))
    if row.treating_site.strip().upper() not in sites:
        said = f"No treating site has the code “{row.treating_site}”."
        faults.append(("treating_site", row.treating_site, said))
    for field, day in (("enrolled_on", row.enrolled_on), ("consent_on", row.consent_on)):
        if day and day > today:
            faults.append((field, day.isoformat(), f"{day} lies in the future."))
    return faults
