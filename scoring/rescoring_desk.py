"""What is known of a rescoring: its state, how far it is, how fast, whose category changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from scoring.models import Rescoring, RescoringChange, RescoringChunk, RescoringDecision, RescoringDone
from scoring.vocabulary import RescoringState, RescoringTurn
from specimens.errors import Unknown


@dataclass(frozen=True, slots=True)
class Progress:
    """`patients` of `total` are done, with `fresh` new scores and `changed` categories; `rate` in patients a second
    between the first chunk's beginning and the last one's end, None before any is done."""

    state: RescoringState
    patients: int
    total: int
    fresh: int
    changed: int
    rate: float | None
    last_at: datetime | None


def state_of(rescoring: Rescoring) -> RescoringState:
    """From the latest decision and the chunks that are not done. Two queries."""
    if not RescoringChunk.objects.filter(rescoring=rescoring, done__isnull=True).exists():
        return RescoringState.DONE
    turns = RescoringDecision.objects.filter(rescoring=rescoring).order_by("-id")
    turn = turns.values_list("turn", flat=True).first()
    if turn == RescoringTurn.CANCELLED:
        return RescoringState.CANCELLED
    return RescoringState.PAUSED if turn == RescoringTurn.PAUSED else RescoringState.RUNNING


def progress(rescoring: Rescoring) -> Progress:
    """Three queries."""
    said: dict[str, Any] = RescoringDone.objects.filter(chunk__rescoring=rescoring).aggregate(
        patients=Sum("patients"), fresh=Sum("fresh"), changed=Sum("changed"), first=Min("began_at"),
        last=Max("done_at"), chunks=Count("pk"),
    )  # fmt: skip
    seconds = (said["last"] - said["first"]).total_seconds() if said["chunks"] else 0
    return Progress(
        state=state_of(rescoring),
        patients=said["patients"] or 0,
        total=rescoring.patients,
        fresh=said["fresh"] or 0,
        changed=said["changed"] or 0,
        rate=said["patients"] / seconds if seconds else None,
        last_at=said["last"],
    )


def rescorings() -> QuerySet[Rescoring]:
    """All of them, the last asked for first."""
    return Rescoring.objects.select_related("trial", "patient__trial", "asked_by").order_by("-id")


def rescoring(pk: int) -> Rescoring:
    found = rescorings().filter(pk=pk).first()
    if found is None:
        raise Unknown("no_such_rescoring", "There is no such rescoring.")
    return found


def changes(rescoring: Rescoring) -> QuerySet[RescoringChange]:
    """Whose category changes, in the order of their ids."""
    return RescoringChange.objects.filter(rescoring=rescoring).select_related("patient__trial").order_by("patient_id")
