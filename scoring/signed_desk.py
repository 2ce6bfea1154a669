"""One signed read among those a viewer may see of a case, with what it supersedes."""

from scoring.models import Read
from scoring.signing import signature_holds
from scoring.views import CaseView, ReadView
from specimens.errors import Unknown


def shown_reads(case: CaseView) -> dict[int, ReadView]:
    """Every read the viewer was given of this case, by id."""
    given = (*case.reads, case.decision, case.own, *case.own_history, *case.history)
    return {read.id: read for read in given if read}


def read_of(case: CaseView, read_id: int) -> tuple[ReadView, tuple[ReadView, ...]]:
    """The read, and those of the same place that came before it, latest first. Raises Unknown for what the viewer may
    not see."""
    shown = shown_reads(case)
    if read_id not in shown:
        raise Unknown("unknown_read", "There is no such read for you to see.")
    read = shown[read_id]
    before = [each for each in shown.values() if each.label == read.label and each.id < read.id]
    return read, tuple(sorted(before, key=lambda each: -each.id))


def holds(read: ReadView) -> bool:
    """Does the signature still belong to what the row says? One query."""
    return signature_holds(Read.objects.select_related("case", "downtime_form").get(pk=read.id))
