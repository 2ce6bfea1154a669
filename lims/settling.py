"""Where two releases of a trial disagree, who decided which of them is right and why, and the release made of that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from lims.models.outcome_variables import OutcomeDecision, OutcomeValue, SettledRelease
from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import COMPARED, OURS, NewOutcome, NewValue
from lims.outcome_variables import column_of, heading_of
from lims.outcomes import import_release
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, require
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.models import Patient, Trial

LISTED = "listed"
ORIGIN = "time_origin"
"""The day times count from: blank where a release has no time, which is no conflict of its own."""
LONGEST_REASON = 500
SHOWN = 5
Place = tuple[str, str]
"""(study id, field) of one conflict."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two releases say different things of one patient. Values as text; "" is blank.

    The field `listed` says that one release does not hold the patient at all.
    """

    field: str
    study_id: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Of one conflict: the second release is right, or the first."""

    study_id: str
    field: str
    takes_b: bool


def conflicts(*, trial: Trial, release_a: OutcomeRelease, release_b: OutcomeRelease) -> list[Conflict]:
    """Where two releases of a trial disagree, field by field in order of study id; neither is preferred."""
    assert release_a.trial_id == release_b.trial_id == trial.pk, "two releases of one trial"
    a, b = told(release_a), told(release_b)
    found = []
    for study_id in sorted(a.keys() | b.keys()):
        if study_id not in a or study_id not in b:
            found.append(Conflict(LISTED, study_id, yes_no(study_id in a), yes_no(study_id in b)))
            continue
        one, other = a[study_id], b[study_id]
        found += [
            Conflict(field, study_id, text(one.get(field)), text(other.get(field)))
            for field in dict.fromkeys([*one, *other])
            if one.get(field) != other.get(field) and not (field == ORIGIN and "" in (one[field], other[field]))
        ]
    return found


def told(release: OutcomeRelease) -> dict[str, dict[str, object]]:
    """What a release says, as {study id: {field: value}}; a declared variable's field is `name@time point`."""
    rows = Outcome.objects.filter(release=release).values_list("patient__study_id", *COMPARED)
    found: dict[str, dict[str, object]] = {
        study_id: dict(zip(COMPARED, values, strict=True)) for study_id, *values in rows
    }
    own = OutcomeValue.objects.filter(outcome__release=release).order_by("variable__name", "time_point")
    for study_id, name, time_point, value in own.values_list(
        "outcome__patient__study_id", "variable__name", "time_point", "value"
    ):
        found[study_id][heading_of(name, time_point)] = value
    return found


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def text(value: object) -> str:
    if isinstance(value, bool):
        return yes_no(value)
    return "" if value is None else str(value)


# ---- decided ----


@deed
def decide_conflicts(
    *, by: Actor, at: datetime, release_a: OutcomeRelease, release_b: OutcomeRelease, choices: Sequence[Choice],
    reason: str,
) -> int:  # fmt: skip
    """Record which release is right about each chosen conflict, and why. Returns how many; a later word replaces.

    Nothing is altered in either release. Rejected names a choice that is no conflict of the two.
    """
    require(by, "lims.import_outcomes", "Only a statistician decides between releases.")
    demand_pair(release_a, release_b)
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise Invalid("reason_missing", f"Say why in 1 to {LONGEST_REASON} characters.", field="reason")
    if not choices:
        raise Invalid("nothing_chosen", "Choose a release for at least one conflict.", field="choices")
    if SettledRelease.objects.filter(release_a=release_a, release_b=release_b).exists():
        raise Refused("settled_already", "A settled release was made of these two; their decisions stand.")
    demand_conflicts(release_a, release_b, choices)
    people = Patient.objects.filter(trial=release_a.trial_id, study_id__in={each.study_id for each in choices})
    who = dict(people.values_list("study_id", "pk"))
    kept = OutcomeDecision.objects.bulk_create([
        OutcomeDecision(
            release_a=release_a, release_b=release_b, patient_id=who[each.study_id], field=each.field,
            takes_b=each.takes_b, reason=reason.strip(), decided_at=at, decided_by_id=person_id(by),
        )
        for each in choices
    ])  # fmt: skip
    pair = f"{release_a} and {release_b}"
    lines = [
        ledger.line(
            "decide conflict", one, f"Between {pair}, {each.field} of {each.study_id} was decided.",
            patient_id=one.patient_id, became={"field": each.field}, reason=reason.strip(),
        )
        for one, each in zip(kept, choices, strict=True)
    ]  # fmt: skip
    ledger.write(lines, by=by, at=at)
    return len(kept)


def demand_conflicts(a: OutcomeRelease, b: OutcomeRelease, choices: Sequence[Choice]) -> None:
    """Rejected when something was chosen about which the two do not disagree."""
    there = {(each.study_id, each.field) for each in conflicts_of(a, b)}
    problems = [
        RowProblem(number, "field", f"The two do not disagree about {each.field[:80]} of {each.study_id[:40]}.")
        for number, each in enumerate(choices, start=1)
        if (each.study_id, each.field) not in there
    ]
    if problems:
        raise Rejected(problems, code="no_such_conflict")


def demand_pair(a: OutcomeRelease, b: OutcomeRelease) -> None:
    if a.trial_id != b.trial_id or a.pk == b.pk:
        raise Refused("not_comparable", "Choose two releases of the same trial: these cannot be held together.")


