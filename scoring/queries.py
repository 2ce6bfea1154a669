"""Reads of this floor for pages, the API and the workers. Everything a reader sees went through `blinding`.

Query counts are fixed whatever the number of rows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from scoring import cases, turns
from scoring.blinding import hidden_from_readers
from scoring.cases import CaseFacts, facts_of
from scoring.models import PatientScore, Read, ReadingCase, Score
from scoring.phases import concluded, with_phase
from scoring.policies import check_may_adjudicate, check_may_sign, refusal_or_none
from scoring.rules.editions import CURRENT, Edition
from scoring.rules.vocabulary import Assay, Phase
from scoring.signing import CONCLUDED
from scoring.views import CaseView, views_of
from specimens import jobs
from specimens.actors import Actor
from specimens.errors import Unknown
from specimens.models import Patient, SlideImage, Specimen, Trial
from specimens.queries import patients
from specimens.scope import EVERYTHING, Scope

BATCH = 1000
REPEAT_TOLD_AFTER = timedelta(days=60)
MOST_SHUFFLED = 5000  # of a longer queue the first so many by code, which is random too


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case that waits for this viewer. `refusal` is blank when it can be done now.

    A reader is told no moment of opening, and of a slide on the screen no number, run or day either: a slide shown
    again is not to be known by them.
    """

    code: str
    assay: Assay
    slide: str
    run: str | None
    stained_on: date | None
    opened_at: datetime | None
    synthetic: bool
    refusal: str
    discordances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedRow:
    """One read this viewer signed that stands. `concluded` says that the case has."""

    read_id: int
    code: str
    assay: Assay
    slide: str
    role: str
    meaning: str
    method: str
    signed_at: datetime
    amended: bool
    concluded: bool
    synthetic: bool


def being_read(slide_ids: Collection[int]) -> dict[int, str]:
    """Of these slides those with a case that has not concluded, with its code. One query."""
    open_cases = with_phase(cases.open_to_readers()).filter(slide_id__in=slide_ids).exclude(phase=Phase.CONCLUDED)
    return dict(open_cases.order_by("id").values_list("slide_id", "code"))


# ---- a reader's desk ----


def waiting_for(viewer: Actor) -> QuerySet[ReadingCase]:
    """Cases that this viewer is to read: given to them, or with a place left that nobody was given, which they have
    no part in yet and for whose assay version they are qualified today. In the order of their random codes."""
    mine = Read.objects.filter(case_id=OuterRef("pk"), reader_id=viewer.pk)
    found = with_phase(cases.open_to_readers()).filter(~Exists(mine), filled=False)
    if not viewer.has_perm("scoring.sign_read"):
        return found.none()
    return turns.for_reader(found, viewer.pk, timezone.localdate()).order_by("code")


def reading_queue(viewer: Actor, assay: Assay | None = None, limit: int = 200) -> list[QueueRow]:
    """What this reader may read next, in an order of their own: it follows neither patient nor time, and stays as it
    is while cases come and go. Its order and length tell nothing of other reads."""
    waiting = waiting_for(viewer)
    codes = (waiting.filter(assay=assay) if assay else waiting).values_list("pk", "code")[:MOST_SHUFFLED]
    order = {pk: place_of(viewer, code) for pk, code in codes}
    chosen = sorted(order, key=order.__getitem__)[:limit]
    found = sorted(facts_of(ReadingCase.objects.filter(pk__in=chosen)), key=lambda each: order[each.id])
    today = timezone.localdate()
    return [reading_row(each, refusal_or_none(check_may_sign, viewer=viewer, facts=each, on=today)) for each in found]


def place_of(viewer: Actor, code: str) -> str:
    """Where a case stands in this reader's own order: nobody without the installation's key can tell why."""
    return salted_hmac("scoring.reading_queue", f"{viewer.pk}:{code}", algorithm="sha256").hexdigest()


def reading_count(viewer: Actor) -> int:
    return waiting_for(viewer).count()


