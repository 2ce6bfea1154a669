"""Proposals to dispose of tissue, as their second person and the archive see them."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import Disposal

STATES = ("waiting", "done", "refused")
BESIDE = (
    "block__specimen__patient__trial",
    "slide__block__specimen__patient__trial",
    "proposed_by",
    "answer__answered_by",
)


def disposals() -> QuerySet[Disposal]:
    return Disposal.objects.select_related(*BESIDE)


def state_of(disposal: Disposal) -> str:
    """waiting, done or refused: a function of the answer. Pure."""
    answer = getattr(disposal, "answer", None)
    if answer is None:
        return "waiting"
    return "done" if answer.confirmed else "refused"


def in_state(state: str) -> QuerySet[Disposal]:
    """The same states in SQL."""
    says = {
        "waiting": Q(answer__isnull=True),
        "done": Q(answer__confirmed=True),
        "refused": Q(answer__confirmed=False),
    }
    return disposals().filter(says.get(state, Q()))


def disposal_list(state: str = "", before_id: int | None = None) -> Page[Disposal]:
    """Newest first. One query."""
    return paged(in_state(state), before_id)


def waiting_for(person_id: int, limit: int) -> list[Disposal]:
    """Proposals of other people, oldest first: what this person can confirm. One query."""
    return list(in_state("waiting").exclude(proposed_by_id=person_id).order_by("id")[:limit])


def disposal(pk: int) -> Disposal:
    found = disposals().filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_disposal", "There is no such proposal.")
    return found


def disposals_numbered(ids: Collection[int]) -> list[Disposal]:
    return list(disposals().filter(pk__in=ids).order_by("id"))


def confirmed_with(disposal: Disposal) -> list[Disposal]:
    """All that was confirmed in the same moment by the same person: what one certificate certifies."""
    answer = disposal.answer
    together = Q(answer__answered_at=answer.answered_at, answer__answered_by=answer.answered_by_id)
    return list(in_state("done").filter(together, kind=disposal.kind).order_by("id"))
