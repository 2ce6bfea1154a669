"""The signed result of a patient: what it says, what it changes of the one before, and the deed that signs it.

It says only what has concluded. Whoever signs has seen exactly what is signed: the deed is told its digest.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from scoring.cases import CaseFacts
from scoring.models import PatientScore, ResultReport, Score
from scoring.policies import SYNTHETIC
from scoring.queries import current_cases, current_patient_scores, current_scores
from scoring.rules.editions import CURRENT
from scoring.rules.fields import canonical
from scoring.rules.findings import CaixFindings, to_mapping
from scoring.rules.vocabulary import Assay
from scoring.verdicts import said_of, value_of
from specimens import ledger
from specimens.actors import Actor, name_of, person_id
from specimens.deeds import deed, require
from specimens.errors import Invalid, Refused
from specimens.models import Consent, Patient, Specimen
from specimens.scope import EVERYTHING
from specimens.vocabulary import ConsentScope, SpecimenKind

SIGN, MEANING = "scoring.sign_report", "result reported"
FORMAT = 1
UNTOLD = ("comment",)
"""A reader's free words stay with the read."""
ASIDE = ("source", "format")
"""What says where a content came from, not what it says."""
Content = dict[str, Any]


# ---- what it says ----
def content_of(patient: Patient) -> Content:
    """The report as it would be signed now, canonical. At most nine queries."""
    scored = current_patient_scores(EVERYTHING).filter(patient=patient).first()
    tumours = list(Specimen.objects.filter(patient=patient).exclude(kind=SpecimenKind.NORMAL).order_by("accession"))
    ids = [tumour.pk for tumour in tumours]
    cases, scores = current_cases(ids), {score.specimen_id: score for score in current_scores(ids)}
    told = {each.accession: specimen_of(each, cases.get(each.pk, {}), scores.get(each.pk)) for each in tumours}
    reads = sorted(read for specimen in told.values() for read in specimen.pop("source"))
    behind = [each.accession for each in tumours if is_behind(cases.get(each.pk, {}), scores.get(each.pk))]
    return {
        "format": FORMAT,
        "patient": patient.study_id,
        "trial": patient.trial.code,
        **speaking(scored),
        "specimens": told,
        "model": CURRENT.model,
        "edition": CURRENT.edition,
        "statement": CURRENT.statement,
        "synthetic": patient.synthetic or any(each["synthetic"] for each in told.values()),
        "source": {"patient_score": scored.pk if scored else None, "reads": reads, "behind": behind},
    }


def speaking(scored: PatientScore | None) -> Content:
    """What the rule says of the patient, and which specimen it took."""
    score = scored.score if scored else None
    said = {
        "basis": str(scored.basis) if scored else "none",
        "because": scored.because if scored else "nothing has been scored",
        "specimen": score.specimen.accession if score else None,
    }
    return said | verdict(score)


def verdict(score: Score | None) -> Content:
    if score is None:
        return dict.fromkeys(("risk", "caix_level", "compartment", "il2_eligibility", "caix_percent")) | {
            "possible_risks": [],
            "reasons": [],
            "missing": [],
        }
    return {
        "risk": str(score.risk),
        "possible_risks": listed(score.possible_risks),
        "caix_level": str(score.caix_level),
        "caix_percent": canonical(score.caix),
        "compartment": str(score.compartment),
        "il2_eligibility": str(score.eligibility),
        "reasons": listed(score.reasons),
        "missing": listed(score.missing),
    }


def listed(joined: str) -> list[str]:
    return [word for word in joined.split("|") if word]


def specimen_of(specimen: Specimen, cases: Mapping[Assay, CaseFacts], score: Score | None) -> Content:
    """One tumour: what its concluded cases found, what has not concluded, what the rule says of it."""
    found: dict[str, Content] = {}
    pending, source = [], []
    for assay in Assay:
        facts = cases.get(assay)
        told = case_of(facts) if facts else None
        if facts is None or told is None:
            pending.append(str(assay))
            continue
        found[str(assay)] = told
        source += [read.id for read in (*facts.reads, *filter(None, [facts.decision]))]
    synthetic = specimen.synthetic or any(each.pop("synthetic") for each in list(found.values()))
    return {
        "kind": str(specimen.kind),
        "findings": found,
        "pending": pending,
        "verdict": verdict(score),
        "synthetic": synthetic,
        "source": source,
    }


def is_behind(cases: Mapping[Assay, CaseFacts], score: Score | None) -> bool:
    """Do the reads say something that has not been scored yet?"""
    histology, caix = cases.get(Assay.HISTOLOGY), cases.get(Assay.CAIX)
    now = said_of(histology, caix, CURRENT)
    if score is None:
        return now.histology is not None or now.caix is not None
    return bool(orjson.loads(orjson.dumps(now.written)) != score.inputs)