def disagreements_for(viewer: Actor) -> QuerySet[ReadingCase]:
    """Discordant cases that this adjudicator did not read, oldest first."""
    mine = Read.objects.filter(case_id=OuterRef("pk"), reader_id=viewer.pk, slot__in=[1, 2])
    found = with_phase(cases.open_to_readers()).filter(~Exists(mine), filled=True, disputed=True)
    return found.order_by("id") if viewer.has_perm("scoring.adjudicate") else found.none()


def adjudication_queue(viewer: Actor, limit: int = 200) -> list[QueueRow]:
    """What this adjudicator may decide, in an order of their own, with in what the reads differ."""
    found = facts_of(ReadingCase.objects.filter(pk__in=ids_of(disagreements_for(viewer), limit)))
    found.sort(key=lambda each: place_of(viewer, each.code))
    today = timezone.localdate()
    return [
        queue_row(
            each,
            refusal_or_none(check_may_adjudicate, viewer=viewer, facts=each, on=today),
            tuple(str(code) for code in each.compared.discordances) if each.compared else (),
        )
        for each in found
    ]


def adjudication_count(viewer: Actor) -> int:
    return disagreements_for(viewer).count()


def ids_of(found: QuerySet[ReadingCase], limit: int) -> list[int]:
    return list(found.values_list("pk", flat=True)[:limit])


def queue_row(facts: CaseFacts, refusal: Any, discordances: tuple[str, ...] = ()) -> QueueRow:
    return QueueRow(
        code=facts.code,
        assay=facts.assay,
        slide=facts.slide,
        run=facts.run,
        stained_on=facts.stained_on,
        opened_at=facts.opened_at,
        synthetic=facts.synthetic,
        refusal=refusal.sentence if refusal else "",
        discordances=discordances,
    )


def reading_row(facts: CaseFacts, refusal: Any) -> QueueRow:
    """A row of a reader's queue, without what would make a slide known again."""
    shown = queue_row(hidden_from_readers(facts), refusal)
    return replace(shown, opened_at=None)


def signed_by(viewer: Actor, limit: int = 200) -> list[SignedRow]:
    """What this viewer signed that stands, latest first. Two queries.

    A repeat, which nobody else reads, is told as open for as long as most cases are, so that it is not known by that.
    """
    pictured = Exists(SlideImage.objects.filter(slide_id=OuterRef("case__slide_id")))
    reads = list(
        Read.objects.filter(reader_id=viewer.pk, successor__isnull=True)
        .annotate(pictured=pictured)
        .select_related("case__slide")
        .order_by("-id")[:limit]
    )
    mine = ReadingCase.objects.filter(pk__in={read.case_id for read in reads})
    lately = timezone.now() - REPEAT_TOLD_AFTER
    done = set(concluded(mine).values_list("pk", flat=True))
    return [
        SignedRow(
            read_id=read.pk,
            code=read.case.code,
            assay=Assay(read.case.assay),
            slide="" if read.pictured else read.case.slide.accession,
            role=read.role,
            meaning=read.meaning,
            method=read.method,
            signed_at=read.signed_at,
            amended=read.supersedes_id is not None,
            concluded=read.case_id in done and not (read.case.repeats_id and read.signed_at > lately),
            synthetic=read.synthetic,
        )
        for read in reads
    ]


def case_named(code: str) -> ReadingCase:
    """The row a deed is given. Raises Unknown."""
    found = ReadingCase.objects.filter(code=code.strip().upper()).first()
    if found is None:
        raise Unknown("unknown_case", f"There is no case {code[:20]} for you to see.")
    return found


def case_for(viewer: Actor, code: str, scope: Scope = EVERYTHING) -> CaseView:
    """The case as this viewer may see it. Raises Unknown alike for what is not there and not shown."""
    found = ReadingCase.objects.filter(scope.specimens("specimen__"), code=code.strip().upper())
    shown = views_of(viewer, found)
    if not shown:
        raise Unknown("unknown_case", f"There is no case {code[:20]} for you to see.")
    return shown[0]


def own_read(viewer: Actor, read_id: int) -> Read:
    """A read this viewer signed, for correcting. Raises Unknown for anybody else's."""
    found = Read.objects.filter(pk=read_id, reader_id=viewer.pk).select_related("case").first()
    if found is None:
        raise Unknown("unknown_read", "You signed no such read.")
    return found


# ---- a patient's tissue ----


