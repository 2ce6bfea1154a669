"""What a reader said of a slide, and said of it again: for the agreement of each reader with themselves."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from scoring.models import Read
from scoring.rules.findings import Findings
from scoring.rules.vocabulary import Assay
from scoring.written import findings_of
from specimens.scope import EVERYTHING, Scope


class Again(NamedTuple):
    """One slide read twice by one reader. `month` is the first day of the month of the second read."""

    assay: Assay
    reader_id: int
    first: Findings
    again: Findings
    month: date


def pairs(scope: Scope = EVERYTHING, trial: str = "") -> list[Again]:
    """Every pair within reach, oldest second read first. Two queries. The first read is the one that stands now.

    For deeds and pages that check for themselves who may see agreement; no reader is told of a pair before both
    reads are signed.
    """
    repeated = Read.objects.filter(
        scope.specimens("case__specimen__"), case__repeats__isnull=False, successor__isnull=True, slot=1
    )
    if trial:
        repeated = repeated.filter(case__specimen__patient__trial__code__iexact=trial)
    written = Cast("findings", TextField())
    second: list[Any] = list(
        repeated.annotate(written=written)
        .order_by("id")
        .values_list("case__repeats_id", "reader_id", "case__assay", "written", "signed_at")
    )
    firsts = Read.objects.filter(case_id__among={row[0] for row in second}, successor__isnull=True, slot__in=[1, 2])
    first = {
        (case_id, reader_id): said
        for case_id, reader_id, said in firsts.annotate(written=written).values_list("case_id", "reader_id", "written")
    }
    return [
        Again(
            Assay(assay),
            reader_id,
            findings_of(Assay(assay), first[case_id, reader_id]),
            findings_of(Assay(assay), said),
            timezone.localtime(signed_at).date().replace(day=1),
        )
        for case_id, reader_id, assay, said, signed_at in second
        if (case_id, reader_id) in first
    ]