def conflicts_of(a: OutcomeRelease, b: OutcomeRelease) -> list[Conflict]:
    return conflicts(trial=a.trial, release_a=a, release_b=b)


def decisions(a: OutcomeRelease, b: OutcomeRelease) -> dict[Place, OutcomeDecision]:
    """The latest decision about each conflict of the two."""
    found = OutcomeDecision.objects.filter(release_a=a, release_b=b).select_related("patient", "decided_by")
    return {(each.patient.study_id, each.field): each for each in found.order_by("pk")}


def settled_from(a: OutcomeRelease, b: OutcomeRelease) -> SettledRelease | None:
    return SettledRelease.objects.filter(release_a=a, release_b=b).select_related("release").first()


# ---- the release made of it ----


@deed
def settle_releases(
    *, by: Actor, at: datetime, release_a: OutcomeRelease, release_b: OutcomeRelease, name: str
) -> OutcomeRelease:
    """Make a release of two: what they agree on, and of each conflict what was decided. Both stay as they are.

    What is not compared (the unit of time) is the second release's. Refused while a conflict is open; Rejected
    where what was chosen cannot stand together, as an event without its time.
    """
    require(by, "lims.import_outcomes", "Only a statistician settles releases.")
    demand_pair(release_a, release_b)
    OutcomeRelease.objects.select_for_update().get(pk=release_a.pk)
    found, decided = conflicts_of(release_a, release_b), decisions(release_a, release_b)
    if not found:
        raise Refused("nothing_to_settle", "These two releases say the same of every patient.")
    undecided = [each for each in found if (each.study_id, each.field) not in decided]
    if undecided:
        named = ", ".join(f"{each.field} of {each.study_id}" for each in undecided[:SHOWN])
        more = f" and {len(undecided) - SHOWN} more" if len(undecided) > SHOWN else ""
        raise Refused("undecided", f"Still to be decided: {named}{more}.")
    chosen = {place: decided[place].takes_b for place in ((each.study_id, each.field) for each in found)}
    rows = settled_rows(rows_of(release_a), rows_of(release_b), chosen)
    cuts = [each.cut_on for each in (release_a, release_b) if each.cut_on]
    release = import_release(
        by=by, at=at, trial=release_a.trial, name=name, cut_on=max(cuts, default=None), rows=rows,
        source=f"{release_a} and {release_b}, settled by {len(chosen)} decisions"[:300],
        sha256=digest_of(release_a, release_b, chosen), synthetic=release_a.synthetic or release_b.synthetic,
    )  # fmt: skip
    SettledRelease.objects.create(release=release, release_a=release_a, release_b=release_b, decisions=len(chosen))
    said = f"Release {release} was settled of {release_a} and {release_b} by {len(chosen)} decisions."
    ledger.write([ledger.line("settle releases", release, said, became={"decisions": len(chosen)})], by=by, at=at)
    return release


def digest_of(a: OutcomeRelease, b: OutcomeRelease, chosen: dict[Place, bool]) -> str:
    """SHA-256 over both files' checksums and every decision: the settled release's own."""
    said = [a.sha256, b.sha256, sorted([*place, takes_b] for place, takes_b in chosen.items())]
    return sha256(orjson.dumps(said)).hexdigest()


def settled_rows(a: dict[str, NewOutcome], b: dict[str, NewOutcome], chosen: dict[Place, bool]) -> list[NewOutcome]:
    """One row a patient, in order of study id, of what both say and what was chosen."""
    of_patient: dict[str, dict[str, bool]] = {}
    for (study_id, field), takes_b in chosen.items():
        of_patient.setdefault(study_id, {})[field] = takes_b
    rows = []
    for study_id in sorted(a.keys() | b.keys()):
        said = of_patient.get(study_id, {})
        if LISTED in said:
            kept = b.get(study_id) if said[LISTED] else a.get(study_id)
            rows += [kept] if kept else []
        else:
            rows.append(mixed(b[study_id], a[study_id], [field for field, takes_b in said.items() if not takes_b]))
    return rows


def mixed(base: NewOutcome, other: NewOutcome, fields: Sequence[str]) -> NewOutcome:
    """`base`, with these fields as `other` has them."""
    own = {heading_of(each.variable, each.time_point): each for each in base.values}
    others = {heading_of(each.variable, each.time_point): each for each in other.values}
    for field in fields:
        if field in OURS:
            continue
        own.pop(field, None)
        if field in others:
            own[field] = others[field]
    ours: dict[str, Any] = {field: getattr(other, field) for field in fields if field in OURS}
    ours.setdefault(ORIGIN, base.time_origin or other.time_origin)
    return replace(base, **ours, values=tuple(own[field] for field in sorted(own, key=column_of)))


def rows_of(release: OutcomeRelease) -> dict[str, NewOutcome]:
    """A release as the rows that came in, by study id."""
    own: dict[int, list[NewValue]] = {}
    found = OutcomeValue.objects.filter(outcome__release=release).order_by("variable__name", "time_point")
    for outcome_id, *said in found.values_list("outcome_id", "variable__name", "time_point", "value"):
        own.setdefault(outcome_id, []).append(NewValue(*said))
    names = [name for name in OURS if name != "study_id"]
    rows = Outcome.objects.filter(release=release).values_list("pk", "patient__study_id", *names)
    return {
        study_id: NewOutcome(study_id, **dict(zip(names, said, strict=True)), values=tuple(own.get(pk, ())))
        for pk, study_id, *said in rows
    }