def reads_of_patient(viewer: Actor, patient: Patient, scope: Scope = EVERYTHING) -> list[CaseView]:
    """Every case of the patient as this viewer may see it; nothing for those who may not know patients."""
    if not viewer.has_perm("specimens.view"):
        return []
    mine = ReadingCase.objects.filter(scope.specimens("specimen__"), specimen__patient=patient, repeats__isnull=True)
    return views_of(viewer, mine)


def current_cases(specimen_ids: Collection[int]) -> dict[int, dict[Assay, CaseFacts]]:
    """The standing cases of each specimen. Unblinded: for deeds and the export. Four queries."""
    found: dict[int, dict[Assay, CaseFacts]] = defaultdict(dict)
    for facts in facts_of(ReadingCase.objects.filter(specimen_id__in=specimen_ids)):
        if facts.stands:
            found[facts.specimen_id][facts.assay] = facts
    return found


def latest(scores: QuerySet[Any], owner: str, edition: Edition, as_of: datetime | None) -> QuerySet[Any]:
    """The latest of each owner under the edition, as of a moment when one is given."""
    until = Q(computed_at__lte=as_of) if as_of else Q()
    mine = scores.filter(until, model=edition.model, edition=edition.edition)
    newer = scores.model.objects.filter(
        until, **{owner: OuterRef(owner)}, model=edition.model, edition=edition.edition, id__gt=OuterRef("id")
    )
    return mine.filter(~Exists(newer))


def current_patient_scores(
    scope: Scope, trial: Trial | None = None, edition: Edition = CURRENT, as_of: datetime | None = None
) -> QuerySet[PatientScore]:
    """The score of every patient within reach, the latest of each."""
    found = latest(PatientScore.objects.all(), "patient_id", edition, as_of).filter(patient__merge__isnull=True)
    if trial is not None:
        found = found.filter(patient__trial=trial)
    if not scope.everything:
        found = found.filter(patient__in=patients(scope).values("pk"))
    return found.select_related("patient__trial", "patient__treating_site", "score__specimen")


def current_scores(
    specimen_ids: Collection[int], edition: Edition = CURRENT, as_of: datetime | None = None
) -> QuerySet[Score]:
    """The latest score of each of these specimens."""
    wanted = Score.objects.filter(specimen_id__in=specimen_ids)
    return latest(wanted, "specimen_id", edition, as_of).select_related("specimen")


def scores_of_patient(patient: Patient, edition: Edition = CURRENT) -> list[PatientScore]:
    """Everything the edition ever said of the patient, latest first."""
    found = PatientScore.objects.filter(patient=patient, model=edition.model, edition=edition.edition)
    return list(found.select_related("score__specimen").order_by("-id"))


# ---- the worker's ----


def patients_of(specimen_ids: Collection[int]) -> set[int]:
    return set(Specimen.objects.filter(pk__in=specimen_ids).values_list("patient_id", flat=True))


def specimens_read_on(run_id: int) -> list[int]:
    """Specimens with a read on a slide of this run."""
    read = Read.objects.filter(case__slide__staining__run_id=run_id, case__repeats__isnull=True)
    return sorted(set(read.values_list("case__specimen_id", flat=True)))


def unscored_specimens(edition: Edition = CURRENT) -> list[int]:
    """Specimens with a concluded case and no score under the edition, by id. One query."""
    scored = Score.objects.filter(specimen_id=OuterRef("specimen_id"), model=edition.model, edition=edition.edition)
    found = concluded(cases.current().filter(~Exists(scored)))
    return sorted(set(found.order_by().values_list("specimen_id", flat=True)))


def ask_for_unscored(edition: Edition = CURRENT) -> int:
    """Ask for the unscored in batches; asking again while they wait is asking once. Returns how many."""
    found = unscored_specimens(edition)
    wanted = []
    for start in range(0, len(found), BATCH):
        some = found[start : start + BATCH]
        name = hashlib.sha256(repr((edition.model, edition.edition, some)).encode()).hexdigest()
        wanted.append((name, {"specimen_ids": some}))
    if wanted:
        jobs.ask_many(CONCLUDED, wanted, queue="bulk")
    return len(found)
