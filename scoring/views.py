"""What a viewer is shown of cases: frozen, already filtered; no template leaks what it was not given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from scoring.blinding import READERS, Item, Part, as_shown, part_of, sees
from scoring.cases import CaseFacts, facts_of
from scoring.models import Read, ReadingCase
from scoring.policies import (
    check_may_adjudicate,
    check_may_amend,
    check_may_sign,
    check_stands,
    refusal_or_none,
)
from scoring.rules.editions import CURRENT
from scoring.rules.fields import canonical
from scoring.rules.findings import CaixFindings
from scoring.rules.vocabulary import Assay, Phase
from scoring.turns import check_may_sign_now
from scoring.verdicts import value_of, written_findings
from scoring.vocabulary import ReadRole
from scoring.written import from_canonical
from specimens.actors import Actor
from specimens.errors import Forbidden

NOT_YOURS = Forbidden("not_your_read", "Only who signed a read corrects it.")


@dataclass(frozen=True, slots=True)
class ReadView:
    """One signed read. `signer` is blank where names are not shown; `label` then tells reads apart."""

    id: int
    label: str
    role: str
    findings: Mapping[str, Any]
    positive: str | None
    h_score: str | None
    signer: str
    meaning: str
    method: str
    signed_at: datetime
    stands: bool
    reason: str
    present: str
    form: str
    digest: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class ConsensusView:
    """The value of a concluded case: how it came about, and what was left blank because the reads differ."""

    how: str
    findings: Mapping[str, Any]
    listed: Mapping[str, tuple[Any, Any]]
    positive: str | None
    h_score: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as this viewer may see it. None or empty is hidden or not there: the viewer cannot tell.

    `may_sign`, `may_adjudicate` and `may_amend` are blank when it may be done, else the refusal.
    `phase` is None for readers until the case has concluded; `own` is the viewer's read that stands.
    """

    id: int
    code: str
    assay: Assay
    part: Part
    slide: str
    slide_id: int
    run: str | None
    stained_on: date | None
    cut_on: date | None
    section_age_days: int | None
    controls: str | None
    opened_at: datetime | None
    synthetic: bool
    closed_because: str
    phase: Phase | None
    own: ReadView | None
    own_history: tuple[ReadView, ...]
    reads: tuple[ReadView, ...]
    history: tuple[ReadView, ...]
    decision: ReadView | None
    discordances: tuple[str, ...]
    consensus: ConsensusView | None
    specimen: str | None
    patient: str | None
    trial: str | None
    site: str | None
    may_sign: str
    may_adjudicate: str
    may_amend: str


def views_of(viewer: Actor, cases: QuerySet[ReadingCase]) -> list[CaseView]:
    """Those of `cases` that the viewer may see, as the viewer may see them. Six queries at most."""
    found = facts_of(cases)
    rows: dict[int, list[Read]] = {}
    for read in reads_of([facts.id for facts in found]):
        rows.setdefault(read.case_id, []).append(read)
    parts = {facts.id: part_of(viewer, facts, deciders(rows.get(facts.id, []))) for facts in found}
    shown = [facts for facts in found if sees(parts[facts.id], facts.phase, Item.CASE)]
    named = {facts.id for facts in shown if sees(parts[facts.id], facts.phase, Item.PATIENT)}
    origins = origins_of(named) if named else {}
    today = timezone.localdate()
    return [
        view(viewer, parts[facts.id], facts, rows.get(facts.id, []), origins.get(facts.id), today) for facts in shown
    ]


def reads_of(case_ids: Sequence[int]) -> QuerySet[Read]:
    """Every signed read of these cases with the downtime form it came from, oldest first."""
    return Read.objects.filter(case_id__in=case_ids).select_related("downtime_form").order_by("id")


def deciders(reads: Sequence[Read]) -> frozenset[int]:
    return frozenset(read.reader_id for read in reads if read.slot == 3)


def origins_of(case_ids: set[int]) -> dict[int, tuple[str, str, str, str]]:
    """(specimen, patient, trial, holding site) of each case, for viewers who may know. One query."""
    rows = ReadingCase.objects.filter(pk__in=case_ids).values_list(
        "id",
        "specimen__accession",
        "specimen__patient__study_id",
        "specimen__patient__trial__code",
        "specimen__holding_site__name",
    )
    return {pk: (specimen, patient, trial, site) for pk, specimen, patient, trial, site in rows}


