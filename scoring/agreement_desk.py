"""Pairs of reads for the agreement report: of concluded cases alone, their readers under letters or by name.

A statistician sees reads only once their case has concluded; what is still open is counted and left out. Names are
given to who oversees reading; to everybody else a reader is R1, R2 … in the order of their first reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from scoring.cases import ActiveRead, CaseFacts, current, facts_of
from scoring.models import Read, ReadingCase
from scoring.rules.discordance import histology_inputs
from scoring.rules.editions import CURRENT
from scoring.rules.findings import CaixFindings, Findings, HistologyFindings
from scoring.rules.model import Inputs, assess
from scoring.rules.vocabulary import Assay, Phase
from scoring.verdicts import value_of
from scoring.vocabulary import ReadRole
from scoring.written import findings_of
from specimens.actors import Actor
from specimens.errors import Forbidden
from specimens.scope import Scope

SEES, NAMES = "scoring.view_agreement", "scoring.oversee"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader's read says. None is blank: the read does not answer."""

    adequate: str | None = None
    type: str | None = None
    risk: str | None = None
    evaluable: str | None = None
    caix: Decimal | None = None
    level: str | None = None
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reads of one case, in the order of their places; of a repeat: the earlier read, then the repeat.

    `readers`: how each is called here. `value`: what the case concluded with, None for a repeat. `month`: of the later
    signature, as 2026-11.
    """

    code: str
    assay: Assay
    first: Opinion
    second: Opinion
    synthetic: bool
    readers: tuple[str, str] = ("", "")
    value: Opinion | None = None
    month: str = ""

    @property
    def together(self) -> str:
        """The two readers, whoever took the first place."""
        return " and ".join(sorted(self.readers, key=lambda name: (len(name), name)))


@dataclass(frozen=True, slots=True)
class Pairs:
    """`waiting`: cases with both reads in whose difference nobody has decided yet; not among the pairs.

    `repeats`: what a reader said of a slide again, beside what the same reader had said.
    """

    histology: tuple[Pair, ...]
    caix: tuple[Pair, ...]
    waiting: int
    repeats: tuple[Pair, ...] = ()


def pairs_of(viewer: Actor, scope: Scope, trial: str = "") -> Pairs:
    """Every pair within reach, of the reads that stand. At most twelve queries. Raises Forbidden for who may not
    see agreement."""
    if not any(viewer.has_perm(permission) for permission in (SEES, NAMES)):
        raise Forbidden("not_your_role", "Agreement of readers is shown to statisticians and to who oversees reading.")
    reach = Q(scope.specimens("specimen__"))
    if trial:
        reach &= Q(specimen__patient__trial__code__iexact=trial)
    both = [facts for facts in facts_of(current().filter(reach, repeats__isnull=True)) if len(facts.reads) == 2]
    concluded = [facts for facts in both if facts.phase is Phase.CONCLUDED]
    again = read_again(ReadingCase.objects.filter(reach, repeats__isnull=False))
    reads = [read for facts in concluded for read in facts.reads] + [read for _, *two in again for read in two]
    signed = signatures(reads)
    called = names(signed.values()) if viewer.has_perm(NAMES) else letters()
    told = [pair_of(facts, signed, called) for facts in concluded]
    by_assay = {assay: tuple(pair for pair in told if pair.assay is assay) for assay in Assay}
    repeats = tuple(repeat_of(facts, one, other, signed, called) for facts, one, other in again)
    return Pairs(by_assay[Assay.HISTOLOGY], by_assay[Assay.CAIX], len(both) - len(told), repeats)


# ---- who and when ----
Signed = tuple[datetime, int, str]


def signatures(reads: Sequence[ActiveRead]) -> Mapping[int, Signed]:
    """When and by whom each read was signed, and the name beside it. One query."""
    rows = Read.objects.filter(pk__among=[read.id for read in reads])
    found = rows.values_list("id", "signed_at", "reader_id", "signed_name")
    return {pk: (signed_at, reader, name) for pk, signed_at, reader, name in found}


def names(signed: object) -> dict[int, str]:
    return {reader: name for _, reader, name in signed}  # type: ignore[attr-defined]


def letters() -> dict[int, str]:
    """R1, R2 … in the order of first reads: the same letters whatever the report is narrowed to. One query."""
    firsts = Read.objects.filter(role=ReadRole.READER).values("reader_id").annotate(first=Min("id")).order_by("first")
    return {row["reader_id"]: f"R{number}" for number, row in enumerate(firsts, start=1)}


def month_of(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m}"


# ---- pairs ----
def pair_of(facts: CaseFacts, signed: Mapping[int, Signed], called: Mapping[int, str]) -> Pair:
    one, other = facts.reads
    concluded = value_of(facts, CURRENT)
    return Pair(
        facts.code,
        facts.assay,
        said(facts.assay, one),
        said(facts.assay, other),
        facts.synthetic,
        (called.get(one.reader_id, ""), called.get(other.reader_id, "")),
        opinion_of(concluded.findings) if concluded else None,
        month_of(max(signed[one.id][0], signed[other.id][0])),
    )


def read_again(cases: QuerySet[ReadingCase]) -> list[tuple[CaseFacts, ActiveRead, ActiveRead]]:
    """(the repeat, the same reader's read of the repeated case, the read of the repeat), once the repeated case has
    concluded. Nine queries at most."""
    origins = dict(cases.values_list("pk", "repeats_id"))
    if not origins:
        return []
    repeats = facts_of(ReadingCase.objects.filter(pk__in=origins))
    before = {facts.id: facts for facts in facts_of(ReadingCase.objects.filter(pk__in=set(origins.values())))}
    found = []
    for facts in repeats:
        origin = before[origins[facts.id]]
        earlier = {read.reader_id: read for read in origin.reads}
        if origin.phase is Phase.CONCLUDED:
            found += [(facts, earlier[read.reader_id], read) for read in facts.reads if read.reader_id in earlier]
    return found


def repeat_of(
    facts: CaseFacts, one: ActiveRead, other: ActiveRead, signed: Mapping[int, Signed], called: Mapping[int, str]
) -> Pair:
    who = called.get(one.reader_id, "")
    month = month_of(signed[other.id][0])
    first, second = said(facts.assay, one), said(facts.assay, other)
    return Pair(facts.code, facts.assay, first, second, facts.synthetic, (who, who), None, month)


def said(assay: Assay, read: ActiveRead) -> Opinion:
    return opinion_of(findings_of(assay, read.written))


def opinion_of(read: Findings) -> Opinion:
    if isinstance(read, HistologyFindings):
        verdict = assess(histology_inputs(read), CURRENT)
        risk = str(verdict.possible_risks[0]) if len(verdict.possible_risks) == 1 else None
        return Opinion(adequate=str(read.adequate), type=read.histologic_type, risk=risk, grade=read.who_isup)
    assert isinstance(read, CaixFindings), "a read is of one of the two assays"
    number = read.positive if read.is_evaluable else None
    level = str(assess(Inputs(caix=number), CURRENT).caix_level) if number is not None else None
    return Opinion(evaluable="yes" if read.is_evaluable else "no", caix=number, level=level)
