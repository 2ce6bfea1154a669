"""Where a request for tissue stands and what its chase waits for: functions of facts, in Python and in SQL.

A table-driven test holds the two against each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django_cte import CTE, with_cte

from specimens.models import Consent, ReminderStep, RequestEvent, ShipmentItem, TissueRequest
from specimens.receipts import received
from specimens.vocabulary import NextStep, RequestEventKind, RequestState

# Parameters of the chase, in days; docs/requests.md says why.
DEFAULT_SCHEDULE = (14, 28)
TELEPHONE_AFTER = 7
TRACE_AFTER = 7

Kind, State = RequestEventKind, RequestState
PROGRESS = {Kind.ASKED: State.ASKED, Kind.REMINDED: State.REMINDED, Kind.PROMISED: State.PROMISED}
ENDS = {Kind.DECLINED: State.DECLINED, Kind.NO_TISSUE: State.NO_TISSUE, Kind.CANCELLED: State.CANCELLED}
HEARD = (Kind.ASKED, Kind.REMINDED, Kind.CALLED)
OPEN = (State.NOT_SENT, State.ASKED, State.REMINDED, State.PROMISED, State.SHIPPED, State.PARTLY_RECEIVED)
UNANSWERED = (State.ASKED, State.REMINDED)
ANSWERABLE = (*UNANSWERED, State.PROMISED, State.SHIPPED, State.PARTLY_RECEIVED)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a request, in the order they were recorded."""

    kind: RequestEventKind
    on: date
    promised_for: date | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """One item of a parcel that answers the request: the day its parcel left or was announced, and whether
    it is here."""

    sent_on: date
    received: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """What the chase waits for, and the day that is due; None once it is over. `reminder` is the step's number."""

    step: NextStep
    due_on: date | None
    reminder: int | None = None


def request_state(events: Sequence[Happened], items: Sequence[Came]) -> RequestState:
    """The state of a request. What came, came: a decline afterwards ends the chase and takes nothing back."""
    ended = next((ENDS[e.kind] for e in reversed(events) if e.kind in ENDS), None)
    received = sum(item.received for item in items)
    if received:
        return State.RECEIVED if ended or received == len(items) else State.PARTLY_RECEIVED
    if ended:
        return ended
    if items:
        return State.SHIPPED
    return next((PROGRESS[e.kind] for e in reversed(events) if e.kind in PROGRESS), State.NOT_SENT)


def what_next(
    made_on: date,
    events: Sequence[Happened],
    items: Sequence[Came],
    schedule: Sequence[int],
    withdrawn_on: date | None = None,
) -> Waits:
    """What the chase waits for. `schedule` holds the days after asking of reminders 1, 2, …"""
    state = request_state(events, items)
    if state not in OPEN:
        return Waits(NextStep.NONE, None)
    if withdrawn_on:
        return Waits(NextStep.CANCEL, withdrawn_on)
    if state is State.NOT_SENT:
        return Waits(NextStep.SEND, made_on)
    if state in (State.SHIPPED, State.PARTLY_RECEIVED):
        step = NextStep.TRACE if state is State.SHIPPED else NextStep.ASK_FOR_REST
        return Waits(step, max(item.sent_on for item in items) + timedelta(TRACE_AFTER))
    if state is State.PROMISED:
        return Waits(NextStep.PROMISE, next(e.promised_for for e in reversed(events) if e.promised_for))
    return unanswered(events, schedule)


def unanswered(events: Sequence[Happened], schedule: Sequence[int]) -> Waits:
    """The next reminder of the schedule, never closer to the last than the schedule puts them; then the telephone."""
    asked = next(e.on for e in reversed(events) if e.kind == Kind.ASKED)
    reminded = [e.on for e in events if e.kind == Kind.REMINDED]
    done = len(reminded)
    if done >= len(schedule):
        heard = next(e.on for e in reversed(events) if e.kind in HEARD)
        return Waits(NextStep.TELEPHONE, heard + timedelta(TELEPHONE_AFTER))
    gap = schedule[done] - (schedule[done - 1] if done else 0)
    last = reminded[-1] if reminded else asked
    return Waits(NextStep.REMINDER, max(asked + timedelta(schedule[done]), last + timedelta(gap)), done + 1)


# ---- the same in SQL ----
class DaysAfter(Func):
    """A date so many days later; both may be columns."""

    output_field = DateField()
    template = "(%(expressions)s)"
    arg_joiner = " + "

    def as_sqlite(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", ", **kwargs
        )


def event_field(field: str, kinds: Iterable[str], output: Any) -> Subquery:
    """`field` of the request's last event of these kinds."""
    events = RequestEvent.objects.filter(request=OuterRef("pk"), kind__in=list(kinds))
    return Subquery(events.order_by("-id").values(field)[:1], output_field=output)


def told_of_state(requests: QuerySet[TissueRequest]) -> QuerySet[Any]:
    """Each request with what its state stands on: STATE_FACTS."""
    items = ShipmentItem.objects.filter(request=OuterRef("pk"))
    return requests.annotate(
        progress=event_field("kind", PROGRESS, TextField()),
        ended=event_field("kind", ENDS, TextField()),
        coming=Exists(items),
        here=Exists(items.filter(received())),
        lacking=Exists(items.filter(~received())),
    )