def view(
    viewer: Actor,
    part: Part,
    facts: CaseFacts,
    rows: Sequence[Read],
    origin: tuple[str, str, str, str] | None,
    today: date,
) -> CaseView:
    """One case through the table of `blinding`."""
    specimen, patient, trial, site = origin or (None, None, None, None)
    true, facts = facts, as_shown(part, facts)
    own = own_row(viewer, part, facts, rows)
    return CaseView(
        id=facts.id,
        code=facts.code,
        assay=facts.assay,
        part=part,
        slide=facts.slide,
        slide_id=facts.slide_id,
        run=facts.run,
        stained_on=facts.stained_on,
        cut_on=facts.cut_on,
        section_age_days=(true.stained_on - true.cut_on).days if true.cut_on and true.stained_on else None,
        controls=facts.controls,
        opened_at=None if part in READERS else facts.opened_at,
        synthetic=facts.synthetic,
        phase=facts.phase if sees(part, facts.phase, Item.PHASE) or facts.phase is Phase.CONCLUDED else None,
        specimen=specimen,
        patient=patient,
        trial=trial,
        site=site if sees(part, facts.phase, Item.SITE) else None,
        **said_of_reads(viewer, part, facts, rows, own),
        **refusals(viewer, part, true, own, today),
    )


def own_row(viewer: Actor, part: Part, facts: CaseFacts, rows: Sequence[Read]) -> Read | None:
    """The viewer's own read of this case that stands."""
    mine = [read for read in rows if read.reader_id == viewer.pk and read.pk in active_ids(facts)]
    return mine[0] if mine and sees(part, facts.phase, Item.OWN_READ) else None


def active_ids(facts: CaseFacts) -> set[int]:
    return {read.id for read in facts.reads} | ({facts.decision.id} if facts.decision else set())


def said_of_reads(
    viewer: Actor, part: Part, facts: CaseFacts, rows: Sequence[Read], own: Read | None
) -> dict[str, Any]:
    """The reads, what they differ in and what came of them, as far as this viewer may know."""

    def may_see(item: Item) -> bool:
        return sees(part, facts.phase, item)

    names, stand = may_see(Item.READER_NAMES), active_ids(facts)
    every = [read_view(facts.assay, r, r.pk in stand, names or r.reader_id == viewer.pk) for r in rows]
    mine = [each for each, read in zip(every, rows, strict=True) if own and read.reader_id == viewer.pk]
    standing = [each for each in every if each.stands]
    compared = facts.compared if may_see(Item.COMPARISON) else None
    decision = next((each for each in standing if each.role != ReadRole.READER), None)
    return {
        "own": next((each for each in mine if own and each.id == own.pk), None),
        "own_history": tuple(each for each in mine if not each.stands),
        "reads": tuple(e for e in standing if e.role == ReadRole.READER) if may_see(Item.READS) else (),
        "history": tuple(each for each in every if not each.stands) if names else (),
        "decision": decision if may_see(Item.CONSENSUS) else None,
        "discordances": tuple(str(each) for each in compared.discordances) if compared else (),
        "consensus": consensus_view(facts) if may_see(Item.CONSENSUS) else None,
    }


def refusals(viewer: Actor, part: Part, facts: CaseFacts, own: Read | None, today: date) -> dict[str, Any]:
    """What keeps this viewer from doing each thing now; blank when it may be done. Whose turn it is matters only to
    who could sign, and costs its queries only there."""
    sign = check_may_sign if part is not Part.CANDIDATE else check_may_sign_now
    said = {
        "closed_because": refusal_or_none(check_stands, facts=facts),
        "may_sign": refusal_or_none(sign, viewer=viewer, facts=facts, on=today),
        "may_adjudicate": refusal_or_none(check_may_adjudicate, viewer=viewer, facts=facts, on=today),
        "may_amend": NOT_YOURS
        if own is None
        else refusal_or_none(check_may_amend, viewer=viewer, facts=facts, read=own, on=today),
    }
    return {name: refusal.sentence if refusal else "" for name, refusal in said.items()}


def read_view(assay: Assay, read: Read, stands: bool, names: bool) -> ReadView:
    findings = from_canonical(assay, read.findings)
    stain = findings if isinstance(findings, CaixFindings) else None
    return ReadView(
        id=read.pk,
        label={1: "Read A", 2: "Read B"}.get(read.slot, "Decision"),
        role=read.role,
        findings=dict(read.findings),
        positive=number(stain.positive) if stain else None,
        h_score=number(stain.h_score) if stain else None,
        signer=read.signed_name if names else "",
        meaning=read.meaning,
        method=read.method,
        signed_at=read.signed_at,
        stands=stands,
        reason=read.reason,
        present=read.present if names else "",
        form=str(read.downtime_form or ""),
        digest=read.digest,
        synthetic=read.synthetic,
    )


def number(value: Any) -> str | None:
    """A decimal in its one written form."""
    return None if value is None else str(canonical(value))


def consensus_view(facts: CaseFacts) -> ConsensusView | None:
    """The value of a case under the current edition, None while it has none."""
    value = value_of(facts, CURRENT)
    if value is None:
        return None
    stain = value.findings if isinstance(value.findings, CaixFindings) else None
    return ConsensusView(
        how=str(value.how),
        findings=written_findings(value),
        listed={name: (canonical(one), canonical(other)) for name, (one, other) in value.listed.items()},
        positive=number(stain.positive) if stain else None,
        h_score=number(stain.h_score) if stain else None,
    )