def case_of(facts: CaseFacts) -> Content | None:
    """The value of a concluded case and how it came about; None while it has not concluded."""
    value = value_of(facts, CURRENT)
    if value is None:
        return None
    findings = {name: said for name, said in to_mapping(value.findings).items() if name not in UNTOLD}
    computed: Content = {}
    if isinstance(value.findings, CaixFindings):
        computed = {"positive": canonical(value.findings.positive), "h_score": canonical(value.findings.h_score)}
    return {
        "how": str(value.how),
        "readers": len(facts.reads),
        "findings": findings | computed,
        "left_blank": sorted(value.listed),
        "synthetic": facts.synthetic or any(read.synthetic for read in facts.reads),
    }


def fingerprint(content: Content) -> str:
    """SHA-256 of a content: what the signer saw is what is signed."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


# ---- what changed ----
def changes(before: Content, now: Content) -> list[dict[str, Any]]:
    """Every value that differs: field (parts joined by dots), was, became; what is not there is None."""
    was, became = flat(before), flat(now)
    return [
        {"field": field, "was": was.get(field), "became": became.get(field)}
        for field in sorted({*was, *became})
        if was.get(field) != became.get(field)
    ]


def flat(content: Content, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in content.items():
        if not before and name in ASIDE:
            continue
        if isinstance(value, dict):
            found |= flat(value, f"{before}{name}.")
        else:
            found[before + name] = value
    return found


# ---- the signature ----
def bound(report: ResultReport) -> str:
    """SHA-256 over what the signature binds together, in one canonical form."""
    said = {
        "patient": report.patient_id,
        "number": report.number,
        "content": report.content,
        "changes": report.changes,
        "reason": report.reason,
        "signer": report.signed_by_id,
        "name": report.signed_name,
        "meaning": report.meaning,
        "method": report.method,
        "signed_at": report.signed_at.astimezone(UTC).isoformat(),
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def holds(report: ResultReport) -> bool:
    """Does the signature still belong to what the row says?"""
    return bound(report) == report.digest


def check_may_sign(patient: Patient, content: Content, last: ResultReport | None) -> None:
    """May this content go home now? Raises the refusal whose sentence the page shows too."""
    withdrawn = Consent.objects.filter(
        patient=patient, scope=ConsentScope.THIS_STUDY, withdrawal__isnull=False
    ).exists()
    if withdrawn:
        raise Refused("consent_withdrawn", f"Consent of {patient} was withdrawn: no further result is reported.")
    if content["source"]["behind"]:
        raise Refused("score_pending", f"Reads of {patient} are being scored: look again in a moment.")
    if content["specimen"] is None:
        raise Refused("nothing_to_report", f"There is no result of {patient} yet: {content['because']}.")
    if last and not changes(last.content, content):
        raise Refused("nothing_new", f"Report {last.number} of {patient} says all of this already.")


@deed
def sign_report(*, by: Actor, at: datetime, patient: Patient, seen: str, method: str,
                reason: str = "") -> ResultReport:  # fmt: skip
    """Sign the patient's result as it stands. `seen` is the fingerprint of what the signer looked at; `reason` is
    asked for from the second report on. Raises Refused when it has changed since, or when nothing is new."""
    require(by, SIGN, "Only the lead pathologist signs results for the trial office.")
    patient = Patient.objects.select_for_update(of=("self",)).select_related("trial").get(pk=patient.pk)
    last = ResultReport.objects.filter(patient=patient).order_by("-number").first()
    content = content_of(patient)
    check_may_sign(patient, content, last)
    if seen != fingerprint(content):
        raise Refused("changed_meanwhile", "The result has changed since you looked: read it again, then sign.")
    if last and not reason.strip():
        raise Invalid("reason_missing", "Say why the report is amended; the reason goes out with it.", field="reason")
    report = ResultReport(
        patient=patient,
        number=last.number + 1 if last else 1,
        content=content,
        changes=changes(last.content, content) if last else [],
        reason=reason.strip() if last else "",
        signed_by_id=person_id(by),
        signed_name=name_of(by),
        meaning=MEANING,
        method=method,
        signed_at=at,
        synthetic=content["synthetic"] or method == SYNTHETIC,
    )
    report.digest = bound(report)
    report.save(force_insert=True)
    said = f"Result report {report.number} of {patient} was signed."
    became = {"report": report.number, "digest": report.digest}
    ledger.write([ledger.line("sign report", patient, said, patient_id=patient.pk, became=became)], by=by, at=at)
    return report
