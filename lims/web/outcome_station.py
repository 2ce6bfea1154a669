"""The last station of the line. In a module of its own, so that no reading page ever imports it."""

from lims import outcomes
from lims.models import User
from lims.people import scope_of
from lims.web.line import DONE, HIDDEN, Fact, Station
from scoring.patient_desk import PatientFacts

UNSEEN = Station("Outcome", HIDDEN, "not shown", (Fact("to your role, recorded or not"),))
NOT_YET = Station("Outcome", "ahead", "none released")


def outcome_station(viewer: User, patient: PatientFacts) -> Station:
    """The latest release's word on the patient, for who may see outcomes: one query. Else always the same."""
    if not viewer.has_perm("lims.view_outcomes"):
        return UNSEEN
    found = list(outcomes.outcomes(scope_of(viewer)).filter(patient_id=patient.id))
    if not found:
        return NOT_YET
    last = max(found, key=lambda each: (str(each.release.cut_on or ""), each.release_id))
    facts = [Fact(last.arm)] if last.arm else []
    if last.os_time is not None:
        facts.append(Fact(f"{'died' if last.os_event else 'alive'} at {last.os_time} {last.time_unit}"))
    facts.append(Fact(f"release {last.release.name.removeprefix('release ')}"))
    if len(found) > 1:
        facts.append(Fact(f"of {len(found)} releases"))
    return Station(
        "Outcome",
        DONE,
        f"response {last.response}" if last.response else "recorded",
        tuple(facts),
        last.release.cut_on,
        synthetic=last.synthetic,
    )