def state_of() -> Case:
    ended = [When(ended=kind, then=Value(state.value)) for kind, state in ENDS.items()]
    progress = [When(progress=kind, then=Value(state.value)) for kind, state in PROGRESS.items()]
    return Case(
        When(Q(here=True) & (Q(ended__isnull=False) | Q(lacking=False)), then=Value(State.RECEIVED.value)),
        When(here=True, then=Value(State.PARTLY_RECEIVED.value)),
        *ended,
        When(coming=True, then=Value(State.SHIPPED.value)),
        *progress,
        default=Value(State.NOT_SENT.value),
        output_field=TextField(),
    )


def with_state(requests: QuerySet[TissueRequest]) -> QuerySet[Any]:
    """Each request with `state`, as `request_state` says it."""
    return told_of_state(requests).annotate(state=state_of())


STATE_FACTS = ("progress", "ended", "coming", "here", "lacking")
DAYS = ("asked_on", "reminded_on", "heard_on", "promised_for", "sent_on", "withdrawn_on")
NEXT_FACTS = ("done", *DAYS, "after", "before")


def told_of_next(requests: QuerySet[Any]) -> QuerySet[Any]:
    """Each request with what its next step stands on: NEXT_FACTS."""
    steps = ReminderStep.objects.filter(trial=OuterRef("patient__trial"))
    sent = ShipmentItem.objects.filter(request=OuterRef("pk")).annotate(
        left=Coalesce("shipment__sent_on", TruncDate("shipment__announced_at"))
    )
    reminders = RequestEvent.objects.filter(request=OuterRef("pk"), kind=Kind.REMINDED).order_by()
    withdrawn = Consent.objects.filter(
        patient=OuterRef("patient_id"), scope="this_study", withdrawal__isnull=False
    ).order_by()
    requests = requests.annotate(
        done=Coalesce(
            Subquery(reminders.values("request").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
        ),
        asked_on=event_field("on", [Kind.ASKED], DateField()),
        reminded_on=event_field("on", [Kind.REMINDED], DateField()),
        heard_on=event_field("on", HEARD, DateField()),
        promised_for=event_field("promised_for", [Kind.PROMISED], DateField()),
        sent_on=Subquery(
            sent.order_by().values("request").annotate(last=Max("left")).values("last"), output_field=DateField()
        ),
        withdrawn_on=Subquery(
            withdrawn.values("patient").annotate(first=Min("withdrawal__withdrawn_on")).values("first"),
            output_field=DateField(),
        ),
    )
    return requests.annotate(
        after=Subquery(steps.filter(number=OuterRef("done") + 1).values("after_days"), output_field=IntegerField()),
        before=Coalesce(
            Subquery(steps.filter(number=OuterRef("done")).values("after_days"), output_field=IntegerField()), 0
        ),
    )


def next_step() -> Case:
    words = NextStep
    return Case(
        When(~Q(state__in=OPEN), then=Value(words.NONE.value)),
        When(withdrawn_on__isnull=False, then=Value(words.CANCEL.value)),
        When(state=State.NOT_SENT, then=Value(words.SEND.value)),
        When(state=State.SHIPPED, then=Value(words.TRACE.value)),
        When(state=State.PARTLY_RECEIVED, then=Value(words.ASK_FOR_REST.value)),
        When(state=State.PROMISED, then=Value(words.PROMISE.value)),
        When(after__isnull=False, then=Value(words.REMINDER.value)),
        default=Value(words.TELEPHONE.value),
        output_field=TextField(),
    )


def due_day() -> Case:
    last = Coalesce("reminded_on", "asked_on", output_field=DateField())
    reminder = Greatest(DaysAfter("asked_on", "after"), DaysAfter(last, F("after") - F("before")))
    return Case(
        When(~Q(state__in=OPEN), then=Value(None)),
        When(withdrawn_on__isnull=False, then="withdrawn_on"),
        When(state=State.NOT_SENT, then=TruncDate("made_at")),
        When(state__in=[State.SHIPPED, State.PARTLY_RECEIVED], then=DaysAfter("sent_on", Value(TRACE_AFTER))),
        When(state=State.PROMISED, then="promised_for"),
        When(after__isnull=False, then=reminder),
        default=DaysAfter("heard_on", Value(TELEPHONE_AFTER)),
        output_field=DateField(),
    )


def chased(requests: QuerySet[TissueRequest], states: Iterable[RequestState] = ()) -> QuerySet[Any]:
    """Each request in one of `states`, or in any, with its state, its `step`, when that is `due_on` and, for a
    reminder, its number `done` + 1.

    Every fact is asked once a request, however many columns stand on it. Narrow before: what is filtered afterwards
    has been told already.
    """
    if states:
        requests = requests.filter(pk__in=with_state(requests).filter(state__in=states).order_by().values("pk"))
    told = told_of_next(told_of_state(requests)).order_by().values("pk", *STATE_FACTS, *NEXT_FACTS)
    facts = CTE(told, name="facts", materialized=True)
    found = with_cte(facts, select=facts.join(TissueRequest.objects.all(), pk=facts.col.pk))
    found.query.select_related = requests.query.select_related
    found = found.annotate(**{name: getattr(facts.col, name) for name in (*STATE_FACTS, *NEXT_FACTS)})
    return found.annotate(state=state_of()).annotate(step=next_step(), due_on=due_day())


def open_requests(sites: Iterable[int]) -> dict[tuple[int, int], int]:
    """By (patient, holding site), the open request to any of `sites`. One query."""
    found = with_state(TissueRequest.objects.filter(holding_site_id__among=sorted(sites))).filter(state__in=OPEN)
    return {(patient, site): pk for patient, site, pk in found.values_list("patient_id", "holding_site_id", "pk")}
