"""What signing does, whoever signs: findings examined, the read kept with its digest, the pair compared.

For the deeds of this floor only; each holds the patients' rows locked, so two signatures never cross.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils import timezone

from scoring.cases import ActiveRead, CaseFacts, Compared, facts_of
from scoring.models import Comparison, Draft, Read, ReadingCase
from scoring.policies import SYNTHETIC, subject
from scoring.rules import consensus
from scoring.rules.consistency import problems
from scoring.rules.editions import CURRENT
from scoring.rules.findings import Findings, from_mapping, to_mapping
from scoring.rules.vocabulary import Assay, Phase, Severity
from scoring.vocabulary import ReadRole
from scoring.written import findings_of
from specimens import jobs, ledger
from specimens.actors import Actor, name_of
from specimens.errors import Refused, Rejected, RowProblem, Unknown
from specimens.models import DowntimeForm, Patient

CONCLUDED = "specimen concluded"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature about to be kept: a read, a decision or a correction, already examined."""

    facts: CaseFacts
    reader: Any
    role: ReadRole
    slot: int
    findings: Findings
    meaning: str
    method: str
    signed_at: datetime
    supersedes: Read | None = None
    reason: str = ""
    present: str = ""
    form: DowntimeForm | None = None


def locked(case_ids: Collection[int]) -> dict[int, CaseFacts]:
    """The facts of these cases, their patients locked until commit. Raises Unknown for a missing case."""
    wanted = ReadingCase.objects.filter(pk__in=case_ids)
    patients = set(wanted.values_list("specimen__patient_id", flat=True))
    list(Patient.objects.select_for_update().filter(pk__in=patients).order_by("pk").values_list("pk"))
    found = {each.id: each for each in facts_of(wanted)}
    if missing := set(case_ids) - set(found):
        raise Unknown("unknown_case", f"There is no such case ({len(missing)} of {len(set(case_ids))}).")
    if {each.patient_id for each in found.values()} - patients:
        raise Refused("tissue_moved", "The tissue was moved to another patient a moment ago; look at the case again.")
    return found


def examined(assay: Assay, given: Mapping[str, object], row: int = 0) -> Findings:
    """The findings that `given` says. Raises Rejected with every field that keeps it from being signed."""
    findings, malformed = from_mapping(assay, dict(given))
    found = malformed or [each for each in problems(findings, CURRENT) if each.severity is Severity.REFUSE]
    if found:
        shown = [
            RowProblem(row, each.field, each.sentence, str(given.get(each.field) or "")[:200], each.code)
            for each in found
        ]
        raise Rejected(shown, code="read_refused")
    return findings


def next_slot(facts: CaseFacts) -> int:
    return 1 if 1 not in {read.slot for read in facts.reads} else 2


def keep(signatures: Sequence[Signature], *, by: Actor, at: datetime, deed: str, verb: str) -> list[Read]:
    """Keep the signatures, compare what can be compared now, ask for scores, write the ledger."""
    now = timezone.now()
    reads = [read_of(each, now) for each in signatures]
    Read.objects.bulk_create(reads, batch_size=BATCH)
    before = {each.facts.id: each.facts for each in reversed(signatures)}
    after = compared([joined(before[case_id], new) for case_id, new in by_case(reads).items()], now)
    ask_for_scores([f for f in after if not f.repeats_id and Phase.CONCLUDED in (before[f.id].phase, f.phase)])
    forget_drafts(signatures)
    ledger.write([said(deed, verb, *each) for each in zip(signatures, reads, strict=True)], by=by, at=at)
    return reads


def forget_drafts(signatures: Sequence[Signature]) -> None:
    """What was typed for these reads goes with the signature: the read says it all."""
    signed = {(each.facts.id, each.reader.pk) for each in signatures}
    kept = Draft.objects.filter(case_id__among={case_id for case_id, _ in signed})
    gone = [pk for pk, *whose in kept.values_list("pk", "case_id", "reader_id") if tuple(whose) in signed]
    if gone:
        Draft.objects.filter(pk__in=gone).delete()


def said(deed: str, verb: str, signature: Signature, read: Read) -> ledger.Line:
    """What the ledger may say of a signature: nothing of what was found, and no words of the reader's."""
    facts = signature.facts
    return ledger.Line(
        deed,
        "scoring.readingcase",
        facts.id,
        facts.code,
        f"{subject(facts)} {verb}.",
        patient_id=facts.patient_id,
        became={"digest": read.digest},
    )


