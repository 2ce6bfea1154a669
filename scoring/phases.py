"""A case's phase, twice: from its facts by the rules' one function, and in SQL for queues."""

from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When

from scoring.cases import facts_of
from scoring.models import Comparison, Read, ReadingCase
from scoring.rules.vocabulary import Phase


def phase_of(case: ReadingCase) -> Phase:
    """The phase of one case from its rows."""
    return facts_of(ReadingCase.objects.filter(pk=case.pk))[0].phase


def with_phase(cases: QuerySet[ReadingCase]) -> QuerySet[Any]:
    """Annotate `phase` and what it is made of: `begun`, `filled`, `disputed`. Filtering by those is quicker.

    Places fill in the order of their numbers and stay filled: a correction stands where its read stood.
    """
    place = Read.objects.filter(case_id=OuterRef("pk"))
    open_dispute = open_disputes().filter(case_id=OuterRef("pk"))
    return cases.annotate(
        begun=Exists(place.filter(slot=1)),
        filled=Exists(place.filter(slot=OuterRef("readers_required"))),
        disputed=Exists(open_dispute),
    ).annotate(
        phase=Case(
            When(begun=False, then=Value(Phase.AWAITING_FIRST.value)),
            When(filled=False, then=Value(Phase.AWAITING_SECOND.value)),
            When(disputed=True, then=Value(Phase.DISCORDANT.value)),
            default=Value(Phase.CONCLUDED.value),
            output_field=CharField(),
        )
    )


def open_disputes() -> QuerySet[Comparison]:
    """The latest comparison of each pair of active reads that found them to differ and that nobody has decided."""
    later = Comparison.objects.filter(
        first_id=OuterRef("first_id"), second_id=OuterRef("second_id"), id__gt=OuterRef("id")
    )
    return Comparison.objects.filter(
        ~Exists(later),
        discordant=True,
        first__successor__isnull=True,
        second__successor__isnull=True,
        decisions__isnull=True,
    )


def concluded(cases: QuerySet[ReadingCase]) -> QuerySet[ReadingCase]:
    return with_phase(cases).filter(filled=True, disputed=False)