def read_of(signature: Signature, now: datetime) -> Read:
    """The row a signature becomes, its digest over what was signed."""
    facts = signature.facts
    decides = signature.slot == 3 and facts.compared is not None
    read = Read(
        case_id=facts.id,
        reader_id=signature.reader.pk,
        role=signature.role,
        slot=signature.slot,
        findings=to_mapping(signature.findings),
        supersedes=signature.supersedes,
        reason=signature.reason,
        comparison_id=facts.compared.id if decides and facts.compared else None,
        present=signature.present,
        downtime_form=signature.form,
        signed_name=name_of(signature.reader),
        meaning=signature.meaning,
        method=signature.method,
        signed_at=signature.signed_at,
        recorded_at=now,
        synthetic=facts.synthetic or signature.method == SYNTHETIC,
    )
    read.digest = digest(read, facts.code)
    return read


def digest(read: Read, code: str) -> str:
    """SHA-256 over what the signature binds together, in one canonical form."""
    bound = {
        "case": code,
        "reader": read.reader_id,
        "name": read.signed_name,
        "role": str(read.role),
        "slot": read.slot,
        "findings": read.findings,
        "meaning": read.meaning,
        "present": read.present,
        "reason": read.reason,
        "signed_at": read.signed_at.astimezone(UTC).isoformat(),
        "supersedes": read.supersedes_id,
    }
    if read.downtime_form:
        bound["downtime_form"] = read.downtime_form.accession
    return hashlib.sha256(orjson.dumps(bound, option=orjson.OPT_SORT_KEYS)).hexdigest()


def digest_of(read: Read) -> str:
    """The digest that `read` should carry."""
    return digest(read, read.case.code)


def signature_holds(read: Read) -> bool:
    """Does the signature still belong to what the row says?"""
    return digest_of(read) == read.digest


def by_case(reads: Sequence[Read]) -> dict[int, list[Read]]:
    grouped: dict[int, list[Read]] = {}
    for read in reads:
        grouped.setdefault(read.case_id, []).append(read)
    return grouped


def joined(facts: CaseFacts, new: Sequence[Read]) -> CaseFacts:
    """`facts` with the new reads in place; a changed pair is not compared yet, and nobody decided it."""
    readers, decision = {read.slot: read for read in facts.reads}, facts.decision
    for read in new:
        written = orjson.dumps(read.findings).decode()
        active = ActiveRead(
            read.pk,
            read.case_id,
            read.slot,
            read.role,
            read.reader_id,
            read.comparison_id,
            read.synthetic,
            written,
        )
        if read.slot == 3:
            decision = active
        else:
            readers[read.slot] = active
    reads = tuple(readers[slot] for slot in sorted(readers))
    if reads == facts.reads:
        return facts._replace(decision=decision)
    return facts._replace(reads=reads, decision=None, compared=None)


def compared(found: Sequence[CaseFacts], now: datetime) -> list[CaseFacts]:
    """The facts with every pair compared; what was not compared before is, under the current edition."""
    due = [facts for facts in found if len(facts.reads) == 2 and facts.compared is None]
    kept = Comparison.objects.bulk_create([comparison_of(facts, now) for facts in due], batch_size=BATCH)
    results = {each.case_id: Compared(each.pk, each.edition, tuple(each.discordances)) for each in kept}
    return [f._replace(compared=results[f.id]) if f.id in results else f for f in found]


def comparison_of(facts: CaseFacts, now: datetime) -> Comparison:
    first, second = facts.reads
    pair = [findings_of(facts.assay, read.written) for read in (first, second)]
    found = consensus.compare(pair[0], pair[1], facts.assay, CURRENT)
    return Comparison(
        case_id=facts.id,
        first_id=first.id,
        second_id=second.id,
        edition=CURRENT.edition,
        discordant=bool(found),
        discordances=[str(each) for each in found],
        compared_at=now,
    )


def ask_for_scores(found: Sequence[CaseFacts]) -> None:
    """Ask for the specimens of these cases to be scored: at once for one case, in batches for a load."""
    wanted = []
    for start in range(0, len(found), BATCH):
        some = found[start : start + BATCH]
        reads = [read.id for facts in some for read in (*facts.reads, *filter(None, [facts.decision]))]
        specimens = sorted({facts.specimen_id for facts in some})
        ids = "-".join(map(str, reads)) if len(some) == 1 else hashlib.sha256(repr(reads).encode()).hexdigest()
        wanted.append((f"{specimens[0]}:{ids}", {"specimen_ids": specimens}))
    jobs.ask_many(CONCLUDED, wanted, queue="interactive" if len(found) == 1 else "bulk")
